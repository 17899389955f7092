//! Recognises a hook that lost its arguments.
//!
//! Versions of Claude Code up to 2.1.138 ignore a hook's `args`: they start `headcount` alone, and put what it prints into the
//! model's context. So does every version after such a one deleted `args` from the settings.

use std::io::{BufReader, Cursor, IsTerminal as _, Read};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Variables of which Claude Code sets some for every hook.
const VARIABLES: [&str; 5] =
    ["CLAUDECODE", "CLAUDE_PROJECT_DIR", "CLAUDE_PID", "CLAUDE_CODE_SESSION_ID", "CLAUDE_CODE_ENTRYPOINT"];

/// The name that every event's payload has, and nothing else.
const EVENT_NAME: &[u8] = b"\"hook_event_name\"";

/// How long a stream may deliver nothing. A hook's payload comes at once.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// The payload of the hook that this process is run as, although it was started without arguments.
///
/// Standard input is read only if the environment is that of Claude Code, and only past its first byte if that begins a JSON
/// object: elsewhere, input is not this program's. What was read of a file that holds no payload is given back.
pub(crate) fn payload() -> Option<Cursor<Vec<u8>>> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_bare = std::env::args_os().nth(1).is_none();
    if !is_bare || !VARIABLES.iter().any(|name| is_set(name)) || std::io::stdin().is_terminal() {
        return None;
    }
    let start = position();
    let found = payload_of(std::io::stdin()).map(Cursor::new);
    if let (None, Some(start)) = (&found, start) {
        rewind(start);
    }
    found
}

/// The bytes read of a stream, if they are an event's payload.
fn payload_of(input: impl Read + Send + 'static) -> Option<Vec<u8>> {
    let bytes = Arc::<Mutex<Vec<u8>>>::default();
    let recorder = Recorder { input, bytes: Arc::clone(&bytes) };
    let (done, is_done) = mpsc::channel();
    // The thread leaks if nothing comes: this process is about to end.
    std::thread::spawn(move || {
        read(recorder);
        done.send(())
    });
    let length = || bytes.lock().unwrap_or_else(PoisonError::into_inner).len();
    let mut before = 0;
    while is_done.recv_timeout(READ_TIMEOUT) == Err(RecvTimeoutError::Timeout) && length() > before {
        before = length();
    }
    let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner).clone();
    bytes.windows(EVENT_NAME.len()).any(|window| window == EVENT_NAME).then_some(bytes)
}

/// Reads the first JSON object of a stream; of a stream that begins otherwise, the first byte.
fn read(mut input: impl Read) {
    let mut first = [0];
    while input.read(&mut first).is_ok_and(|count| count == 1) {
        match first {
            [b' ' | b'\t' | b'\r' | b'\n'] => {}
            [b'{'] => {
                let rest = BufReader::with_capacity(64 * 1024, input);
                drop(headcount_core::claude::hook::read(first.as_slice().chain(rest)));
                return;
            }
            _ => return,
        }
    }
}

/// A stream, and what was read of it.
struct Recorder<R> {
    input: R,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl<R: Read> Read for Recorder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Where standard input is read, if it is a file.
#[cfg(unix)]
fn position() -> Option<u64> {
    use std::io::Seek as _;
    use std::os::fd::AsFd as _;
    let mut file = std::fs::File::from(std::io::stdin().as_fd().try_clone_to_owned().ok()?);
    file.stream_position().ok()
}

#[cfg(unix)]
fn rewind(start: u64) {
    use std::io::{Seek as _, SeekFrom};
    use std::os::fd::AsFd as _;
    if let Ok(file) = std::io::stdin().as_fd().try_clone_to_owned() {
        let _ = std::fs::File::from(file).seek(SeekFrom::Start(start));
    }
}

#[cfg(not(unix))]
fn position() -> Option<u64> {
    None
}

#[cfg(not(unix))]
fn rewind(_start: u64) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_told_from_other_input() {
        let payload = br#"{"session_id": "a", "hook_event_name": "Stop"}"#;
        assert_eq!(payload_of(&payload[..]).as_deref(), Some(&payload[..]));
        assert!(payload_of(&b" \n{\"hook_event_name\": 5}\n"[..]).is_some());
        // Better nothing than a table in the model's context.
        assert!(payload_of(&b"{\"hook_event_name\": \"Stop\", \"x\": "[..]).is_some());
        for other in [&b""[..], b"1\n2\n", b"{}", b"{\"a\": 1}", b"\"hook_event_name\"", b"[{\"hook_event_name\": 1}]"]
        {
            assert_eq!(payload_of(other), None, "{other:?}");
        }
    }

    #[test]
    fn of_other_input_one_byte_is_read() {
        let mut input = std::io::Cursor::new(b"list\nof names".to_vec());
        read(&mut input);
        assert_eq!(input.position(), 1);
    }
}
