//! What a torn, rotated or linked journal keeps, and which undo is offered.

use std::fs::OpenOptions;
use std::io::Write as _;

use chrono::TimeDelta;
use headcount_core::view::snapshot::UndoOffer;

use super::*;

fn journal() -> (tempfile::TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path().join("a/b"));
    (folder, journal)
}

fn meta(what: &'static str) -> ChangeMeta {
    ChangeMeta { at: Time::UNIX_EPOCH, by: Actor::Tray, what, of: None }
}

fn offered(journal: &Journal) -> Option<UndoOffer> {
    journal.undo_offer(Time::UNIX_EPOCH).unwrap().map(|(offer, _)| offer)
}

#[test]
fn undo_of_a_cleanup_is_offered_for_a_day() {
    let (_folder, journal) = journal();
    journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
    let day = Time::UNIX_EPOCH + TimeDelta::days(1);
    let second = TimeDelta::seconds(1);
    assert_eq!(journal.undo_offer(day - second).unwrap().map(|(_, until)| until), Some(day));
    assert_eq!(journal.undo_offer(day).unwrap(), None);
    // Other changes meanwhile do not end the offer.
    journal.append(&ChangeMeta { at: day, ..meta("register") }, vec![entry(3)], None).unwrap();
    assert!(journal.undo_offer(day - second).unwrap().is_some());
    assert_eq!(journal.undo_offer(day + second).unwrap(), None);
}

fn entry(number: u64) -> EntryChange {
    EntryChange::Fields { number, session_id: format!("session-{number}"), fields: vec![] }
}

#[test]
fn a_torn_line_is_skipped() {
    let (_folder, journal) = journal();
    assert!(journal.all().unwrap().is_empty());
    let first = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
    OpenOptions::new().append(true).open(journal.path()).unwrap().write_all(b"{\"id\": \"torn").unwrap();
    let second = journal.append(&meta(CLEANUP), vec![entry(3), entry(4)], None).unwrap();
    assert_ne!(first, second);
    let ids: Vec<String> = journal.all().unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(ids, [first.clone(), second.clone()]);
    assert_eq!(journal.change(&first).unwrap().entries, [entry(2)]);
    assert!(journal.change("nonsense").is_err());
    assert_eq!(offered(&journal), Some(UndoOffer { change: second, marked: vec![3, 4] }));
}

/// Checks a journal of which a power loss left `left`: which records can be read, and that one more can be
/// appended.
fn after_a_loss(left: &[u8], wanted: &[&str]) {
    let (_folder, journal) = journal();
    atomic::create_private_folder(&journal.folder).unwrap();
    std::fs::write(journal.path(), left).unwrap();
    let ids = || journal.all().unwrap().into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(ids(), wanted, "{}", left.escape_ascii());
    let next = journal.append(&meta(CLEANUP), vec![entry(9)], None).unwrap();
    assert_eq!(ids(), [wanted, &[next.as_str()]].concat(), "{}", left.escape_ascii());
    assert_eq!(journal.change(&next).unwrap().entries, [entry(9)]);
    assert_eq!(offered(&journal), Some(UndoOffer { change: next, marked: vec![9] }));
    assert!(std::fs::read(journal.path()).unwrap().starts_with(left), "nothing of it is gone");
}

#[test]
fn a_record_cut_off_at_any_byte_costs_only_itself() {
    let (_folder, written) = journal();
    let first = written.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
    let one = std::fs::read(written.path()).unwrap();
    // Not only ASCII, so that some cuts are within a character.
    let fields = vec![headcount_core::registry::change::FieldChange {
        field: "Zoë".into(),
        before: None,
        after: Some("\"🚀\"".into()),
    }];
    let second = EntryChange::Fields { number: 3, session_id: "session-3".into(), fields };
    let second = written.append(&meta(CLEANUP), vec![second], None).unwrap();
    let two = std::fs::read(written.path()).unwrap();
    let record = &two[one.len()..];
    for cut in 0..=record.len() {
        // A record without its newline is complete.
        let is_whole = cut + 1 >= record.len();
        let known: Vec<&str> = [first.as_str()].into_iter().chain(is_whole.then_some(second.as_str())).collect();
        after_a_loss(&[&one, &record[..cut]].concat(), &known);
        // A torn record follows another torn one. The cut is at its first byte, which ends the line before it, or
        // later.
        let torn = [&one, &record[..record.len() / 2], b"\n", &record[..cut]].concat();
        after_a_loss(&torn, &known);
        // Blocks that were allocated to the file and never written.
        let known = if cut < record.len() { &known[..1] } else { &known[..] };
        after_a_loss(&[&one, &record[..cut], &[0; 700]].concat(), known);
    }
}

#[test]
fn undo_of_an_undone_or_withdrawn_cleanup_is_not_offered() {
    let (_folder, journal) = journal();
    let first = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
    journal.append(&ChangeMeta { of: Some(first), ..meta(UNDO) }, vec![], None).unwrap();
    assert_eq!(offered(&journal), None);
    let second = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
    journal.withdraw(&meta(CLEANUP), &second);
    assert_eq!(offered(&journal), None);
}

#[test]
fn a_redone_change_is_in_effect() {
    let (_folder, journal) = journal();
    let first = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
    let undo = journal.append(&ChangeMeta { of: Some(first.clone()), ..meta(UNDO) }, vec![entry(2)], None).unwrap();
    assert_eq!(journal.last_change().unwrap(), None);
    // Both the undo of the undo and a redo.
    for what in [UNDO, REDO] {
        let of = if what == UNDO { &undo } else { &first };
        journal.append(&ChangeMeta { of: Some(of.clone()), ..meta(what) }, vec![entry(2)], None).unwrap();
        assert_eq!(journal.last_change().unwrap().unwrap().id, first);
    }
}

#[test]
fn rotation_removes_the_oldest_records() {
    let (_folder, journal) = journal();
    let long = |number| {
        let value = Some("x".repeat(700_000));
        let fields =
            vec![headcount_core::registry::change::FieldChange { field: "role".into(), before: None, after: value }];
        EntryChange::Fields { number, session_id: String::new(), fields }
    };
    for number in 0..40 {
        journal.append(&meta(CLEANUP), vec![long(number)], None).unwrap();
    }
    let kept: Vec<u64> = journal.all().unwrap().iter().map(|record| record.entries[0].number()).collect();
    assert_eq!(kept, (40 - kept.len() as u64..40).collect::<Vec<_>>());
    assert!((8..=16).contains(&kept.len()), "{}", kept.len());
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_journal_is_not_followed() {
    let (folder, journal) = journal();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    atomic::create_private_folder(&journal.folder).unwrap();
    std::os::unix::fs::symlink(&victim, journal.path()).unwrap();
    assert!(journal.append(&meta(CLEANUP), vec![entry(1)], None).is_err());
    assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
}

#[cfg(unix)]
#[test]
fn the_journal_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, journal) = journal();
    journal.append(&meta(CLEANUP), vec![], None).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&journal.folder), mode(&journal.path())), (0o700, 0o600));
}
