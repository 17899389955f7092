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
use headcount_core::view::messages;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::warning::{Code, Warning};
use serde::{Deserialize, Serialize};

use crate::files::file::real_or_same;
use crate::store::lock::{self, Lock};
use crate::tasks::model::Model;
use crate::watch::Watch;
use crate::workspace::config::Config;
use crate::workspace::paths::Search;
use crate::{Error, Workspace, ops};

mod trials;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// No problem.
    Fine,
    /// It works, but the user should know about it.
    Odd,
    /// Something does not work.
    Wrong,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was checked: `registry`, `lock`, …
    pub subject: String,
    /// Its severity.
    pub health: Health,
    /// The result, as text for the user.
    pub message: String,
    /// What to do about it; `None` if there is no problem.
    pub remedy: Option<String>,
}

impl Finding {
    /// A finding without a problem.
    #[must_use]
    pub fn fine(subject: &str, message: impl Into<String>) -> Self {
        Self { subject: subject.into(), health: Health::Fine, message: message.into(), remedy: None }
    }

    /// A finding that the user should know about.
    #[must_use]
    pub fn odd(subject: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: subject.into(), health: Health::Odd, message: message.into(), remedy: Some(remedy.into()) }
    }

    /// A finding that something does not work.
    #[must_use]
    pub fn wrong(subject: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: subject.into(), health: Health::Wrong, message: message.into(), remedy: Some(remedy.into()) }
    }
}

/// Checks a workspace and its configuration.
#[must_use]
pub fn examine(workspace: &Workspace, config: &Config, search: &Search, now: Time) -> Vec<Finding> {
    let places = &workspace.places;
    let mut findings = vec![configuration(config)];
    findings.extend(search_findings(search));
    match Model::look(workspace, now) {
        Ok(model) => {
            let snapshot = model.snapshot(now);
            findings.push(trials::registry(workspace).unwrap_or_else(|| registry(workspace, &snapshot)));
            findings.push(trials::beats(places).unwrap_or_else(|| heartbeats(&model, &snapshot)));
            findings.extend(warning_findings(&snapshot.warnings));
        }
        Err(error) => findings.push(unreadable(&error)),
    }
    findings.push(may_write("registry's folder", places.registry.parent().unwrap_or(Path::new("."))));
    findings.extend(world_writable(workspace));
    findings.push(lock(&places.registry));
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
            "Mend the file, or remove the line: the rest of it counts.",
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
        Finding::fine("worktree", format!("{folder} is a linked worktree of {main}, whose registry counts here too."))
    });
    let in_hooks = search.refused_in_hooks.as_ref().map(|passed| {
        let message =
            format!("Hooks do not use $HEADCOUNT_REGISTRY, because a project can set it: {}", passed.message());
        Finding::odd("registry", message, "Configure it as `registry` instead.")
    });
    passed.chain(linked).chain(in_hooks).collect()
}

fn registry(workspace: &Workspace, snapshot: &Snapshot) -> Finding {
    let path = &workspace.places.registry;
    if !path.exists() {
        return match ops::newest_copy(workspace) {
            Ok(Some(copy)) => Finding::odd(
                "registry",
                format!(
                    "The registry {} is gone; a copy with {} is there.",
                    path.display(),
                    messages::sessions(copy.sessions)
                ),
                "`headcount restore` puts it back. Without that it is made anew when the first session registers.",
            ),
            _ => Finding::odd(
                "registry",
                format!("There is no registry {} yet.", path.display()),
                "It is made when the first session registers; to watch another one, name it with --registry.",
            ),
        };
    }
    let sessions = messages::sessions(snapshot.rows.len());
    Finding::fine(
        "registry",
        format!("{} holds {sessions}: {}.", path.display(), headcount_core::view::badge::headline_of(snapshot)),
    )
}

fn unreadable(error: &Error) -> Finding {
    let remedy = "`headcount restore` lists good copies and puts one back.";
    Finding::wrong("registry", error.to_string(), remedy)
}

fn heartbeats(model: &Model, snapshot: &Snapshot) -> Finding {
    let (path, orphans) = (&snapshot.heartbeats, model.orphans());
    match model.folder() {
        Folder::Missing if snapshot.rows.is_empty() => {
            Finding::odd("heartbeats", format!("There is no folder {path} yet."), "It is made with the first beat.")
        }
        Folder::Missing => {
            let remedy = "Sessions that never beat go stale: let them run `headcount heartbeat`, or name the folder with --heartbeats.";
            Finding::wrong("heartbeats", format!("There is no folder {path}."), remedy)
        }
        Folder::Unreadable => {
            Finding::wrong("heartbeats", format!("{path} cannot be read."), "See to it that you may read it.")
        }
        Folder::Readable
            if snapshot.counts.active > 0
                && snapshot.in_state(State::Active).all(|row| row.last_heartbeat.is_none()) =>
        {
            let remedy = "See whether the program that writes heartbeats still runs.";
            Finding::odd("heartbeats", format!("{path} can be read, but no active session has ever beaten."), remedy)
        }
        Folder::Readable if orphans > 0 => {
            let message = format!("{path} can be read; beats of {orphans} ids belong to no session.");
            Finding::odd(
                "heartbeats",
                message,
                "They are of former sessions, or their id is misspelt: ids are compared exactly.",
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
        let more = if of_kind.len() > 1 { format!(" ({} more like it)", of_kind.len() - 1) } else { String::new() };
        Finding::odd("files", format!("{first}{more}"), remedy(code))
    };
    codes.into_iter().map(finding).collect()
}

fn remedy(code: Code) -> &'static str {
    match code {
        Code::BrokenHeartbeat => "See why the program that wrote it writes broken JSON; the beat counted all the same.",
        Code::ClockSkew => "Set the clock of the machine that wrote it.",
        Code::MtimeDisagrees => "Nothing: a copy or a checkout does not make anybody younger.",
        Code::DuplicateSessionId => "Give one of the two an id of its own.",
        Code::NumberMismatch => "Set `number` to the key; the key counts.",
        Code::BadKey | Code::BadEntry => "Take it out with an editor, if nobody needs it.",
        Code::UnknownStatus => "Set `status` to active or inactive.",
        Code::NoHeartbeatsFolder => "Create it.",
        Code::NearMiss => "Let the session beat under the id it is registered with.",
    }
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
        Ok(()) => Finding::odd(what, format!("{path} does not exist yet."), "It is made when it is first needed."),
        Err(error) => wrong("made", &error),
    }
}

/// Whether every user of this machine can change the registry or write heartbeats.
#[cfg(unix)]
fn world_writable(workspace: &Workspace) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let places = &workspace.places;
    let is_open = |path: &&Path| std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o002 != 0);
    let folder = places.registry.parent().unwrap_or(Path::new("."));
    let open: Vec<String> = [folder, &places.registry, &places.heartbeats]
        .into_iter()
        .filter(is_open)
        .map(|path| path.display().to_string())
        .collect();
    let message = format!("Every user of this machine can write {}.", open.join(" and "));
    let remedy = format!(
        "If that is not meant: chmod o-w {}",
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
        return Finding::fine("lock", "Nobody holds it.");
    }
    match Lock::take(&path, Duration::ZERO) {
        Ok(_) => Finding::fine("lock", "Nobody holds it."),
        Err(error @ Error::Locked { .. }) => {
            Finding::odd("lock", error.to_string(), "If it stays so, see what that program does.")
        }
        Err(error) => Finding::wrong("lock", error.to_string(), "Remove the lock file, if it is not yours."),
    }
}

fn watching(workspace: &Workspace) -> Finding {
    if Watch::start(&workspace.places, None).must_poll() {
        let remedy = "Put the files on a local file system, or raise fs.inotify.max_user_watches; until then they are looked at every five seconds.";
        return Finding::odd("watching", "The system does not report changes of these folders.", remedy);
    }
    Finding::fine("watching", "The system reports changes; nothing polls.")
}

/// Whether the system reports exits of processes.
fn processes(workspace: &Workspace) -> Finding {
    match workspace.processes.reports_ends() {
        Ok(()) => Finding::fine("processes", "The system reports when a session's process ends."),
        Err(reason) => Finding::odd(
            "processes",
            format!("The system does not report when a session's process ends ({reason})."),
            "Allow pidfd_open in the container's profile, or raise the limit of open files; until then running sessions are looked at every five seconds.",
        ),
    }
}

/// The folder of the journal and other state of the registry.
fn memory(workspace: &Workspace) -> Finding {
    let folder = &workspace.places.memory;
    if folder.as_os_str().is_empty() {
        let message = "There is no home folder to keep a journal in, so nothing can be changed.";
        return Finding::wrong("journal", message, "Set HOME.");
    }
    if !folder.exists() {
        let trial = may_write("journal", folder);
        let fine = || Finding::fine("journal", "Nothing was changed yet; it is made with the first change.");
        return if trial.health == Health::Wrong { trial } else { fine() };
    }
    match workspace.journal().all() {
        Ok(records) => may_write("journal", folder).with(&format!("{} changes are kept.", records.len())),
        Err(error) => Finding::wrong("journal", error.to_string(), "See to it that you may read it."),
    }
}

impl Finding {
    fn with(mut self, more: &str) -> Self {
        self.message = format!("{} {more}", self.message);
        self
    }
}
