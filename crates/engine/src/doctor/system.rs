//! What the system allows: writing folders, locking, watching files and processes.

use std::path::Path;
use std::time::Duration;

use crate::doctor::{Finding, Health, trials};
use crate::files::file::real_or_same;
use crate::store::lock::{self, Lock};
use crate::watch::Watch;
use crate::{Error, Workspace};

/// Whether a folder is writable. Only creating a file proves it.
pub(super) fn may_write(what: &str, folder: &Path) -> Finding {
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
        Ok(()) => Finding::fine(what, format!("{path} does not exist yet; it is created when it is first needed.")),
        Err(error) => wrong("created", &error),
    }
}

/// Whether every user of this machine can change the registry or write heartbeats.
#[cfg(unix)]
pub(super) fn world_writable(workspace: &Workspace) -> Option<Finding> {
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
pub(super) fn world_writable(_workspace: &Workspace) -> Option<Finding> {
    None
}

/// Quotes a word for a shell.
pub(super) fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.,:=@+".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Whether the registry can be locked.
pub(super) fn lock(registry: &Path) -> Finding {
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

/// Whether the system reports changes of files.
pub(super) fn watching(workspace: &Workspace) -> Finding {
    if Watch::start(workspace, None).must_poll() {
        let remedy = "Put the files on a local file system, or raise fs.inotify.max_user_watches; until then they are checked every five seconds.";
        return Finding::odd("watching", "The system does not report changes of these folders.", remedy);
    }
    Finding::fine("watching", "The system reports file changes.")
}

/// Whether the system reports exits of processes.
pub(super) fn processes(workspace: &Workspace) -> Finding {
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
pub(super) fn memory(workspace: &Workspace) -> Finding {
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
