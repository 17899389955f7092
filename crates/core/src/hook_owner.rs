//! The process that a hook belongs to if Claude Code does not say so (`CLAUDE_PID`, since 2.1.213).
//!
//! Guarantees: a program that was started to run the hook (`timeout`, `flock`, `sudo`, a launcher) is not taken for the session.
//! If in doubt there is no owner: a session without one is judged by its beats. Does not look at processes.

use chrono::TimeDelta;

/// For how much longer than the hook the owner must have been running if it has no record. A program that was started to run
/// the hook is younger.
const MIN_AGE: TimeDelta = TimeDelta::seconds(10);

/// A process above a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Its pid.
    pub pid: u32,
    /// It is a shell, or a program like `env` that only starts others.
    pub is_shell: bool,
    /// How long before the hook it was started; `None` if unknown.
    pub age: Option<TimeDelta>,
}

/// The owner of a hook: the nearest ancestor with one of Claude Code's own records, else the nearest that is no shell if it was
/// not started for the hook. `ancestors` are the nearest first.
pub fn owner(ancestors: &[Ancestor], has_record: impl Fn(u32) -> bool) -> Option<u32> {
    let recorded = ancestors.iter().find(|ancestor| has_record(ancestor.pid));
    let nearest = || {
        let nearest = ancestors.iter().find(|ancestor| !ancestor.is_shell);
        nearest.filter(|ancestor| ancestor.age.is_some_and(|age| age >= MIN_AGE))
    };
    recorded.or_else(nearest).map(|ancestor| ancestor.pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_decides_and_a_program_started_for_the_hook_is_passed_over() {
        let of = |pid, is_shell, age: i64| Ancestor { pid, is_shell, age: Some(TimeDelta::seconds(age)) };
        let direct = [of(7, true, 0), of(6, false, 10), of(5, true, 999)];
        let young = [of(7, true, 0), of(6, false, 9), of(5, false, 999)];
        let launched = [of(8, false, 0), of(7, true, 0), of(6, false, 500), of(5, true, 999)];
        for (about, ancestors, records, wanted) in [
            ("the session itself", &direct[..], &[][..], Some(6)),
            ("a process as young as a launcher", &young, &[], None),
            ("the same, and its record", &young, &[6], Some(6)),
            ("a launcher", &launched, &[], None),
            ("a launcher below a session with a record", &launched, &[6], Some(6)),
            ("the nearest of two records", &launched, &[6, 5], Some(6)),
            ("a record of a process elsewhere", &launched, &[4], None),
            ("nothing above", &[], &[4], None),
            ("shells only", &[of(7, true, 999)], &[], None),
            ("an unknown age", &[Ancestor { age: None, ..of(7, false, 0) }], &[], None),
        ] {
            assert_eq!(owner(ancestors, |pid| records.contains(&pid)), wanted, "{about}");
        }
    }
}
