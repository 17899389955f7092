//! The registry of a session whose first event comes after its shell has changed the folder.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::claude::Claude;
use crate::environment::Environment;
use crate::hooks::input::given;
use crate::hooks::sessions::{EMPTY, env};

/// A folder with an empty registry.
fn folder(env: &Environment, name: &str) -> PathBuf {
    let folder = env.root().join(name);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("claude_sessions.json"), EMPTY).unwrap();
    folder
}

#[test]
fn the_folder_of_the_start_precedes_the_record_and_the_shell() {
    let (env, home) = env();
    for (at, (is_named, is_recorded)) in
        [(true, true), (true, false), (false, true), (false, false)].into_iter().enumerate()
    {
        let [started, recorded, shell] =
            ["started", "recorded", "shell"].map(|name| folder(&env, &format!("{name}-{at}")));
        let mut claude = Claude::without_record(&home, &shell, &format!("s{at}"));
        if is_recorded {
            claude.cwd.clone_from(&recorded);
            claude.rewrite_record(&json!({}));
        }
        let payload = json!({ "hook_event_name": "UserPromptSubmit", "session_id": claude.session_id, "cwd": shell });
        let (pid, project) = (claude.pid().to_string(), started.to_str().unwrap().to_owned());
        let variables = [("CLAUDE_PID", pid.as_str()), ("CLAUDE_PROJECT_DIR", project.as_str())];
        let run = given(&env, payload.to_string().as_bytes(), &variables[..=usize::from(is_named)]);
        assert!(run.stdout.contains("has the number 1."), "{run:?}");
        let has_it = |folder: &Path| std::fs::read_to_string(folder.join("claude_sessions.json")).unwrap() != EMPTY;
        let expected = (is_named, !is_named && is_recorded, !is_named && !is_recorded);
        assert_eq!((has_it(&started), has_it(&recorded), has_it(&shell)), expected, "{at}");
    }
}
