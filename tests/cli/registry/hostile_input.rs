//! Hostile text: agents write registries, and their contents must reach a terminal as plain text only.

use serde_json::{Value, json};

use crate::environment::{Environment, run};

/// Characters that control a terminal or affect neighbouring text.
fn is_control_or_format(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}'
            | '\u{e0000}'..='\u{e007f}')
}

const HOSTILE_STRINGS: [&str; 8] = [
    "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}",
    "\u{1b}[2J\u{1b}[H cleared",
    "\u{9b}31m one-byte escape \u{85}",
    "\u{202e}drowssap\u{202c} \u{2066}isolate",
    "two\nlines\r\nand\ta tab\u{2028}separator",
    "zero\u{200b}width\u{feff}\u{e0041}tags",
    "<b>bold</b> & <script>alert(1)</script> $(touch PWNED) `id` '; rm -rf / ;'",
    "\u{0}\u{8}\u{8}\u{8}\u{7f}",
];

/// One session per string, with the string in every text field.
fn env() -> Environment {
    let env = Environment::new();
    std::fs::create_dir(env.heartbeats()).unwrap();
    let entries: serde_json::Map<String, Value> = (1..)
        .zip(HOSTILE_STRINGS)
        .map(|(number, trick)| {
            let status = if number % 2 == 0 { "active" } else { trick };
            let entry = json!({ "session_id": trick, "role": trick, "goal": trick, "status": status, "terminal": trick,
                "number": trick });
            (number.to_string(), entry)
        })
        .chain([("bad\u{1b}[31m\nkey".to_owned(), json!({}))])
        .collect();
    env.write_registry(&serde_json::to_string_pretty(&entries).unwrap());
    env
}

#[test]
fn control_sequences_never_reach_the_terminal() {
    let env = env();
    for args in [&["status"][..], &["cleanup", "--dry-run"], &["cleanup"], &["log"], &["doctor"], &["undo"]] {
        let run = env.run(args);
        assert_eq!(run.code, 0, "{run:?}");
        for (name, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            let found: Vec<char> = text.chars().filter(|c| is_control_or_format(*c)).collect();
            assert!(found.is_empty(), "{args:?} {name}: {found:?} in {text:?}");
        }
        assert!(run.stderr.lines().all(|line| line.starts_with("headcount: ")), "one line a warning: {run:?}");
    }
    let lines = env.run(&["status"]).stdout.lines().count();
    assert_eq!(lines, 2 + HOSTILE_STRINGS.len() + 2, "one line a session");
    assert!(!env.workspace().join("PWNED").exists());
}

#[test]
fn json_contains_the_original_text() {
    let env = env();
    let status = env.json(&["status"]);
    for (session, trick) in status["sessions"].as_array().unwrap().iter().zip(HOSTILE_STRINGS) {
        assert_eq!(session["role"], trick);
        assert_eq!(session["goal"], trick);
    }
}

#[test]
fn a_megabyte_of_role_is_one_short_line() {
    let env = Environment::new();
    std::fs::create_dir(env.heartbeats()).unwrap();
    let role = "日本語 \n".repeat(1024 * 1024 / 11);
    env.write_registry(&json!({ "1": { "role": role, "session_id": role, "status": "active" } }).to_string());
    let before = env.read_registry();
    let run = env.run(&["status"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.lines().all(|line| line.chars().count() < 200), "{:?}", run.stdout.len());
    let run = env.run(&["cleanup"]);
    assert!(run.code == 0 && run.stdout.len() < 4096, "{}", run.stdout.len());
    assert_eq!(env.run(&["undo"]).code, 0);
    assert_eq!(env.read_registry(), before);
}

#[test]
fn ids_are_not_used_as_patterns_or_paths() {
    let env = Environment::new();
    env.write_registry(
        &json!({ "1": { "session_id": "../../outside", "status": "active" },
        "2": { "session_id": "*", "status": "active" } })
        .to_string(),
    );
    env.write_beat("session-9.json", "{}");
    std::fs::write(env.root().join("outside.json"), "{}").unwrap();
    let status = env.json(&["status"]);
    assert_eq!(status["counts"]["stale"], 2, "{status}");
}

#[test]
fn control_sequences_in_paths_never_reach_the_terminal() {
    let env = Environment::new();
    let id = "x\u{1b}[2J\ny\u{202e}";
    let folder = env.root().join(format!("ws-{id}"));
    std::fs::create_dir_all(folder.join("heartbeats")).unwrap();
    std::fs::write(folder.join(format!("heartbeats/2025-11-17_11-58-00-{id}.json")), "broken").unwrap();
    let registry = folder.join("claude_sessions.json");
    let active = json!({ "1": { "session_id": id, "status": "active" } }).to_string();
    for (text, code, lines) in [(active, 0, 2), ("[]".into(), 1, 1)] {
        std::fs::write(&registry, text).unwrap();
        let run = run(env.command().arg("--registry").arg(&registry).args(["status", "--at", "2025-11-17T12:00:00Z"]));
        assert_eq!((run.code, run.stderr.lines().count()), (code, lines), "{run:?}");
        assert!(
            !run.stdout.contains(is_control_or_format) && !run.stderr.trim_end().contains(is_control_or_format),
            "{run:?}"
        );
    }
}

#[test]
fn hostile_heartbeats_still_count() {
    let env = Environment::new();
    env.write_registry(&json!({ "1": { "status": "active" } }).to_string());
    let bodies = [
        "[".repeat(60_000),
        "{\"timestamp\":".repeat(4000),
        "\u{0}\u{1b}".to_owned(),
        "{\"timestamp\": 1e999}".to_owned(),
    ];
    for (second, body) in bodies.iter().enumerate() {
        env.write_beat(&format!("2025-11-17_11-58-{second:02}-session-1.json"), body);
    }
    env.write_beat("\u{1b}[31m.json", "{}");
    env.write_beat("Session-01\u{202e}.json", "{}");
    let run = env.run(&["status", "--at", "2025-11-17T12:00:00Z"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("1 active"), "{run:?}");
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{202e}'), "{run:?}");
}
