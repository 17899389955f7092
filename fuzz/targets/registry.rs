//! Any bytes are read or refused; a registry can be changed, the result can be read, and undo restores every byte.
#![no_main]

use headcount_core::claude::Claude;
use headcount_core::liveness::cleanup::mark;
use headcount_core::registry::file_bytes;
use headcount_core::registry::numbering::{apply_moves, reassign};
use headcount_core::registry::recognition::{Recognition, recognize};
use headcount_core::registry::registration::{NewSession, register, release};
use headcount_core::registry::undo;
use headcount_core::{Registry, Time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(registry) = Registry::read(bytes.to_vec()) else { return };
    assert_eq!(registry.bytes(), bytes);
    // Keys are recognized as they are written, escapes included.
    if registry.entries().iter().any(|entry| entry.status.is_some()) && !bytes.contains(&b'\\') {
        assert_eq!(recognize(bytes, true), Recognition::Registry);
    }
    let now = Time::UNIX_EPOCH;
    let numbers: Vec<u64> = registry.entries().iter().map(|entry| entry.number).collect();
    let claude = Some(Claude { session_id: Some("c\u{e9}".into()), told: Some(5), ..Claude::default() });
    let (role, goal, terminal) = ("r\u{1f680}".into(), "\"".into(), "t".into());
    let new_session = NewSession { number: 5, session_id: None, role, goal, terminal, claude };
    let mut made = vec![mark(&registry, &numbers, now)];
    made.extend(register(&registry, &new_session, now));
    if let Some(first) = numbers.first() {
        made.extend(release(&registry, *first, now));
        for to in [numbers.last().copied().unwrap_or(3), 7] {
            made.extend(reassign(&registry, *first, to).map(|moves| apply_moves(&registry, &moves)));
        }
    }
    for (text, changes) in made {
        let after = Registry::read(file_bytes(&text).into_owned()).expect("what was changed reads back");
        let undone = undo::undo(&after, &changes);
        assert!(undone.refused.is_empty(), "{:?}", undone.refused);
        let is_first =
            registry.entries().is_empty() && registry.bad_keys().is_empty() && registry.bad_entries().is_empty();
        // Only white space inside an empty object is not restored.
        assert!(is_first || undone.text == registry.text() || has_bare_object(&registry), "{}", undone.text);
    }
});

/// Whether an entry has no fields: white space inside it is not restored either.
fn has_bare_object(registry: &Registry) -> bool {
    registry
        .entries()
        .iter()
        .any(|entry| registry.raw_entry(entry.number).is_some_and(|raw| raw.trim_matches(['{', '}']).trim().is_empty()))
}
