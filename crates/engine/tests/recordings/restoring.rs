//! Recordings of a registry that is missing or unreadable, and of restoring a copy.

use headcount_core::liveness::cleanup::Target;
use headcount_core::view::history::Actor;
use headcount_engine::ops;
use serde_json::json;

use crate::sessions::story_world;
use crate::tape::Tape;
use crate::world::{Definition, World};

pub(crate) const TAPES: [fn() -> Tape; 7] = [
    empty,
    || tape("registry-missing", missing),
    || tape("unreadable", unreadable),
    || tape("unreadable-no-copy", no_copy),
    || tape("unreadable-copies", unreadable_copies),
    || tape("unreadable-from-the-start", no_file),
    || {
        tape("restore-fails", || {
            let world = unreadable();
            world.block_journal();
            world
        })
    },
];

/// No registry, and no hooks yet.
fn empty() -> Tape {
    let mut tape = Tape::new("empty", || World::new(&Definition::default()));
    tape.branch(|branch| {
        branch.act("install_hooks", &json!({}));
    });
    tape
}

fn missing() -> World {
    let mut world = story_world();
    world.overrides.registry = Some(world.registry());
    keep_copy(&world);
    std::fs::remove_file(world.registry()).unwrap();
    world
}

/// Makes a change, so that there is a copy of the registry before it.
fn keep_copy(world: &World) {
    let target = Target::number(5);
    ops::release(&world.opened().workspace, target, world.context(Actor::Command)).unwrap();
}

fn no_copy() -> World {
    let mut world = World::new(&Definition::read("story"));
    world.snapshot();
    spoil(&world);
    world
}

fn unreadable_copies() -> World {
    let world = unreadable();
    let copies = world.opened().workspace.journal().copies().folder().to_owned();
    std::fs::remove_dir_all(&copies).unwrap();
    std::fs::write(copies, "not a folder").unwrap();
    world
}

/// The registry is a folder.
fn no_file() -> World {
    let mut world = World::new(&Definition::default());
    world.overrides.registry = Some(world.registry());
    std::fs::create_dir(world.registry()).unwrap();
    world
}

/// The sessions were read once; after a change, another program wrote nonsense.
fn unreadable() -> World {
    let mut world = story_world();
    world.snapshot();
    keep_copy(&world);
    spoil(&world);
    world
}

fn spoil(world: &World) {
    let text = std::fs::read_to_string(world.registry()).unwrap();
    std::fs::write(world.registry(), text.replacen("\"role\":", "\"role\" Architect:", 1)).unwrap();
}

fn tape(name: &'static str, make: fn() -> World) -> Tape {
    let mut tape = Tape::new(name, make);
    tape.branch(|branch| {
        let copy = branch.read("newest_copy", &json!({}));
        if copy.is_object() {
            branch.act("restore", &json!({ "id": copy["id"] }));
        }
    });
    tape
}
