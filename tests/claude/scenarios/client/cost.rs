//! What hooks add to a run of the client: `make test-claude MEASURE=1`.
//!
//! A run takes hundreds of milliseconds and varies by more than what is measured, so each round runs every kind once, in an
//! order that rotates, and the figures are medians of the differences within a round: load that lasts longer than a round falls
//! on all of them.

use std::time::{Duration, Instant};

use headcount_claude::Home;
use serde_json::{Value, json};

use crate::support::{WORK, bare};

/// Rounds, and those before them that are not counted.
const ROUNDS: usize = 40;
const WARM_UP: usize = 3;

/// The events that Headcount's hooks are installed for.
const EVENTS: [&str; 4] = ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"];

fn write_hooks(home: &Home, hooks: &Value) {
    std::fs::write(home.at(".claude/settings.json"), json!({ "hooks": hooks }).to_string()).unwrap();
}

/// The duration of a run, in milliseconds.
fn run(home: &Home) -> f64 {
    let start = Instant::now();
    let run = home.run(home.claude(), WORK, &["-p", "say something"]);
    let took = start.elapsed();
    assert_eq!(run.code, 0, "{run:?}");
    took.div_duration_f64(Duration::from_millis(1))
}

/// Lower quartile, median and upper quartile.
fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}

#[test]
#[ignore = "measures; the command has to be built as it is shipped"]
fn what_hooks_add_to_a_run() {
    let Some(home) = bare() else { return };
    // Otherwise the hooks of such a run end after a look at its record.
    std::fs::create_dir_all(home.at(".config/headcount")).unwrap();
    std::fs::write(home.at(".config/headcount/config.toml"), "count_sdk_runs = true\n").unwrap();
    home.succeed(WORK, &["hooks", "install"]);
    let settings = std::fs::read(home.at(".claude/settings.json")).unwrap();
    let installed = serde_json::from_slice::<Value>(&settings).unwrap()["hooks"].take();
    // The same in everything but the program.
    let mut nothing = installed.clone();
    for event in EVENTS {
        nothing[event][0]["hooks"][0]["command"] = json!("/bin/true");
        nothing[event][0]["hooks"][0].as_object_mut().unwrap().remove("args");
    }
    let kinds = [("no hooks", json!({})), ("/bin/true", nothing), ("headcount", installed)];
    let mut times = vec![[0.0; 3]; ROUNDS];
    for round in 0..WARM_UP + ROUNDS {
        for at in (0..kinds.len()).map(|at| (at + round) % kinds.len()) {
            write_hooks(&home, &kinds[at].1);
            let time = run(&home);
            if let Some(round) = round.checked_sub(WARM_UP) {
                times[round][at] = time;
            }
        }
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    eprintln!("claude -p with four hooks, {ROUNDS} rounds, load at the end {}", load.trim());
    for (at, (name, _)) in kinds.iter().enumerate() {
        let [low, median, high] = quartiles(times.iter().map(|round| round[at]));
        eprintln!("{name}: median {median:.0} ms, quartiles {low:.0} to {high:.0}");
    }
    for (more, less) in [(1, 0), (2, 0), (2, 1)] {
        let [low, median, high] = quartiles(times.iter().map(|round| round[more] - round[less]));
        let names = [more, less].map(|at| kinds[at].0);
        eprintln!("{} minus {}: median {median:+.0} ms, quartiles {low:+.0} to {high:+.0}", names[0], names[1]);
    }
}
