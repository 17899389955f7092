//! Compares what a failed or killed update left with the registry from before it and with the one that a finished
//! update leaves.
//!
//! Guarantees: every entry that the update does not touch is compared byte by byte. In the others only times differ
//! between two runs of an update, and the folder that the test runs in.

use headcount_core::{Number, Registry, time};
use serde_json::Value;

/// The registry before and after a finished run of an update, in an environment of its own.
pub(crate) struct Reference {
    before: String,
    after: String,
}

/// Which of its texts a registry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Before,
    After,
}

impl Reference {
    /// The texts of a run in the folder `root`, which must differ: failures of an update without a change prove nothing.
    pub(crate) fn new(before: &str, after: &str, root: &str, what: &str) -> Self {
        assert_ne!(before, after, "{what} changes nothing");
        Self { before: stable(before, root), after: stable(after, root) }
    }

    /// As [`Self::check`], for a hook into which an error was injected: what it could not read of the system may be
    /// missing in its new entry, and nothing may be wrong there.
    pub(crate) fn check_with_less(&self, text: &str, before: &str, root: &str, when: &str) -> Found {
        let mut complete = text.to_owned();
        let (found, wanted) = (read(text), read(&self.after));
        for entry in found.entries().iter().filter(|entry| !is_same(&read(before), &found, entry.number)) {
            let raw = found.raw_entry(entry.number).unwrap();
            let wanted = wanted.raw_entry(entry.number).unwrap_or_else(|| panic!("{when}: {text}"));
            let parse = |raw: &str| serde_json::from_str::<Value>(&stable(raw, root)).unwrap();
            assert_part_of(&parse(raw), &parse(wanted), when);
            complete = complete.replace(raw, wanted);
        }
        self.check(&complete, before, root, when)
    }

    /// Checks that a registry is completely the one from `before` the update, or completely the one from after it, and
    /// that entries which the update does not touch have their bytes.
    pub(crate) fn check(&self, text: &str, before: &str, root: &str, when: &str) -> Found {
        if text == before {
            return Found::Before;
        }
        assert_eq!(stable(text, root), self.after, "{when}: neither the old text nor the new one");
        let (found, old) = (read(text), read(before));
        let (reference_before, reference_after) = (read(&self.before), read(&self.after));
        for entry in found.entries() {
            let number = entry.number;
            if is_same(&reference_before, &reference_after, number) {
                assert_eq!(found.raw_entry(number), old.raw_entry(number), "{when}: session {number} changed");
            }
        }
        Found::After
    }
}

/// Checks that every entry of one text has the same bytes in another one.
pub(crate) fn assert_entries_kept(before: &str, after: &str, when: &str) {
    let (before, after) = (read(before), read(after));
    for entry in before.entries() {
        assert_eq!(before.raw_entry(entry.number), after.raw_entry(entry.number), "{when}: session {}", entry.number);
    }
}

fn is_same(one: &Registry, other: &Registry, number: Number) -> bool {
    one.raw_entry(number) == other.raw_entry(number)
}

/// Checks that every field of an entry is as wanted. Only what a hook reads from the system may be missing.
fn assert_part_of(entry: &Value, wanted: &Value, when: &str) {
    for (field, wanted) in wanted.as_object().unwrap() {
        match (field.as_str(), &entry[field]) {
            ("claude", Value::Object(facts)) => {
                assert!(facts.iter().all(|(fact, value)| wanted[fact] == *value), "{when}: {entry}");
            }
            ("terminal", found) => assert!(found == wanted || found == "unknown", "{when}: {entry}"),
            (_, found) => assert_eq!(found, wanted, "{when}: {field} of {entry}"),
        }
    }
    assert!(entry.as_object().unwrap().keys().all(|field| wanted.get(field).is_some()), "{when}: {entry}");
}

fn read(text: &str) -> Registry {
    Registry::read(text.as_bytes().to_vec()).unwrap_or_else(|reason| panic!("{reason:?}: {text}"))
}

/// A text without what differs between two runs: times, and the folder of the test.
fn stable(text: &str, root: &str) -> String {
    let is_time = |piece: &&str| time::parse(piece).is_some();
    let pieces = text.split('"').map(|piece| if is_time(&piece) { "a time" } else { piece });
    pieces.collect::<Vec<_>>().join("\"").replace(root, "the folder")
}

#[test]
fn mixed_and_damaged_texts_are_noticed() {
    let entry = |status: &str, at: &str| format!("{{\"status\": \"{status}\", \"registered_at\": \"{at}\"}}");
    let (early, late) = ("2025-11-17T20:00:00Z", "2025-11-17T20:00:01Z");
    let text = |one: &str, two: &str, three: &str| format!("{{\"1\": {one}, \"2\": {two}, \"3\": {three}}}");
    let (active, gone) = (entry("active", early), entry("inactive", early));
    let before = text(&active, &active, &active);
    let reference = Reference::new(&before, &text(&gone, &gone, &active), "/r", "a cleanup");
    let is_accepted = |text: &str| std::panic::catch_unwind(|| reference.check(text, &before, "/r", "then")).ok();
    assert_eq!(is_accepted(&before), Some(Found::Before));
    let touched_later = entry("inactive", late);
    assert_eq!(is_accepted(&text(&touched_later, &gone, &active)), Some(Found::After));
    for (about, wrong) in [
        ("half of the update", text(&gone, &active, &active)),
        ("a lost entry", format!("{{\"1\": {gone}, \"2\": {gone}}}")),
        ("a changed entry that the update does not touch", text(&gone, &gone, &entry("active", late))),
        ("a damaged field", text(&gone, &entry("inactivx", early), &active)),
    ] {
        assert_eq!(is_accepted(&wrong), None, "{about}");
    }
}
