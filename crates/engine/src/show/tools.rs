//! Runs the programs that show a terminal.
//!
//! Guarantees: arguments are passed as they are, without a shell. A program that does not end in time is killed. Its
//! output is read up to a limit.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use headcount_core::terminal::{Invocation, Trace};

/// How long a program may run.
pub(super) const LIMIT: Duration = Duration::from_secs(2);

/// Maximum length of a program's output in bytes. The rest is not read.
const MAX_OUTPUT: u64 = 4 * 1024 * 1024;

/// What strategies need from the system.
pub(crate) trait Tools {
    /// Runs a program and returns its output.
    ///
    /// # Errors
    ///
    /// Why it failed, as text for the user.
    fn run(&self, invocation: &Invocation) -> Result<String, String>;

    /// A process and its ancestors; `None` if it cannot be read.
    fn trace(&self, pid: u32) -> Option<Trace>;
}

/// Runs a program; see [`Tools::run`].
pub(super) fn run(invocation: &Invocation) -> Result<String, String> {
    let mut names = invocation.programs.iter();
    let (name, child) = loop {
        let Some(name) = names.next() else {
            return Err(format!("{} is not installed", invocation.programs.join(" or ")));
        };
        match spawn(name, invocation) {
            Ok(child) => break (name, child),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{name} could not be started: {error}")),
        }
    };
    finish(child).map_err(|why| format!("{name}: {why}"))
}

fn spawn(name: &str, invocation: &Invocation) -> std::io::Result<Child> {
    Command::new(name)
        .args(&invocation.args)
        .envs(invocation.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// Waits for a program. Its outputs are read in threads, because reading cannot be given a time limit.
fn finish(mut child: Child) -> Result<String, String> {
    let deadline = Instant::now() + LIMIT;
    let output = child.stdout.take().map(read_in_thread);
    let errors = child.stderr.take().map(read_in_thread);
    let receive = |from: Option<mpsc::Receiver<Vec<u8>>>| {
        let left = deadline.saturating_duration_since(Instant::now());
        from.and_then(|from| from.recv_timeout(left).ok())
    };
    let texts = receive(output).zip(receive(errors));
    let Some((output, errors)) = texts else {
        // It may have ended already, and left a process that holds its output.
        drop(child.kill());
        drop(child.wait());
        return Err(format!("no answer within {} s", LIMIT.as_secs()));
    };
    // Both outputs are closed, so the program has ended or is about to.
    let status = wait_until(&mut child, deadline).ok_or("it does not end")?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&output).into_owned());
    }
    let said = String::from_utf8_lossy(if errors.is_empty() { &output } else { &errors }).trim().to_owned();
    Err(if said.is_empty() { format!("it failed ({status})") } else { said })
}

fn wait_until(child: &mut Child, deadline: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            _ => {
                drop(child.kill());
                drop(child.wait());
                return None;
            }
        }
    }
}

fn read_in_thread(from: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(from.take(MAX_OUTPUT).read_to_end(&mut bytes));
        drop(sender.send(bytes));
    });
    receiver
}

/// Runs work in a thread and waits for its result, for calls that cannot be given a time limit.
#[cfg(target_os = "linux")]
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || drop(sender.send(work())));
    receiver.recv_timeout(limit).unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn invocation(programs: &'static [&'static str], args: &[&str]) -> Invocation {
        Invocation { programs, args: args.iter().map(|arg| (*arg).to_owned()).collect(), env: Vec::new() }
    }

    #[test]
    fn arguments_reach_the_program_as_they_are() {
        let hostile = ["$(id)", "a b", "; exit 1", "'\"", "line\nbreak", "--"];
        let mut args = vec!["%s|"];
        args.extend(hostile);
        let printed = run(&invocation(&["no-such-program-here", "printf"], &args)).unwrap();
        assert_eq!(printed, hostile.map(|arg| format!("{arg}|")).concat());
    }

    #[test]
    fn failures_are_explained() {
        let why = |programs, args: &[&str]| run(&invocation(programs, args)).unwrap_err();
        assert_eq!(
            why(&["no-such-program-here", "nor-this"], &[]),
            "no-such-program-here or nor-this is not installed"
        );
        assert!(why(&["false"], &[]).starts_with("false: it failed"));
        assert!(why(&["ls"], &["/no/such/folder"]).contains("/no/such/folder"));
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        let start = Instant::now();
        assert_eq!(run(&invocation(&["sleep"], &["1000"])).unwrap_err(), "sleep: no answer within 2 s");
        assert!(start.elapsed() < LIMIT * 5);
    }
}
