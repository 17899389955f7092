//! Hyprland, by `hyprctl`.

use serde_json::Value;

use super::Window;
use crate::terminal::{Invocation, Trace, value};

/// The program.
const HYPRCTL: &[&str] = &["hyprctl"];

/// The instance of the compositor.
///
/// # Errors
///
/// Why Hyprland is not in use.
pub fn instance(trace: &Trace) -> Result<String, String> {
    let instance = trace.desktop_variable("HYPRLAND_INSTANCE_SIGNATURE").filter(|text| value::is_file_name(text));
    instance.map(str::to_owned).ok_or_else(|| "Hyprland does not run here".into())
}

/// Lists all windows.
#[must_use]
pub fn list(instance: &str) -> Invocation {
    Invocation::new(HYPRCTL, ["-i", instance, "-j", "clients"])
}

/// Gives a window the focus: the ways of the versions before and since 0.55, where actions are Lua. One of them prints
/// `ok`; the other one changes nothing.
#[must_use]
pub fn focus(instance: &str, address: &str) -> [Invocation; 2] {
    let dispatch = |args: &[&str]| Invocation::new(HYPRCTL, ["-i", instance, "dispatch"].iter().chain(args).copied());
    let lua = format!("hl.dsp.focus({{ window = \"address:{address}\" }})");
    [dispatch(&["focuswindow", &format!("address:{address}")]), dispatch(&[&lua])]
}

/// Parses the list of windows. Items without a valid address or pid are skipped.
#[must_use]
pub fn windows(output: &str) -> Vec<Window<String>> {
    let Ok(Value::Array(items)) = serde_json::from_str::<Value>(output) else { return Vec::new() };
    let window = |item: &Value| {
        let pid = u32::try_from(item.get("pid")?.as_u64()?).ok()?;
        let id = item.get("address")?.as_str().filter(|address| value::is_hex(address))?.to_owned();
        Some(Window { pid, id })
    };
    items.iter().filter_map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_addresses_are_used() {
        let list = r#"[{"address":"0x55d5f0a1","pid":20,"title":"\"; exit"},{"address":"0x1\" })","pid":21},{"address":"0x2","pid":-1},{"pid":3},7]"#;
        assert_eq!(windows(list), [Window { pid: 20, id: "0x55d5f0a1".into() }]);
        assert_eq!(windows("{}"), []);
        assert_eq!(windows("x"), []);
    }

    #[test]
    fn commands_are_argument_vectors() {
        let [old, new] = focus("abc_1_2", "0x55d5f0a1");
        assert_eq!(old.args, ["-i", "abc_1_2", "dispatch", "focuswindow", "address:0x55d5f0a1"]);
        assert_eq!(new.args, ["-i", "abc_1_2", "dispatch", "hl.dsp.focus({ window = \"address:0x55d5f0a1\" })"]);
        assert_eq!(list("abc_1_2").args, ["-i", "abc_1_2", "-j", "clients"]);
    }
}
