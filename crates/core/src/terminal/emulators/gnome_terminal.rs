//! GNOME Terminal, by the D-Bus interface through which GNOME's search activates one of its tabs.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace, value};

/// GNOME Terminal.
pub(super) struct GnomeTerminal;

impl Emulator for GnomeTerminal {
    fn name(&self) -> &'static str {
        "GNOME Terminal"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        nearest(trace, &["gnome-terminal-"])?;
        let screen = trace.variable("GNOME_TERMINAL_SCREEN");
        let screen = screen.and_then(|path| path.strip_prefix("/org/gnome/Terminal/screen/"));
        let screen = screen.filter(|screen| value::is_uuid(screen, '_'));
        let screen = screen.ok_or("GNOME Terminal did not say which of its tabs it is (GNOME_TERMINAL_SCREEN)")?;
        let args = [format!("string:{}", screen.replace('_', "-")), "array:string:".into(), "uint32:0".into()];
        let method = "org.gnome.Shell.SearchProvider2.ActivateResult";
        let path = "/org/gnome/Terminal/SearchProvider";
        let command = Invocation::dbus(trace, "org.gnome.Terminal", path, method, &args);
        Ok(Tab::new(command, "its tab of GNOME Terminal".into(), false))
    }
}
