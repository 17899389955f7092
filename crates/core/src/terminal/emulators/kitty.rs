//! kitty, by its remote control.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace, value};

/// kitty (the emulator).
pub(super) struct Kitty;

impl Emulator for Kitty {
    fn name(&self) -> &'static str {
        "kitty"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        let kitty = nearest(trace, &["kitty"])?;
        let id = trace.variable("KITTY_WINDOW_ID").filter(|id| value::is_number(id));
        let id = id.ok_or("kitty did not say which of its windows it is (KITTY_WINDOW_ID)")?;
        if trace.variable("KITTY_PID").is_some_and(|pid| pid != kitty.pid.to_string()) {
            return Err("its variables are of another kitty".into());
        }
        let socket = trace.variable("KITTY_LISTEN_ON");
        let socket =
            socket.ok_or("kitty listens on no socket: set allow_remote_control and listen_on in kitty.conf")?;
        // `unix:/path` or `unix:@name`; kitty over TCP can be another machine's.
        let is_valid = socket
            .strip_prefix("unix:")
            .is_some_and(|path| value::is_absolute(path) || path.strip_prefix('@').is_some_and(value::is_file_name));
        if !is_valid {
            return Err("the socket of kitty is not a local one".into());
        }
        let args = ["@", "--to", socket, "focus-window", "--match", &format!("id:{id}")];
        let command = Invocation { env: trace.desktop_env(), ..Invocation::new(&["kitten", "kitty"], args) };
        // Compositors on Wayland do not let kitty take the focus by itself.
        Ok(Tab::new(command, format!("window {id} of kitty"), false))
    }
}
