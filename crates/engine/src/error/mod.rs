//! The engine's errors, one variant for each consequence.
//!
//! Guarantees: a message is a whole sentence with the path, the failed operation and a remedy. Each error has a code
//! for programs, which never changes its meaning.

mod advice;

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
use crate::workspace::registry_lookup::search::PassedOver;

/// Why an action failed. Nothing was changed, unless the message says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The registry's text cannot be parsed as a registry.
    #[error("The registry {path} cannot be read: {reason}. {}", advice::of_unreadable(.reason))]
    Unreadable {
        /// The registry.
        path: PathBuf,
        /// Why.
        reason: Unreadable,
    },
    /// A system call failed.
    #[error("Could not {doing} {path}: {source}. {}", advice::of_io(.doing, .source))]
    Io {
        /// The failed operation, in the infinitive.
        doing: &'static str,
        /// The file or folder it was applied to.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A path that should be a file is a folder, a device or a pipe.
    #[error("{path} is not a regular file, so Headcount does not open it: specify the registry file with --registry")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The registry is larger than the limit.
    #[error(
        "{path} is larger than {limit} bytes, so Headcount does not read it: specify the registry file with --registry"
    )]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// An action panicked.
    #[error(
        "Headcount had an error of its own: {reason}. Look at what was changed with `headcount log`, then try again"
    )]
    Internal {
        /// The message of the panic.
        reason: String,
    },
    /// Another process holds the registry's lock.
    #[error("The registry is locked by {holder} ({path}) for more than {} s; try again when that program has finished", .waited.as_secs())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// "process 123", or "another program".
        holder: String,
        /// For how long the lock was waited for.
        waited: Duration,
    },
    /// Another program keeps rewriting a file while Headcount tries to change it.
    #[error("{path} kept changing while Headcount tried to write it; nothing was changed, try again")]
    ConcurrentModification {
        /// The file.
        path: PathBuf,
    },
    /// Cleanup was refused, because the evidence that the sessions ended is not reliable.
    #[error("Nothing was cleaned up: {} Check the sessions, then use --force if they have ended", .0.message)]
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
        "Process {pid} is not a running Claude Code session without an entry in {path}; it may have ended, or be registered already"
    )]
    NotRunning {
        /// Its pid.
        pid: u32,
        /// The registry.
        path: PathBuf,
    },
    /// A command without a number was run in a Claude Code session that is not registered.
    #[error(
        "No session number given, and the Claude Code session of process {pid} is not registered in {path}: specify a number, or register it with `headcount identify`"
    )]
    SessionUnregistered {
        /// The session's process.
        pid: u32,
        /// The registry.
        path: PathBuf,
    },
    /// A command without a number was run in a shell that has not identified as a session.
    #[error(
        "No session number given, and this shell is not identified as a session ({path} has none): specify a number, or run `headcount identify`"
    )]
    NotIdentified {
        /// The file that would hold the number.
        path: PathBuf,
    },
    /// Core refused a registration or a change of numbers.
    #[error("Nothing was changed in {path}: {refusal}; `headcount status` lists the sessions")]
    Refused {
        /// Why.
        refusal: RegistrationError,
        /// The registry.
        path: PathBuf,
    },
    /// The registry that was to be replaced because it was unreadable can be read again.
    #[error(
        "The registry {path} can be read again, so no copy was restored; use `headcount restore` to restore one anyway"
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
    #[error("There is no change {change} in the journal of this registry; `headcount log` lists the changes")]
    NoChange {
        /// The change's id.
        change: String,
    },
    /// The current folder was deleted, so no registry can be searched for from it.
    #[error(
        "The current folder was deleted or cannot be read, so no registry can be found from it: change to another folder, or specify an absolute path with --registry"
    )]
    FolderGone,
    /// A folder or file next to a registry that was found is a link.
    #[error(
        "{path} is a link, and next to a registry that was found by searching, Headcount does not write through links: replace the link by a folder or file, specify it with --registry or --heartbeats, or configure trusted_folders"
    )]
    Linked {
        /// The link.
        path: PathBuf,
    },
    /// A registry was found and must not be used.
    #[error("{} {}", .0.message(), .0.remedy())]
    PassedOver(PassedOver),
    /// There is no home folder for the user's files.
    #[error("There is no home folder for Headcount's {what}: set HOME")]
    Homeless {
        /// The kind of files.
        what: &'static str,
    },
    /// The configuration names no such workspace.
    #[error("There is no workspace {name:?}. {}", advice::of_unknown_workspace(.known))]
    NoWorkspace {
        /// The name.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A workspace cannot be added to the configuration.
    #[error("The workspace was not added: {0}")]
    InvalidWorkspace(String),
    /// The configuration cannot be parsed, so it is not rewritten.
    #[error("The configuration {path} cannot be changed: {reason}. Correct it in an editor, then try again")]
    Misconfigured {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The value of a setting is invalid.
    #[error("The setting was not changed: {0}")]
    Invalid(#[from] Invalid),
    /// Claude Code's settings have a form that Headcount does not edit.
    #[error("{path} was not changed: {reason}. Correct it in an editor, then try again")]
    Settings {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Unusable,
    },
    /// Claude Code's settings cannot be written.
    #[error("{path} was not changed: {source}. Check that you can write the file and its folder, then try again{}", if *.can_be_plugin { "; or install the hooks as a plugin, which does not change the settings: `headcount hooks install --plugin`" } else { "" })]
    ReadOnlySettings {
        /// The file, or its folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
        /// Whether hooks can be installed as a plugin instead.
        can_be_plugin: bool,
    },
    /// Hooks are already installed in another place, and would run twice.
    #[error("Hooks are already installed in {path}, and every event would run them twice: remove those first with `headcount hooks uninstall{}`", if *.is_project { " --project" } else { "" })]
    HooksElsewhere {
        /// The file that contains them.
        path: PathBuf,
        /// Whether the file belongs to a project.
        is_project: bool,
    },
    /// Hooks run the command `headcount`, and it was not found.
    #[error(
        "Hooks run the command headcount, which is neither next to {program} nor in a folder of PATH: install it there, then try again"
    )]
    NoCommand {
        /// The program that searched for it.
        program: PathBuf,
    },
    /// A plugin that is not Headcount's has its name.
    #[error(
        "{path} does not belong to Headcount's plugin and was not changed: move it away, or install without --plugin"
    )]
    ForeignPlugin {
        /// The plugin's description.
        path: PathBuf,
    },
    /// The backup of the original exists already, and the current file is not Headcount's.
    #[error("{path} exists already and is not overwritten: move it away, then try again")]
    OriginalKept {
        /// The backup.
        path: PathBuf,
    },
    /// The shell's session is not in the registry.
    #[error("Session {id} is not in {path}: run `headcount identify` again")]
    Unregistered {
        /// The session's id.
        id: String,
        /// The registry.
        path: PathBuf,
    },
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    pub(crate) fn refused(refusal: RegistrationError, workspace: &Workspace) -> Self {
        Self::Refused { refusal, path: workspace.registry.clone() }
    }

    /// The error's code in JSON output.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "registry_unreadable",
            Self::Io { .. } => "io",
            Self::NotAFile { .. } => "not_a_file",
            Self::TooLarge { .. } => "too_large",
            Self::Internal { .. } => "internal",
            Self::Locked { .. } => "locked",
            Self::ConcurrentModification { .. } => "concurrent_modification",
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
            Self::Homeless { .. } => "no_home_folder",
            Self::NoWorkspace { .. } => "no_workspace",
            Self::InvalidWorkspace(_) => "invalid_workspace",
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
