//! `restore`: lists the copies, shows the differences, and restores one only after confirmation.

use crate::environment::Environment;
use crate::terminal::Terminal;

/// An environment after a cleanup, and its registry before the cleanup.
fn env() -> (Environment, String) {
    let env = Environment::twelve();
    let before = env.read_registry();
    assert_eq!(env.run(&["restore"]).stdout, "No copies yet. Headcount makes one before each change.\n");
    assert_eq!(env.run(&["cleanup"]).code, 0);
    (env, before)
}

fn copy(env: &Environment) -> String {
    let copies = env.json(&["restore"]);
    assert_eq!(copies[0]["sessions"], 12);
    copies[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_copy_is_restored_to_the_byte() {
    let (env, before) = env();
    let cleaned = env.read_registry();
    let id = copy(&env);
    assert!(env.run(&["restore"]).stdout.starts_with(&id));
    let run = env.run(&["restore", &id, "--yes"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.stdout.matches("is changed").count(), 9, "{run:?}");
    assert_eq!(env.read_registry(), before);
    // The replaced registry is kept as a copy, and the restore is in the journal.
    let kept = copy(&env);
    assert_ne!(kept, id);
    assert_eq!(env.json(&["log"])[0]["what"], "restore");
    assert_eq!(env.run(&["restore", &kept, "--yes"]).code, 0);
    assert_eq!(env.read_registry(), cleaned);
    // Restoring also works over an unreadable registry.
    env.write_registry("{\"1\": {");
    let run = env.run(&["restore", &id, "--yes"]);
    assert!(run.code == 0 && run.stdout.contains("cannot be read; the copy has 12 sessions"), "{run:?}");
    assert_eq!(env.read_registry(), before);
    let unknown = env.run(&["restore", "nonsense", "--yes"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("`headcount restore` lists them"), "{unknown:?}");
}

#[test]
fn restore_needs_confirmation_in_a_terminal_or_yes() {
    let (env, before) = env();
    let cleaned = env.read_registry();
    let id = copy(&env);
    let silent = env.run(&["restore", &id]);
    assert!(silent.code == 1 && silent.stderr.contains("--yes"), "{silent:?}");
    for (answer, code) in [("", 1), ("n", 1), ("y", 0)] {
        assert_eq!(env.read_registry(), cleaned);
        let mut terminal = Terminal::start(env.about(&["restore", &id]));
        terminal.wait_for("~ session 4 is changed").wait_for("Restore this copy? [y/N] ").type_line(answer);
        assert_eq!(terminal.finish().0, code, "{answer:?}");
    }
    assert_eq!(env.read_registry(), before);
}

#[test]
fn a_deleted_registry_is_restored() {
    let (env, before) = env();
    std::fs::remove_file(env.registry()).unwrap();
    let told = env.run(&["doctor"]).stdout;
    assert!(
        told.contains("is missing; there is a copy with 12 sessions") && told.contains("`headcount restore`"),
        "{told}"
    );
    let run = env.run(&["restore", &copy(&env), "--yes"]);
    assert_eq!((run.code, env.read_registry()), (0, before), "{run:?}");
}
