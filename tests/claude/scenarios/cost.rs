//! What hooks add to a run of the client: `make test-claude MEASURE=1`.

use std::time::{Duration, Instant};

use headcount_claude::Home;
use serde_json::{Value, json};

use crate::support::{WORK, bare};

/// Runs of each kind. They take turns, so that other load falls on all of them.
const RUNS: usize = 11;

/// The events that Headcount's hooks are installed for.
const EVENTS: [&str; 4] = ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"];

fn write_hooks(home: &Home, hooks: &Value) {
    std::fs::write(home.at(".claude/settings.json"), json!({ "hooks": hooks }).to_string()).unwrap();
}

fn run(home: &Home) -> Duration {
    let start = Instant::now();
    let run = home.run(home.claude(), WORK, &["-p", "say something"]);
    assert_eq!(run.code, 0, "{run:?}");
    start.elapsed()
}

#[test]
#[ignore = "measures; the command has to be built as it is shipped"]
fn what_hooks_add_to_a_run() {
    let Some(home) = bare() else { return };
    home.succeed(WORK, &["hooks", "install"]);
    let settings = std::fs::read(home.at(".claude/settings.json")).unwrap();
    let installed = serde_json::from_slice::<Value>(&settings).unwrap()["hooks"].take();
    let nothing = json!([{ "hooks": [{ "type": "command", "command": "/bin/true", "timeout": 5 }] }]);
    let nothing: Value =
        EVENTS.iter().map(|event| ((*event).to_owned(), nothing.clone())).collect::<serde_json::Map<_, _>>().into();
    let kinds = [("no hooks", json!({})), ("/bin/true", nothing), ("headcount", installed)];
    let mut times = vec![Vec::new(); kinds.len()];
    run(&home);
    for _ in 0..RUNS {
        for ((_, hooks), times) in kinds.iter().zip(&mut times) {
            write_hooks(&home, hooks);
            times.push(run(&home));
        }
    }
    for ((name, _), times) in kinds.iter().zip(&mut times) {
        times.sort();
        let [least, median, most] = [0, RUNS / 2, RUNS - 1].map(|at| times[at].as_millis());
        eprintln!("claude -p, {name}: median {median} ms of {RUNS} runs ({least} to {most})");
    }
}
