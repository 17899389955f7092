//! Every user action, implemented once. The tray, the window, the command and the hooks call these.
//!
//! Guarantees: an action decides under the lock on the files as they are, not as a screen showed them. It is recorded
//! in the journal. It either succeeds or returns an error. Blocks: callers that must not wait run it on another thread.

mod cleanup;
mod details;
mod history;
mod hook_event;
mod install;
mod restore;
mod session;
mod settings;
mod show;
mod undo;

use headcount_core::notification::snooze::Snooze;
use headcount_core::registry::change::EntryChange;
use headcount_core::registry::registration::RegistrationError;
use headcount_core::{Registry, Time};

pub use cleanup::{Cleanup, cleanup, preview_cleanup};
pub use details::details;
pub use history::history;
pub use hook_event::{HookOutcome, forget_told, handle_event, prune};
pub use install::{
    ScriptStep, install_hooks, install_own_hooks, install_scripts, report_work, uninstall_hooks, uninstall_own_hooks,
    uninstall_scripts,
};
pub use restore::{copies, newest_copy, restore};
pub use session::{
    CallingSession, Identified, IdentifyContext, calling_session, compact, heartbeat, identify, identify_context, keep,
    own_number, preview_compact, preview_reassign, reactivate, reassign, register, register_all_running,
    register_running, registry_of_caller, release, release_unused, set_own_timeout,
};
pub use settings::{add_workspace, preview_timeout, remove_workspace, set};
pub use show::{has_focus, show};
pub use undo::{redo, undo};

use crate::autostart::Login;
use crate::store::Decision;
use crate::store::journal::ChangeMeta;
use crate::{Error, Workspace, snooze};
use headcount_core::view::history::Actor;

/// The program and the time of an action.
#[derive(Clone, Copy, Debug)]
pub struct ActionContext {
    /// The program.
    pub by: Actor,
    /// The time, by which "stale" is decided and which is written as the time of the change.
    pub at: Time,
}

impl ActionContext {
    fn meta(self, what: &'static str) -> ChangeMeta {
        ChangeMeta { at: self.at, by: self.by, what, of: None }
    }
}

/// Changes the registry as core decides. If core refuses, returns an error and changes nothing.
fn change(
    workspace: &Workspace,
    meta: &ChangeMeta,
    decide: impl Fn(&Registry) -> Result<(String, Vec<EntryChange>), RegistrationError>,
) -> Result<Option<String>, Error> {
    let ((), change) = workspace.store().update(&workspace.journal(), meta, |registry| {
        let (text, entries) = decide(registry).map_err(|refusal| Error::refused(refusal, workspace))?;
        Ok(Ok(Decision { text, entries, outcome: () }))
    })?;
    Ok(change)
}

/// Enables or disables the start of the app at login.
///
/// # Errors
///
/// If the login entry cannot be written or removed.
pub fn start_at_login(login: &Login, is_wanted: bool) -> Result<(), Error> {
    login.set(is_wanted)
}

/// Snoozes notifications, or ends the snooze.
///
/// # Errors
///
/// If the file of the snooze cannot be written.
pub fn snooze(workspace: &Workspace, choice: Snooze, context: ActionContext) -> Result<(), Error> {
    snooze::set(&workspace.state, choice.until(context.at, &chrono::Local))
}
