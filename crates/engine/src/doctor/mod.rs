//! The doctor: checks everything that Headcount depends on, and reports a remedy for each problem.
//!
//! Guarantees: changes nothing, except that it creates and removes files of its own to check whether it may, and takes
//! the lock for a moment. Every problem has a remedy. Does not depend on a desktop: the tray app checks its own and
//! reports it as [`Finding`] too.

use std::path::Path;
use std::time::Duration;

use headcount_core::Time;
use headcount_core::liveness::State;
use headcount_core::liveness::cleanup::Folder;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::text::messages;
use headcount_core::view::warning::{Code, Warning};

use crate::files::file::real_or_same;
use crate::store::lock::{self, Lock};
use crate::tasks::model::Model;
use crate::watch::Watch;
use crate::workspace::config::Config;
use crate::workspace::registry_lookup::search::Search;
use crate::{Error, Workspace, ops};

mod finding;
mod trials;

pub use finding::{Finding, Health};

/// Checks a workspace and its configuration.
#[must_use]
pub fn examine(workspace: &Workspace, config: &Config, search: &Search, now: Time) -> Vec<Finding> {
    let mut findings = vec![configuration(config)];
    findings.extend(search_findings(search));
    match Model::look(workspace, now) {
        Ok(model) => {
            let snapshot = model.snapshot(now);
            findings.push(trials::registry(workspace).unwrap_or_else(|| registry(workspace, &snapshot)));
            findings.push(trials::beats(workspace).unwrap_or_else(|| heartbeats(&model, &snapshot)));
            findings.extend(warning_findings(&snapshot.warnings));
        }
        Err(error) => findings.push(unreadable(&error)),
    }
    findings.push(may_write("registry's folder", workspace.registry.parent().unwrap_or(Path::new("."))));
    findings.extend(world_writable(workspace));
    findings.push(lock(&workspace.registry));
    findings.push(watching(workspace));
    findings.push(processes(workspace));
    findings.push(memory(workspace));
    findings
}

fn configuration(config: &Config) -> Finding {
    match config.complaints.as_slice() {
        [] => Finding::fine(
            "configuration",
            format!("Stale after {} minutes without a sign of life.", config.settings.timeout),
        ),
        complaints => Finding::wrong(
            "configuration",
            complaints.join(" "),
            "Correct or remove these lines; the other settings are in effect.",
        ),
    }
}

/// The files that the search for a registry skipped, and why the registry of another folder is used.
fn search_findings(search: &Search) -> Vec<Finding> {
    let passed = search.passed_over.iter().map(|passed| Finding::odd("registry", passed.message(), passed.remedy()));
    let linked = search
        .worktree
        .as_ref()
        .filter(|linked| search.found.as_ref().is_some_and(|found| found.registry.starts_with(&linked.main)));
    let linked = linked.map(|linked| {
        let (folder, main) = (linked.folder.display(), linked.main.display());
        Finding::fine("worktree", format!("{folder} is a linked worktree of {main}, whose registry is used here too."))
    });
    let in_hooks = search.refused_in_hooks.as_ref().map(|passed| {
        let message =
            format!("Hooks do not use $HEADCOUNT_REGISTRY, because a project can set it: {}", passed.message());
        Finding::odd("registry", message, "Set `registry` in the configuration instead.")
    });
    passed.chain(linked).chain(in_hooks).collect()
}

fn registry(workspace: &Workspace, snapshot: &Snapshot) -> Finding {
    let path = &workspace.registry;
    if !path.exists() {
        return match ops::newest_copy(workspace) {
            Ok(Some(copy)) => Finding::odd(
                "registry",
                format!(
                    "The registry {} is missing; there is a copy with {}.",
                    path.display(),
                    messages::sessions(copy.sessions)
                ),
                "Restore it with `headcount restore`. Otherwise a new one is created when the first session registers.",
            ),
            _ => Finding::odd(
                "registry",
                format!("There is no registry {} yet.", path.display()),
                "It is created when the first session registers; to use another one, specify it with --registry.",
            ),
        };
    }
    let sessions = messages::sessions(snapshot.rows.len());
    Finding::fine(
        "registry",
        format!("{} has {sessions}: {}.", path.display(), headcount_core::view::tray::badge::headline_of(snapshot)),
    )
}

fn unreadable(error: &Error) -> Finding {
    let remedy = "Restore a copy with `headcount restore`.";
    Finding::wrong("registry", error.to_string(), remedy)
}

fn heartbeats(model: &Model, snapshot: &Snapshot) -> Finding {
    let (path, orphans) = (&snapshot.heartbeats, model.orphans());
    match model.folder() {
        Folder::Missing if snapshot.rows.is_empty() => Finding::odd(
            "heartbeats",
            format!("There is no folder {path} yet."),
            "It is created with the first heartbeat.",
        ),
        Folder::Missing => {
            let remedy = "Sessions without heartbeats become stale: let them run `headcount heartbeat`, or specify the folder with --heartbeats.";
            Finding::wrong("heartbeats", format!("There is no folder {path}."), remedy)
        }
        Folder::Unreadable => {
            Finding::wrong("heartbeats", format!("{path} cannot be read."), "Check that you can read it.")
        }
        Folder::Readable
            if snapshot.counts.active > 0
                && snapshot.in_state(State::Active).all(|row| row.last_heartbeat.is_none()) =>
        {
            let remedy = "Check whether the program that writes heartbeats is running.";
            Finding::odd("heartbeats", format!("{path} can be read, but no active session has a heartbeat."), remedy)
        }
        Folder::Readable if orphans > 0 => {
            let message = format!("{path} can be read; heartbeats of {orphans} ids belong to no session.");
            Finding::odd(
                "heartbeats",
                message,
                "They are from former sessions, or their ids are misspelled: ids must match exactly.",
            )
        }
        Folder::Readable => Finding::fine("heartbeats", format!("{path} can be read and written.")),
    }
}

/// One finding for each kind of warning.
fn warning_findings(warnings: &[Warning]) -> Vec<Finding> {
    let mut codes: Vec<Code> =
        warnings.iter().map(|warning| warning.code).filter(|code| *code != Code::NoHeartbeatsFolder).collect();
    codes.sort_unstable();
    codes.dedup();
    let finding = |code: Code| {
        let of_kind: Vec<&Warning> = warnings.iter().filter(|warning| warning.code == code).collect();
        let first = of_kind.first().map(|warning| warning.message.clone()).unwrap_or_default();
        let more = if of_kind.len() > 1 { format!(" ({} more)", of_kind.len() - 1) } else { String::new() };
        Finding::odd("files", format!("{first}{more}"), code.remedy())
    };
    codes.into_iter().map(finding).collect()
}

/// Whether a folder is writable. Only creating a file proves it.
fn may_write(what: &str, folder: &Path) -> Finding {
    let path = folder.display();
    let wrong = |doing: &str, error: &Error| {
        let source = if let Error::Io { source, .. } = error { source.to_string() } else { error.to_string() };
        Finding::wrong(what, format!("{path} cannot be {doing}: {source}."), trials::remedy(folder, error))
    };
    if folder.exists() {
        return match trials::make_file(folder, None) {
            Ok(()) => Finding::fine(what, format!("{path} can be written.")),
            Err(error) => wrong("written", &error),
        };
    }
    match trials::make_folder(folder) {
        Ok(()) => Finding::odd(what, format!("{path} does not exist yet."), "It is created when it is first needed."),
        Err(error) => wrong("created", &error),
    }
}

/// Whether every user of this machine can change the registry or write heartbeats.
#[cfg(unix)]
fn world_writable(workspace: &Workspace) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let is_open = |path: &&Path| std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o002 != 0);
    let folder = workspace.registry.parent().unwrap_or(Path::new("."));
    let open: Vec<String> = [folder, &workspace.registry, &workspace.heartbeats]
        .into_iter()
        .filter(is_open)
        .map(|path| path.display().to_string())
        .collect();
    let message = format!("Every user of this computer can write {}.", open.join(" and "));
    let remedy = format!(
        "If that is not intended: chmod o-w {}",
        open.iter().map(|path| shell_word(path)).collect::<Vec<_>>().join(" ")
    );
    (!open.is_empty()).then(|| Finding::odd("permissions", message, remedy))
}

#[cfg(not(unix))]
fn world_writable(_workspace: &Workspace) -> Option<Finding> {
    None
}

/// Quotes a word for a shell.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.,:=@+".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn lock(registry: &Path) -> Finding {
    let real = real_or_same(registry);
    let path = lock::path(&real);
    if !path.exists() {
        return Finding::fine("lock", "It is free.");
    }
    match Lock::take(&path, Duration::ZERO) {
        Ok(_) => Finding::fine("lock", "It is free."),
        Err(error @ Error::Locked { .. }) => {
            Finding::odd("lock", error.to_string(), "If it stays locked, check what that program is doing.")
        }
        Err(error) => Finding::wrong("lock", error.to_string(), "Remove the lock file if it belongs to another user."),
    }
}

fn watching(workspace: &Workspace) -> Finding {
    if Watch::start(workspace, None).must_poll() {
        let remedy = "Put the files on a local file system, or raise fs.inotify.max_user_watches; until then they are checked every five seconds.";
        return Finding::odd("watching", "The system does not report changes of these folders.", remedy);
    }
    Finding::fine("watching", "The system reports file changes.")
}

/// Whether the system reports exits of processes.
fn processes(workspace: &Workspace) -> Finding {
    match workspace.processes.reports_ends() {
        Ok(()) => Finding::fine("processes", "The system reports when a session's process ends."),
        Err(reason) => Finding::odd(
            "processes",
            format!("The system does not report when a session's process ends ({reason})."),
            "Allow pidfd_open in the container's profile, or raise the limit of open files; until then running sessions are checked every five seconds.",
        ),
    }
}

/// The folder of the journal and other state of the registry.
fn memory(workspace: &Workspace) -> Finding {
    let folder = &workspace.memory;
    if folder.as_os_str().is_empty() {
        let message = "There is no home folder for the journal, so Headcount cannot change anything.";
        return Finding::wrong("journal", message, "Set HOME.");
    }
    if !folder.exists() {
        let trial = may_write("journal", folder);
        let fine = || Finding::fine("journal", "There are no changes yet; it is created with the first change.");
        return if trial.health == Health::Wrong { trial } else { fine() };
    }
    match workspace.journal().all() {
        Ok(records) => may_write("journal", folder).with(&format!("It has {} changes.", records.len())),
        Err(error) => Finding::wrong("journal", error.to_string(), "Check that you can read it."),
    }
}
