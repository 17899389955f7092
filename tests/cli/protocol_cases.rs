//! The test cases of the protocol: each creates a folder, runs `status` and a dry `cleanup`, and compares the results.
//! `tests/fixtures/cases.json` contains them; cases in the file named by `HEADCOUNT_CASES` are run as well.

use std::collections::BTreeSet;
use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::environment::{Environment, Run, run};

#[derive(Deserialize)]
struct Case {
    name: String,
    about: String,
    tz: String,
    at: String,
    args: Vec<String>,
    registry: Option<String>,
    heartbeats: Option<Vec<Beat>>,
    expect: Expectation,
}

#[derive(Deserialize)]
struct Beat {
    name: String,
    body: String,
    mtime: u64,
}

#[derive(Deserialize)]
struct Expectation {
    exit: i32,
    cleanup_exit: i32,
    sessions: Option<Map<String, Value>>,
    marked: Option<Vec<u64>>,
    #[serde(default)]
    warnings: Vec<String>,
}

impl Case {
    fn create(&self) -> Environment {
        let env = Environment::new();
        if let Some(registry) = &self.registry {
            env.write_registry(registry);
        }
        if let Some(beats) = &self.heartbeats {
            std::fs::create_dir(env.heartbeats()).unwrap();
            for beat in beats {
                let path = env.write_beat(&beat.name, &beat.body);
                File::options()
                    .write(true)
                    .open(path)
                    .unwrap()
                    .set_modified(UNIX_EPOCH + Duration::from_secs(beat.mtime))
                    .unwrap();
            }
        }
        env
    }

    fn run(&self, env: &Environment, words: &[&str]) -> Run {
        let mut command = env.command();
        command.env("TZ", &self.tz).arg("--registry").arg(env.registry()).args(words);
        run(command.args(["--json", "--at", &self.at]).args(&self.args))
    }

    /// The differences from the expected results.
    fn differences(&self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut check = |what: &str, found: &dyn std::fmt::Debug, is_right: bool| {
            if !is_right {
                differences.push(format!("{} ({}): {what} is {found:?}", self.name, self.about));
            }
        };
        let env = self.create();
        let status = self.run(&env, &["status"]);
        check("exit", &status, status.code == self.expect.exit);
        let status: Value = serde_json::from_str(&status.stdout).unwrap_or_default();
        for (number, wanted) in self.expect.sessions.iter().flatten() {
            let found =
                rows(&status).find(|row| row["number"] == number.parse::<u64>().unwrap()).cloned().unwrap_or_default();
            for (field, wanted) in wanted.as_object().unwrap() {
                let is_right =
                    if field == "warnings" { set(wanted) == set(&found[field]) } else { *wanted == found[field] };
                check(&format!("{field} of {number}"), &found[field], is_right);
            }
        }
        if let Some(wanted) = &self.expect.sessions {
            check("sessions", &rows(&status).count(), rows(&status).count() == wanted.len());
        }
        let codes: BTreeSet<String> =
            status["warnings"].as_array().into_iter().flatten().map(|w| w["code"].as_str().unwrap().into()).collect();
        check("warnings", &codes, self.expect.warnings.iter().all(|code| codes.contains(code)));

        let cleanup = self.run(&env, &["cleanup", "--dry-run"]);
        check("exit of cleanup", &cleanup, cleanup.code == self.expect.cleanup_exit);
        if let Some(marked) = &self.expect.marked {
            let cleanup: Value = serde_json::from_str(&cleanup.stdout).unwrap_or_default();
            let mut found: Vec<u64> =
                cleanup["marked"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
            found.sort_unstable();
            check("marked", &found, found == *marked);
        }
        let after = std::fs::read_to_string(env.registry()).ok();
        check("the registry afterwards", &after, after == self.registry);
        differences
    }
}

fn rows(status: &Value) -> impl Iterator<Item = &Value> {
    status["sessions"].as_array().into_iter().flatten()
}

fn set(codes: &Value) -> BTreeSet<String> {
    codes.as_array().into_iter().flatten().map(ToString::to_string).collect()
}

#[test]
fn all_protocol_cases_pass() {
    let mut texts = vec![include_str!("../fixtures/cases.json").to_owned()];
    texts.extend(std::env::var_os("HEADCOUNT_CASES").map(|path| std::fs::read_to_string(path).unwrap()));
    let cases = texts.iter().flat_map(|text| serde_json::from_str::<Vec<Case>>(text).unwrap());
    let (mut count, mut differences) = (0, Vec::new());
    for case in cases {
        count += 1;
        differences.extend(case.differences());
    }
    assert!(count >= 34, "{count} cases");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
