//! The stand-in for Claude Code that the other suites use, compared with the real client: [`assert_facts`] is asserted of
//! both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use headcount_claude::{Client, Home, until};
use serde_json::{Value, json};

use crate::stand_in::{self, Claude};
use crate::support::{WORK, start};

/// A hook that records what it is given in `$HOME/seen/<$1>` and prints its second argument. The file appears whole.
const RECORDER: &str = r#"
read -r payload
record="$HOME/.claude/sessions/$CLAUDE_PID.json"
mkdir -p "$HOME/seen"
{
    echo "payload=$payload"
    echo "arguments=$*"
    echo "folder=$(pwd -P)"
    echo "record=$(cat "$record" 2>/dev/null)"
    kill -0 "$CLAUDE_PID" && echo "process=runs"
    env | grep '^CLAUDE'
} >"$HOME/seen/.$1"
mv "$HOME/seen/.$1" "$HOME/seen/$1"
printf '%s\n' "$2"
"#;

/// A session, real or not.
trait Session {
    /// Says a prompt and waits for the end of the turn. Returns what the model is told with it, as far as the recorder printed
    /// it.
    fn turn(&mut self, prompt: &str) -> String;
    fn clear(&mut self);
    fn exit(self);
    fn pid(&self) -> u32;
}

struct Real<'h>(&'h Home, Client);

impl Session for Real<'_> {
    fn turn(&mut self, prompt: &str) -> String {
        self.1.turn(self.0, prompt);
        self.0.api.turns(prompt).pop().unwrap()
    }

    fn clear(&mut self) {
        self.1.say("/clear");
    }

    fn exit(self) {
        self.1.say("/exit");
        self.1.wait_end();
    }

    fn pid(&self) -> u32 {
        self.1.pid()
    }
}

/// The stand-in, and what its model was told so far: the real client sends the whole conversation each time.
struct StandIn(Claude, String);

impl Session for StandIn {
    fn turn(&mut self, _: &str) -> String {
        self.1.push_str(&self.0.turn());
        self.1.clone()
    }

    fn clear(&mut self) {
        self.1 = self.0.clear("cleared");
    }

    fn exit(self) {
        self.0.exit();
    }

    fn pid(&self) -> u32 {
        self.0.pid()
    }
}

/// Puts the recorder into the settings of a home.
fn install(home: &Path) {
    let recorder = home.join("recorder");
    std::fs::write(&recorder, RECORDER).unwrap();
    let shell = |name: &str, output: &str| json!({ "type": "command", "command": format!("sh \"$HOME\"/recorder {name} '{output}'") });
    let run_async = |mut hook: Value| {
        hook["async"] = json!(true);
        hook
    };
    let with_args = json!({ "type": "command", "command": "sh", "args": [recorder, "args", "$HOME 'plain'"] });
    let context = r#"{"hookSpecificOutput":{"hookEventName":"Stop","additionalContext":"late-json"}}"#;
    let hooks = json!({
        "SessionStart": [{ "hooks": [shell("start", "start-plain"), with_args] }],
        "UserPromptSubmit": [{ "hooks": [shell("prompt", "prompt-plain"), run_async(shell("late", "late-plain"))] }],
        "Stop": [{ "hooks": [run_async(shell("stop", context)), shell("quiet", "stop-plain")] }],
        "SessionEnd": [{ "hooks": [shell("end", "end-plain")] }],
    });
    std::fs::write(home.join(".claude/settings.json"), json!({ "hooks": hooks }).to_string()).unwrap();
}

/// What one run of the recorder was given.
#[derive(Debug)]
struct Seen(BTreeMap<String, String>);

impl Seen {
    fn payload(&self) -> Value {
        serde_json::from_str(&self.0["payload"]).unwrap()
    }

    fn record(&self) -> Option<Value> {
        Some(&self.0["record"]).filter(|text| !text.is_empty()).map(|text| serde_json::from_str(text).unwrap())
    }
}

/// Waits for a run of the recorder, and takes it away.
fn seen(home: &Path, name: &str) -> Seen {
    let path = home.join("seen").join(name);
    let text = until(&format!("a hook {name:?}"), || std::fs::read_to_string(&path).ok());
    std::fs::remove_file(&path).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('='));
    Seen(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The facts that the stand-in has to share with the real client.
fn assert_facts(home: &Path, mut session: impl Session) {
    let (pid, project) = (session.pid().to_string(), home.join(WORK).display().to_string());
    let assert_common = |event: &str, seen: &Seen| {
        let payload = seen.payload();
        for (name, value) in [
            ("CLAUDE_PID", pid.as_str()),
            ("CLAUDE_CODE_SESSION_ID", payload["session_id"].as_str().unwrap()),
            ("CLAUDE_PROJECT_DIR", &project),
            ("CLAUDE_CODE_ENTRYPOINT", "cli"),
            ("CLAUDE_CODE_SESSION_ATTENDED", "1"),
            ("CLAUDE_CODE_CHILD_SESSION", "1"),
            ("CLAUDECODE", "1"),
            ("folder", &project),
            ("process", "runs"),
        ] {
            assert_eq!(seen.0.get(name).map(String::as_str), Some(value), "{name} at {event}: {seen:?}");
        }
        assert_eq!(payload["hook_event_name"], event);
        assert_eq!(payload["cwd"], project.as_str());
        assert!(payload["transcript_path"].is_string(), "{payload}");
        payload
    };

    let start = assert_common("SessionStart", &seen(home, "start"));
    assert_eq!(start["source"], "startup");
    let id = start["session_id"].clone();
    assert_eq!(seen(home, "args").0["arguments"], "args $HOME 'plain'", "no shell sees the arguments");
    let told = session.turn("first words");
    assert!(told.contains("start-plain") && told.contains("prompt-plain"), "{told}");
    let prompt = seen(home, "prompt");
    assert!(assert_common("UserPromptSubmit", &prompt)["prompt"].is_string());
    let record = prompt.record().unwrap();
    assert_eq!((&record["pid"], &record["sessionId"]), (&json!(session.pid()), &id));
    assert_eq!((&record["kind"], &record["entrypoint"]), (&json!("interactive"), &json!("cli")));
    let stop = seen(home, "stop");
    assert_common("Stop", &stop);
    assert_eq!(stop.record().unwrap()["sessionId"], id);
    seen(home, "late");
    let told = session.turn("second words");
    assert!(told.contains("late-json"), "the JSON of an asynchronous hook arrives with the next prompt: {told}");
    for dropped in ["late-plain", "stop-plain"] {
        assert!(!told.contains(dropped), "{dropped}: {told}");
    }
    seen(home, "stop");

    session.clear();
    let end = seen(home, "end");
    let ended = assert_common("SessionEnd", &end);
    assert_eq!((&ended["reason"], &ended["session_id"]), (&json!("clear"), &id));
    assert_eq!(end.record().unwrap()["sessionId"], id, "the process goes on, and its record follows the event");
    // The record names the new id soon, but not always before this hook runs.
    let start = assert_common("SessionStart", &seen(home, "start"));
    assert_eq!(start["source"], "clear");
    assert_ne!(start["session_id"], id);
    let told = session.turn("third words");
    assert!(told.contains("start-plain"), "the conversation begins anew: {told}");
    assert!(!told.contains("end-plain"), "{told}");
    assert!(told.contains("late-json"), "the turn before was in the conversation before: {told}");

    session.exit();
    let end = seen(home, "end");
    let ended = assert_common("SessionEnd", &end);
    assert_eq!((&ended["reason"], &ended["session_id"]), (&json!("prompt_input_exit"), &start["session_id"]));
    assert_eq!(end.record(), None, "the record is removed before the hook runs");
}

#[test]
fn the_stand_in_does_what_the_real_client_does() {
    let Some(home) = Home::new(&[WORK]) else { return };
    let folder: PathBuf = home.at("");
    install(&folder);
    let client = start(&home, &[]);
    assert_facts(&folder, Real(&home, client));

    let environment = stand_in::Home { config: home.at(".claude"), environment: home.environment() };
    let (claude, told) = Claude::start(&environment, &home.at(WORK), "first");
    assert_facts(&folder, StandIn(claude, told));
}
