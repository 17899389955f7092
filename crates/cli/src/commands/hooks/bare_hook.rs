//! Detects a hook call that lost its arguments.
//!
//! Claude Code up to 2.1.138 ignores a hook's `args`: it starts `headcount` without arguments and adds the output to
//! the model's context. Later versions do the same after such a version deleted `args` from the settings.

use std::io::{BufReader, Cursor, IsTerminal as _, Read};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Environment variables of Claude Code. Every hook gets some of them.
const VARIABLES: [&str; 5] =
    ["CLAUDECODE", "CLAUDE_PROJECT_DIR", "CLAUDE_PID", "CLAUDE_CODE_SESSION_ID", "CLAUDE_CODE_ENTRYPOINT"];

/// A JSON key that every event payload contains and other input does not.
const EVENT_NAME: &[u8] = b"\"hook_event_name\"";

/// How long to wait for more input. A hook's payload arrives at once.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Returns the payload if this process is a hook call without arguments.
///
/// Reads standard input only if Claude Code's environment variables are set, and past the first byte only if that byte
/// begins a JSON object: other input belongs to another program. If the input is a file without a payload, the read
/// position is restored.
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

/// Reads a stream; returns the bytes read if they contain an event payload.
fn payload_of(input: impl Read + Send + 'static) -> Option<Vec<u8>> {
    let bytes = Arc::<Mutex<Vec<u8>>>::default();
    let recorder = Recorder { input, bytes: Arc::clone(&bytes) };
    let (done, is_done) = mpsc::channel();
    // The thread leaks if no input arrives; the process exits soon after.
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

/// Reads the first JSON object of a stream, or one byte if the stream does not begin with an object.
fn read(mut input: impl Read) {
    let mut first = [0];
    while input.read(&mut first).is_ok_and(|count| count == 1) {
        match first {
            [b' ' | b'\t' | b'\r' | b'\n'] => {}
            [b'{'] => {
                let rest = BufReader::with_capacity(64 * 1024, input);
                drop(headcount_core::claude::hook::payload::read(first.as_slice().chain(rest)));
                return;
            }
            _ => return,
        }
    }
}

/// A reader that records the bytes read.
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

/// The current read position of standard input; `None` if it is not a file.
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
    fn only_event_payloads_are_recognised() {
        let payload = br#"{"session_id": "a", "hook_event_name": "Stop"}"#;
        assert_eq!(payload_of(&payload[..]).as_deref(), Some(&payload[..]));
        assert!(payload_of(&b" \n{\"hook_event_name\": 5}\n"[..]).is_some());
        // A truncated payload counts too: otherwise the status table would be added to the model's context.
        assert!(payload_of(&b"{\"hook_event_name\": \"Stop\", \"x\": "[..]).is_some());
        for other in [&b""[..], b"1\n2\n", b"{}", b"{\"a\": 1}", b"\"hook_event_name\"", b"[{\"hook_event_name\": 1}]"]
        {
            assert_eq!(payload_of(other), None, "{other:?}");
        }
    }

    #[test]
    fn one_byte_of_other_input_is_read() {
        let mut input = std::io::Cursor::new(b"list\nof names".to_vec());
        read(&mut input);
        assert_eq!(input.position(), 1);
    }
}
