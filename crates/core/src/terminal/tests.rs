use super::*;

/// A process with variables.
pub(super) fn process(pid: u32, name: &str, variables: &[(&str, &str)]) -> TracedProcess {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    TracedProcess { pid, name: name.into(), variables: Variables::of(variables) }
}

/// A trace of these processes, the session's first.
pub(super) fn trace(processes: &[TracedProcess]) -> Trace {
    Trace { processes: processes.to_vec(), ..Trace::default() }
}

#[test]
fn unusable_variables_are_ignored() {
    let found = Variables::of([
        ("TMUX".to_owned(), "/tmp/a,1,0".to_owned()),
        ("WINDOWID".to_owned(), String::new()),
        ("DISPLAY".to_owned(), ":0\n".to_owned()),
        ("SWAYSOCK".to_owned(), "/".repeat(MAX_VALUE + 1)),
        ("PATH".to_owned(), "/bin".to_owned()),
    ]);
    let names = ["TMUX", "WINDOWID", "DISPLAY", "SWAYSOCK", "PATH"];
    assert_eq!(names.map(|name| found.get(name)), [Some("/tmp/a,1,0"), None, None, None, None]);
}

#[test]
fn the_desktop_is_that_of_the_terminal() {
    let mut found = trace(&[process(30, "claude", &[]), process(10, "xterm", &[("DISPLAY", ":1")])]);
    found.own =
        Variables::of([("DISPLAY", ":0"), ("XDG_RUNTIME_DIR", "/run/user/0")].map(|(n, v)| (n.into(), v.into())));
    assert_eq!(found.desktop_env(), [("DISPLAY", ":1".to_owned()), ("XDG_RUNTIME_DIR", "/run/user/0".to_owned())]);
    let hostile = [
        ("DISPLAY", "evil.example:0"),
        ("WAYLAND_DISPLAY", "-x"),
        ("DBUS_SESSION_BUS_ADDRESS", "tcp:host=evil.example"),
        ("XDG_RUNTIME_DIR", "relative"),
    ];
    assert_eq!(trace(&[process(30, "claude", &hostile)]).desktop_env(), []);
}

#[test]
fn a_terminal_behind_ssh_is_recognised() {
    let peer = |variables: &[(&str, &str)], daemon: &str| {
        let found =
            trace(&[process(30, "claude", variables), process(20, "bash", variables), process(10, daemon, &[])]);
        found.ssh_peer().map(str::to_owned)
    };
    let connection = [("SSH_CONNECTION", "10.0.0.5 50000 10.0.0.1 22")];
    assert_eq!(peer(&connection, "sshd").as_deref(), Some("10.0.0.5"));
    assert_eq!(peer(&connection, "sshd-session").as_deref(), Some("10.0.0.5"));
    assert_eq!(peer(&[("SSH_CONNECTION", "$(id);x 1")], "sshd").as_deref(), Some(""));
    assert_eq!(peer(&[], "mosh-server").as_deref(), Some(""));
    assert_eq!(peer(&connection, "xterm"), None, "a variable alone may be inherited");
}
