//! The engine's errors, one variant for each consequence.
//!
//! Guarantees: a message is a whole sentence with the path, the failed operation and a remedy. Each error has a code
//! for programs, which never changes its meaning.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use headcount_core::Number;
use headcount_core::claude::hook_settings::Unusable;
use headcount_core::liveness::cleanup::Caution;
use headcount_core::registry::Unreadable;
use headcount_core::registry::registration::RegistrationError;
use headcount_core::settings::Invalid;

use crate::Workspace;
use crate::files::sharing::is_sharing_violation;
use crate::workspace::paths::PassedOver;

/// Why an action failed. Nothing was changed, unless the message says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The registry's text cannot be parsed as a registry.
    #[error("The registry {path} cannot be read: {reason}. {}", advice(.reason))]
    Unreadable {
        /// The registry.
        path: PathBuf,
        /// Why.
        reason: Unreadable,
    },
    /// A system call failed.
    #[error("Could not {doing} {path}: {source}. {}", remedy(.doing, .source))]
    Io {
        /// The failed operation, in the infinitive.
        doing: &'static str,
        /// The file or folder it was applied to.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A path that should be a file is a folder, a device or a pipe.
    #[error("{path} is not a regular file, and Headcount does not open it: name the registry itself with --registry")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The registry is larger than the limit.
    #[error(
        "{path} is larger than {limit} bytes, and Headcount does not read it: name the registry itself with --registry"
    )]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Another process holds the registry's lock.
    #[error("The registry is locked by {holder} ({path}) for more than {} s; try again when that program is done", .waited.as_secs())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// "process 123", or "another program".
        holder: String,
        /// For how long the lock was waited for.
        waited: Duration,
    },
    /// Another program keeps rewriting a file while Headcount tries to change it.
    #[error("{path} kept changing while it was being written; nothing was changed, try again")]
    ConcurrentModification {
        /// The file.
        path: PathBuf,
    },
    /// Cleanup was refused, because the evidence that the sessions ended is not reliable.
    #[error("Not cleaning up: {} Look first, then use --force if they really ended", .0.message)]
    NoEvidence(Caution),
    /// No entry has this number.
    #[error("There is no session {number} in {path}; `headcount status` lists the numbers")]
    NoSession {
        /// The number.
        number: Number,
        /// The registry.
        path: PathBuf,
    },
    /// The process is not a running, unregistered Claude Code session.
    #[error(
        "No Claude Code session that {path} does not know runs as process {pid}; it may have ended, or be registered by now"
    )]
    NotRunning {
        /// Its pid.
        pid: u32,
        /// The registry.
        path: PathBuf,
    },
    /// A command without a number was run in a Claude Code session that is not registered.
    #[error(
        "Which session? Give its number: the Claude Code session of process {pid} is not registered in {path}; `headcount identify` registers it"
    )]
    SessionUnregistered {
        /// The session's process.
        pid: u32,
        /// The registry.
        path: PathBuf,
    },
    /// A command without a number was run in a shell that has not identified as a session.
    #[error("Which session? Give its number: this shell has not identified as one ({path} has none)")]
    NotIdentified {
        /// The file that would hold the number.
        path: PathBuf,
    },
    /// Core refused a registration or a change of numbers.
    #[error("Nothing was changed in {path}: {refusal}; `headcount status` shows who has which number")]
    Refused {
        /// Why.
        refusal: RegistrationError,
        /// The registry.
        path: PathBuf,
    },
    /// The registry that was to be replaced because it was unreadable can be read again.
    #[error(
        "The registry {path} can be read again, so nothing was put in its place; `headcount restore` does so all the same"
    )]
    Readable {
        /// The registry.
        path: PathBuf,
    },
    /// No copy has this id.
    #[error("There is no copy {id} of this registry; `headcount restore` lists them")]
    NoCopy {
        /// The copy's id.
        id: String,
    },
    /// The journal has no change with this id.
    #[error("There is no change {change} in the journal of this registry")]
    NoChange {
        /// The change's id.
        change: String,
    },
    /// The current folder was deleted, so no registry can be searched for from it.
    #[error(
        "The current folder is gone, or may not be looked at, so no registry can be looked for in it: change to a folder that is there, or name the registry with --registry and a whole path"
    )]
    FolderGone,
    /// A folder or file next to a registry that was found is a link.
    #[error(
        "{path} is a link, and nothing is written through one beside a registry that was only found: put a folder or file in its place, name it (--registry, --heartbeats), or configure trusted_folders"
    )]
    Linked {
        /// The link.
        path: PathBuf,
    },
    /// A registry was found and must not be used.
    #[error("{} {}", .0.message(), .0.remedy())]
    PassedOver(PassedOver),
    /// There is no home folder for the user's files.
    #[error("There is no home folder to keep Headcount's {what} in: set HOME")]
    Homeless {
        /// The kind of files.
        what: &'static str,
    },
    /// The configuration cannot be parsed, so it is not rewritten.
    #[error("The configuration {path} cannot be changed: {reason}. Mend it in an editor, then try again")]
    Misconfigured {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The value of a setting is invalid.
    #[error("Nothing was set: {0}")]
    Invalid(#[from] Invalid),
    /// Claude Code's settings have a form that Headcount does not edit.
    #[error("{path} was not changed: {reason}. Mend it in an editor, then try again")]
    Settings {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Unusable,
    },
    /// Claude Code's settings cannot be written.
    #[error("{path} was not changed: {source}. See to it that you may write it and its folder, then try again{}", if *.can_be_plugin { "; or install the hooks as a plugin, which leaves the settings alone: `headcount hooks install --plugin`" } else { "" })]
    ReadOnlySettings {
        /// The file, or its folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
        /// Whether hooks can be installed as a plugin instead.
        can_be_plugin: bool,
    },
    /// Hooks are already installed in another place, and would run twice.
    #[error("Hooks are in {path} already, and every event would run them twice: take them out first with `headcount hooks uninstall{}`", if *.is_project { " --project" } else { "" })]
    HooksElsewhere {
        /// The file that contains them.
        path: PathBuf,
        /// Whether the file belongs to a project.
        is_project: bool,
    },
    /// Hooks run the command `headcount`, and it was not found.
    #[error(
        "Hooks start the command headcount, which is neither beside {program} nor in a folder of PATH: put it there, then try again"
    )]
    NoCommand {
        /// The program that searched for it.
        program: PathBuf,
    },
    /// A plugin that is not Headcount's has its name.
    #[error("{path} is not of Headcount's plugin, and was left alone: move it away, or install without --plugin")]
    ForeignPlugin {
        /// The plugin's description.
        path: PathBuf,
    },
    /// The backup of the original exists already, and the current file is not Headcount's.
    #[error("{path} is there already and is not written over: see what it is, move it away, then try again")]
    OriginalKept {
        /// The backup.
        path: PathBuf,
    },
    /// The shell's session is not in the registry.
    #[error("Session {id} is not in {path}: identify anew with `headcount identify`")]
    Unregistered {
        /// The session's id.
        id: String,
        /// The registry.
        path: PathBuf,
    },
}

fn advice(reason: &Unreadable) -> &'static str {
    match reason {
        Unreadable::Empty | Unreadable::Truncated { .. } => {
            "Another program may be writing it, or stopped in the middle; nothing is written over it until it is whole again"
        }
        Unreadable::DuplicateKey { .. } => "Keep one of the two in an editor; nothing is written over it until then",
        _ => "Mend it in an editor or from a copy; nothing is written over it until then",
    }
}

fn remedy(doing: &str, source: &io::Error) -> &'static str {
    match source.kind() {
        _ if doing == "lock" && is_lock_refused(source) => {
            "Files cannot be locked there (flock), and nothing is changed without a lock: on NFS or another network file system, start its lock service or mount it with locks; else keep the registry on a local file system"
        }
        io::ErrorKind::PermissionDenied => "See to it that you may read and write it and its folder, then try again",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Make room there, then try again",
        io::ErrorKind::ReadOnlyFilesystem => "Nothing can be written on that file system",
        io::ErrorKind::FileTooLarge => "Files may not be that large here (ulimit -f): raise the limit, then try again",
        io::ErrorKind::ResourceBusy => "If it is mounted by itself, mount its folder instead, then try again",
        _ => "See what stands there, then try again",
    }
}

/// Whether the file system or the system does not support locks, or has none left.
fn is_lock_refused(source: &io::Error) -> bool {
    // ENOLCK has no kind of its own: 37 on Linux, 77 on macOS and the BSDs.
    let no_locks = if cfg!(target_os = "linux") { 37 } else { 77 };
    source.kind() == io::ErrorKind::Unsupported || cfg!(unix) && source.raw_os_error() == Some(no_locks)
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    pub(crate) fn refused(refusal: RegistrationError, workspace: &Workspace) -> Self {
        Self::Refused { refusal, path: workspace.places.registry.clone() }
    }

    /// The error's code in JSON output.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "registry_unreadable",
            Self::Io { .. } => "io",
            Self::NotAFile { .. } => "not_a_file",
            Self::TooLarge { .. } => "too_large",
            Self::Locked { .. } => "locked",
            Self::ConcurrentModification { .. } => "restless",
            Self::NoEvidence(_) => "no_evidence",
            Self::NoSession { .. } => "no_session",
            Self::NotRunning { .. } => "not_running",
            Self::SessionUnregistered { .. } => "session_unregistered",
            Self::NotIdentified { .. } => "not_identified",
            Self::Refused { .. } => "refused",
            Self::Readable { .. } => "readable",
            Self::NoCopy { .. } => "no_copy",
            Self::NoChange { .. } => "no_change",
            Self::FolderGone => "folder_gone",
            Self::PassedOver(_) => "passed_over",
            Self::Linked { .. } => "linked",
            Self::Homeless { .. } => "homeless",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Invalid(_) => "invalid_setting",
            Self::Settings { .. } => "settings",
            Self::ReadOnlySettings { .. } => "read_only_settings",
            Self::HooksElsewhere { .. } => "hooks_elsewhere",
            Self::NoCommand { .. } => "no_command",
            Self::ForeignPlugin { .. } => "foreign_plugin",
            Self::OriginalKept { .. } => "original_kept",
            Self::Unregistered { .. } => "unregistered",
        }
    }

    /// Whether the user lacks permission.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Whether restoring a copy repairs the registry. It does not if the registry may not be read or is not a file; one
    /// that is too large could not be copied first.
    #[must_use]
    pub fn is_repairable_by_copy(&self) -> bool {
        matches!(self, Self::Unreadable { .. })
    }

    /// Whether another program may be writing the registry at this moment, so that a retry can succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreadable { reason, .. } => reason.is_transient(),
            Self::Io { source, .. } => is_sharing_violation(source),
            _ => false,
        }
    }
}

// The error numbers are those of Linux.
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn missing_lock_support_has_its_own_advice() {
        let message = |doing, code| Error::io(doing, Path::new("/r"), io::Error::from_raw_os_error(code)).to_string();
        let (no_locks, not_supported, not_there, denied) = (37, 95, 2, 13);
        for code in [no_locks, not_supported] {
            assert!(message("lock", code).contains("flock"), "{}", message("lock", code));
            assert!(!message("read", code).contains("flock"));
        }
        assert!(
            !message("lock", not_there).contains("flock") && message("lock", denied).contains("See to it that you may")
        );
    }
}
