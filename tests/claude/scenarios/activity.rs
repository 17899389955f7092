//! What a session is doing, from its record: a permission prompt is seen at once, and so is its answer.

use std::time::Duration;

use headcount_claude::{until, within};

use crate::support::{WORK, installed, start};

/// How soon a permission prompt has to be seen.
const AT_ONCE: Duration = Duration::from_secs(1);

#[test]
fn a_permission_prompt_is_seen_within_a_second_and_so_is_the_end_of_the_turn() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    let activity = || home.status(WORK)["sessions"][0]["activity"].clone();
    client.say("[[bash:touch made]] please");
    client.wait("Do you want to proceed");
    let waiting = within(AT_ONCE, || Some(activity()).filter(|activity| activity["kind"] == "waiting"));
    let waiting = waiting.unwrap_or_else(|| panic!("{} with the record {:?}", activity(), client.record()));
    assert_eq!(waiting["for"], "permission", "{waiting}");
    assert!(waiting["since"].is_string(), "{waiting}");
    assert_eq!(home.status(WORK)["counts"]["waiting"], 1);
    // A dialog ignores keys for about half a second after it appears.
    until("the answer", || {
        client.press("1");
        within(Duration::from_millis(500), || home.at(WORK).join("made").exists().then_some(()))
    });
    until("an idle record", || client.record().filter(|record| record["status"] == "idle"));
    let idle = within(AT_ONCE, || Some(activity()).filter(|activity| activity["kind"] == "idle"));
    assert!(idle.is_some_and(|idle| idle["since"].is_string()), "{} with {:?}", activity(), client.record());
    assert_eq!(home.status(WORK)["counts"]["waiting"], 0);
}
