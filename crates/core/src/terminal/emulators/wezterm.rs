//! WezTerm, by its command line.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace, value};

/// WezTerm.
pub(super) struct WezTerm;

impl Emulator for WezTerm {
    fn name(&self) -> &'static str {
        "WezTerm"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        nearest(trace, &["wezterm-gui", "wezterm-gui.exe"])?;
        let pane = trace.variable("WEZTERM_PANE").filter(|pane| value::is_number(pane));
        let pane = pane.ok_or("WezTerm did not say which of its panes it is (WEZTERM_PANE)")?;
        let args = ["cli", "activate-pane", "--pane-id", pane];
        let mut command = Invocation { env: trace.desktop_env(), ..Invocation::new(&["wezterm"], args) };
        if let Some(socket) = trace.variable("WEZTERM_UNIX_SOCKET").filter(|socket| value::is_absolute(socket)) {
            command.env.push(("WEZTERM_UNIX_SOCKET", socket.to_owned()));
        }
        Ok(Tab::new(command, format!("pane {pane} of WezTerm"), false))
    }
}
