//! Older versions of the client: those that ignore `args`, set no `CLAUDE_PID`, or write fewer fields into the record.

use std::time::Duration;

use headcount_claude::{Client, Home, binaries, within};
use serde_json::Value;

use crate::support::{WORK, active, add_registry, assert_told, registry, soon, states};

#[test]
fn older_versions_register_are_told_and_sign_off() {
    for (version, claude) in binaries().iter().skip(1) {
        let home = Home::with(claude, &[WORK]);
        add_registry(&home, WORK);
        home.succeed(WORK, &["hooks", "install"]);
        let settings =
            || -> Value { serde_json::from_slice(&std::fs::read(home.at(".claude/settings.json")).unwrap()).unwrap() };
        let installed = settings()["hooks"].clone();
        let client = Client::ready(&home, WORK, &[]);
        client.turn(&home, "first words");
        assert_told(&home, "first words", 1);
        assert_eq!(states(&home), active([1]), "{version}");
        let pid = registry(&home, WORK)["1"]["claude"]["pid"].clone();
        assert_eq!(pid, client.pid(), "{version}");
        home.succeed(WORK, &["reassign", "1", "7"]);
        client.turn(&home, "second words");
        assert_told(&home, "second words", 7);
        client.say("/clear");
        let id = registry(&home, WORK)["7"]["claude"]["session_id"].clone();
        let is_cleared = within(Duration::from_secs(10), || {
            (registry(&home, WORK)["7"]["claude"]["session_id"] != id).then_some(())
        });
        assert!(is_cleared.is_some(), "{version}");
        client.turn(&home, "third words");
        assert_eq!(states(&home), active([7]), "{version}");
        client.say("/exit");
        client.wait_end();
        soon(&home, &[(7, "inactive")]);
        assert_eq!(settings()["hooks"], installed, "{version}");
    }
}
