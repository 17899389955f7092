//! The documentation: every command of Headcount in it is run, and every `make` target, file, module and test that it names
//! exists. What the guide says that a new action and a new field touch is what existing ones touch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::environment::{Environment, now, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The lines of code blocks that start with `start`, without their comments.
fn documented(text: &str, start: &str) -> Vec<String> {
    let commands = text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.starts_with(start));
    commands.map(|line| line.split('#').next().unwrap().trim().to_owned()).collect()
}

#[test]
fn every_documented_command_runs() {
    let commands = documented(&read("README.md"), "headcount");
    assert!(commands.len() > 15, "{commands:?}");
    let env = Environment::with(&[(5, "session-5", "active", Some(1)), (13, "session-13", "active", Some(1))], now());
    let scripts = env.root().join("scripts");
    std::fs::create_dir(&scripts).unwrap();
    for line in commands {
        // It runs until it is stopped, and has tests of its own.
        if line.contains("--watch") || line.contains(" wait ") {
            continue;
        }
        let words: Vec<String> = line
            .replace("\"ship it\"", "ship")
            .split_whitespace()
            .skip(1)
            .map(|word| if word == "DIR" { scripts.display().to_string() } else { word.to_owned() })
            .collect();
        let mut command = env.about(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let result = run(&mut command);
        // Without a terminal there are no answers and nothing to show, and the temporary home is no complete installation.
        let can_fail = ["identify", "doctor", "show"].iter().any(|name| words.first().is_some_and(|word| word == name));
        assert!(result.code == 0 || can_fail && result.code == 1, "{line}: {result:?}");
    }
}

/// The command of each ready module for a bar or a prompt.
fn modules(readme: &str) -> Vec<(&'static str, String)> {
    let between = |before: &str, after: &str| {
        let (_, rest) = readme.split_once(before).unwrap_or_else(|| panic!("no {before:?} in README.md"));
        rest.split_once(after).unwrap().0.to_owned()
    };
    // In JSON.
    let waybar: String = serde_json::from_str(&format!("\"{}\"", between("\"exec\": \"", "\","))).unwrap();
    vec![
        ("waybar", waybar),
        ("polybar", between("exec = ", "\n")),
        ("tmux", between("'#(", ")")),
        ("starship", between("command = \"", "\"\n")),
    ]
}

#[test]
fn the_ready_modules_print_one_line() {
    let env = Environment::twelve();
    let program = Path::new(env!("CARGO_BIN_EXE_headcount")).parent().unwrap();
    for (name, command) in modules(&read("README.md")) {
        let mut shell = env.program("sh");
        let path = format!("{}:/usr/bin:/bin", program.display());
        // `head` ends a module that prints a line at every change.
        shell
            .args(["-c", &format!("{command} | head -n 1")])
            .env("PATH", path)
            .env("HEADCOUNT_REGISTRY", env.registry());
        let result = run(&mut shell);
        assert_eq!((result.code, result.stdout.lines().count()), (0, 1), "{name}: {result:?}");
        assert!(result.stdout.contains('3') && result.stdout.contains('9'), "{name}: {result:?}");
    }
}

#[test]
fn every_documented_make_target_exists() {
    let makefile = read("Makefile");
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter(|line| line.contains(": ") || line.ends_with(':'))
        .filter_map(|line| line.split(':').next())
        .collect();
    let mut named = 0;
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "docs/PERFORMANCE.md"] {
        let text = read(name);
        // In prose "make" is a verb: only code counts.
        for (at, _) in text.match_indices("make ") {
            if text[..at].ends_with('`') || text[..at].ends_with("\n    ") {
                let target: String =
                    text[at + 5..].chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect();
                assert!(targets.contains(target.as_str()), "{name}: make {target}");
                named += 1;
            }
        }
    }
    assert!(named > 15, "{named}");
}

/// The text between backticks, line by line.
fn code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The file of a path in the documentation, which can leave `crates/` out.
fn file(path: &str) -> Option<PathBuf> {
    [root().join(path), root().join("crates").join(path)].into_iter().find(|path| path.is_file())
}

fn is_source(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs" || extension == "js")
}

/// Whether a module path such as `core::view::tray::menu` exists. Its last component can be an item of the module.
fn is_module(path: &str) -> bool {
    let (name, rest) = path.split_once("::").unwrap_or((path, ""));
    let mut folder = root().join("crates").join(name).join("src");
    let mut text = std::fs::read_to_string(folder.join("lib.rs")).unwrap_or_default();
    for part in rest.split("::").filter(|part| !part.is_empty()) {
        let next = folder.join(part);
        let module = [next.with_extension("rs"), next.join("mod.rs")].into_iter().find(|path| path.is_file());
        let Some(module) = module else { return text.contains(part) && rest.ends_with(part) };
        (folder, text) = (next, std::fs::read_to_string(module).unwrap());
    }
    !text.is_empty()
}

#[test]
fn every_documented_file_module_and_test_exists() {
    let (mut files, mut modules, mut tests) = (0, 0, 0);
    for name in ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/PERFORMANCE.md"] {
        for line in read(name).lines() {
            // The sources of the named files, and the crates of the named modules.
            let (mut sources, mut crates) = (String::new(), BTreeSet::new());
            for word in code(line) {
                let is_word =
                    |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_/.:-".contains(&byte));
                if !is_word(word) {
                    continue;
                }
                if word.contains('/') && is_source(word) {
                    let path = file(word).unwrap_or_else(|| panic!("{name} names {word}"));
                    sources.push_str(&std::fs::read_to_string(path).unwrap());
                    files += 1;
                } else if word.starts_with("core::") || word.starts_with("engine::") {
                    assert!(is_module(word), "{name} names {word}");
                    crates.extend(word.split("::").next());
                    modules += 1;
                } else if word.matches('_').count() > 2 && !word.contains(['/', '.', ':']) {
                    let is_in = |name: &&str| !files_with(&format!("crates/{name}/src"), &[word]).is_empty();
                    let exists = sources.contains(&format!("fn {word}(")) || crates.iter().any(is_in);
                    assert!(exists || sources.is_empty() && crates.is_empty(), "{name} names the test {word}");
                    tests += 1;
                }
            }
        }
    }
    assert!(files > 60 && modules > 50 && tests > 40, "{files} files, {modules} modules, {tests} tests");
}

/// The source files below a folder in which one of these identifiers stands.
fn files_with(folder: &str, words: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_with(&path, words));
        } else if is_source(&path) {
            let text = read(&path);
            let mut identifiers = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            if identifiers.any(|identifier| words.contains(&identifier)) {
                found.insert(path);
            }
        }
    }
    found
}

/// Asserts that a chapter of the guide names the files in which an example stands, and says how many there are.
fn check_chapter(chapter: &str, found: &BTreeSet<String>) {
    let guide = read("CONTRIBUTING.md");
    let (_, text) = guide.split_once(&format!("## {chapter}\n")).unwrap();
    let text = text.split("\n## ").next().unwrap();
    for path in found {
        assert!(text.contains(&format!("`{}`", path.trim_start_matches("crates/"))), "{chapter}: {path}");
    }
    assert!(text.contains(&format!("That is {} files", found.len())), "{chapter}: {found:#?}");
}

#[test]
fn a_new_action_touches_the_files_that_the_guide_names() {
    let folders = [
        "crates/core/src",
        "crates/engine/src",
        "crates/engine/tests/recordings",
        "crates/cli/src",
        "src-tauri/src",
        "ui/page",
    ];
    let mut found: BTreeSet<String> = folders.iter().flat_map(|folder| files_with(folder, &["reactivate"])).collect();
    // Hooks, `identify` and a simulation use the action.
    found.retain(|path| {
        ["claude/hook/", "session/identify.rs", "simulation"].iter().all(|caller| !path.contains(caller))
    });
    found.insert("crates/cli/src/commands/mod.rs".into());
    check_chapter("Adding an action", &found);
}

#[test]
fn a_new_field_touches_the_files_that_the_guide_names() {
    // In Rust and in JSON.
    let (field, json) = ("own_timeout", "own_timeout_minutes");
    let mut found = files_with("crates/core/src", &[field, json]);
    found.extend(files_with("crates/cli/src", &[field, json]));
    found.extend(files_with("ui/page", &[json]));
    // One is generated; the other is the dialog that sets this field.
    found.retain(|path| !path.ends_with("text/messages.js") && !path.ends_with("timeout_dialog.js"));
    check_chapter("Adding a field of a session", &found);
}
