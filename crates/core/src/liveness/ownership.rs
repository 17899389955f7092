//! Ownership of heartbeats: which entries a heartbeat belongs to.
//!
//! Guarantees: ids are compared exactly and literally, never as patterns; implements every rule of protocol §4 "Whose
//! beat" and "After a reassignment". Does not consider times: an entry counts as active by its status alone, so that
//! the owner of a heartbeat never depends on that heartbeat.

use std::collections::HashMap;

use crate::registry::{Class, Entry, Registry};

/// The heartbeat ids of a registry's entries. Entries are identified by their index in [`Registry::entries`].
#[derive(Clone, Debug, Default)]
pub struct Ownership {
    owners: HashMap<String, Vec<usize>>,
    ids: Vec<Vec<String>>,
    folded: HashMap<String, usize>,
    shared: Vec<bool>,
}

impl Ownership {
    /// Computes the owners of all ids.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let entries = registry.entries();
        let mut owners: HashMap<String, Vec<usize>> = HashMap::with_capacity(2 * entries.len());
        for (at, entry) in entries.iter().enumerate() {
            owners.entry(entry.session_id.clone()).or_default().push(at);
        }
        let shared =
            entries.iter().map(|entry| owners.get(&entry.session_id).is_some_and(|all| all.len() > 1)).collect();
        for (at, entry) in entries.iter().enumerate() {
            // `session-<number>` belongs to the entry with that key, unless another entry has it as its id.
            owners.entry(numbered(entry.number)).or_insert_with(|| vec![at]);
        }
        for (id, former) in former_holders(entries) {
            let held = owners.get(&id).is_some_and(|all| all.iter().any(|at| is_active(entries, *at)));
            if !held {
                owners.insert(id, vec![former]);
            }
        }
        let mut ids = vec![Vec::new(); entries.len()];
        let mut folded = HashMap::with_capacity(owners.len());
        for (id, all) in &owners {
            for at in all {
                if let Some(own_ids) = ids.get_mut(*at) {
                    own_ids.push(id.clone());
                }
                folded.insert(fold(id), *at);
            }
        }
        for own_ids in &mut ids {
            own_ids.sort_unstable();
        }
        Self { owners, ids, folded, shared }
    }

    /// The entries that a heartbeat with this id belongs to; several if they share the id.
    #[must_use]
    pub fn owners(&self, id: &str) -> &[usize] {
        self.owners.get(id).map_or(&[], Vec::as_slice)
    }

    /// The ids of the heartbeats that belong to an entry.
    #[must_use]
    pub fn ids(&self, entry: usize) -> &[String] {
        self.ids.get(entry).map_or(&[], Vec::as_slice)
    }

    /// Every id that has an owner.
    pub fn all_ids(&self) -> impl Iterator<Item = &str> {
        self.owners.keys().map(String::as_str)
    }

    /// The entry that an id without an owner was probably meant for: the ids differ by case or zero padding only.
    #[must_use]
    pub fn near_miss(&self, id: &str) -> Option<usize> {
        if self.owners.contains_key(id) {
            return None;
        }
        self.folded.get(&fold(id)).copied()
    }

    /// Whether another entry has the same `session_id`.
    #[must_use]
    pub fn is_shared(&self, entry: usize) -> bool {
        self.shared.get(entry).copied().unwrap_or_default()
    }
}

fn numbered(number: u64) -> String {
    format!("session-{number}")
}

fn is_active(entries: &[Entry], at: usize) -> bool {
    entries.get(at).is_some_and(|entry| entry.class() == Class::Active)
}

/// For each number that an active entry had before, the entry that left it last. Entries with a known Claude Code
/// process are not included: their hooks use the new id at once, so later heartbeats with the old one are from another
/// session.
fn former_holders(entries: &[Entry]) -> HashMap<String, usize> {
    let mut last: HashMap<u64, (usize, usize)> = HashMap::new();
    let is_claimant = |entry: &Entry| entry.class() == Class::Active && entry.process().is_none();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| is_claimant(entry)) {
        for (moves_since, number) in entry.former_numbers.iter().rev().enumerate() {
            if *number != entry.number {
                let claim = last.entry(*number).or_insert((moves_since, at));
                *claim = (*claim).min((moves_since, at));
            }
        }
    }
    last.into_iter().map(|(number, (_, at))| (numbered(number), at)).collect()
}

/// Normalizes an id for near misses: lower case, and no zeros before a number.
fn fold(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    let mut in_number = false;
    let mut chars = id.chars().flat_map(char::to_lowercase).peekable();
    while let Some(c) = chars.next() {
        let pads = c == '0' && !in_number && chars.peek().is_some_and(char::is_ascii_digit);
        if !pads {
            in_number = c.is_ascii_digit();
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(registry: &str, id: &str) -> Vec<u64> {
        let registry = Registry::read(registry.as_bytes().to_vec()).unwrap();
        let ownership = Ownership::of(&registry);
        for (at, _) in registry.entries().iter().enumerate() {
            for id in ownership.ids(at) {
                assert!(ownership.owners(id).contains(&at));
            }
        }
        ownership.owners(id).iter().map(|at| registry.entries()[*at].number).collect()
    }

    #[test]
    fn ids_are_compared_literally() {
        let registry = r#"{"1": {"session_id": "1"}, "2": {"session_id": "alpha.*"}, "3": {}}"#;
        for (id, wanted) in [
            ("1", vec![1]),
            ("session-1", vec![1]),
            ("session-consensus-1", vec![]),
            ("alpha-session-1", vec![]),
            ("alpha.*", vec![2]),
            ("alphaxx", vec![]),
            ("session-2", vec![2]),
            ("session-3", vec![3]),
            ("session-03", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(owners(registry, id), wanted, "{id}");
        }
    }

    #[test]
    fn an_id_takes_precedence_over_a_key() {
        let registry = r#"{"6": {"session_id": "custom"}, "2": {"session_id": "session-6"}}"#;
        assert_eq!(owners(registry, "session-6"), [2]);
        assert_eq!(owners(registry, "custom"), [6]);
        assert_eq!(owners(registry, "session-2"), [2]);
    }

    #[test]
    fn a_shared_id_belongs_to_all_its_entries() {
        let registry = r#"{"2": {"session_id": "session-2"}, "6": {"session_id": "session-2"}}"#;
        assert_eq!(owners(registry, "session-2"), [2, 6]);
        assert_eq!(owners(registry, "session-6"), [6]);
    }

    #[test]
    fn a_former_number_belongs_to_the_session_that_left_it() {
        let holder = |status: &str| {
            format!(r#"{{"13": {{"status": "{status}"}}, "5": {{"status": "active", "former_numbers": [13]}}}}"#)
        };
        assert_eq!(owners(&holder("inactive"), "session-13"), [5]);
        assert_eq!(owners(&holder("active"), "session-13"), [13]);
        assert_eq!(owners(r#"{"5": {"status": "active", "former_numbers": [13]}}"#, "session-13"), [5]);
        // A former holder that is not active owns nothing.
        assert_eq!(owners(r#"{"5": {"status": "inactive", "former_numbers": [13]}}"#, "session-13"), Vec::<u64>::new());
        // A Claude Code session uses its new id: a heartbeat with the old one is from a session that got the number
        // since.
        let known = r#"{"5": {"status": "active", "former_numbers": [13], "claude": {"pid": 7, "proc_start": "1"}}}"#;
        assert_eq!(owners(known, "session-13"), Vec::<u64>::new());
        // Of two former holders, the one that left the number last.
        let two = r#"{"5": {"status": "idle", "former_numbers": [13, 4]}, "6": {"status": "active", "former_numbers": [9, 13]}}"#;
        assert_eq!(owners(two, "session-13"), [6]);
    }

    #[test]
    fn near_misses_differ_by_case_or_padding_only() {
        let registry = Registry::read(br#"{"1": {}, "10": {}, "3": {"session_id": "Alpha-7"}}"#.to_vec()).unwrap();
        let ownership = Ownership::of(&registry);
        for (id, wanted) in [
            ("session-01", Some(1)),
            ("Session-1", Some(1)),
            ("session-0010", Some(10)),
            ("alpha-007", Some(3)),
            ("session-1", None),
            ("session-100", None),
            ("session-1 ", None),
            ("session-", None),
        ] {
            assert_eq!(ownership.near_miss(id).map(|at| registry.entries()[at].number), wanted, "{id}");
        }
    }
}
