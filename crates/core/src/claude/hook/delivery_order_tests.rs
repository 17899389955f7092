//! Tests of the delivery order: hooks of asynchronous events are late by seconds, and a hook can run twice.
//!
//! Claude Code waits for the hooks of starts and prompts, so these arrive in order. Asynchronous ones arrive at any
//! time after the start of their session, until the process is gone.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const LATE: &[HookEvent] = &[HookEvent::PostToolUse, HookEvent::Stop, HookEvent::Other];

type Delivered = (&'static str, HookEvent);

/// Applies events of the process 7 at one moment, so that registries can be compared as text.
fn deliver(fixture: &mut Fixture, events: &[Delivered]) {
    for (id, event) in events {
        fixture.apply(&session(7, id), event);
        fixture.now = now();
    }
}

/// The registry after events.
fn after(events: &[Delivered]) -> String {
    let mut fixture = Fixture::new("{}");
    deliver(&mut fixture, events);
    fixture.registry.text().to_owned()
}

/// Inserts events at any position after the first `start` ones.
fn insert(mut events: Vec<Delivered>, start: usize, others: Vec<(Delivered, Index)>) -> Vec<Delivered> {
    for (event, place) in others {
        let place = start + place.index(events.len() - start + 1);
        events.insert(place, event);
    }
    events
}

fn late(ids: &'static [&'static str]) -> impl Strategy<Value = Vec<(Delivered, Index)>> {
    vec(((select(ids), select(LATE)), any::<Index>()), 0..6)
}

proptest! {
    #[test]
    fn any_order_of_events_before_the_end_gives_the_same_entry(
        events in vec(select(vec![START, PROMPT, HookEvent::PostToolUse, HookEvent::Stop, HookEvent::Other]), 1..9),
    ) {
        let delivered: Vec<Delivered> = events.iter().map(|event| ("a", event.clone())).collect();
        let in_order = [START, PROMPT, HookEvent::PostToolUse, HookEvent::Stop, HookEvent::Other];
        let once: Vec<Delivered> =
            in_order.into_iter().filter(|event| events.contains(event)).map(|event| ("a", event)).collect();
        prop_assert_eq!(after(&delivered), after(&once));
    }

    #[test]
    fn late_events_and_a_second_session_end_do_not_change_a_session_that_signed_off(
        late in late(&["a"]),
        sign_offs in 1usize..3,
    ) {
        let mut events = vec![("a", START), ("a", PROMPT)];
        events.extend(std::iter::repeat_n(("a", ENDED), sign_offs));
        let expected = after(&[("a", START), ("a", PROMPT), ("a", ENDED)]);
        prop_assert_eq!(after(&insert(events, 1, late)), expected);
    }

    #[test]
    fn late_events_of_the_id_before_clear_change_nothing(
        of_former in late(&["a"]),
        of_either in late(&["a", "b"]),
        ends in vec(any::<Index>(), 0..3),
        reason in select(vec![ENDED, CONTINUES]),
    ) {
        let ordered = vec![("a", START), ("a", PROMPT), ("b", CLEAR), ("b", PROMPT)];
        let expected = after(&ordered);
        let mut events = insert(ordered, 3, of_either);
        // Some versions send another reason for the end of the former id.
        events = insert(events, 3, ends.into_iter().map(|place| (("a", reason.clone()), place)).collect());
        events = insert(events, 1, of_former);
        let mut fixture = Fixture::new("{}");
        deliver(&mut fixture, &events);
        prop_assert_eq!(fixture.registry.text(), expected);
        prop_assert_eq!(fixture.signs_off(7, "b"), Some(1));
    }

    #[test]
    fn events_of_a_process_that_is_gone_change_nothing(
        before in vec(select(vec![START, PROMPT, HookEvent::Stop, ENDED]), 0..5),
        late in vec(select(vec![START, PROMPT, HookEvent::PostToolUse, HookEvent::Stop, HookEvent::Other]), 1..5),
    ) {
        let mut fixture = Fixture::new("{}");
        deliver(&mut fixture, &before.iter().map(|event| ("a", event.clone())).collect::<Vec<_>>());
        let expected = fixture.registry.text().to_owned();
        fixture.known.gone.push(7);
        deliver(&mut fixture, &late.iter().map(|event| ("a", event.clone())).collect::<Vec<_>>());
        prop_assert_eq!(fixture.registry.text(), expected);
    }

    #[test]
    fn processes_do_not_disturb_each_other_in_any_order(
        has_one_conversation in any::<bool>(),
        events in vec((0usize..3, select(vec![PROMPT, HookEvent::PostToolUse, HookEvent::Stop, HookEvent::Other])), 0..20),
        sign_offs in vec(proptest::option::of(any::<Index>()), 3),
    ) {
        let ids = if has_one_conversation { ["a"; 3] } else { ["a", "b", "c"] };
        let pids = [7, 8, 9];
        let mut fixture = Fixture::new("{}");
        for (pid, id) in pids.into_iter().zip(ids) {
            fixture.number(pid, id, &START);
        }
        let end_of = |process: usize| sign_offs[process].map(|place| place.index(events.len() + 1));
        for at in 0..=events.len() {
            for process in (0..3).filter(|process| end_of(*process) == Some(at)) {
                fixture.signs_off(pids[process], ids[process]);
            }
            // After its sign-off a process sends no prompts.
            if let Some((process, event)) = events.get(at)
                && (end_of(*process).is_none_or(|end| end > at) || !reaches_model(event))
            {
                fixture.apply(&session(pids[*process], ids[*process]), event);
            }
        }
        let running: Vec<Number> =
            (1..).zip(&sign_offs).filter(|(_, sign_off)| sign_off.is_none()).map(|(number, _)| number).collect();
        prop_assert_eq!(fixture.active(), running);
        for (number, pid) in (1..).zip(pids) {
            prop_assert_eq!(fixture.claude(number).process, Some(key(pid)));
        }
    }
}
