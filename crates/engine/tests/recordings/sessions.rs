//! Recordings of the list of sessions: cleanup, registration, numbers, snooze.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use headcount_core::liveness::cleanup::{Selection, Target};
use headcount_core::time;
use headcount_core::view::history::Actor;
use headcount_engine::Workspace;
use headcount_engine::ops::{self, ActionContext};
use serde_json::{Value, json};

use crate::fixture::{Definition, Fixture, START};
use crate::tape::{Branch, Tape};

/// The stale sessions of the story.
const STALE: [u64; 9] = [2, 3, 4, 6, 7, 9, 10, 11, 12];

pub(crate) const TAPES: [fn() -> Tape; 8] = [
    story,
    || views("calm", || Fixture::new(&Definition::read("calm"))),
    || views("hostile", || Fixture::new(&Definition::read("hostile"))),
    || views("crowd", || Fixture::new(&crowd())),
    || cleanup("everything-stale", everything_stale),
    || cleanup("no-heartbeats", no_heartbeats),
    || {
        cleanup("change-fails", || {
            let fixture = Fixture::new(&Definition::read("story"));
            fixture.block_journal();
            fixture
        })
    },
    running,
];

/// Twelve sessions, of which nine are stale, with changes of some days.
pub(crate) fn story_fixture() -> Fixture {
    let mut fixture = Fixture::new(&Definition::read("story"));
    for (at, by, change) in past() {
        fixture.set_time(at);
        change(&fixture.opened().workspace, fixture.context(by));
    }
    fixture.set_time(START);
    fixture
}

type Change = fn(&Workspace, ActionContext);

/// Changes that leave the sessions as they were.
fn past() -> [(&'static str, Actor, Change); 4] {
    let undo_last: Change = |workspace, context| {
        let last = ops::history(workspace, 1).unwrap().remove(0);
        ops::undo(workspace, &last.id, context).unwrap();
    };
    [
        ("2025-11-16T22:31:00Z", Actor::Command, |workspace, context| {
            ops::reassign(workspace, 5, 13, None, context).unwrap();
        }),
        ("2025-11-17T18:10:00Z", Actor::Window, |workspace, context| {
            ops::reassign(workspace, 13, 5, None, context).unwrap();
        }),
        ("2025-11-17T19:57:00Z", Actor::Tray, |workspace, context| {
            let stale = STALE.into_iter().map(Target::number).collect();
            ops::cleanup(workspace, &Selection::Only(stale), false, context).unwrap();
        }),
        ("2025-11-17T19:58:00Z", Actor::Window, undo_last),
    ]
}

fn story() -> Tape {
    let mut tape = Tape::new("story", story_fixture);
    tape.branch(|branch| {
        details(branch);
        branch.read("preview_compact", &json!({}));
        for from in [1, 2, 5, 8] {
            for to in 1..=13 {
                branch.read("preview_reassign", &json!({ "from": from, "to": to }));
            }
        }
        for minutes in [0, 10, 30, 60, 240, 1440] {
            branch.read("preview_timeout", &json!({ "minutes": minutes }));
        }
    });
    tape.branch(|branch| branch.act_and_undo("cleanup", &json!({ "numbers": STALE, "force": false })));
    tape.branch(|branch| branch.act_and_undo("cleanup", &json!({ "numbers": [2], "force": false })));
    tape.branch(|branch| {
        branch.act("heartbeat", &json!({ "named": named(2, "session-2") }));
    });
    tape.branch(|branch| {
        branch.act("release", &json!({ "named": named(5, "session-collective-mind") }));
        branch.act_and_undo("reactivate", &json!({ "named": named(5, "session-collective-mind") }));
    });
    preferences(&mut tape);
    registration(&mut tape);
    numbers(&mut tape);
    tape.branch(|branch| {
        branch.act("snooze", &json!({ "choice": "hour" }));
        branch.act("snooze", &json!({ "choice": "off" }));
    });
    tape
}

fn preferences(tape: &mut Tape) {
    let second = named(2, "session-2");
    tape.branch(|branch| {
        branch.act("keep", &json!({ "named": second, "isKept": true }));
        branch.act("keep", &json!({ "named": second, "isKept": false }));
    });
    tape.branch(|branch| {
        branch.act("set_own_timeout", &json!({ "named": second, "minutes": 480 }));
        branch.act("set_own_timeout", &json!({ "named": second, "minutes": null }));
    });
}

fn registration(tape: &mut Tape) {
    let new = |number: u64, role: &str| json!({ "number": number, "role": role, "goal": "", "sessionId": null });
    tape.branch(|branch| branch.act_and_undo("register", &new(13, "Night watch")));
    tape.branch(|branch| {
        branch.act("register", &new(5, "Night watch"));
        branch.act("register_running", &json!({ "pid": 51207 }));
        branch.act("register_running", &json!({ "pid": 51398 }));
    });
    tape.branch(|branch| branch.act_and_undo("register_all_running", &json!({})));
}

fn numbers(tape: &mut Tape) {
    tape.branch(|branch| {
        let shown = branch.read("preview_compact", &json!({}));
        branch.act_and_undo("compact", &json!({ "shown": shown }));
    });
    for to in [1, 13] {
        tape.branch(|branch| {
            let shown = branch.read("preview_reassign", &json!({ "from": 5, "to": to }));
            branch.act_and_undo("reassign", &json!({ "from": 5, "to": to, "shown": shown }));
        });
    }
}

/// Sessions that are only looked at.
fn views(name: &'static str, make: fn() -> Fixture) -> Tape {
    let mut tape = Tape::new(name, make);
    tape.branch(details);
    tape
}

/// A cleanup of all stale sessions, first without and then with a confirmed caution.
fn cleanup(name: &'static str, make: fn() -> Fixture) -> Tape {
    let mut tape = Tape::new(name, make);
    for force in [false, true] {
        tape.branch(|branch| {
            let numbers = branch.snapshot()["cleanup"]["numbers"].clone();
            branch.act("cleanup", &json!({ "numbers": numbers, "force": force }));
        });
    }
    tape
}

fn running() -> Tape {
    let mut tape = Tape::new("running", || {
        let fixture = Fixture::new(&Definition::read("running"));
        // The registry of the sessions that run in another folder.
        std::fs::create_dir_all(fixture.path("blog/docs/coordination")).unwrap();
        std::fs::write(fixture.path("blog/docs/coordination/claude_sessions.json"), "{}").unwrap();
        fixture
    });
    tape.branch(|branch| {
        branch.act("register_all_running", &json!({}));
    });
    tape
}

fn everything_stale() -> Fixture {
    let mut story = Definition::read("story");
    let ids: Vec<String> =
        story.registry.iter().flat_map(|registry| registry.as_object().unwrap().values()).map(id).collect();
    let start = time::parse("2025-11-17T11:58:23Z").unwrap();
    story.beats =
        ids.into_iter().zip(0..).map(|(id, step)| (id, time::wire(start - TimeDelta::seconds(97 * step)))).collect();
    Fixture::new(&Definition { beats: story.beats, registry: story.registry, ..Definition::default() })
}

fn no_heartbeats() -> Fixture {
    let story = Definition::read("story");
    let fixture = Fixture::new(&Definition { registry: story.registry, ..Definition::default() });
    std::fs::remove_dir(fixture.heartbeats()).unwrap();
    fixture
}

/// Two hundred sessions in every state.
fn crowd() -> Definition {
    const ROLES: [&str; 8] = [
        "Architect",
        "Builder",
        "Catalyst",
        "Dashboard keeper",
        "Empire planner",
        "Forecaster",
        "Gatekeeper",
        "Historian",
    ];
    let start = time::parse(START).unwrap();
    let (mut registry, mut beats) = (serde_json::Map::new(), BTreeMap::new());
    for number in 1..=200_i64 {
        let role = ROLES[usize::try_from(number).unwrap() % ROLES.len()];
        let status = match number % 10 {
            3 | 7 => "inactive",
            9 => "paused",
            _ => "active",
        };
        let area = number / 8 + 1;
        let entry = json!({
            "session_id": format!("session-{number}"), "number": number, "role": format!("{role}, area {area}"),
            "goal": format!("Keep area {area} in order"), "status": status, "registered_at": "2025-11-10T08:00:00Z",
        });
        registry.insert(number.to_string(), entry);
        let age = if number % 2 == 0 { (number * 37) % 7100 } else { 7300 + (number * 613) % 90_000 };
        if number % 10 != 5 {
            beats.insert(format!("session-{number}"), time::wire(start - TimeDelta::seconds(age)));
        }
    }
    Definition { registry: Some(registry.into()), beats, ..Definition::default() }
}

/// The details of every session.
fn details(branch: &mut Branch<'_>) {
    let sessions = branch.snapshot()["sessions"].clone();
    for session in sessions.as_array().unwrap().iter().take(15) {
        branch.read("details", &json!({ "number": session["number"] }));
    }
}

fn named(number: u64, session_id: &str) -> Value {
    json!({ "number": number, "session_id": session_id })
}

fn id(entry: &Value) -> String {
    entry["session_id"].as_str().unwrap().to_owned()
}
