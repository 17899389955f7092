//! Finds the session process of a hook if Claude Code does not name it (`CLAUDE_PID`, since 2.1.213).
//!
//! Guarantees: a program that only runs the hook (`timeout`, `flock`, `sudo`, a launcher) is not taken for the session.
//! If in doubt the owner is unknown: a session without a process is judged by its heartbeats. A process that only
//! inherited the hook, because the session's own has ended, is not taken for it. Does not look up processes.

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
pub enum AncestorRole {
    /// It only starts other programs.
    Launcher,
    /// It is a launcher or a session.
    Interpreter,
    /// Anything else.
    Program,
}

impl AncestorRole {
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
    pub role: AncestorRole,
    /// How long before the hook it was started; `None` if unknown.
    pub age: Option<TimeDelta>,
    /// It leads a session of the system (`setsid`) without a terminal, as services do.
    pub is_service: bool,
}

/// The session process of a hook, by the hook's ancestors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The process with this pid.
    Process(u32),
    /// It may run, and it is not known which one it is.
    Unknown,
    /// It has ended: the hook was inherited by init, or by a service that adopts orphans (`systemd --user`).
    Ended,
}

/// The session process of a hook: the nearest ancestor with a record of Claude Code, else the nearest that is not a
/// launcher, unless it may have been started for the hook. `ancestors` are sorted from the nearest on, without init.
pub fn owner(ancestors: &[Ancestor], has_record: impl Fn(u32) -> bool) -> Owner {
    if let Some(recorded) = ancestors.iter().find(|ancestor| has_record(ancestor.pid)) {
        return Owner::Process(recorded.pid);
    }
    let Some(nearest) = ancestors.iter().find(|ancestor| ancestor.role != AncestorRole::Launcher) else {
        return Owner::Ended;
    };
    let is_old = nearest.age.is_some_and(|age| age >= MIN_AGE);
    match nearest.role {
        // Claude Code starts hooks in sessions without a terminal: a young one is a launcher.
        _ if nearest.is_service && is_old => Owner::Ended,
        _ if nearest.is_service => Owner::Unknown,
        AncestorRole::Interpreter | AncestorRole::Launcher if !is_old => Owner::Unknown,
        _ => Owner::Process(nearest.pid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AncestorRole::{Interpreter, Launcher, Program};

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
            assert_eq!(AncestorRole::of(name), role, "{name}");
        }
    }

    #[test]
    fn a_record_decides_and_young_interpreters_are_skipped() {
        let of = |pid, role, age: i64| Ancestor { pid, role, age: Some(TimeDelta::seconds(age)), is_service: false };
        let service = |pid, role, age: i64| Ancestor { is_service: true, ..of(pid, role, age) };
        let direct = [of(7, Launcher, 0), of(6, Program, 0), of(5, Launcher, 999)];
        let node = [of(7, Launcher, 0), of(6, Interpreter, 10), of(5, Launcher, 999)];
        let launched = [of(7, Launcher, 0), of(6, Interpreter, 9), of(5, Program, 999)];
        for (about, ancestors, records, wanted) in [
            ("the session itself", &direct[..], &[][..], Owner::Process(6)),
            ("a session that an interpreter runs", &node, &[], Owner::Process(6)),
            ("one as young as a launcher", &launched, &[], Owner::Unknown),
            ("the same, and its record", &launched, &[6], Owner::Process(6)),
            ("a launcher below a session with a record", &launched, &[5], Owner::Process(5)),
            ("the nearest of two records", &launched, &[6, 5], Owner::Process(6)),
            ("a record of a process elsewhere", &launched, &[4], Owner::Unknown),
            ("an orphan that init inherited", &[], &[4], Owner::Ended),
            ("an orphan and its shell", &[of(7, Launcher, 0)], &[], Owner::Ended),
            ("an unknown age", &[Ancestor { age: None, ..of(7, Interpreter, 0) }], &[], Owner::Unknown),
            ("an orphan that a service inherited", &[service(6, Program, 999)], &[], Owner::Ended),
            ("the same, and its shell", &[service(7, Launcher, 0), service(6, Program, 999)], &[], Owner::Ended),
            ("a session below a service", &[of(7, Program, 0), service(6, Program, 999)], &[], Owner::Process(7)),
            ("a session without a terminal and its record", &[service(6, Program, 999)], &[6], Owner::Process(6)),
            ("a program that runs the hook", &[service(7, Program, 0), of(6, Program, 9)], &[], Owner::Unknown),
        ] {
            assert_eq!(owner(ancestors, |pid| records.contains(&pid)), wanted, "{about}");
        }
    }
}
