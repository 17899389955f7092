//! iTerm2 and Terminal on macOS, by AppleScript with the terminal device of the session.
//!
//! The scripts are fixed; the device is an argument of the script.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace, value};

/// iTerm2 and Terminal.
pub(super) struct Apple;

const ITERM: &str = r#"on run argv
  tell application "iTerm2"
    repeat with w in windows
      repeat with t in tabs of w
        repeat with s in sessions of t
          if tty of s is item 1 of argv then
            select w
            select t
            select s
            activate
            return "ok"
          end if
        end repeat
      end repeat
    end repeat
  end tell
  error "no session has this terminal"
end run"#;

const TERMINAL: &str = r#"on run argv
  tell application "Terminal"
    repeat with w in windows
      repeat with t in tabs of w
        if tty of t is item 1 of argv then
          set selected of t to true
          set index of w to 1
          activate
          return "ok"
        end if
      end repeat
    end repeat
  end tell
  error "no tab has this terminal"
end run"#;

impl Emulator for Apple {
    fn name(&self) -> &'static str {
        "AppleScript"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        let (name, script) = match nearest(trace, &["iTerm2", "Terminal"])?.name.as_str() {
            "iTerm2" => ("iTerm2", ITERM),
            _ => ("Terminal", TERMINAL),
        };
        let device = trace.terminal.as_deref().map(|terminal| format!("/dev/{terminal}"));
        let device = device.filter(|device| value::is_device(device)).ok_or("its terminal device is not known")?;
        let command = Invocation::new(&["osascript"], ["-e", script, &device]);
        Ok(Tab::new(command, format!("its tab of {name}"), true))
    }
}
