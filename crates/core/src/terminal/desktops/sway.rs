//! sway (and i3 with the same messages), by `swaymsg`.

use serde_json::Value;

use super::Window;
use crate::terminal::{Invocation, Trace, value};

/// Maximum depth of the tree.
const MAX_DEPTH: usize = 64;

/// The environment of commands: the socket of the compositor.
///
/// # Errors
///
/// Why sway is not in use.
pub fn socket(trace: &Trace) -> Result<String, String> {
    let socket = trace.desktop_variable("SWAYSOCK").filter(|socket| value::is_absolute(socket));
    socket.map(str::to_owned).ok_or_else(|| "sway does not run here".into())
}

/// Lists all windows.
#[must_use]
pub fn list(socket: &str) -> Invocation {
    Invocation::new(&["swaymsg"], ["-s", socket, "-r", "-t", "get_tree"])
}

/// Gives a window the focus. sway switches to its workspace.
#[must_use]
pub fn focus(socket: &str, id: i64) -> Invocation {
    Invocation::new(&["swaymsg"], ["-s", socket, &format!("[con_id={id}]"), "focus"])
}

/// Parses the tree of windows. Nodes without an id or a pid are skipped.
#[must_use]
pub fn windows(output: &str) -> Vec<Window<i64>> {
    let mut found = Vec::new();
    if let Ok(tree) = serde_json::from_str::<Value>(output) {
        collect(&tree, 0, &mut found);
    }
    found
}

fn collect(node: &Value, depth: usize, found: &mut Vec<Window<i64>>) {
    let pid = node.get("pid").and_then(Value::as_u64).and_then(|pid| u32::try_from(pid).ok());
    let id = node.get("id").and_then(Value::as_i64).filter(|id| *id > 0);
    found.extend(pid.zip(id).map(|(pid, id)| Window { pid, id }));
    if depth == MAX_DEPTH {
        return;
    }
    for children in ["nodes", "floating_nodes"].iter().filter_map(|name| node.get(name)?.as_array()) {
        for child in children {
            collect(child, depth + 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::desktops::{text, windows_of};
    use crate::terminal::tests::{process, trace};

    #[test]
    fn windows_are_found_at_every_depth() {
        let tree = r#"{"id":1,"type":"root","nodes":[{"id":2,"nodes":[{"id":5,"pid":20,"name":"\"; exit"},{"id":"x","pid":21},
            {"id":-3,"pid":22}],"floating_nodes":[{"id":7,"pid":23,"nodes":[]}]}]}"#;
        assert_eq!(windows(tree), [Window { pid: 20, id: 5 }, Window { pid: 23, id: 7 }]);
        for odd in ["", "[]", "{", "null", r#"{"nodes":3}"#] {
            assert_eq!(windows(odd), [], "{odd}");
        }
        let found = trace(&[process(30, "claude", &[]), process(20, "foot", &[]), process(23, "sway", &[])]);
        assert_eq!(windows_of(&found, &windows(tree)), Some(("foot", vec![&5])), "the nearest one");
        assert_eq!(windows_of::<i64>(&found, &[]), None);
        assert_eq!((text("foot", 2, false), text("foot", 2, true)), ("one of 2 windows of foot".into(), "foot".into()));
    }

    #[test]
    fn commands_have_the_socket_and_a_number() {
        assert_eq!(focus("/run/a b;x", 5).args, ["-s", "/run/a b;x", "[con_id=5]", "focus"]);
        assert_eq!(list("/run/s").args, ["-s", "/run/s", "-r", "-t", "get_tree"]);
        let socket_of = |variables: &[(&str, &str)]| socket(&trace(&[process(30, "claude", variables)]));
        let with = |socket| socket_of(&[("SWAYSOCK", socket)]);
        assert_eq!(with("/run/user/0/sway-ipc.0.1.sock").as_deref(), Ok("/run/user/0/sway-ipc.0.1.sock"));
        assert!(with("relative").is_err() && with("-s").is_err() && socket_of(&[]).is_err());
    }
}
