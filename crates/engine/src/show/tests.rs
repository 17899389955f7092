use std::cell::RefCell;

use headcount_core::terminal::Invocation;

use super::*;

/// Programs with fixed outputs, by the words of their arguments.
#[derive(Default)]
struct Fake {
    outputs: Vec<(&'static str, Result<&'static str, &'static str>)>,
    traces: Vec<Trace>,
    ran: RefCell<Vec<String>>,
}

impl Tools for Fake {
    fn run(&self, invocation: &Invocation) -> Result<String, String> {
        let line = format!("{} {}", invocation.programs[0], invocation.args.join(" "));
        let found = self.outputs.iter().find(|(words, _)| line.contains(words));
        self.ran.borrow_mut().push(line);
        found.map_or(Err("not expected".into()), |(_, output)| output.map(str::to_owned).map_err(str::to_owned))
    }

    fn trace(&self, pid: u32) -> Option<Trace> {
        self.traces.iter().find(|trace| trace.processes[0].pid == pid).cloned()
    }
}

/// A process's pid, name and environment.
type FakeProcess<'a> = (u32, &'a str, &'a [(&'a str, &'a str)]);

fn trace(processes: &[FakeProcess<'_>]) -> Trace {
    let process = |(pid, name, variables): &FakeProcess<'_>| TracedProcess {
        pid: *pid,
        name: (*name).to_owned(),
        variables: Variables::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))),
    };
    Trace { processes: processes.iter().map(process).collect(), ..Trace::default() }
}

fn shown(trace: Trace, fake: &Fake) -> ShowResult {
    let mut shown = ShowResult::new(5, ShowOutcome::NotShown, "");
    show(trace, fake, &mut shown);
    shown
}

const IN_TMUX: &[(&str, &str)] = &[("TMUX", "/tmp/t,10,0")];
const SWAY: &[(&str, &str)] = &[("SWAYSOCK", "/run/sway")];
const PANE: (&str, Result<&str, &str>) = ("list-panes", Ok("20 %5 @3 $1 2 1 1 main\n"));

fn session_in_tmux() -> Trace {
    trace(&[(30, "claude", IN_TMUX), (20, "bash", IN_TMUX), (10, "tmux: server", &[])])
}

#[test]
fn a_pane_is_selected_before_the_window_of_its_client_is_shown() {
    let fake = Fake {
        outputs: vec![
            PANE,
            ("list-clients", Ok("40 $1 100 0 /dev/pts/1\n")),
            ("select-", Ok("")),
            ("get_tree", Ok(r#"{"nodes":[{"id":7,"pid":41}]}"#)),
            ("[con_id=7] focus", Ok("")),
        ],
        traces: vec![trace(&[(40, "tmux: client", &[]), (41, "foot", SWAY)])],
        ..Fake::default()
    };
    let found = shown(session_in_tmux(), &fake);
    assert_eq!(
        (found.outcome, found.text.as_str()),
        (ShowOutcome::Shown, "tmux: session main, window 2, pane 1 in foot")
    );
    let ran = fake.ran.borrow();
    let order: Vec<&str> = ["select-window", "select-pane", "get_tree", "focus"]
        .into_iter()
        .filter(|word| ran.iter().any(|line| line.contains(word)))
        .collect();
    assert_eq!(order, ["select-window", "select-pane", "get_tree", "focus"], "{ran:?}");
}

#[test]
fn a_detached_session_offers_to_attach() {
    let fake = Fake { outputs: vec![PANE, ("list-clients", Ok(""))], ..Fake::default() };
    let found = shown(session_in_tmux(), &fake);
    assert_eq!(found.outcome, ShowOutcome::NotShown);
    assert_eq!(found.text, "tmux: session main, window 2, pane 1 is detached: no terminal shows it");
    assert_eq!(found.command.as_deref(), Some("tmux -S /tmp/t attach-session -t '$1'"));
}

#[test]
fn a_terminal_behind_ssh_is_named_and_not_searched_for() {
    let ssh: &[(&str, &str)] = &[("SSH_CONNECTION", "10.0.0.5 1 10.0.0.1 22"), ("SWAYSOCK", "/run/sway")];
    let fake = Fake {
        outputs: vec![PANE, ("list-clients", Ok("40 $1 100 0 /dev/pts/1\n")), ("select-", Ok(""))],
        traces: vec![trace(&[(40, "tmux: client", ssh), (41, "bash", ssh), (42, "sshd", &[])])],
        ..Fake::default()
    };
    let found = shown(session_in_tmux(), &fake);
    assert_eq!(found.outcome, ShowOutcome::Elsewhere);
    assert_eq!(found.text, "tmux: session main, window 2, pane 1: its terminal is on 10.0.0.5, connected through SSH");
    let plain = shown(trace(&[(30, "claude", ssh), (20, "bash", ssh), (10, "sshd-session", &[])]), &Fake::default());
    assert_eq!(plain.text, "its terminal is on 10.0.0.5, connected through SSH");
}

#[test]
fn every_strategy_says_why_it_did_not_apply() {
    let found = shown(trace(&[(30, "claude", &[]), (20, "bash", &[])]), &Fake::default());
    assert_eq!(found.outcome, ShowOutcome::NotShown);
    assert!(found.text.contains("no terminal"), "{found:?}");
    let names: Vec<&str> = found.tried.iter().map(|tried| tried.with.as_str()).collect();
    for name in [
        "tmux",
        "GNU screen",
        "kitty",
        "WezTerm",
        "Konsole",
        "GNOME Terminal",
        "VS Code",
        "JetBrains",
        "sway",
        "Hyprland",
        "KWin",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(found.tried.iter().all(|tried| !tried.why.is_empty()), "{found:?}");
}

#[test]
fn a_selected_tab_without_a_window_is_not_called_shown() {
    let variables: &[(&str, &str)] = &[("KITTY_WINDOW_ID", "3"), ("KITTY_LISTEN_ON", "unix:/tmp/k")];
    let fake = Fake { outputs: vec![("focus-window", Ok(""))], ..Fake::default() };
    let found = shown(trace(&[(30, "claude", variables), (20, "kitty", &[])]), &fake);
    assert_eq!(found.outcome, ShowOutcome::NotShown);
    assert_eq!(found.text, "window 3 of kitty is selected, but its window could not be raised");
}

#[test]
fn hyprland_of_both_kinds_is_asked() {
    let instance: &[(&str, &str)] = &[("HYPRLAND_INSTANCE_SIGNATURE", "a_1")];
    let fake = Fake {
        outputs: vec![
            ("clients", Ok(r#"[{"pid":20,"address":"0x1f"}]"#)),
            ("focuswindow", Ok("error: expected an expression")),
            ("hl.dsp.focus", Ok("ok\n")),
        ],
        ..Fake::default()
    };
    let found = shown(trace(&[(30, "claude", instance), (20, "alacritty", &[])]), &fake);
    assert_eq!((found.outcome, found.text.as_str()), (ShowOutcome::Shown, "alacritty"));
}

#[test]
fn kwin_runs_a_script_and_forgets_it() {
    let kde: &[(&str, &str)] = &[("XDG_CURRENT_DESKTOP", "KDE")];
    let fake = Fake {
        outputs: vec![
            ("loadScript", Ok("   int32 4\n")),
            ("/Scripting/Script4 ", Err("no such object")),
            ("/4 org.kde.kwin.Script.run", Ok("")),
            ("unloadScript", Ok("")),
        ],
        ..Fake::default()
    };
    let found = shown(trace(&[(30, "claude", kde), (20, "alacritty", &[])]), &fake);
    assert_eq!((found.outcome, found.text.as_str()), (ShowOutcome::Shown, "alacritty (asked KWin)"));
    let ran = fake.ran.borrow();
    assert!(ran.last().unwrap().contains("unloadScript"), "{ran:?}");
}
