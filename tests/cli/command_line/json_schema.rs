//! The output of `status --json` matches `docs/status.schema.json`, in every state that it can describe.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::environment::{Environment, now};

/// The schema, compiled.
struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/status.schema.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler.add_resource("status.json", schema).unwrap();
        let index = compiler.compile("status.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn accepts(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }

    #[track_caller]
    fn check(&self, value: &Value) {
        if let Err(error) = self.schemas.validate(value, self.index) {
            panic!("{error:#}\n{value:#}");
        }
    }
}

/// Sessions of every state, one of them of this process, which waits, and one running session without a number.
fn env() -> Environment {
    let env = Environment::with(
        &[
            (1, "session-1", "active", Some(1)),
            (2, "session-2", "active", Some(332)),
            (3, "session-3", "active", None),
            (4, "session-4", "napping", None),
            (13, "session-13", "inactive", Some(1)),
        ],
        now(),
    );
    let sessions = env.home().join(".claude/sessions");
    std::fs::create_dir_all(&sessions).unwrap();
    let pid = std::process::id();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let started = stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().to_owned();
    let record = json!({
        "pid": pid, "procStart": started, "kind": "interactive", "entrypoint": "cli", "cwd": env.workspace(), "startedAt": 1_791_212_478_356_u64,
        "status": "waiting", "waitingFor": "permission prompt",
    });
    std::fs::write(sessions.join(format!("{pid}.json")), record.to_string()).unwrap();
    env
}

#[test]
fn the_output_matches_its_schema() {
    let schema = Schema::read();
    schema.check(&Environment::twelve().json(&["status"]));
    let env = env();
    let status = env.json(&["status"]);
    schema.check(&status);
    let waiting = &status["unregistered"][0]["activity"];
    assert_eq!(*waiting, json!({ "kind": "waiting", "for": "permission", "since": null }), "{status}");
    env.run(&["cleanup"]);
    schema.check(&env.json(&["status"]));
    std::fs::remove_dir_all(env.heartbeats()).unwrap();
    schema.check(&env.json(&["status"]));
}

#[test]
fn the_schema_is_strict_about_what_it_knows() {
    let schema = Schema::read();
    let status = env().json(&["status"]);
    let with = |pointer: &str, value: Value| {
        let mut changed = status.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    assert!(schema.accepts(&with("/sessions/0/role", json!("another"))));
    for (pointer, value) in [
        ("/version", json!(2)),
        ("/at", json!("yesterday")),
        ("/counts/waiting", json!(-1)),
        ("/counts", json!({})),
        ("/sessions/0/state", json!("asleep")),
        ("/sessions/0/number", json!("1")),
        ("/unregistered/0/activity", json!({ "kind": "waiting", "since": null })),
        ("/unregistered/0/activity", json!({ "kind": "idle", "for": "answer", "since": null })),
        ("/unregistered/0/activity", json!({ "kind": "idle", "since": "soon" })),
    ] {
        assert!(!schema.accepts(&with(pointer, value.clone())), "{pointer}: {value}");
    }
}
