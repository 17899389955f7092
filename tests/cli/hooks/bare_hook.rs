//! Hook calls without arguments: `headcount` alone, with an event on standard input. Old versions of Claude Code drop a
//! hook's arguments.

use serde_json::json;

use crate::environment::{Environment, run};
use crate::hooks::install::PROGRAM;

#[test]
fn a_bare_hook_prints_no_table_and_other_input_is_not_consumed() {
    let env = Environment::twelve();
    let payload = r#"{"hook_event_name": "Notification", "session_id": "a"}"#;
    let given = |input: &str, variable: Option<&str>| {
        let path = env.root().join("input");
        std::fs::write(&path, input).unwrap();
        let script = format!("cat {} | {PROGRAM}", path.display());
        let mut command = env.program("sh");
        run(command.args(["-c", &script]).envs(variable.map(|name| (name, "1"))))
    };
    for variable in ["CLAUDECODE", "CLAUDE_PROJECT_DIR", "CLAUDE_PID", "CLAUDE_CODE_ENTRYPOINT"] {
        let run = given(payload, Some(variable));
        assert!(run.code == 0 && !run.stdout.contains("Free numbers"), "{variable}: {run:?}");
    }
    // Other input, empty input, and a shell outside of Claude Code.
    for (input, variable) in
        [("1\n2\n", Some("CLAUDECODE")), ("{}", Some("CLAUDECODE")), ("", Some("CLAUDECODE")), (payload, None)]
    {
        assert!(given(input, variable).stdout.contains("Free numbers"), "{input:?} {variable:?}");
    }
    assert!(run(env.command().env("CLAUDECODE", "1")).stdout.contains("Free numbers"), "</dev/null");
    // A file that a loop reads line by line keeps its remaining lines.
    let script = format!(
        "printf 'a\\nb\\nc\\n' >../list; while read -r line; do echo \"<$line>\"; {PROGRAM} >../out; done <../list"
    );
    let looped = run(env.program("sh").args(["-c", &script]).env("CLAUDECODE", "1"));
    assert_eq!(looped.stdout, "<a>\n<b>\n<c>\n", "{looped:?}");
}

#[test]
fn a_bare_hook_registers_its_session() {
    let env = Environment::new();
    env.write_registry("{}");
    let input =
        json!({ "hook_event_name": "SessionStart", "source": "startup", "session_id": "s", "cwd": env.workspace() });
    let mut command = env.program("sh");
    command.args(["-c", &format!("echo '{input}' | {PROGRAM}")]).env("CLAUDE_PID", std::process::id().to_string());
    let run = run(command.env("CLAUDECODE", "1"));
    assert!(run.code == 0 && run.stdout.starts_with("{\"hookSpecificOutput\""), "{run:?}");
    assert!(env.read_registry().contains("\"active\""), "{}", env.read_registry());
}
