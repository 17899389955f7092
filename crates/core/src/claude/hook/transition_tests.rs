//! Tests: the number of each session after events in any order.

use super::*;
use crate::claude::hook::payload::Ending;
use crate::time;

const START: HookEvent = HookEvent::SessionStart(StartSource::Startup);
const RESUME: HookEvent = HookEvent::SessionStart(StartSource::Resume);
const FORK: HookEvent = HookEvent::SessionStart(StartSource::Fork);
const CLEAR: HookEvent = HookEvent::SessionStart(StartSource::Clear);
const ENDED: HookEvent = HookEvent::SessionEnd(Ending::Ended);
const CONTINUES: HookEvent = HookEvent::SessionEnd(Ending::Continues);
const PROMPT: HookEvent = HookEvent::UserPromptSubmit;

fn now() -> Time {
    time::parse("2026-10-05T15:00:00Z").unwrap()
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey { pid, started: format!("s{pid}"), domain: Some("d".into()), boot: Some("b".into()) }
}

fn session(pid: u32, id: &str) -> HookSession {
    let claude = Claude {
        process: (pid > 0).then(|| key(pid)),
        session_id: Some(id.into()),
        cwd: Some("/ws".into()),
        ..Claude::default()
    };
    let pid = (pid > 0).then_some(pid);
    HookSession { claude, pid, role: "ws (main)".into(), may_register: true, ..HookSession::default() }
}

fn job(pid: u32, id: &str, job: &str) -> HookSession {
    let session = session(pid, id);
    HookSession { claude: Claude { job: Some(job.into()), ..session.claude }, ..session }
}

/// Processes that have ended, those that cannot be looked up, and those with a record of a parked job.
#[derive(Default)]
struct Known {
    gone: Vec<u32>,
    unknown: Vec<u32>,
    parked: Vec<(u32, &'static str)>,
}

impl ProcessKnowledge for Known {
    fn look(&self, key: &ProcessKey) -> Process {
        match key.pid {
            pid if self.gone.contains(&pid) => Process::Gone,
            pid if self.unknown.contains(&pid) => Process::Unknown,
            _ => Process::Alive,
        }
    }

    fn parked_job(&self, key: &ProcessKey) -> Option<String> {
        self.parked.iter().find(|(pid, _)| *pid == key.pid).map(|(_, job)| (*job).to_owned())
    }
}

/// A registry that events are applied to.
struct Fixture {
    registry: Registry,
    known: Known,
    now: Time,
}

impl Fixture {
    fn new(text: &str) -> Self {
        let registry = Registry::read(text.as_bytes().to_vec()).unwrap();
        Self { registry, known: Known::default(), now: now() }
    }

    fn apply(&mut self, session: &HookSession, event: &HookEvent) -> Transition {
        let transition = decide(&self.registry, session, event, self.now, &self.known).unwrap();
        let changed = match &transition {
            Transition::Ignored => None,
            Transition::Matched(matched) => matched.changed.clone(),
            Transition::SignedOff(_, changed) => Some(changed.clone()),
        };
        if let Some((text, _)) = changed {
            self.registry = Registry::read(text.into_bytes()).unwrap();
        }
        self.now += TimeDelta::milliseconds(20);
        transition
    }

    /// The number of a session after an event; `None` if it has none.
    fn number(&mut self, pid: u32, id: &str, event: &HookEvent) -> Option<Number> {
        self.number_of(&session(pid, id), event)
    }

    fn number_of(&mut self, session: &HookSession, event: &HookEvent) -> Option<Number> {
        match self.apply(session, event) {
            Transition::Matched(matched) => Some(matched.number),
            _ => None,
        }
    }

    fn signs_off(&mut self, pid: u32, id: &str) -> Option<Number> {
        match self.apply(&session(pid, id), &ENDED) {
            Transition::SignedOff(numbers, _) => only(numbers.into_iter()),
            _ => None,
        }
    }

    fn active(&self) -> Vec<Number> {
        let active = self.registry.entries().iter().filter(|entry| entry.class() == Class::Active);
        active.map(|entry| entry.number).collect()
    }

    fn claude(&self, number: Number) -> Claude {
        self.registry.entry(number).unwrap().claude.clone().unwrap()
    }
}

#[test]
fn a_session_from_start_to_end() {
    let mut fixture = Fixture::new(r#"{"1": {"status": "active"}, "3": {"status": "active"}}"#);
    assert_eq!(fixture.number(7, "a", &START), Some(2));
    let entry = fixture.registry.entry(2).unwrap();
    assert_eq!((entry.role.as_str(), entry.session_id.as_str()), ("ws (main)", "session-2"));
    assert_eq!(fixture.claude(2).process, Some(key(7)));
    assert_eq!(fixture.number(7, "a", &PROMPT), Some(2));
    for event in [PROMPT, HookEvent::PostToolUse, HookEvent::Stop, HookEvent::Other, PROMPT] {
        let Transition::Matched(matched) = fixture.apply(&session(7, "a"), &event) else { panic!("{event:?}") };
        assert_eq!((matched.number, matched.changed), (2, None), "{event:?} writes nothing");
    }
    assert_eq!(fixture.signs_off(7, "a"), Some(2));
    assert_eq!(fixture.active(), [1, 3]);
    for late in [HookEvent::Stop, HookEvent::Other, HookEvent::PostToolUse, ENDED] {
        assert_eq!(fixture.apply(&session(7, "a"), &late), Transition::Ignored, "{late:?} after the sign-off");
    }
    // The conversation is resumed later, in another process: the same number.
    assert_eq!(fixture.number(8, "a", &RESUME), Some(2));
    assert_eq!(fixture.claude(2).process, Some(key(8)));
}

#[test]
fn clear_keeps_the_number_in_either_event_order() {
    for events in [[("a", &CONTINUES), ("b", &CLEAR)], [("b", &CLEAR), ("a", &CONTINUES)]] {
        let mut fixture = Fixture::new("{}");
        fixture.number(7, "a", &START);
        for (id, event) in events {
            fixture.apply(&session(7, id), event);
        }
        assert_eq!(fixture.active(), [1]);
        assert_eq!(fixture.number(7, "b", &PROMPT), Some(1));
        // Old versions send another reason for the end of the old id, late.
        assert_eq!(fixture.signs_off(7, "a"), None);
        assert_eq!(fixture.active(), [1]);
        assert_eq!(fixture.signs_off(7, "b"), Some(1));
    }
}

#[test]
fn any_event_may_be_the_first() {
    for event in [
        PROMPT,
        HookEvent::Stop,
        HookEvent::PostToolUse,
        HookEvent::Other,
        HookEvent::SessionStart(StartSource::Compact),
    ] {
        assert_eq!(Fixture::new("{}").number(7, "a", &event), Some(1), "{event:?}");
    }
    for event in [ENDED, CONTINUES] {
        assert_eq!(Fixture::new("{}").apply(&session(7, "a"), &event), Transition::Ignored);
    }
}

#[test]
fn sessions_that_may_not_register_are_ignored_unless_their_process_is_known() {
    let mut fixture = Fixture::new("{}");
    let barred = |pid, id| HookSession { may_register: false, ..session(pid, id) };
    assert_eq!(fixture.apply(&barred(7, "a"), &START), Transition::Ignored);
    fixture.number(7, "a", &PROMPT);
    assert_eq!(fixture.number_of(&barred(7, "a"), &PROMPT), Some(1));
    // A `claude -p --resume` of the same conversation, while it runs and after it ended.
    assert_eq!(fixture.apply(&barred(8, "a"), &RESUME), Transition::Ignored);
    fixture.known.gone.push(7);
    assert_eq!(fixture.apply(&barred(8, "a"), &RESUME), Transition::Ignored);
}

#[test]
fn twelve_sessions_and_a_reused_pid_get_their_own_numbers() {
    let mut fixture = Fixture::new("{}");
    for pid in 1..=12 {
        assert_eq!(fixture.number(pid, &format!("s{pid}"), &START), Some(u64::from(pid)));
        fixture.number(pid, &format!("s{pid}"), &PROMPT);
    }
    let reused = session(5, "new");
    let claude = Claude { process: Some(ProcessKey { started: "later".into(), ..key(5) }), ..reused.claude };
    assert_eq!(fixture.number_of(&HookSession { claude, ..reused }, &START), Some(13));
}

#[test]
fn two_processes_with_one_conversation_keep_their_entries_apart() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    // Resumed while the first still runs, or while it cannot be looked up from here: a host and a container.
    assert_eq!(fixture.number(8, "a", &RESUME), Some(2));
    fixture.known.unknown = vec![7, 8];
    assert_eq!(fixture.number(9, "a", &RESUME), Some(3));
    fixture.known.unknown.clear();
    assert_eq!([7, 8, 9].map(|pid| fixture.number(pid, "a", &PROMPT)), [Some(1), Some(2), Some(3)]);
    // The end of one does not sign off the other.
    assert_eq!(fixture.signs_off(8, "a"), Some(2));
    assert_eq!(fixture.signs_off(10, "a"), None, "a process that never registered");
    assert_eq!(fixture.active(), [1, 3]);
    fixture.known.gone = vec![9];
    assert_eq!(fixture.number(11, "a", &RESUME), Some(3), "the entry of the process that ended");
    assert_eq!(fixture.number(7, "a", &PROMPT), Some(1));
}

#[test]
fn a_session_marked_inactive_is_reactivated_by_its_next_event() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    let (text, _) = crate::liveness::cleanup::mark(&fixture.registry, &[1], fixture.now - TimeDelta::minutes(1));
    fixture.registry = Registry::read(text.into_bytes()).unwrap();
    assert_eq!(fixture.number(7, "a", &HookEvent::Stop), Some(1));
    assert_eq!(fixture.active(), [1]);
    assert_eq!(fixture.registry.entry(1).unwrap().marked_inactive_at, None);
}

#[test]
fn a_process_that_ended_before_its_hook_registers_nothing() {
    let mut fixture = Fixture::new("{}");
    fixture.known.gone = vec![7];
    assert_eq!(fixture.apply(&session(7, "a"), &START), Transition::Ignored);
    assert_eq!(fixture.apply(&session(7, "a"), &HookEvent::Stop), Transition::Ignored);
    // If nothing is known about the process, the event counts.
    assert_eq!(fixture.number(0, "a", &START), Some(1));
}

#[test]
fn the_number_of_a_session_that_ended_unused_is_free() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    fixture.number(8, "b", &START);
    fixture.number(8, "b", &PROMPT);
    assert_eq!([1, 2].map(|number| fixture.claude(number).is_unused), [true, false]);
    fixture.known.gone = vec![7, 8];
    assert_eq!(fixture.number(9, "c", &START), Some(1));
    assert_eq!(fixture.number(10, "d", &START), Some(3), "a used one is for a person to clean up");
    // A conversation that was only resumed, in a process of its own, here or before.
    assert_eq!(fixture.number(11, "e", &RESUME), Some(4));
    assert_eq!(fixture.number(12, "b", &RESUME), Some(2));
    assert_eq!([2, 4].map(|number| fixture.claude(number).is_unused), [true, true]);
    // The same process resumes another conversation after it was used.
    fixture.number(11, "e", &PROMPT);
    fixture.number(11, "f", &RESUME);
    assert!(!fixture.claude(4).is_unused);
    fixture.known.gone.extend([11, 12]);
    assert_eq!(fixture.number(13, "g", &START), Some(2));
}

#[test]
fn a_changed_number_is_given_to_the_model_with_the_next_prompt() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    let moves = crate::registry::numbering::reassign(&fixture.registry, 1, 5).unwrap();
    let (text, _) = crate::registry::numbering::apply_moves(&fixture.registry, &moves);
    fixture.registry = Registry::read(text.into_bytes()).unwrap();
    let mut told_before = |event: &HookEvent| match fixture.apply(&session(7, "a"), event) {
        Transition::Matched(matched) => (matched.number, matched.told_before),
        other => panic!("{other:?}"),
    };
    assert_eq!(told_before(&HookEvent::Stop), (5, Some(1)), "the output of a turn's end may not arrive");
    assert_eq!(told_before(&PROMPT), (5, Some(1)));
    assert_eq!(told_before(&PROMPT), (5, Some(5)));
    // The output could not be printed.
    let (text, _) = forget_told(&fixture.registry, 5, Some(1)).unwrap();
    fixture.registry = Registry::read(text.into_bytes()).unwrap();
    assert_eq!(fixture.claude(5).told, Some(1));
}

#[test]
fn a_session_registered_at_the_end_of_a_turn_gets_its_number_with_the_next_prompt() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &HookEvent::Stop);
    assert_eq!(fixture.claude(1).told, None);
    let Transition::Matched(matched) = fixture.apply(&session(7, "a"), &PROMPT) else { panic!() };
    assert_eq!(matched.told_before, None);
    assert_eq!(fixture.claude(1).told, Some(1));
}

#[test]
fn a_background_job_takes_over_the_session_that_was_parked_for_it() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    fixture.number(9, "x", &START);
    fixture.known.parked = vec![(7, "j")];
    assert_eq!(fixture.number_of(&job(8, "b", "j"), &FORK), Some(1));
    assert_eq!((fixture.claude(1).process, fixture.claude(1).parked), (Some(key(8)), Some(key(7))));
    assert_eq!((fixture.claude(1).job.as_deref(), fixture.active().len()), (Some("j"), 2));
    // The terminal that shows the job ends: the job runs on.
    assert_eq!(fixture.signs_off(7, "a"), None);
    assert_eq!(fixture.number_of(&job(8, "b", "j"), &PROMPT), Some(1));
    // The job's process is replaced by another one of the same job.
    fixture.known.gone = vec![7, 8];
    assert_eq!(fixture.number_of(&job(10, "b", "j"), &RESUME), Some(1));
    assert_eq!(fixture.claude(1).parked, None);
    assert!(matches!(fixture.apply(&job(10, "b", "j"), &ENDED), Transition::SignedOff(numbers, _) if numbers == [1]));
    assert_eq!(fixture.number_of(&job(11, "b", "j"), &RESUME), Some(1), "attached again");
}

#[test]
fn a_session_resumed_from_the_background_keeps_its_number() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    fixture.known.parked = vec![(7, "j")];
    fixture.number_of(&job(8, "b", "j"), &FORK);
    fixture.known = Known { gone: vec![8], ..Known::default() };
    assert_eq!(fixture.number(7, "a", &PROMPT), Some(1));
    assert_eq!((fixture.claude(1).process, fixture.claude(1).job), (Some(key(7)), None));
    assert_eq!(fixture.signs_off(7, "a"), Some(1));
}

#[test]
fn a_session_that_said_session_end_to_go_on_in_the_background_keeps_its_number() {
    // The background service starts first, which takes seconds on a busy machine.
    for delay in [560, 4_600, 20_000] {
        let mut fixture = Fixture::new(r#"{"1": {"status": "inactive"}, "2": {"status": "active"}}"#);
        fixture.number(9, "x", &START);
        assert_eq!(fixture.number(7, "a", &START), Some(3));
        fixture.signs_off(9, "x");
        fixture.now += TimeDelta::minutes(10);
        fixture.signs_off(7, "a");
        fixture.known.gone = vec![7, 9];
        fixture.now += TimeDelta::milliseconds(delay);
        assert_eq!(fixture.number_of(&job(8, "b", "j"), &FORK), Some(3), "after {delay} ms");
    }
    // Of several that ended just now, it is the one with the same title: the number, or the name that a person gave.
    for (title, number, what) in [
        (Some("#1 ws (main)"), 1, "reactivate"),
        (Some("#2 ws (main)"), 2, "reactivate"),
        (Some("Ship it"), 3, "reactivate"),
        (Some("Other"), 1, "register"),
        (None, 1, "register"),
    ] {
        let mut fixture = Fixture::new("{}");
        for pid in 7..10 {
            fixture.number(pid, &format!("c{pid}"), &START);
        }
        fixture.number_of(&HookSession { title: Some("Ship it".into()), ..session(9, "c9") }, &PROMPT);
        for pid in 7..10 {
            assert_eq!(fixture.signs_off(pid, &format!("c{pid}")), Some(u64::from(pid) - 6));
        }
        let fork = HookSession { shown_title: title.map(Into::into), ..job(10, "b", "j") };
        let Transition::Matched(matched) = fixture.apply(&fork, &FORK) else { panic!("{title:?}") };
        assert_eq!((matched.number, matched.what), (number, what), "{title:?}");
    }
    // Much later, in another folder, or without a fork, it is another session.
    for (later, event, folder) in [(60, FORK, "/ws"), (1, FORK, "/other"), (1, START, "/ws")] {
        let mut fixture = Fixture::new("{}");
        fixture.number(6, "z", &PROMPT);
        fixture.number(7, "a", &START);
        let (text, _) = registration::release(&fixture.registry, 2, fixture.now).unwrap();
        let entry = Registry::read(text.into_bytes()).unwrap();
        fixture.registry = entry;
        fixture.now += TimeDelta::seconds(later);
        let other = job(8, "b", "j");
        let claude = Claude { cwd: Some(folder.into()), ..other.claude };
        let transition = fixture.apply(&HookSession { claude, ..other }, &event);
        assert!(matches!(transition, Transition::Matched(matched) if matched.what == "register"), "{later} {folder}");
    }
}

#[test]
fn the_role_follows_the_name_that_a_person_gives_until_a_person_sets_the_role() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    let named = |title: &str| HookSession { title: Some(title.into()), ..session(7, "a") };
    fixture.apply(&named("Ship it"), &PROMPT);
    assert_eq!(fixture.registry.entry(1).unwrap().role, "Ship it");
    fixture.apply(&session(7, "a"), &PROMPT);
    assert_eq!(fixture.registry.entry(1).unwrap().role, "Ship it");
    let text = fixture.registry.text().replace("\"role\": \"Ship it\"", "\"role\": \"Mine\"");
    fixture.registry = Registry::read(text.into_bytes()).unwrap();
    fixture.apply(&named("Another"), &PROMPT);
    assert_eq!(fixture.registry.entry(1).unwrap().role, "Mine");
}

#[test]
fn a_subagent_is_only_a_sign_of_life() {
    let mut fixture = Fixture::new("{}");
    let part = HookSession { is_subagent: true, ..session(7, "a") };
    assert_eq!(fixture.apply(&part, &START), Transition::Ignored);
    fixture.number(7, "a", &START);
    let Transition::Matched(matched) = fixture.apply(&part, &HookEvent::Stop) else { panic!() };
    assert_eq!((matched.number, matched.changed), (1, None));
    assert_eq!(fixture.apply(&part, &ENDED), Transition::Ignored);
    fixture.signs_off(7, "a");
    assert_eq!(fixture.apply(&part, &START), Transition::Ignored);
}

#[test]
fn an_entry_of_unknown_status_is_not_changed() {
    let text = r#"{"1": {"status": "error", "claude": {"session_id": "a"}}}"#;
    let mut fixture = Fixture::new(text);
    assert_eq!(fixture.number(7, "a", &PROMPT), Some(1));
    assert_eq!(fixture.signs_off(7, "a"), None);
    assert_eq!(fixture.registry.text(), text);
}

#[test]
fn a_late_event_of_the_previous_id_changes_nothing() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &PROMPT);
    fixture.number(7, "b", &CLEAR);
    let before = fixture.claude(1);
    assert_eq!(fixture.number(7, "a", &HookEvent::Stop), Some(1));
    assert_eq!(fixture.claude(1), before);
    assert_eq!(fixture.signs_off(7, "b"), Some(1));
}

#[test]
fn a_late_event_of_the_parked_terminal_does_not_take_the_session_back() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &PROMPT);
    fixture.known.parked = vec![(7, "j")];
    fixture.number_of(&job(8, "b", "j"), &FORK);
    let before = fixture.claude(1);
    assert_eq!(fixture.number(7, "a", &HookEvent::Stop), Some(1));
    assert_eq!(fixture.claude(1), before);
    // It does not bring back the job that has just signed off either.
    assert!(matches!(fixture.apply(&job(8, "b", "j"), &ENDED), Transition::SignedOff(numbers, _) if numbers == [1]));
    assert_eq!(fixture.apply(&session(7, "a"), &HookEvent::Stop), Transition::Ignored);
    // A prompt there does.
    fixture.number(7, "a", &PROMPT);
    assert_eq!(fixture.claude(1).process, Some(key(7)));
}

#[test]
fn the_model_of_another_conversation_has_no_number() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    let mut told_before = |id: &str, event: &HookEvent| match fixture.apply(&session(7, id), event) {
        Transition::Matched(matched) => matched.told_before,
        other => panic!("{other:?}"),
    };
    assert_eq!(told_before("a", &PROMPT), Some(1));
    // The id changes without an event of its own, seen first by a prompt, or by a turn's end.
    assert_eq!(told_before("b", &PROMPT), None);
    assert_eq!(told_before("b", &PROMPT), Some(1));
    told_before("c", &HookEvent::Stop);
    assert_eq!(told_before("c", &PROMPT), None);
}

#[test]
fn a_prompt_is_never_late_and_another_process_neither() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &PROMPT);
    let (text, _) = crate::liveness::cleanup::mark(&fixture.registry, &[1], fixture.now);
    fixture.registry = Registry::read(text.into_bytes()).unwrap();
    assert_eq!(fixture.apply(&session(7, "a"), &HookEvent::Stop), Transition::Ignored);
    assert_eq!(fixture.number(7, "a", &PROMPT), Some(1));
    // It continues in another process, and the start event was lost.
    fixture.signs_off(7, "a");
    assert_eq!(fixture.number(8, "a", &HookEvent::Stop), Some(1));
}

#[test]
fn a_conversation_continued_in_an_unknown_process_drops_the_ended_one() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &PROMPT);
    fixture.known.gone = vec![7];
    assert_eq!(fixture.number(0, "a", &RESUME), Some(1));
    assert_eq!(fixture.claude(1).process, None);
}

#[test]
fn the_model_of_another_process_with_the_conversation_gets_its_number() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    fixture.number(8, "a", &RESUME);
    fixture.known.gone = vec![7];
    // A third process continues it: its model may have the number of either of the two.
    let Transition::Matched(matched) = fixture.apply(&session(9, "a"), &PROMPT) else { panic!() };
    assert_eq!((matched.number, matched.told_before), (1, None));
}

#[path = "delivery_order_tests.rs"]
mod delivery_order;

#[path = "sign_off_tests.rs"]
mod sign_off;
