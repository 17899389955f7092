//! Konsole and programs that embed it, by D-Bus.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace, value};

/// Konsole.
pub(super) struct Konsole;

impl Emulator for Konsole {
    fn name(&self) -> &'static str {
        "Konsole"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        nearest(trace, &["konsole", "yakuake"])?;
        let service = trace.variable("KONSOLE_DBUS_SERVICE").filter(|name| value::is_bus_name(name));
        let number = |name, before| {
            trace
                .variable(name)
                .and_then(|path: &str| path.strip_prefix(before))
                .filter(|number| value::is_number(number))
        };
        let session = number("KONSOLE_DBUS_SESSION", "/Sessions/");
        let window = number("KONSOLE_DBUS_WINDOW", "/Windows/");
        let Some(((service, session), window)) = service.zip(session).zip(window) else {
            return Err("Konsole did not say which of its sessions it is (KONSOLE_DBUS_SESSION)".into());
        };
        let method = "org.kde.konsole.Window.setCurrentSession";
        let args = [format!("int32:{session}")];
        let command = Invocation::dbus(trace, service, &format!("/Windows/{window}"), method, &args);
        Ok(Tab::new(command, format!("session {session} of Konsole"), false))
    }
}
