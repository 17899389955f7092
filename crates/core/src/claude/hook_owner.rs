//! Finds the session process of a hook if Claude Code does not name it (`CLAUDE_PID`, since 2.1.213).
//!
//! Guarantees: a program that only runs the hook (`timeout`, `flock`, `sudo`, a launcher) is not taken for the session.
//! If in doubt there is no owner: a session without a process is judged by its heartbeats. Does not look up processes.

use chrono::TimeDelta;

/// Minimum age of an interpreter without a record at the start of the hook. A launcher that was started to run the hook
/// is younger.
const MIN_AGE: TimeDelta = TimeDelta::seconds(10);

/// Programs that only start other programs, in lower case and without the suffix of Windows' programs.
const LAUNCHERS: [&str; 34] = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "fish",
    "ksh",
    "ash",
    "busybox",
    "env",
    "cmd",
    "powershell",
    "pwsh",
    "timeout",
    "flock",
    "script",
    "sudo",
    "doas",
    "su",
    "runuser",
    "nice",
    "ionice",
    "chrt",
    "taskset",
    "setsid",
    "nohup",
    "stdbuf",
    "time",
    "xargs",
    "strace",
    "unshare",
    "bwrap",
    "firejail",
    "systemd-run",
    "nu",
];

/// Interpreters of scripts: a launcher can run in one, and so can Claude Code.
const INTERPRETERS: [&str; 9] = ["node", "python", "perl", "ruby", "bun", "deno", "php", "npx", "uv"];

/// The possible role of a program among the ancestors of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It only starts other programs.
    Launcher,
    /// It is a launcher or a session.
    Interpreter,
    /// Anything else.
    Program,
}

impl Role {
    /// The role of a program by its name. Case is ignored, because Windows ignores it.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = name.trim_start_matches('-').to_ascii_lowercase();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        match () {
            () if LAUNCHERS.contains(&name) => Self::Launcher,
            () if INTERPRETERS.contains(&plain) => Self::Interpreter,
            () => Self::Program,
        }
    }
}

/// An ancestor process of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Its pid.
    pub pid: u32,
    /// Its possible role.
    pub role: Role,
    /// How long before the hook it was started; `None` if unknown.
    pub age: Option<TimeDelta>,
}

/// The pid of a hook's session: the nearest ancestor with a record of Claude Code, else the nearest that is not a
/// launcher, unless it may have been started for the hook. `ancestors` are sorted from the nearest on.
pub fn owner(ancestors: &[Ancestor], has_record: impl Fn(u32) -> bool) -> Option<u32> {
    let recorded = ancestors.iter().find(|ancestor| has_record(ancestor.pid));
    let nearest = || {
        let nearest = ancestors.iter().find(|ancestor| ancestor.role != Role::Launcher)?;
        let is_old = nearest.age.is_some_and(|age| age >= MIN_AGE);
        (nearest.role == Role::Program || is_old).then_some(nearest)
    };
    recorded.or_else(nearest).map(|ancestor| ancestor.pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Interpreter, Launcher, Program};

    #[test]
    fn roles_are_derived_from_program_names() {
        for (name, role) in [
            ("-bash", Launcher),
            ("timeout", Launcher),
            ("node", Interpreter),
            ("python3.12", Interpreter),
            ("cmd.exe", Launcher),
            ("bash.exe", Launcher),
            ("sh.exe", Launcher),
            ("pwsh.exe", Launcher),
            ("PowerShell.EXE", Launcher),
            ("node.exe", Interpreter),
            ("Python3.12.exe", Interpreter),
            ("claude.exe", Program),
            (".exe", Program),
            ("claude", Program),
            ("2.1.330", Program),
            ("timeouts", Program),
            ("", Program),
        ] {
            assert_eq!(Role::of(name), role, "{name}");
        }
    }

    #[test]
    fn a_record_decides_and_young_interpreters_are_skipped() {
        let of = |pid, role, age: i64| Ancestor { pid, role, age: Some(TimeDelta::seconds(age)) };
        let direct = [of(7, Launcher, 0), of(6, Program, 0), of(5, Launcher, 999)];
        let node = [of(7, Launcher, 0), of(6, Interpreter, 10), of(5, Launcher, 999)];
        let launched = [of(7, Launcher, 0), of(6, Interpreter, 9), of(5, Program, 999)];
        for (about, ancestors, records, wanted) in [
            ("the session itself", &direct[..], &[][..], Some(6)),
            ("a session that an interpreter runs", &node, &[], Some(6)),
            ("one as young as a launcher", &launched, &[], None),
            ("the same, and its record", &launched, &[6], Some(6)),
            ("a launcher below a session with a record", &launched, &[5], Some(5)),
            ("the nearest of two records", &launched, &[6, 5], Some(6)),
            ("a record of a process elsewhere", &launched, &[4], None),
            ("nothing above", &[], &[4], None),
            ("shells only", &[of(7, Launcher, 999)], &[], None),
            ("an unknown age", &[Ancestor { age: None, ..of(7, Interpreter, 0) }], &[], None),
        ] {
            assert_eq!(owner(ancestors, |pid| records.contains(&pid)), wanted, "{about}");
        }
    }
}
