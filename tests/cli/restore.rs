//! `restore`: the good copies are listed, what differs is shown, and one is put back only where somebody agrees.

use crate::environment::Environment;
use crate::terminal::Terminal;

/// A registry that was cleaned up, and what it was before.
fn world() -> (Environment, String) {
    let world = Environment::twelve();
    let before = world.read_registry();
    assert_eq!(world.run(&["restore"]).stdout, "No copies yet: Headcount keeps one before each of its changes.\n");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    (world, before)
}

fn copy(world: &Environment) -> String {
    let copies = world.json(&["restore"]);
    assert_eq!(copies[0]["sessions"], 12);
    copies[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_copy_is_put_back_to_the_byte() {
    let (world, before) = world();
    let cleaned = world.read_registry();
    let id = copy(&world);
    assert!(world.run(&["restore"]).stdout.starts_with(&id));
    let run = world.run(&["restore", &id, "--yes"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.stdout.matches("becomes what it was then").count(), 9, "{run:?}");
    assert_eq!(world.read_registry(), before);
    // What was there is kept in its turn, and the journal knows.
    let kept = copy(&world);
    assert_ne!(kept, id);
    assert_eq!(world.json(&["log"])[0]["what"], "restore");
    assert_eq!(world.run(&["restore", &kept, "--yes"]).code, 0);
    assert_eq!(world.read_registry(), cleaned);
    // A registry that nobody can read is one more reason.
    world.write_registry("{\"1\": {");
    let run = world.run(&["restore", &id, "--yes"]);
    assert!(run.code == 0 && run.stdout.contains("cannot be read now; the copy holds 12 sessions"), "{run:?}");
    assert_eq!(world.read_registry(), before);
    let unknown = world.run(&["restore", "nonsense", "--yes"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("`headcount restore` lists them"), "{unknown:?}");
}

#[test]
fn nobody_who_was_not_asked_agrees() {
    let (world, before) = world();
    let cleaned = world.read_registry();
    let id = copy(&world);
    let silent = world.run(&["restore", &id]);
    assert!(silent.code == 1 && silent.stderr.contains("--yes"), "{silent:?}");
    for (answer, code) in [("", 1), ("n", 1), ("y", 0)] {
        assert_eq!(world.read_registry(), cleaned);
        let mut terminal = Terminal::start(world.about(&["restore", &id]));
        terminal.sees("~ session 4 becomes what it was then").sees("Put this copy back? [y/N] ").types(answer);
        assert_eq!(terminal.ends().0, code, "{answer:?}");
    }
    assert_eq!(world.read_registry(), before);
}

#[test]
fn one_that_was_deleted_comes_back() {
    let (world, before) = world();
    std::fs::remove_file(world.registry()).unwrap();
    let told = world.run(&["doctor"]).stdout;
    assert!(
        told.contains("is gone; a copy with 12 sessions is there") && told.contains("`headcount restore`"),
        "{told}"
    );
    let run = world.run(&["restore", &copy(&world), "--yes"]);
    assert_eq!((run.code, world.read_registry()), (0, before), "{run:?}");
}
