//! Runs the command under strace, to see what it does in which order.

use std::io::Write as _;
use std::process::Stdio;

use crate::environment::Environment;

/// Runs the command, which must succeed, and returns the system calls named in `calls`, with paths in place of
/// descriptors; `None` without strace.
pub(crate) fn log(
    env: &Environment,
    calls: &str,
    args: &[&str],
    variables: &[(&str, &str)],
    input: &str,
) -> Option<Vec<String>> {
    let path = env.root().join("calls");
    let mut strace = env.program("strace");
    strace.args(["-f", "-y", "-s", "200", "-e", &format!("trace={calls}"), "-o"]).arg(&path);
    strace.arg(env!("CARGO_BIN_EXE_headcount")).args(args).envs(variables.iter().copied());
    let mut child = strace.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let lines: Vec<String> = std::fs::read_to_string(path).ok()?.lines().map(str::to_owned).collect();
    if lines.len() < 2 {
        return None;
    }
    assert!(output.status.success(), "{args:?}: {output:?}");
    Some(lines)
}

/// Whether strace can be used.
pub(crate) fn is_here(env: &Environment) -> bool {
    let mut strace = env.program("strace");
    strace.args(["-o", "/dev/null", "true"]).output().is_ok_and(|output| output.status.success())
}

/// The name of the call in a line.
pub(crate) fn call(line: &str) -> &str {
    line.split_whitespace().nth(1).and_then(|rest| rest.split_once('(')).map_or("", |(name, _)| name)
}

/// The result of the call in a line, if it is a number.
pub(crate) fn result(line: &str) -> Option<i64> {
    line.rsplit_once(" = ")?.1.split([' ', '<']).next()?.parse().ok()
}
