//! The Claude Code session that a command runs in. Claude Code sets `CLAUDE_PID` in the shells that it starts.
//!
//! Guarantees: in such a shell the files with the shell's number are ignored, because all windows of a machine share
//! them. Changes nothing.

use std::path::{Path, PathBuf};

use headcount_core::Number;
use headcount_core::claude::Claude;
use headcount_core::liveness::process_matching;

use crate::claude::hook_env::HookEnv;
use crate::claude::{session_routes, shell_identity};
use crate::process::{Processes as _, SystemProcesses};
use crate::workspace::environment::Environment;
use crate::{Error, Workspace};

/// The Claude Code session that a command runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingSession {
    /// The pid of its process.
    pub pid: u32,
    /// Its number; `None` if it is not registered.
    pub number: Option<Number>,
    /// The data of Claude Code for its entry.
    pub claude: Claude,
}

/// The session that a command with this environment runs in; `None` outside of Claude Code.
///
/// # Errors
///
/// If the registry cannot be read.
pub fn calling_session(workspace: &Workspace, hook_env: &HookEnv) -> Result<Option<CallingSession>, Error> {
    let Some(pid) = hook_env.pid else { return Ok(None) };
    let process = workspace.processes.key(pid);
    let registry = workspace.store().read_with_retry()?;
    let entry = process_matching::entry_of(&registry, process.as_ref(), hook_env.session_id.as_deref());
    let cwd = hook_env.project.as_ref().map(|folder| folder.display().to_string());
    let claude = Claude {
        process,
        session_id: hook_env.session_id.clone(),
        job: hook_env.job.clone(),
        cwd,
        ..Claude::default()
    };
    Ok(Some(CallingSession { pid, number: entry.map(|entry| entry.number), claude }))
}

/// The registry in which the calling session is registered, independent of the shell's current folder.
#[must_use]
pub fn registry_of_caller(hook_env: &HookEnv, env: &Environment) -> Option<PathBuf> {
    let process = SystemProcesses::new().key(hook_env.pid?)?;
    session_routes::registry_of(env.state.as_deref()?, &process)
}

/// The number of the session that a command is about: that of the calling session, else the one its shell identified
/// as.
///
/// # Errors
///
/// If the registry cannot be read, the calling session is not registered, or the shell has not identified.
pub fn own_number(workspace: &Workspace, hook_env: &HookEnv) -> Result<Number, Error> {
    let registry = &workspace.registry;
    match calling_session(workspace, hook_env)? {
        Some(CallingSession { number: Some(number), .. }) => Ok(number),
        Some(CallingSession { pid, .. }) => Err(Error::SessionUnregistered { pid, path: registry.clone() }),
        None => {
            let folder = registry.parent().unwrap_or(Path::new("."));
            shell_identity::number(folder)
                .ok_or_else(|| Error::NotIdentified { path: folder.join(".session_identity") })
        }
    }
}
