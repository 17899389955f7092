//! What a hook replies to Claude Code: the number, until it reached the model, and the title of the session.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::claude::Claude;
use crate::environment::Environment;
use crate::hooks::input::given;
use crate::hooks::sessions::{active, entries, env};

/// A session and the environment that Claude Code gives to its hooks.
struct Session<'w> {
    env: &'w Environment,
    claude: Claude,
}

impl Session<'_> {
    fn payload(&self, event: &str, more: &Value) -> String {
        let (id, cwd) = (&self.claude.session_id, &self.claude.cwd);
        let mut payload = json!({ "hook_event_name": event, "session_id": id, "cwd": cwd });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload.to_string()
    }

    /// The fields of the reply.
    fn reply(&self, event: &str, more: &Value) -> Value {
        let pid = self.claude.pid().to_string();
        let run = given(self.env, self.payload(event, more).as_bytes(), &[("CLAUDE_PID", &pid)]);
        assert_eq!(run.code, 0, "{run:?}");
        if run.stdout.is_empty() {
            return Value::Null;
        }
        serde_json::from_str::<Value>(&run.stdout).unwrap()["hookSpecificOutput"].clone()
    }

    fn title(&self, more: &Value) -> Value {
        self.reply("SessionStart", more)["sessionTitle"].clone()
    }

    /// Runs the hook with an output that accepts nothing.
    fn unheard(&self, event: &str, more: &Value, output: Stdio) {
        let mut command = self.env.command();
        command.arg("hook").env("CLAUDE_PID", self.claude.pid().to_string()).stdin(Stdio::piped()).stdout(output);
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(self.payload(event, more).as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_number_that_could_not_be_printed_is_told_with_the_next_prompt() {
    let (env, home) = env();
    let session = Session { env: &env, claude: Claude::unnoticed(&home, &env.workspace(), "a") };
    let told = || serde_json::from_str::<Value>(&env.read_registry()).unwrap()["1"]["claude"]["told"].clone();
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").unwrap());
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    session.unheard("SessionStart", &json!({ "source": "startup" }), full());
    assert_eq!((entries(&env), told()), (active(&[1]), Value::Null));
    session.unheard("UserPromptSubmit", &json!({}), closed());
    assert_eq!(told(), Value::Null);
    let context = session.reply("UserPromptSubmit", &json!({}))["additionalContext"].clone();
    assert!(context.as_str().unwrap().contains("has the number 1."), "{context}");
    assert_eq!((told(), session.reply("UserPromptSubmit", &json!({}))), (json!(1), Value::Null));
}

#[test]
fn a_session_gets_a_title_unless_it_has_one_of_its_own() {
    let (env, home) = env();
    let session = Session { env: &env, claude: Claude::unnoticed(&home, &env.workspace(), "a") };
    assert_eq!(session.title(&json!({ "source": "startup" })), "#1 workspace");
    // Only the start of a conversation needs one.
    let own = json!({ "source": "compact", "session_title": "#1 workspace" });
    assert_eq!(session.title(&own), Value::Null);
    // Headcount's own title follows the number.
    assert_eq!(env.run(&["reassign", "1", "7"]).code, 0);
    assert_eq!(session.title(&json!({ "source": "resume", "session_title": "#1 workspace" })), "#7 workspace");
    // That of a person stays.
    assert_eq!(session.title(&json!({ "source": "resume", "session_title": "Builder" })), Value::Null);
    let other = Session { env: &env, claude: Claude::unnoticed(&home, &env.workspace(), "b") };
    assert_eq!(other.title(&json!({ "source": "startup", "session_title": "best of 5" })), Value::Null);
    let config = env.home().join(".config/headcount");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "session_titles = false\n").unwrap();
    assert_eq!(session.title(&json!({ "source": "resume" })), Value::Null);
}
