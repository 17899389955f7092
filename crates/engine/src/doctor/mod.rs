//! The doctor: checks everything that Headcount depends on, and reports a remedy for each problem.
//!
//! Guarantees: changes nothing, except that it creates and removes files of its own to check whether it may, and takes
//! the lock for a moment. Every problem has a remedy. Does not depend on a desktop: the tray app checks its own and
//! reports it as [`Finding`] too.

use std::path::Path;

use headcount_core::Time;
use headcount_core::liveness::State;
use headcount_core::liveness::cleanup::Folder;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::text::messages;
use headcount_core::view::warning::{Code, Warning};

use crate::tasks::model::Model;
use crate::workspace::config::Config;
use crate::workspace::registry_lookup::search::Search;
use crate::{Error, Workspace, ops};

mod finding;
mod system;
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
    findings.push(system::may_write("registry's folder", workspace.registry.parent().unwrap_or(Path::new("."))));
    findings.extend(system::world_writable(workspace));
    findings.push(system::lock(&workspace.registry));
    findings.push(system::watching(workspace));
    findings.push(system::processes(workspace));
    findings.push(system::memory(workspace));
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
        Folder::Missing if snapshot.counts.active == 0 && snapshot.counts.stale == 0 => Finding::fine(
            "heartbeats",
            format!("There is no folder {path} yet; it is created with the first heartbeat."),
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
