//! `restore`: lists the copies, shows the differences, and restores one only after confirmation.

use crate::environment::Environment;
use crate::terminal::Terminal;

/// An environment after a cleanup, and its registry before the cleanup.
fn world() -> (Environment, String) {
    let world = Environment::twelve();
    let before = world.read_registry();
    assert_eq!(world.run(&["restore"]).stdout, "No copies yet. Headcount makes one before each change.\n");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    (world, before)
}

fn copy(world: &Environment) -> String {
    let copies = world.json(&["restore"]);
    assert_eq!(copies[0]["sessions"], 12);
    copies[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_copy_is_restored_to_the_byte() {
    let (world, before) = world();
    let cleaned = world.read_registry();
    let id = copy(&world);
    assert!(world.run(&["restore"]).stdout.starts_with(&id));
    let run = world.run(&["restore", &id, "--yes"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.stdout.matches("is changed").count(), 9, "{run:?}");
    assert_eq!(world.read_registry(), before);
    // The replaced registry is kept as a copy, and the restore is in the journal.
    let kept = copy(&world);
    assert_ne!(kept, id);
    assert_eq!(world.json(&["log"])[0]["what"], "restore");
    assert_eq!(world.run(&["restore", &kept, "--yes"]).code, 0);
    assert_eq!(world.read_registry(), cleaned);
    // Restoring also works over an unreadable registry.
    world.write_registry("{\"1\": {");
    let run = world.run(&["restore", &id, "--yes"]);
    assert!(run.code == 0 && run.stdout.contains("cannot be read; the copy has 12 sessions"), "{run:?}");
    assert_eq!(world.read_registry(), before);
    let unknown = world.run(&["restore", "nonsense", "--yes"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("`headcount restore` lists them"), "{unknown:?}");
}

#[test]
fn restore_needs_confirmation_in_a_terminal_or_yes() {
    let (world, before) = world();
    let cleaned = world.read_registry();
    let id = copy(&world);
    let silent = world.run(&["restore", &id]);
    assert!(silent.code == 1 && silent.stderr.contains("--yes"), "{silent:?}");
    for (answer, code) in [("", 1), ("n", 1), ("y", 0)] {
        assert_eq!(world.read_registry(), cleaned);
        let mut terminal = Terminal::start(world.about(&["restore", &id]));
        terminal.wait_for("~ session 4 is changed").wait_for("Restore this copy? [y/N] ").type_line(answer);
        assert_eq!(terminal.finish().0, code, "{answer:?}");
    }
    assert_eq!(world.read_registry(), before);
}

#[test]
fn a_deleted_registry_is_restored() {
    let (world, before) = world();
    std::fs::remove_file(world.registry()).unwrap();
    let told = world.run(&["doctor"]).stdout;
    assert!(
        told.contains("is missing; there is a copy with 12 sessions") && told.contains("`headcount restore`"),
        "{told}"
    );
    let run = world.run(&["restore", &copy(&world), "--yes"]);
    assert_eq!((run.code, world.read_registry()), (0, before), "{run:?}");
}
