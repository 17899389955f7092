//! `headcount show` with real terminals: the focus and the panes are seen to change.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;

use headcount_core::terminal::Variables;
use headcount_desktop::fantoccini::key::Key;
use headcount_desktop::{DesktopOptions, Program, Window};
use headcount_engine::ops;
use headcount_engine::process::{Processes as _, SystemProcesses};
use serde_json::{Value, json};

use crate::fixture::{APP, Fixture, WAIT, until};
use crate::page::Page;

/// A name that would do harm in a shell, a format or an option list.
const HOSTILE: &str = "-t'\"$(id);`id`#{q} & x";

/// The command next to the app.
fn headcount() -> PathBuf {
    let command = Path::new(APP).with_file_name("headcount");
    assert!(command.is_file(), "`make desktop` builds {} first", command.display());
    command
}

/// Runs `headcount show` on the desktop.
async fn show(fixture: &Fixture, number: u32) -> Output {
    let mut command = fixture.desktop.command(headcount());
    command.args(fixture.named()).args(["show", &number.to_string(), "--json"]);
    command.output().await.unwrap()
}

/// Shows a session and returns what was shown.
async fn shown(fixture: &Fixture, number: u32) -> String {
    let output = show(fixture, number).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["outcome"], "shown", "{shown}");
    shown["text"].as_str().unwrap().to_owned()
}

/// The shell line that writes its pid into a file and waits, as the process of a session.
fn session(fixture: &Fixture, number: u32) -> String {
    format!("echo $$ >'{}'; exec sleep 100000", pid_file(fixture, number).display())
}

fn pid_file(fixture: &Fixture, number: u32) -> PathBuf {
    fixture.desktop.home().join(format!("session-{number}.pid"))
}

/// Writes a registry of sessions with the processes that wrote their pids.
async fn register(fixture: &Fixture, numbers: std::ops::RangeInclusive<u32>) {
    let mut entries = BTreeMap::new();
    for number in numbers {
        let read = || std::fs::read_to_string(pid_file(fixture, number)).ok()?.trim().parse::<u32>().ok();
        let key = SystemProcesses::new().key(until("the process of a session", read).await).unwrap();
        let claude = json!({ "pid": key.pid, "proc_start": key.started, "pid_domain": key.domain, "boot": key.boot,
            "session_id": format!("31d88d15-0a1b-4c2d-8e3f-{number:012}"), "cwd": "/tmp/it's; $(id)" });
        let entry = json!({ "session_id": format!("session-{number}"), "number": number, "role": HOSTILE, "goal": "",
            "status": "active", "registered_at": "2025-11-15T22:15:00Z", "terminal": HOSTILE, "claude": claude });
        entries.insert(number.to_string(), entry);
    }
    fixture.write(&serde_json::to_string_pretty(&entries).unwrap());
}

/// Starts an xterm that runs a shell line, and waits for its window.
async fn xterm(fixture: &Fixture, title: &str, line: &str) -> (Program, Window) {
    let args = ["-T", title, "-e", "sh", "-c", line].map(OsStr::new);
    let program = fixture.desktop.spawn("xterm", &args, &[]).unwrap();
    let window = fixture.desktop.window_titled(title, WAIT).await.unwrap();
    (program, window)
}

/// Runs tmux with a server of this test and returns its output.
async fn tmux(fixture: &Fixture, args: &[&str]) -> String {
    let mut command = fixture.desktop.command("tmux");
    command.args(["-f", "/dev/null", "-S"]).arg(socket(fixture)).args(args);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A socket in a path with spaces, quotes and a comma.
fn socket(fixture: &Fixture) -> PathBuf {
    fixture.desktop.home().join("-S a, b;'$(id)")
}

/// The session, window and pane that a client shows.
async fn client(fixture: &Fixture, pid: u32) -> String {
    let format = "#{client_pid} #{session_name} #{window_index} #{pane_index}";
    let clients = tmux(fixture, &["list-clients", "-F", format]).await;
    let own = clients.lines().find_map(|line| line.strip_prefix(&format!("{pid} ")).map(str::to_owned));
    own.unwrap_or_else(|| panic!("no client {pid}: {clients}"))
}

/// The pid of the client in a session of tmux, once it is attached.
async fn attached(fixture: &Fixture, session: &str) -> u32 {
    let target = format!("={session}");
    loop {
        let list = tmux(fixture, &["list-clients", "-t", &target, "-F", "#{client_pid}"]).await;
        if let Ok(pid) = list.parse() {
            return pid;
        }
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
    }
}

#[tokio::test]
async fn the_window_of_an_xterm_gets_the_focus() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let (_first, one) = xterm(&fixture, HOSTILE, &session(&fixture, 1)).await;
    let (mut second, two) = xterm(&fixture, "two", &session(&fixture, 2)).await;
    register(&fixture, 1..=2).await;
    for (number, window) in [(1, &one), (2, &two), (1, &one)] {
        assert_eq!(shown(&fixture, number).await, "xterm");
        fixture.desktop.window_active(window, WAIT).await.unwrap();
        // A wait in the terminal that a person looks at is not announced.
        let focused = [1, 2].map(|each| ops::has_focus(&fixture.workspace(), each, Variables::default()));
        assert_eq!(focused, [number == 1, number == 2]);
    }
    // Its process ends with its terminal. Then there is a command to go on with.
    second.terminate(WAIT).await.unwrap();
    fixture.desktop.window_gone(&two, WAIT).await.unwrap();
    let output = until_ended(&fixture, 2).await;
    assert_eq!(output.status.code(), Some(1));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["outcome"], "not_running", "{result}");
    let command = r"cd '/tmp/it'\''s; $(id)' && claude --resume 31d88d15-0a1b-4c2d-8e3f-000000000002";
    assert_eq!(result["command"], command, "{result}");
}

/// The result for a session, once its process has ended.
async fn until_ended(fixture: &Fixture, number: u32) -> Output {
    let pid = std::fs::read_to_string(pid_file(fixture, number)).unwrap().trim().parse().unwrap();
    fixture.ended(pid).await;
    show(fixture, number).await
}

#[tokio::test]
async fn the_right_pane_of_tmux_is_shown_in_the_right_terminal() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    // Session "main": windows 0, 1 and 2, the last with two panes. Session "other": one window.
    let line = |number| session(&fixture, number);
    tmux(&fixture, &["new-session", "-d", "-s", "main", &line(1)]).await;
    tmux(&fixture, &["new-window", "-t", "=main:", "-n", HOSTILE, &line(2)]).await;
    tmux(&fixture, &["new-window", "-t", "=main:", &line(3)]).await;
    tmux(&fixture, &["split-window", "-t", "=main:2", &line(4)]).await;
    tmux(&fixture, &["new-session", "-d", "-s", "other", &line(5)]).await;
    register(&fixture, 1..=5).await;

    // Detached: there is a command to attach with.
    let detached = show(&fixture, 2).await;
    let result: Value = serde_json::from_slice(&detached.stdout).unwrap();
    assert_eq!((detached.status.code(), &result["outcome"]), (Some(1), &json!("not_shown")), "{result}");
    assert!(result["command"].as_str().unwrap().ends_with(" attach-session -t '$0'"), "{result}");

    let attach = |name: &str| format!("exec tmux -S \"$SOCKET\" attach -t {name}");
    let socket = socket(&fixture);
    let terminal = async |title: &str, name: &str| {
        let attach = attach(name);
        let args = ["-T", title, "-e", "sh", "-c", &attach].map(OsStr::new);
        let program = fixture.desktop.spawn("xterm", &args, &[("SOCKET", socket.as_os_str())]).unwrap();
        let window = fixture.desktop.window_titled(title, WAIT).await.unwrap();
        (program, window, attached(&fixture, name).await)
    };
    let (_main, main, main_client) = terminal("for main", "main").await;
    let (_other, other, other_client) = terminal("for other", "other").await;
    for (number, place) in [(1, "0 0"), (4, "2 1"), (2, "1 0"), (3, "2 0")] {
        let (window, pane) = place.split_once(' ').unwrap();
        let wanted = format!("tmux: session main, window {window}, pane {pane} in xterm");
        assert_eq!(shown(&fixture, number).await, wanted);
        fixture.desktop.window_active(&main, WAIT).await.unwrap();
        assert_eq!(client(&fixture, main_client).await, format!("main {place}"));
        assert_eq!(client(&fixture, other_client).await, "other 0 0", "the other client stays where it is");
        assert_eq!(shown(&fixture, 5).await, "tmux: session other, window 0, pane 0 in xterm");
        fixture.desktop.window_active(&other, WAIT).await.unwrap();
    }

    // If no client shows the session, the one that was used last switches to it.
    tmux(&fixture, &["detach-client", "-s", "=main"]).await;
    fixture.desktop.window_gone(&main, WAIT).await.unwrap();
    assert_eq!(shown(&fixture, 2).await, "tmux: session main, window 1, pane 0 in xterm");
    assert_eq!(client(&fixture, other_client).await, "main 1 0");
    fixture.desktop.window_active(&other, WAIT).await.unwrap();
    tmux(&fixture, &["kill-server"]).await;
}

#[tokio::test]
async fn enter_and_a_double_click_on_a_running_row_show_its_terminal() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let (_first, one) = xterm(&fixture, "one", &session(&fixture, 1)).await;
    let (_second, two) = xterm(&fixture, "two", &session(&fixture, 2)).await;
    register(&fixture, 1..=2).await;
    let page = Page::open(&fixture, "--window").await;
    let row = |number: u32| format!(".row[data-number='{number}'] .row-button");
    page.until("document.querySelectorAll('.row').length === 2").await;
    page.value(&format!("document.querySelector(\"{}\").focus()", row(1))).await;
    page.press(&[], &[Key::Enter.into()]).await;
    fixture.desktop.window_active(&one, WAIT).await.unwrap();
    let double_click = "dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))";
    page.value(&format!("document.querySelector(\"{}\").{double_click}", row(2))).await;
    fixture.desktop.window_active(&two, WAIT).await.unwrap();
    page.close().await;
}
