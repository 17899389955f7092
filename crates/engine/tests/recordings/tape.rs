//! A recording: the states of a workspace, and the answers of each command in each state.
//!
//! Guarantees: a state knows the state before it; an answer that is the same there is not repeated. An action names the
//! state that it leads to.

use serde_json::{Value, json};

use crate::commands;
use crate::fixture::Fixture;

/// A recording of one workspace.
pub(crate) struct Tape {
    pub(crate) name: &'static str,
    make: fn() -> Fixture,
    states: Vec<State>,
}

struct State {
    before: Option<usize>,
    snapshot: Value,
    reads: Vec<Value>,
    actions: Vec<Value>,
}

/// A workspace that is being recorded, at one state.
pub(crate) struct Branch<'t> {
    tape: &'t mut Tape,
    fixture: Fixture,
    at: usize,
}

impl Tape {
    /// Records the first state. `make` makes the same workspace each time.
    pub(crate) fn new(name: &'static str, make: fn() -> Fixture) -> Self {
        let mut fixture = make();
        let snapshot = fixture.snapshot();
        let snapshot = fixture.anonymous(&snapshot);
        let first = State { before: None, snapshot, reads: Vec::new(), actions: Vec::new() };
        let mut tape = Self { name, make, states: vec![first] };
        #[expect(clippy::redundant_closure_for_method_calls, reason = "the method's lifetime is not general enough")]
        tape.branch(|branch| branch.observe());
        tape
    }

    /// Records what happens from the first state on.
    pub(crate) fn branch(&mut self, record: impl FnOnce(&mut Branch<'_>)) {
        let mut fixture = (self.make)();
        fixture.snapshot();
        record(&mut Branch { fixture, at: 0, tape: self });
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let lines =
            |answers: &[Value]| answers.iter().map(|answer| format!("\n{answer}")).collect::<Vec<_>>().join(",");
        let states = self.states.iter().map(|state| {
            let before = json!(state.before);
            let (reads, actions) = (lines(&state.reads), lines(&state.actions));
            format!(
                "{{\"before\":{before},\"snapshot\":{},\n\"reads\":[{reads}],\n\"actions\":[{actions}]}}",
                state.snapshot
            )
        });
        format!("{{\"states\":[\n{}\n]}}\n", states.collect::<Vec<_>>().join(",\n"))
    }

    /// The names of the recorded commands.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &str> {
        self.states
            .iter()
            .flat_map(|state| state.reads.iter().chain(&state.actions))
            .filter_map(|it| it["command"].as_str())
    }

    /// The answer to a read in a state or in the nearest state before it.
    fn known(&self, mut at: usize, request: &Value) -> Option<&Value> {
        loop {
            let state = &self.states[at];
            if let Some(known) = state.reads.iter().find(|known| is_for(known, request)) {
                return Some(known);
            }
            at = state.before?;
        }
    }
}

impl Branch<'_> {
    /// Records the answer of a command that changes nothing. Returns its result.
    pub(crate) fn read(&mut self, command: &str, payload: &Value) -> Value {
        let answer = self.answer(command, payload);
        let recorded = self.fixture.anonymous(&answer);
        if self.tape.known(self.at, &recorded) != Some(&recorded) {
            self.tape.states[self.at].reads.push(recorded);
        }
        answer["result"].clone()
    }

    /// Records an action and the state after it. A failed action leads to no other state. Returns its result.
    pub(crate) fn act(&mut self, command: &str, payload: &Value) -> Value {
        self.fixture.tick();
        let answer = self.answer(command, payload);
        let mut recorded = self.fixture.anonymous(&answer);
        if answer.get("failure").is_some() {
            self.tape.states[self.at].actions.push(recorded);
            return Value::Null;
        }
        let next = self.tape.states.len();
        recorded["next"] = next.into();
        self.tape.states[self.at].actions.push(recorded);
        let snapshot = self.fixture.snapshot();
        let snapshot = self.fixture.anonymous(&snapshot);
        self.tape.states.push(State { before: Some(self.at), snapshot, reads: Vec::new(), actions: Vec::new() });
        self.at = next;
        self.observe();
        answer["result"].clone()
    }

    /// The snapshot of this state.
    pub(crate) fn snapshot(&self) -> &Value {
        &self.tape.states[self.at].snapshot
    }

    /// Records an action and its undo.
    pub(crate) fn act_and_undo(&mut self, command: &str, payload: &Value) {
        let done = self.act(command, payload);
        self.act("undo", &json!({ "change": done["change"] }));
    }

    /// Records the answers that the page asks for by itself.
    fn observe(&mut self) {
        for command in ["history", "settings", "starts_at_login", "hooks", "newest_copy"] {
            self.read(command, &json!({}));
        }
    }

    fn answer(&self, command: &str, payload: &Value) -> Value {
        let (key, value) = match commands::run(&self.fixture, command, payload) {
            Ok(result) => ("result", result),
            Err(failure) => ("failure", failure),
        };
        json!({ "command": command, "payload": payload, key: value })
    }
}

fn is_for(known: &Value, request: &Value) -> bool {
    known["command"] == request["command"] && known["payload"] == request["payload"]
}
