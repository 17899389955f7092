//! KWin, by a script that is loaded over D-Bus.
//!
//! KWin takes scripts as files only. The script contains pids and nothing else that varies.

use crate::terminal::emulators;
use crate::terminal::{Invocation, Trace, value};

/// The service of KWin on the session bus.
const KWIN: &str = "org.kde.KWin";

/// Whether KWin is in use.
///
/// # Errors
///
/// Why it is not.
pub fn check(trace: &Trace) -> Result<(), String> {
    let desktop = trace.desktop_variable("XDG_CURRENT_DESKTOP").unwrap_or_default();
    if desktop.split(':').any(|name| name == "KDE") { Ok(()) } else { Err("KWin does not run here".into()) }
}

/// The script that gives the focus to the window of the nearest process that has one. Since Plasma 6 the names are
/// others.
#[must_use]
pub fn script(trace: &Trace) -> String {
    let pids: Vec<String> = trace.processes.iter().map(|process| process.pid.to_string()).collect();
    format!(
        "const windows = workspace.windowList ? workspace.windowList() : workspace.clientList();\n\
         const found = [{}].map((pid) => windows.find((w) => w.pid === pid)).find((w) => w);\n\
         if (found) {{\n  found.minimized = false;\n\
         \x20 if (workspace.windowList) workspace.activeWindow = found; else workspace.activeClient = found;\n}}\n",
        pids.join(", ")
    )
}

/// Loads a script under a name. Prints the script's number.
#[must_use]
pub fn load(trace: &Trace, path: &str, name: &str) -> Invocation {
    let args = [format!("string:{path}"), format!("string:{name}")];
    Invocation::dbus(trace, KWIN, "/Scripting", "org.kde.kwin.Scripting.loadScript", &args)
}

/// The number of a loaded script, from the output of [`load`].
#[must_use]
pub fn number(output: &str) -> Option<&str> {
    output.trim().strip_prefix("int32").map(str::trim).filter(|number| value::is_number(number))
}

/// Runs a loaded script: at the paths of Plasma 6 and of Plasma 5.
#[must_use]
pub fn run(trace: &Trace, number: &str) -> [Invocation; 2] {
    let call = |path: String| Invocation::dbus(trace, KWIN, &path, "org.kde.kwin.Script.run", &[]);
    [call(format!("/Scripting/Script{number}")), call(format!("/{number}"))]
}

/// Unloads a script.
#[must_use]
pub fn unload(trace: &Trace, name: &str) -> Invocation {
    let args = [format!("string:{name}")];
    Invocation::dbus(trace, KWIN, "/Scripting", "org.kde.kwin.Scripting.unloadScript", &args)
}

/// What was shown. KWin does not report whether the script found a window.
#[must_use]
pub fn text(trace: &Trace) -> String {
    let name = emulators::process(trace).map_or("its window", |process| process.name.as_str());
    format!("{} (asked KWin)", crate::view::text::messages::plain(name, 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::tests::{process, trace};

    #[test]
    fn the_script_contains_pids_only() {
        let found =
            trace(&[process(30, "\"); evil(\"", &[]), process(20, "konsole", &[("XDG_CURRENT_DESKTOP", "KDE")])]);
        assert!(check(&found).is_ok() && check(&trace(&[])).is_err());
        let text = script(&found);
        assert!(text.contains("[30, 20]") && !text.contains("evil"), "{text}");
    }

    #[test]
    fn calls_use_the_number_that_kwin_printed() {
        assert_eq!((number("   int32 3\n"), number("int32 -1"), number("string x")), (Some("3"), None, None));
        let found = trace(&[]);
        let [new, old] = run(&found, "3");
        assert_eq!(new.args[4..], ["--dest=org.kde.KWin", "/Scripting/Script3", "org.kde.kwin.Script.run"]);
        assert_eq!(old.args[5], "/3");
        assert_eq!(
            load(&found, "/tmp/a b", "n").args[6..],
            ["org.kde.kwin.Scripting.loadScript", "string:/tmp/a b", "string:n"]
        );
        assert_eq!(unload(&found, "n").args.last().unwrap(), "string:n");
    }
}
