//! Windows Terminal, by its window. Its tabs cannot be selected from outside.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace};

/// Windows Terminal.
pub(super) struct WindowsTerminal;

impl Emulator for WindowsTerminal {
    fn name(&self) -> &'static str {
        "Windows Terminal"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        let pid = nearest(trace, &["WindowsTerminal.exe"])?.pid;
        // The exit code says whether the window was activated. Only the number varies.
        let script = format!("if (-not (New-Object -ComObject WScript.Shell).AppActivate({pid})) {{ exit 1 }}");
        let args = ["-NoProfile", "-NonInteractive", "-Command", &script];
        Ok(Tab::new(Invocation::new(&["powershell.exe"], args), "the window of Windows Terminal".into(), true))
    }
}
