//! Recordings of a registry that is missing or unreadable, and of restoring a copy.

use headcount_core::liveness::cleanup::Target;
use headcount_core::view::history::Actor;
use headcount_engine::ops;
use serde_json::json;

use crate::fixture::{Definition, Fixture};
use crate::sessions::story_fixture;
use crate::tape::Tape;

pub(crate) const TAPES: [fn() -> Tape; 7] = [
    empty,
    || tape("registry-missing", missing),
    || tape("unreadable", unreadable),
    || tape("unreadable-no-copy", no_copy),
    || tape("unreadable-copies", unreadable_copies),
    || tape("unreadable-from-the-start", no_file),
    || {
        tape("restore-fails", || {
            let fixture = unreadable();
            fixture.block_journal();
            fixture
        })
    },
];

/// No registry, and no hooks yet.
fn empty() -> Tape {
    let mut tape = Tape::new("empty", || Fixture::new(&Definition::default()));
    tape.branch(|branch| {
        branch.act("install_hooks", &json!({}));
    });
    tape
}

fn missing() -> Fixture {
    let mut fixture = story_fixture();
    fixture.overrides.registry = Some(fixture.registry());
    keep_copy(&fixture);
    std::fs::remove_file(fixture.registry()).unwrap();
    fixture
}

/// Makes a change, so that there is a copy of the registry before it.
fn keep_copy(fixture: &Fixture) {
    let target = Target::number(5);
    ops::release(&fixture.opened().workspace, target, fixture.context(Actor::Command)).unwrap();
}

fn no_copy() -> Fixture {
    let mut fixture = Fixture::new(&Definition::read("story"));
    fixture.snapshot();
    spoil(&fixture);
    fixture
}

fn unreadable_copies() -> Fixture {
    let fixture = unreadable();
    let copies = fixture.opened().workspace.journal().copies().folder().to_owned();
    std::fs::remove_dir_all(&copies).unwrap();
    std::fs::write(copies, "not a folder").unwrap();
    fixture
}

/// The registry is a folder.
fn no_file() -> Fixture {
    let mut fixture = Fixture::new(&Definition::default());
    fixture.overrides.registry = Some(fixture.registry());
    std::fs::create_dir(fixture.registry()).unwrap();
    fixture
}

/// The sessions were read once; after a change, another program wrote nonsense.
fn unreadable() -> Fixture {
    let mut fixture = story_fixture();
    fixture.snapshot();
    keep_copy(&fixture);
    spoil(&fixture);
    fixture
}

fn spoil(fixture: &Fixture) {
    let text = std::fs::read_to_string(fixture.registry()).unwrap();
    std::fs::write(fixture.registry(), text.replacen("\"role\":", "\"role\" Architect:", 1)).unwrap();
}

fn tape(name: &'static str, make: fn() -> Fixture) -> Tape {
    let mut tape = Tape::new(name, make);
    tape.branch(|branch| {
        let copy = branch.read("newest_copy", &json!({}));
        if copy.is_object() {
            branch.act("restore", &json!({ "id": copy["id"] }));
        }
    });
    tape
}
