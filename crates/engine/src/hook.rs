//! What Claude Code runs at its events: reads what happened, and does what it means.
//!
//! Promises: reads one JSON value and does not wait for the end of the stream, nor for one that stands still for more than a
//! second; never acts for a process that is no session; finds the registry of the folder the session works in. Errors are the
//! caller's to keep from a person's sight. Does not print.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use headcount_core::arrival::{self, Visitor};
use headcount_core::claude::{Claude, Record};
use headcount_core::history::Actor;
use headcount_core::hook::{self, Event, Payload, Reading};

use crate::clock::Clock;
use crate::ops::{self, Act};
use crate::paths::{Caller, Surroundings};
use crate::records::Records;
use crate::{Error, Workspace, branch};

/// How long Claude Code may be silent before it has said what happened.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often that is looked at: a hook that does not end is ended a second later.
const LOOKS: usize = 4;

/// Why a hook could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Standard input held nothing that could be understood.
    #[error("What happened could not be read from standard input: {0}")]
    Unheard(&'static str),
    /// The engine could not.
    #[error(transparent)]
    Engine(#[from] Error),
}

/// Does what the event on `input` means. Returns what the model is to be told, where there is something.
pub fn run(
    input: impl Read + Send + 'static,
    caller: &Caller,
    around: &Surroundings,
    clock: &dyn Clock,
) -> Result<Option<String>, Failure> {
    let payload = hear(input)?;
    let records = around.claude.as_ref().map(|folder| folder.join("sessions"));
    let cwd = payload.cwd.as_ref().map(Path::new).or(around.folder.as_deref());
    let workspace = Workspace::of_session(cwd, around)?;
    let pid = caller.pid.or_else(|| workspace.processes.owner(std::process::id()));
    let record = pid.and_then(|pid| Records::one(records.as_deref()?, pid));
    if !arrival::is_counted(record.as_ref(), caller.entrypoint.as_deref(), caller.is_nested, workspace.counts_sdk) {
        return Ok(None);
    }
    let process = pid.and_then(|pid| workspace.processes.key(pid));
    if pid.is_some() && process.is_none() && !matches!(payload.event, Event::SessionEnd(_)) {
        // It has ended before its own hook could look at it: one of those that are only kept at hand.
        return Ok(None);
    }
    let visitor = Visitor {
        role: role(&payload, record.as_ref(), cwd),
        terminal: pid.and_then(|pid| workspace.processes.terminal(pid)),
        is_subagent: payload.is_of_subagent,
        claude: Claude {
            process,
            session_id: payload.session_id,
            transcript: payload.transcript_path,
            cwd: cwd.map(|path| path.display().to_string()),
            told: None,
        },
    };
    let act = Act { by: Actor::Hook, at: clock.now() };
    Ok(ops::attend(&workspace, &visitor, &payload.event, act)?)
}

/// Reads what happened. The stream may never end, and may never begin; the input of a tool is long on a busy machine.
fn hear(input: impl Read + Send + 'static) -> Result<Payload, Failure> {
    let (heard, hearing) = mpsc::channel();
    let read = Arc::<AtomicUsize>::default();
    let counted = Counted { input, read: Arc::clone(&read) };
    // Left behind where nothing comes: this process is about to end.
    std::thread::spawn(move || heard.send(hook::read(std::io::BufReader::with_capacity(64 * 1024, counted))));
    let mut before = 0;
    for _ in 0..LOOKS {
        match hearing.recv_timeout(PATIENCE) {
            Ok(Reading::Whole(payload)) => return Ok(payload),
            Ok(Reading::Incomplete) => return Err(Failure::Unheard("it ended in the middle")),
            Ok(Reading::Refused) => return Err(Failure::Unheard("it is not a JSON object")),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let now = read.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    Err(Failure::Unheard("nothing came within a second, or too slowly"))
}

/// A stream, and how much of it was read.
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

fn role(payload: &Payload, record: Option<&Record>, cwd: Option<&Path>) -> String {
    let title = payload.title.as_deref().or_else(|| record?.name.as_deref());
    let folder = cwd.map(|path| path.display().to_string());
    arrival::role(title, folder.as_deref(), cwd.and_then(branch::of).as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that takes its time before each of its pieces.
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
    fn who_goes_on_is_heard_out_and_who_stops_is_not_waited_for() {
        let pieces: [&[u8]; 4] = [b"{\"hook_event_name\": ", b"\"Stop\", ", b"\"session_id\": \"a\", ", b"\"x\": 1}"];
        let slowly = |pause: u64| hear(Slow(pieces.to_vec(), Duration::from_millis(pause)));
        assert_eq!(slowly(300).unwrap().event, Event::Stop);
        assert!(matches!(slowly(2500), Err(Failure::Unheard(_))));
    }
}
