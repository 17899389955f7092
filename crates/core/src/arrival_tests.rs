//! Every event in every order: who has which number afterwards.

use super::*;
use crate::hook::Source;
use crate::time;

const START: Event = Event::SessionStart(Source::Startup);
const OVER: Event = Event::SessionEnd(Ending::Over);
const GOES_ON: Event = Event::SessionEnd(Ending::GoesOn);
const PROMPT: Event = Event::UserPromptSubmit;

fn now() -> Time {
    time::parse("2026-10-05T15:00:00Z").unwrap()
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey { pid, started: format!("s{pid}"), domain: Some("d".into()), boot: Some("b".into()) }
}

fn visitor(pid: u32, id: &str) -> Visitor {
    let claude = Claude {
        process: (pid > 0).then(|| key(pid)),
        session_id: Some(id.into()),
        cwd: Some("/ws".into()),
        ..Claude::default()
    };
    Visitor { claude, role: "ws (main)".into(), terminal: None, is_subagent: false }
}

/// A registry to which things happen. The processes in `gone` have ended, all others run.
struct World {
    registry: Registry,
    gone: Vec<u32>,
    now: Time,
}

impl World {
    fn new(text: &str) -> Self {
        Self { registry: Registry::read(text.as_bytes().to_vec()).unwrap(), gone: Vec::new(), now: now() }
    }

    fn happens(&mut self, pid: u32, id: &str, event: &Event) -> Arrival {
        let process = |key: &ProcessKey| if self.gone.contains(&key.pid) { Process::Gone } else { Process::Alive };
        let arrival = arrive(&self.registry, &visitor(pid, id), event, self.now, process).unwrap();
        let changed = match &arrival {
            Arrival::Nobody => None,
            Arrival::Here(here) => here.changed.clone(),
            Arrival::Left(_, changed) => Some(changed.clone()),
        };
        if let Some((text, _)) = changed {
            self.registry = Registry::read(text.into_bytes()).unwrap();
        }
        self.now += TimeDelta::milliseconds(20);
        arrival
    }

    /// The number after an event; nothing where it is nobody's.
    fn number(&mut self, pid: u32, id: &str, event: &Event) -> Option<Number> {
        match self.happens(pid, id, event) {
            Arrival::Here(here) => Some(here.number),
            _ => None,
        }
    }

    fn active(&self) -> Vec<Number> {
        let active = self.registry.entries().iter().filter(|entry| entry.class() == Class::Active);
        active.map(|entry| entry.number).collect()
    }
}

#[test]
fn a_life_from_start_to_end() {
    let mut world = World::new(r#"{"1": {"status": "active"}, "3": {"status": "active"}}"#);
    assert_eq!(world.number(7, "a", &START), Some(2));
    let entry = world.registry.entry(2).unwrap();
    assert_eq!((entry.role.as_str(), entry.session_id.as_str()), ("ws (main)", "session-2"));
    assert_eq!(entry.claude.as_ref().unwrap().process, Some(key(7)));
    for event in [PROMPT, Event::PostToolUse, Event::Stop, Event::Other, PROMPT] {
        let Arrival::Here(here) = world.happens(7, "a", &event) else { panic!("{event:?}") };
        assert_eq!((here.number, here.changed, here.moved_from), (2, None, None), "{event:?}");
    }
    assert!(matches!(world.happens(7, "a", &OVER), Arrival::Left(2, _)));
    assert_eq!(world.active(), [1, 3]);
    // What was under way when it signed off does not bring it back.
    for late in [Event::Stop, PROMPT, Event::PostToolUse, OVER] {
        assert_eq!(world.happens(7, "a", &late), Arrival::Nobody, "{late:?}");
    }
    // It goes on later, in another process: the same number.
    assert_eq!(world.number(8, "a", &Event::SessionStart(Source::Resume)), Some(2));
    assert_eq!(world.registry.entry(2).unwrap().claude.as_ref().unwrap().process, Some(key(8)));
}

#[test]
fn clearing_in_either_order_keeps_the_number() {
    for events in [[("a", &GOES_ON), ("b", &START)], [("b", &START), ("a", &GOES_ON)]] {
        let mut world = World::new("{}");
        world.number(7, "a", &START);
        for (id, event) in events {
            world.happens(7, id, event);
        }
        assert_eq!(world.active(), [1]);
        assert_eq!(world.number(7, "b", &PROMPT), Some(1));
        // An old version that says something else about the old id, late.
        assert_eq!(world.happens(7, "a", &OVER), Arrival::Nobody);
        assert_eq!(world.active(), [1]);
    }
}

#[test]
fn any_event_may_be_the_first() {
    for event in [PROMPT, Event::Stop, Event::PostToolUse, Event::Other, Event::SessionStart(Source::Compact)] {
        assert_eq!(World::new("{}").number(7, "a", &event), Some(1), "{event:?}");
    }
    assert_eq!(World::new("{}").happens(7, "a", &OVER), Arrival::Nobody);
    assert_eq!(World::new("{}").happens(7, "a", &GOES_ON), Arrival::Nobody);
}

#[test]
fn twelve_at_once_and_a_pid_that_is_used_again() {
    let mut world = World::new("{}");
    for pid in 1..=12 {
        assert_eq!(world.number(pid, &format!("s{pid}"), &START), Some(u64::from(pid)));
    }
    world.gone.push(5);
    let reused = Visitor {
        claude: Claude { process: Some(ProcessKey { started: "later".into(), ..key(5) }), ..visitor(5, "new").claude },
        ..visitor(5, "new")
    };
    let arrival = arrive(&world.registry, &reused, &START, now(), |_| Process::Alive).unwrap();
    assert!(matches!(arrival, Arrival::Here(here) if here.number == 13 && here.what == "register"));
}

#[test]
fn a_conversation_that_two_processes_go_on_with() {
    let mut world = World::new("{}");
    world.number(7, "a", &START);
    // Resumed while the first still runs.
    assert_eq!(world.number(8, "a", &Event::SessionStart(Source::Resume)), Some(2));
    assert_eq!(world.number(7, "a", &PROMPT), Some(1));
    assert_eq!(world.number(8, "a", &PROMPT), Some(2));
    world.gone = vec![7];
    assert_eq!(world.number(9, "a", &Event::SessionStart(Source::Resume)), Some(1), "the one that ended");
}

#[test]
fn who_is_marked_inactive_comes_back_with_the_next_event() {
    let mut world = World::new("{}");
    world.number(7, "a", &START);
    let (text, _) = crate::cleanup::mark(&world.registry, &[1], world.now - TimeDelta::minutes(1));
    world.registry = Registry::read(text.into_bytes()).unwrap();
    assert_eq!(world.number(7, "a", &Event::Stop), Some(1));
    assert_eq!(world.active(), [1]);
    assert_eq!(world.registry.entry(1).unwrap().marked_inactive_at, None);
}

#[test]
fn processes_that_ended_before_their_hook_are_nobody() {
    let mut world = World { gone: vec![7], ..World::new("{}") };
    assert_eq!(world.happens(7, "a", &START), Arrival::Nobody);
    assert_eq!(world.happens(7, "a", &Event::Stop), Arrival::Nobody);
    // Where nothing is known of the process, the event is believed.
    assert_eq!(world.number(0, "a", &START), Some(1));
}

#[test]
fn another_number_is_told_once() {
    let mut world = World::new("{}");
    world.number(7, "a", &START);
    let moves = crate::numbering::reassign(&world.registry, 1, 5).unwrap();
    let (text, _) = crate::numbering::relocate(&world.registry, &moves);
    world.registry = Registry::read(text.into_bytes()).unwrap();
    let mut told = |event: &Event| match world.happens(7, "a", event) {
        Arrival::Here(here) => (here.number, here.moved_from),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&Event::Stop), (5, None), "a turn's end tells nobody");
    assert_eq!(told(&PROMPT), (5, Some(1)));
    assert_eq!(told(&PROMPT), (5, None));
    assert_eq!(moved(1, 5), "Headcount: this Claude Code session has the number 5 now; it was 1 before.");
}

#[test]
fn a_subagent_is_a_sign_of_life_and_nothing_more() {
    let mut world = World::new("{}");
    let part = |registry: &Registry, event: &Event| {
        let visitor = Visitor { is_subagent: true, ..visitor(7, "a") };
        arrive(registry, &visitor, event, now(), |_| Process::Alive).unwrap()
    };
    assert_eq!(part(&world.registry, &START), Arrival::Nobody);
    world.number(7, "a", &START);
    let (session_id, what) = ("session-1".to_owned(), "attend");
    let here = Here { number: 1, session_id, what, changed: None, moved_from: None };
    assert_eq!(part(&world.registry, &Event::Stop), Arrival::Here(here));
    assert_eq!(part(&world.registry, &OVER), Arrival::Nobody);
    world.happens(7, "a", &OVER);
    assert_eq!(part(&world.registry, &START), Arrival::Nobody);
}

#[test]
fn an_unknown_status_is_left_alone() {
    let text = r#"{"1": {"status": "error", "claude": {"session_id": "a"}}}"#;
    let mut world = World::new(text);
    assert_eq!(world.number(7, "a", &PROMPT), Some(1));
    assert_eq!(world.happens(7, "a", &OVER), Arrival::Nobody);
    assert_eq!(world.registry.text(), text);
}

#[test]
fn who_is_counted() {
    let record = |kind: &str| Record::read(format!("{{\"pid\": 7, {kind}}}").as_bytes()).unwrap();
    let (cli, sdk) = (record(r#""kind": "interactive""#), record(r#""kind": "interactive", "entrypoint": "sdk-cli""#));
    let spare = record(r#""kind": "bg", "spare": true"#);
    for (record, entrypoint, is_nested, counts_sdk, wanted) in [
        (Some(&cli), None, false, false, true),
        (Some(&cli), Some("sdk-cli"), true, false, true),
        (Some(&sdk), None, false, false, false),
        (Some(&sdk), None, false, true, true),
        (Some(&spare), None, false, true, false),
        (None, None, false, false, true),
        (None, Some("cli"), false, false, true),
        (None, Some("sdk-ts"), false, false, false),
        (None, Some("sdk-ts"), false, true, true),
        (None, None, true, true, false),
    ] {
        assert_eq!(
            is_counted(record, entrypoint, is_nested, counts_sdk),
            wanted,
            "{record:?} {entrypoint:?} {is_nested}"
        );
    }
}

#[test]
fn roles_and_greetings_are_short_and_plain() {
    assert_eq!(role(Some(" Ship\nit "), Some("/ws/shop"), Some("main")), "Ship it");
    assert_eq!(role(Some(" \n"), Some("/ws/shop/"), Some("main")), "shop (main)");
    assert_eq!(role(None, Some("C:\\ws\\shop"), None), "shop");
    assert_eq!(role(None, None, Some("main")), "Claude Code");
    assert!(role(Some(&"x".repeat(500)), None, None).chars().count() <= 80);

    let row = |number: Number, role: &str, state: State| Row {
        number,
        session_id: String::new(),
        role: role.into(),
        goal: String::new(),
        terminal: None,
        status: None,
        state,
        reason: crate::liveness::Reason::Heartbeat,
        last_heartbeat: None,
        last_sign_of_life: None,
        is_beating: true,
        process: Process::Unknown,
        pulse: None,
        pid: None,
        warnings: vec![],
    };
    let rows =
        [row(1, "Own", State::Active), row(2, "Say \"yes\"\nIgnore", State::Active), row(3, "Old", State::Stale)];
    let text = greeting(1, &rows);
    assert_eq!(
        text,
        "Headcount: this Claude Code session has the number 1.\nOther active sessions: #2 \"Say \\\"yes\\\" Ignore\"."
    );
    assert!(greeting(1, &rows[..1]).ends_with("Other active sessions: none."));
    let many: Vec<Row> = (1..=40).map(|number| row(number, "x", State::Active)).collect();
    assert!(greeting(1, &many).ends_with("and 27 more."));
    assert_eq!(greeting(1, &many).lines().count(), 2);
}
