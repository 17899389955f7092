//! Claude Code's hook command: reads an event and handles it.
//!
//! Guarantees: reads one JSON value; waits neither for the end of the stream nor for a stream that pauses for more than
//! a second. Does not wait for Claude Code's record of the process, which may be written after the hook has run. Uses
//! the registry in which the session is registered, else that of the folder in which it was started. Does not print.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use headcount_core::Number;
use headcount_core::claude::hook::admission::{self, HookOrigin};
use headcount_core::claude::hook::owner::{self, Owner};
use headcount_core::claude::hook::payload::{self, HookEvent, Payload, PayloadReading};
use headcount_core::claude::hook::transition::HookSession;
use headcount_core::claude::session_role;
use headcount_core::claude::{Claude, ProcessKey, Record};
use headcount_core::liveness::process_matching;
use headcount_core::view::history::Actor;

use crate::claude::claude_records::ClaudeRecords;
use crate::claude::hook_env::HookEnv;
use crate::claude::{config_folders, session_routes};
use crate::clock::Clock;
use crate::ops::{self, ActionContext};
use crate::process::{Processes, SystemProcesses};
use crate::suspend;
use crate::workspace::environment::Environment;
use crate::workspace::git::branch;
use crate::{Error, Workspace};

/// How long the stream may pause before the event is complete.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Maximum number of such intervals, so that a hook ends even if its stream never does.
const MAX_READ_INTERVALS: usize = 4;

/// The variable that Claude Code sets for every process that a session starts.
const NESTED: &str = "CLAUDE_CODE_CHILD_SESSION";

/// Why a hook failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Standard input contained no complete event.
    #[error("The event could not be read from standard input: {0}")]
    NoEvent(&'static str),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] Error),
}

/// The text to print for Claude Code.
#[derive(Debug)]
pub struct HookOutput {
    /// One line for standard output.
    pub line: String,
    workspace: Workspace,
    number: Number,
    told_before: Option<Number>,
}

impl HookOutput {
    /// Records that the line could not be printed, so that the next prompt repeats it.
    ///
    /// # Errors
    ///
    /// If the registry cannot be changed.
    pub fn mark_unprinted(&self, clock: &dyn Clock) -> Result<(), Error> {
        let context = ActionContext { by: Actor::Hook, at: clock.now() };
        ops::forget_told(&self.workspace, self.number, self.told_before, context)
    }
}

/// Handles the event on `input`. Returns the text to print for Claude Code, if there is any.
///
/// # Errors
///
/// If the event cannot be read, or the registry cannot be read or changed.
pub fn run(
    input: impl Read + Send + 'static,
    hook_env: &HookEnv,
    env: &Environment,
    clock: &dyn Clock,
) -> Result<Option<HookOutput>, Failure> {
    run_with(input, hook_env, env, clock, &(Arc::new(SystemProcesses::new()) as Arc<dyn Processes>))
}

/// As [`run`], with another implementation of [`Processes`].
///
/// # Errors
///
/// As [`run`].
pub fn run_with(
    input: impl Read + Send + 'static,
    hook_env: &HookEnv,
    env: &Environment,
    clock: &dyn Clock,
    processes: &Arc<dyn Processes>,
) -> Result<Option<HookOutput>, Failure> {
    let payload = read_payload(input)?;
    let records = env.claude.as_ref().map(|folder| folder.join("sessions"));
    let is_session = |pid: u32| {
        let (key, record) = (processes.key(pid), records.as_deref().and_then(|folder| ClaudeRecords::one(folder, pid)));
        // Claude Code removes the record before SessionEnd; Headcount's route of the process still exists then.
        let registry = || session_routes::registry_of(env.state.as_deref()?, key.as_ref()?);
        record.is_some_and(|record| record.is_of(key.as_ref(), payload.session_id.as_deref())) || registry().is_some()
    };
    let is_end = matches!(payload.event, HookEvent::SessionEnd(_));
    let owner = match hook_env.pid {
        Some(pid) => Owner::Process(pid),
        None => owner::owner(&processes.ancestors(std::process::id()), is_session),
    };
    if owner == Owner::Ended && !is_end {
        // An entry without a process could never be proven gone.
        return Ok(None);
    }
    let pid = if let Owner::Process(pid) = owner { Some(pid) } else { None };
    let process = pid.and_then(|pid| processes.key(pid));
    if pid.is_some() && process.is_none() && !is_end && processes.can_read() {
        // A process that was started in advance and ended before its own hook could read it.
        return Ok(None);
    }
    let record = pid.and_then(|pid| ClaudeRecords::one(records.as_deref()?, pid));
    let record = record.filter(|record| record.is_of(process.as_ref(), payload.session_id.as_deref()));
    let workspace = route(&payload, record.as_ref(), process.as_ref(), hook_env, env, processes)?;
    let origin = HookOrigin {
        record: record.as_ref(),
        entrypoint: hook_env.entrypoint.as_deref(),
        job: hook_env.job.as_deref(),
        is_nested: record.is_none() && pid.is_some_and(|pid| is_nested(&**processes, pid)),
    };
    let may_register = admission::may_register(&origin, &payload.event, workspace.counts_sdk);
    let session = session(&payload, record.as_ref(), hook_env, pid, process, &**processes, may_register);
    let reading = clock.read();
    suspend::note(&workspace, &reading);
    let context = ActionContext { by: Actor::Hook, at: reading.now };
    let outcome = ops::handle_event(&workspace, &session, &payload.event, context)?;
    remember_route(&workspace, session.claude.process.as_ref(), &outcome, &**processes, env.claude.as_deref());
    let output = outcome.number.and_then(|number| {
        let line = outcome.reply.json(&payload.event)?;
        Some(HookOutput { line, number, told_before: outcome.told_before, workspace: workspace.clone() })
    });
    Ok(output)
}

/// The session of an event.
fn session(
    payload: &Payload,
    record: Option<&Record>,
    hook_env: &HookEnv,
    pid: Option<u32>,
    process: Option<ProcessKey>,
    processes: &dyn Processes,
    may_register: bool,
) -> HookSession {
    let folder = folders(payload, record, hook_env).into_iter().next();
    let title = session_role::given_name(record, payload.title.as_deref());
    let cwd = folder.as_ref().map(|path| path.display().to_string());
    HookSession {
        role: session_role::role(title.as_deref(), cwd.as_deref(), folder.as_deref().and_then(branch::of).as_deref()),
        title,
        shown_title: payload.title.clone(),
        terminal: pid.and_then(|pid| processes.terminal(pid)),
        is_subagent: payload.is_of_subagent,
        may_register,
        pid,
        pid_space: processes.pid_space(),
        claude: Claude {
            process,
            session_id: payload.session_id.clone(),
            job: hook_env.job.clone().or_else(|| record?.job.clone()),
            transcript: payload.transcript_path.clone(),
            cwd,
            ..Claude::default()
        },
    }
}

/// The folders that a session may belong to, best first: the one in which it was started, the one in its record, and
/// the current folder of its shell, which changes.
fn folders(payload: &Payload, record: Option<&Record>, hook_env: &HookEnv) -> Vec<PathBuf> {
    let recorded = record.and_then(|record| record.cwd.clone()).map(PathBuf::from);
    let folders = [hook_env.project.clone(), recorded, payload.cwd.clone().map(PathBuf::from)];
    folders.into_iter().flatten().collect()
}

/// The workspace of a session: that of the registry in which it is registered, else that of the first of its folders.
fn route(
    payload: &Payload,
    record: Option<&Record>,
    process: Option<&ProcessKey>,
    hook_env: &HookEnv,
    env: &Environment,
    processes: &Arc<dyn Processes>,
) -> Result<Workspace, Error> {
    let with_processes = |workspace: Workspace| Workspace { processes: Arc::clone(processes), ..workspace };
    let remembered = env.state.as_deref().zip(process).and_then(|(state, key)| session_routes::registry_of(state, key));
    match remembered.map(|registry| Workspace::of_registry(&registry, env)) {
        Some(Ok(workspace)) => return Ok(with_processes(workspace)),
        Some(Err(error)) => tracing::warn!("{error}"),
        None => {}
    }
    let mut folders = folders(payload, record, hook_env);
    if folders.is_empty() {
        folders.extend(env.folder.clone());
    }
    let mut opened: Vec<Workspace> = Vec::new();
    for folder in &folders {
        let workspace = with_processes(Workspace::of_session(Some(folder), env)?);
        if opened.iter().all(|other| other.registry != workspace.registry) {
            opened.push(workspace);
        }
    }
    let is_registered_in = |workspace: &Workspace| {
        let registry = workspace.store().read();
        registry.is_ok_and(|registry| {
            process_matching::entry_of(&registry, process, payload.session_id.as_deref()).is_some()
        })
    };
    // The session was registered before routes were recorded.
    let known = if opened.len() > 1 { opened.iter().position(is_registered_in) } else { None };
    match opened.into_iter().nth(known.unwrap_or(0)) {
        Some(workspace) => Ok(workspace),
        None => Workspace::of_session(None, env).map(with_processes),
    }
}

/// Updates the session's route. If that fails, only the route is missing.
fn remember_route(
    workspace: &Workspace,
    process: Option<&ProcessKey>,
    outcome: &ops::HookOutcome,
    processes: &dyn Processes,
    claude: Option<&Path>,
) {
    let (state, registry) = (&workspace.state, &workspace.registry);
    // Without a home folder no route is recorded.
    let Some(process) = process.filter(|_| state.is_absolute()) else { return };
    if outcome.has_signed_off {
        session_routes::forget(state, process);
    } else if outcome.number.is_some() && session_routes::registry_of(state, process).as_ref() != Some(registry) {
        let remembered = session_routes::remember(state, process, registry, processes);
        let folder = claude.map_or(Ok(()), |claude| config_folders::remember(state, claude));
        remembered.and(folder).unwrap_or_else(|error| tracing::warn!("{error}"));
    }
}

/// Whether a process was started within a Claude Code session.
fn is_nested(processes: &dyn Processes, pid: u32) -> bool {
    processes.variable(pid, NESTED).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Reads the event. The stream may never end, may be empty, or may be slow: the input of a tool is long, and the
/// machine may be busy.
fn read_payload(input: impl Read + Send + 'static) -> Result<Payload, Failure> {
    let (sender, receiver) = mpsc::channel();
    let read = Arc::<AtomicUsize>::default();
    let counted = Counted { input, read: Arc::clone(&read) };
    // If nothing arrives, the thread leaks; the process exits right after.
    std::thread::spawn(move || sender.send(payload::read(std::io::BufReader::with_capacity(64 * 1024, counted))));
    let mut before = 0;
    for _ in 0..MAX_READ_INTERVALS {
        match receiver.recv_timeout(READ_TIMEOUT) {
            Ok(PayloadReading::Whole(payload)) => return Ok(payload),
            Ok(PayloadReading::Incomplete) => return Err(Failure::NoEvent("it ended in the middle")),
            Ok(PayloadReading::Refused) => return Err(Failure::NoEvent("it is not a JSON object")),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let now = read.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    Err(Failure::NoEvent("nothing came within a second, or too slowly"))
}

/// A stream that counts the bytes read.
struct Counted<R> {
    input: R,
    read: Arc<AtomicUsize>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that pauses before each of its pieces.
    struct Slow(Vec<&'static [u8]>, Duration);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            std::thread::sleep(self.1);
            let piece = if self.0.is_empty() { &b""[..] } else { self.0.remove(0) };
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn a_slow_stream_is_read_and_a_stalled_one_is_not_waited_for() {
        let pieces: [&[u8]; 4] = [b"{\"hook_event_name\": ", b"\"Stop\", ", b"\"session_id\": \"a\", ", b"\"x\": 1}"];
        let slowly = |pause: u64| read_payload(Slow(pieces.to_vec(), Duration::from_millis(pause)));
        assert_eq!(slowly(300).unwrap().event, HookEvent::Stop);
        assert!(matches!(slowly(2500), Err(Failure::NoEvent(_))));
    }
}
