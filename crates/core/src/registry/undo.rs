//! Undo and redo of changes, and whether another program reverted one.
//!
//! Guarantees: undo restores the bytes before a change exactly, and only for sessions that still are as the change left
//! them; a swap of numbers is undone for all of its sessions or for none.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::edit::{Edit, edited};
use crate::registry::change::{Before, EntryChange, FieldChange, Skipped, is_entry_before, moved_before};
use crate::registry::{Entry, Number, Registry};

/// The result of an undo.
#[derive(Clone, Debug)]
pub struct Reversal {
    /// The new text of the registry.
    pub text: String,
    /// The changes made, inverse to the undone ones.
    pub restored: Vec<EntryChange>,
    /// The sessions that were not restored.
    pub refused: Vec<Skipped>,
}

/// Undoes `changes`, session by session, for each session that still is as the change left it.
#[must_use]
pub fn undo(registry: &Registry, changes: &[EntryChange]) -> Reversal {
    let mut refused = Vec::new();
    let mut applicable: Vec<&EntryChange> = Vec::new();
    for change in changes {
        match refusal_reason(registry, change) {
            Some(why) => refused.push(Skipped { number: change.number(), why: why.into() }),
            None => applicable.push(change),
        }
    }
    refuse_collisions(registry, &mut applicable, &mut refused);
    let mut edits = Vec::new();
    for change in &applicable {
        push_undo_edits(change, &mut edits);
    }
    let text = edited(registry, &edits);
    let after = Registry::of_text(text.clone()).unwrap_or_default();
    Reversal { restored: applicable.iter().map(|change| change.reversed(&after)).collect(), text, refused }
}

/// Applies changes again that another program reverted. A moved session that is nowhere gets its entry back under the
/// number that it was moved to, if that is free.
#[must_use]
pub fn redo(registry: &Registry, changes: &[EntryChange]) -> Reversal {
    let opposite = |change| removed(registry, change).unwrap_or_else(|| reverted(registry, change));
    let opposite: Vec<EntryChange> = changes.iter().map(opposite).collect();
    undo(registry, &opposite)
}

/// What another program did if a session that this change moved is nowhere: it wrote a copy from before the session's
/// registration.
fn removed(registry: &Registry, change: &EntryChange) -> Option<EntryChange> {
    let EntryChange::Moved { to, entry, .. } = change else { return None };
    let is_lost = !lost_sessions(registry, std::slice::from_ref(change), &moved_before(change)).is_empty();
    let before = entry.clone().filter(|_| is_lost)?;
    Some(EntryChange::Whole { number: *to, before: Some(before), after: None })
}

/// The sessions of `changes` that are again exactly as they were before, with the numbers they had then, and those whose
/// written entry is gone.
#[must_use]
pub fn reverted_sessions(registry: &Registry, changes: &[EntryChange]) -> BTreeSet<Number> {
    let is_reverted = |change: &&EntryChange| {
        let opposite = reverted(registry, change);
        let touched = match &opposite {
            EntryChange::Fields { fields, .. } => !fields.is_empty(),
            EntryChange::Moved { .. } => true,
            EntryChange::Whole { before, after, .. } => before != after,
        };
        touched && refusal_reason(registry, &opposite).is_none()
    };
    changes.iter().filter(is_reverted).map(|change| change.reversed(registry).number()).collect()
}

/// The sessions that `changes` moved and that are nowhere in the registry, with the numbers they had afterwards. Another
/// session may have the same default id, so the entries `before` are compared as well.
#[must_use]
pub fn lost_sessions(
    registry: &Registry,
    changes: &[EntryChange],
    before: &BTreeMap<Number, Before>,
) -> BTreeSet<Number> {
    let lost = |change: &EntryChange| {
        let EntryChange::Moved { from, to, session_id, fields, .. } = change else { return None };
        let old_id = fields.iter().find(|field| field.field == "session_id").and_then(|field| field.before.as_ref());
        let old_id: Option<String> = old_id.and_then(|raw| serde_json::from_str(raw).ok());
        let is_it = |entry: &Entry| {
            (entry.session_id == *session_id || old_id.as_ref() == Some(&entry.session_id))
                && before.get(from).is_none_or(|before| is_entry_before(registry, entry.number, before))
        };
        (!registry.entries().iter().any(is_it)).then_some(*to)
    };
    changes.iter().filter_map(lost).collect()
}

/// What another program did if it reverted this change. A copy older than the entry that a registration replaced has
/// neither of them.
fn reverted(registry: &Registry, change: &EntryChange) -> EntryChange {
    match change.reversed(registry) {
        EntryChange::Whole { number, before: before @ Some(_), .. } if registry.raw_entry(number).is_none() => {
            EntryChange::Whole { number, before, after: None }
        }
        opposite => opposite,
    }
}

/// Why a change cannot be undone, considering only its own session; `None` if it can.
fn refusal_reason(registry: &Registry, change: &EntryChange) -> Option<&'static str> {
    let number = change.number();
    let is_in_effect = |fields: &[FieldChange]| {
        fields.iter().all(|field| registry.raw(number, &field.field) == field.after.as_deref())
    };
    match change {
        EntryChange::Whole { after, .. } => {
            (registry.raw_entry(number) != after.as_deref()).then_some("was changed since")
        }
        EntryChange::Fields { session_id, fields, .. } | EntryChange::Moved { session_id, fields, .. } => {
            match registry.entry(number) {
                None => Some("is no longer in the registry"),
                Some(entry) if entry.session_id != *session_id => Some("belongs to another session now"),
                Some(_) if !is_in_effect(fields) => Some("was changed since"),
                Some(_) => None,
            }
        }
    }
}

/// Refuses moves back to a number that is in use and not vacated by another move of the same undo.
fn refuse_collisions(registry: &Registry, applicable: &mut Vec<&EntryChange>, refused: &mut Vec<Skipped>) {
    loop {
        let left: BTreeSet<Number> =
            applicable.iter().filter(|change| is_move(change)).map(|change| change.number()).collect();
        let is_blocked = |change: &&EntryChange| match *change {
            EntryChange::Moved { from, .. } => is_in_use(registry, *from) && !left.contains(from),
            _ => false,
        };
        let Some(at) = applicable.iter().position(is_blocked) else { return };
        let blocked = applicable.remove(at);
        refused.push(Skipped { number: blocked.number(), why: "cannot move back: its number is taken".into() });
    }
}

fn is_move(change: &EntryChange) -> bool {
    matches!(change, EntryChange::Moved { .. })
}

fn is_in_use(registry: &Registry, number: Number) -> bool {
    registry.entry(number).is_some() || registry.bad_entries().contains(&number)
}

fn push_undo_edits(change: &EntryChange, edits: &mut Vec<Edit>) {
    let number = change.number();
    match change {
        EntryChange::Whole { before, .. } => edits.push(Edit::Entry { number, value: before.clone() }),
        EntryChange::Fields { fields, .. } | EntryChange::Moved { fields, .. } => {
            if let EntryChange::Moved { from, .. } = change {
                edits.push(Edit::Rename { number, to: *from });
            }
            edits.extend(fields.iter().rev().map(|field| Edit::Field {
                number,
                field: field.field.clone(),
                value: field.before.clone(),
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::change::{EntryEdit, apply, entries_before};

    fn read(text: &str) -> Registry {
        Registry::read(text.as_bytes().to_vec()).unwrap()
    }

    const TEXT: &str = "{\n  \"2\": {\n    \"status\": \"active\",\n    \"x\": 1e3\n  },\n  \"3\": {\n    \"status\": \"working\"\n  }\n}";

    fn marked() -> (Registry, Vec<EntryChange>) {
        let fields = || vec![("status", Some("\"inactive\"".to_owned())), ("m", Some("1".to_owned()))];
        let entry_edits = [2, 3, 9].map(|number| EntryEdit::Set(number, fields()));
        let (text, changes) = apply(&read(TEXT), entry_edits.into());
        (read(&text), changes)
    }

    fn swapped() -> (Registry, Vec<EntryChange>) {
        let number = |number: &str| vec![("number", Some(number.to_owned()))];
        let (text, changes) =
            apply(&read(TEXT), vec![EntryEdit::Move(2, 3, number("3")), EntryEdit::Move(3, 2, number("2"))]);
        (read(&text), changes)
    }

    #[test]
    fn undo_restores_the_bytes() {
        for (after, changes) in [marked(), swapped()] {
            let undone = undo(&after, &changes);
            assert_eq!(undone.text, TEXT);
            assert_eq!((undone.restored.len(), undone.refused.len()), (2, 0));
            // Undoing the undo gives the change again, and so does redo.
            assert_eq!(undo(&read(TEXT), &undone.restored).text, after.text());
            assert_eq!(redo(&read(TEXT), &changes).text, after.text());
        }
    }

    #[test]
    fn undo_refuses_only_sessions_changed_since() {
        let (after, changes) = marked();
        let foreign = after.text().replacen("\"m\": 1", "\"m\": 2", 1);
        let undone = undo(&read(&foreign), &changes);
        assert_eq!(undone.refused, [Skipped { number: 2, why: "was changed since".into() }]);
        assert!(undone.text.contains("\"working\"") && undone.text.contains("\"m\": 2"));
    }

    #[test]
    fn undo_does_not_change_a_later_session_with_the_number() {
        let (after, changes) = marked();
        let id = "{\n    \"session_id\": \"new\",\n    \"status\": \"inactive\"";
        let reused = after.text().replacen("{\n    \"status\": \"inactive\"", id, 1);
        assert_eq!(undo(&read(&reused), &changes).refused[0].why, "belongs to another session now");
        assert_eq!(undo(&read("{}"), &changes).refused.len(), 2);
    }

    #[test]
    fn a_swap_is_undone_completely_or_not_at_all() {
        let (after, changes) = swapped();
        let foreign = after.text().replacen("\"number\": 3", "\"number\": 33", 1);
        let undone = undo(&read(&foreign), &changes);
        assert_eq!((undone.text.as_str(), undone.restored.len(), undone.refused.len()), (foreign.as_str(), 0, 2));
        // A move to a free number is undone only while the old number is free.
        let (text, changes) = apply(&read(TEXT), vec![EntryEdit::Move(2, 5, vec![])]);
        assert_eq!(undo(&read(&text), &changes).text, TEXT);
        let taken = text.replacen("\"3\"", "\"2\"", 1);
        assert_eq!(undo(&read(&taken), &changes).refused.len(), 1);
    }

    #[test]
    fn whole_entries_are_undone() {
        let (text, changes) =
            apply(&read(TEXT), vec![EntryEdit::Write(9, "{}".into()), EntryEdit::Write(2, "{\"new\": 1}".into())]);
        assert_eq!(undo(&read(&text), &changes).text, TEXT);
        let foreign = text.replacen("\"new\": 1", "\"new\": 2", 1);
        assert_eq!(undo(&read(&foreign), &changes).refused, [Skipped { number: 2, why: "was changed since".into() }]);
    }

    #[test]
    fn reverted_changes_are_detected() {
        let (after, changes) = marked();
        assert!(reverted_sessions(&after, &changes).is_empty());
        assert_eq!(reverted_sessions(&read(TEXT), &changes), [2, 3].into());
        // Reactivating in another way is not a revert.
        let reactivated = after.text().replacen("\"inactive\"", "\"active\"", 1);
        assert!(reverted_sessions(&read(&reactivated), &changes).is_empty());
        let (_, moves) = swapped();
        assert_eq!(reverted_sessions(&read(TEXT), &moves), [2, 3].into());
    }

    #[test]
    fn a_registration_that_is_gone_is_detected_and_done_again() {
        let (text, changes) = apply(&read(TEXT), vec![EntryEdit::Write(2, "{\"new\": 1}".into())]);
        let older = "{\n  \"3\": {\n    \"status\": \"working\"\n  }\n}";
        for (now, wanted) in [(TEXT, [2].into()), (older, [2].into()), (text.as_str(), BTreeSet::new())] {
            assert_eq!(reverted_sessions(&read(now), &changes), wanted, "{now}");
        }
        let again = redo(&read(older), &changes);
        assert!(again.refused.is_empty() && again.text.contains("\"new\": 1"), "{}", again.text);
    }

    #[test]
    fn a_moved_session_that_is_nowhere_is_lost() {
        let registered = r#"{"2": {"session_id": "a", "registered_at": 1}, "3": {"session_id": "b"}}"#;
        let (text, changes) = apply(&read(registered), vec![EntryEdit::Move(2, 5, vec![])]);
        let before = entries_before(&read(&text), &changes);
        assert!(lost_sessions(&read(&text), &changes, &before).is_empty());
        assert!(lost_sessions(&read(registered), &changes, &before).is_empty(), "it is back, not lost");
        let older = [r#"{"3": {"session_id": "b"}}"#, r#"{"2": {"session_id": "a", "registered_at": 2}}"#];
        for older in older {
            assert_eq!(lost_sessions(&read(older), &changes, &before), [5].into(), "{older}");
            // It is restored under its new number, and undoing that removes it.
            let again = redo(&read(older), &changes);
            assert_eq!((again.restored.len(), again.refused.len()), (1, 0), "{older}");
            assert_eq!(read(&again.text).raw_entry(5), read(&text).raw_entry(5), "{older}");
            assert_eq!(undo(&read(&again.text), &again.restored).text, older);
        }
        // Not if another session has the number, or the record is of an earlier version.
        let taken = r#"{"5": {"session_id": "c"}}"#;
        assert_eq!(
            (redo(&read(taken), &changes).text.as_str(), redo(&read(taken), &changes).refused.len()),
            (taken, 1)
        );
        let EntryChange::Moved { from, to, session_id, fields, .. } = changes[0].clone() else { panic!() };
        let earlier = EntryChange::Moved { from, to, session_id, fields, entry: None };
        assert_eq!(redo(&read(older[0]), &[earlier]).refused.len(), 1);
    }
}
