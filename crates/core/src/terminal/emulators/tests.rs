use super::*;
use crate::terminal::tests::{process, trace};

const SCREEN: &str = "/org/gnome/Terminal/screen/0f5d0a9c_1c1b_4a0e_9a57_aaaaaaaaaaaa";

/// The result of the only emulator that accepts a trace.
fn shown(trace: &Trace) -> Result<(&'static str, Tab), Vec<(&'static str, String)>> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for emulator in ALL {
        match emulator.tab(trace) {
            Ok(tab) => found.push((emulator.name(), tab)),
            Err(why) => refused.push((emulator.name(), why)),
        }
    }
    assert!(found.len() <= 1, "{found:?}");
    found.pop().ok_or(refused)
}

/// A session below a shell in an emulator, with these variables.
fn below(emulator: &str, variables: &[(&str, &str)]) -> Trace {
    let mut found =
        trace(&[process(30, "claude", variables), process(20, "bash", variables), process(10, emulator, &[])]);
    found.folder = Some("/home/a/it's; $(id)".into());
    found.terminal = Some("ttys003".into());
    found
}

type Variables<'a> = &'a [(&'a str, &'a str)];

#[test]
fn each_emulator_has_its_command() {
    let kitty = [("KITTY_PID", "10"), ("KITTY_WINDOW_ID", "3"), ("KITTY_LISTEN_ON", "unix:/tmp/a b;$(id)")];
    let konsole = [
        ("KONSOLE_DBUS_SERVICE", ":1.53"),
        ("KONSOLE_DBUS_SESSION", "/Sessions/14"),
        ("KONSOLE_DBUS_WINDOW", "/Windows/1"),
    ];
    let cases: [(&str, Variables<'_>, &str, &str); 7] = [
        ("kitty", &kitty, "kitty", "@|--to|unix:/tmp/a b;$(id)|focus-window|--match|id:3"),
        ("wezterm-gui", &[("WEZTERM_PANE", "7")], "WezTerm", "cli|activate-pane|--pane-id|7"),
        ("konsole", &konsole, "Konsole", "--dest=:1.53|/Windows/1|org.kde.konsole.Window.setCurrentSession|int32:14"),
        (
            "gnome-terminal-",
            &[("GNOME_TERMINAL_SCREEN", SCREEN)],
            "GNOME Terminal",
            "/org/gnome/Terminal/SearchProvider|org.gnome.Shell.SearchProvider2.ActivateResult|string:0f5d0a9c-1c1b-4a0e-9a57-aaaaaaaaaaaa|array:string:|uint32:0",
        ),
        ("code", &[], "VS Code", "/home/a/it's; $(id)"),
        ("pycharm", &[], "JetBrains", "/home/a/it's; $(id)"),
        ("WindowsTerminal.exe", &[], "Windows Terminal", "AppActivate(10)) { exit 1 }"),
    ];
    for (emulator, variables, name, args) in cases {
        let (found, tab) = shown(&below(emulator, variables)).unwrap();
        assert_eq!(found, name);
        let joined = tab.commands[0].args.join("|");
        assert!(joined.ends_with(args), "{joined}");
    }
    for (emulator, of) in [("iTerm2", "iTerm2"), ("Terminal", "Terminal")] {
        let (name, tab) = shown(&below(emulator, &[])).unwrap();
        let args = &tab.commands[0].args;
        assert_eq!((name, args.len(), args[2].as_str()), ("AppleScript", 3, "/dev/ttys003"));
        assert!(args[1].contains(&format!("application \"{of}\"")));
    }
}

#[test]
fn variables_of_another_emulator_are_not_used() {
    // A terminal that was started from a shell in kitty.
    let kitty = [("KITTY_PID", "5"), ("KITTY_WINDOW_ID", "3"), ("KITTY_LISTEN_ON", "unix:/tmp/k")];
    let nested = trace(&[
        process(30, "claude", &kitty),
        process(10, "xterm", &kitty),
        process(7, "bash", &kitty),
        process(5, "kitty", &[]),
    ]);
    let refused = shown(&nested).unwrap_err();
    assert!(refused.iter().all(|(_, why)| why == "it runs in xterm"), "{refused:?}");
    // Another kitty that was started from the first one keeps its own pid.
    let other = trace(&[process(30, "claude", &kitty), process(10, "kitty", &kitty), process(5, "kitty", &[])]);
    assert_eq!(shown(&other).unwrap_err()[0], ("kitty", "its variables are of another kitty".into()));
    let none = shown(&trace(&[process(30, "claude", &kitty)])).unwrap_err();
    assert!(none.iter().all(|(_, why)| why.contains("no terminal program")), "{none:?}");
}

#[test]
fn hostile_values_are_refused() {
    let kitty = |id, to| below("kitty", &[("KITTY_PID", "10"), ("KITTY_WINDOW_ID", id), ("KITTY_LISTEN_ON", to)]);
    let konsole = |service, session| {
        let window = ("KONSOLE_DBUS_WINDOW", "/Windows/1");
        below("konsole", &[("KONSOLE_DBUS_SERVICE", service), ("KONSOLE_DBUS_SESSION", session), window])
    };
    let mut cases = vec![
        kitty("1 or all", "unix:/tmp/k"),
        kitty("-1", "unix:/tmp/k"),
        kitty("1", "tcp:evil.example:1"),
        kitty("1", "unix:relative"),
        kitty("1", "fd:3"),
        below("kitty", &[("KITTY_WINDOW_ID", "1")]),
        below("wezterm-gui", &[("WEZTERM_PANE", "--help")]),
        below("wezterm-gui", &[]),
        konsole("--system", "/Sessions/1"),
        konsole(":1.2", "/Sessions/../x"),
        below("gnome-terminal-", &[("GNOME_TERMINAL_SCREEN", "/org/gnome/Terminal/screen/x")]),
    ];
    let mut relative = below("code", &[]);
    relative.folder = Some("--install-extension".into());
    let mut device = below("iTerm2", &[]);
    device.terminal = Some("../etc; x".into());
    cases.extend([relative, device]);
    for case in cases {
        assert!(shown(&case).is_err(), "{case:?}");
    }
}
