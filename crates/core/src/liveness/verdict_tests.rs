//! The table of states, and the moments at which they change.

use super::*;
use crate::heartbeat::{BeatName, Content};
use crate::registry::Registry;
use chrono::Utc;
use proptest::prelude::*;

fn now() -> Time {
    time::parse("2025-11-17T20:00:00Z").unwrap()
}

fn beat(minutes_ago: i64, extra: &str) -> Beat {
    let at = now() - TimeDelta::minutes(minutes_ago);
    let content = format!("{{\"timestamp\": \"{}\"{extra}}}", time::wire(at));
    Beat::new(BeatName::parse("x.json").unwrap(), &Utc, Some(at), Content::read(content.as_bytes(), true))
}

fn verdict(entry: &str, beats: &[Beat], process: Process) -> Verdict {
    let registry = Registry::read(format!("{{\"1\": {entry}}}").into_bytes()).unwrap();
    let evidence = Evidence { entry: &registry.entries()[0], beats: beats.iter().collect(), process, boot: None };
    evidence.verdict(now(), Timeout::default())
}

fn registered(status: &str, minutes_ago: i64) -> String {
    let at = time::wire(now() - TimeDelta::minutes(minutes_ago));
    format!("{{\"status\": \"{status}\", \"registered_at\": \"{at}\"}}")
}

#[test]
fn states_follow_the_protocol_table() {
    use {Process as P, Reason as R, State as S};
    let disconnect = ", \"action\": \"disconnected\"";
    for (about, entry, beats, process, state, reason) in [
        ("a fresh heartbeat", registered("active", 999), vec![beat(1, "")], P::Unknown, S::Active, R::Heartbeat),
        ("exactly the timeout", registered("idle", 999), vec![beat(120, "")], P::Unknown, S::Active, R::Heartbeat),
        ("more than the timeout", registered("working", 999), vec![beat(121, "")], P::Unknown, S::Stale, R::Timeout),
        ("just registered", registered("active", 1), vec![], P::Unknown, S::Active, R::Registered),
        (
            "registered again after old heartbeats",
            registered("active", 1),
            vec![beat(500, "")],
            P::Unknown,
            S::Active,
            R::Registered,
        ),
        ("no heartbeat", registered("active", 999), vec![], P::Unknown, S::Stale, R::Never),
        ("nothing known", "{\"status\": \"active\"}".into(), vec![], P::Unknown, S::Stale, R::Never),
        ("a long turn", registered("active", 999), vec![beat(180, "")], P::Alive, S::Active, R::Process),
        ("alive and beating", registered("active", 999), vec![beat(5, "")], P::Alive, S::Active, R::Heartbeat),
        ("ended", registered("active", 1), vec![beat(1, "")], P::Gone, S::Stale, R::Ended),
        ("disconnected", registered("active", 999), vec![beat(1, disconnect)], P::Unknown, S::Stale, R::Disconnected),
        (
            "disconnected, but it runs",
            registered("active", 999),
            vec![beat(1, disconnect)],
            P::Alive,
            S::Active,
            R::Process,
        ),
        (
            "disconnected, then registered again",
            registered("active", 1),
            vec![beat(5, disconnect)],
            P::Unknown,
            S::Active,
            R::Registered,
        ),
        (
            "disconnected, then a heartbeat",
            registered("active", 999),
            vec![beat(5, disconnect), beat(4, "")],
            P::Unknown,
            S::Active,
            R::Heartbeat,
        ),
        (
            "offline",
            registered("active", 999),
            vec![beat(1, ", \"status\": \"offline\"")],
            P::Unknown,
            S::Stale,
            R::Disconnected,
        ),
        ("marked", registered("inactive", 999), vec![beat(1, "")], P::Alive, S::Inactive, R::Marked),
        ("marked by a service", registered("offline", 999), vec![], P::Gone, S::Inactive, R::Marked),
        ("unknown status", registered("error", 1), vec![beat(1, "")], P::Alive, S::Unknown, R::Status),
    ] {
        let verdict = verdict(&entry, &beats, process);
        assert_eq!((verdict.state, verdict.reason), (state, reason), "{about}");
    }
}

#[test]
fn the_own_timeout_of_a_session_takes_precedence() {
    let own = |minutes: u32| format!("{{\"status\": \"active\", \"headcount\": {{\"timeout_minutes\": {minutes}}}}}");
    for (minutes, state) in [(180, State::Active), (179, State::Stale), (30, State::Stale)] {
        let entry = own(minutes);
        assert_eq!(verdict(&entry, &[beat(180, "")], Process::Unknown).state, state, "{minutes}");
    }
    let registry = Registry::read(format!("{{\"1\": {}}}", own(480)).into_bytes()).unwrap();
    let (beats, process) = ([beat(180, "")], Process::Unknown);
    let evidence = Evidence { entry: &registry.entries()[0], beats: beats.iter().collect(), process, boot: None };
    let then = now() + TimeDelta::minutes(300) + TimeDelta::nanoseconds(1);
    assert_eq!(evidence.next_change(now(), Timeout::default()), Some(then));
}

#[test]
fn a_kept_session_that_was_never_used_stays_stale() {
    let entry = |more: &str| {
        format!("{{\"status\": \"active\", \"claude\": {{\"pid\": 7, \"proc_start\": \"1\", \"unused\": true}}{more}}}")
    };
    let state = |more: &str| verdict(&entry(more), &[], Process::Gone).state;
    assert_eq!(state(""), State::Inactive);
    assert_eq!(state(", \"headcount\": {\"keep\": true}"), State::Stale);
}

#[test]
fn beating_requires_a_heartbeat_after_the_mark() {
    let marked = |minutes: i64| {
        let at = time::python(now() - TimeDelta::minutes(minutes));
        format!("{{\"status\": \"inactive\", \"marked_inactive_at\": \"{at}\"}}")
    };
    assert!(verdict(&marked(10), &[beat(5, "")], Process::Unknown).is_beating);
    assert!(!verdict(&marked(5), &[beat(10, "")], Process::Unknown).is_beating);
    assert!(!verdict(&marked(500), &[beat(121, "")], Process::Unknown).is_beating);
    assert!(verdict("{\"status\": \"inactive\"}", &[beat(5, "")], Process::Unknown).is_beating);
    assert!(verdict(&registered("active", 999), &[beat(5, "")], Process::Unknown).is_beating);
    assert!(
        !verdict(&registered("active", 999), &[beat(5, ", \"action\": \"disconnected\"")], Process::Unknown).is_beating
    );
}

#[test]
fn a_clock_ahead_causes_a_warning_and_counts_as_now() {
    let ahead = verdict(&registered("active", 999), &[beat(-60, "")], Process::Unknown);
    assert_eq!((ahead.state, ahead.warnings.as_slice()), (State::Active, &[Code::ClockSkew][..]));
    assert_eq!(ahead.last_heartbeat, Some(now()));
    // A registration in the future is not a sign of life.
    let future = verdict(&registered("active", -60), &[], Process::Unknown);
    assert_eq!((future.state, future.last_sign_of_life), (State::Stale, None));
    assert_eq!(future.warnings, [Code::ClockSkew]);
    for far in ["registered_at", "reactivated_at", "marked_inactive_at"] {
        let entry = format!("{{\"status\": \"active\", \"{far}\": \"+262142-12-31T23:59:59\"}}");
        let far = verdict(&entry, &[], Process::Unknown);
        assert_eq!((far.last_sign_of_life, far.warnings.as_slice()), (None, &[Code::ClockSkew][..]), "{entry}");
    }
}

#[test]
fn a_file_much_newer_than_its_contents_causes_a_warning() {
    let mut copied = beat(121, "");
    copied.modified = Some(now());
    assert_eq!(
        verdict(&registered("active", 999), &[copied.clone()], Process::Unknown).warnings,
        [Code::MtimeDisagrees]
    );
    // Not if a younger heartbeat is the newest.
    assert!(verdict(&registered("active", 999), &[copied, beat(1, "")], Process::Unknown).warnings.is_empty());
}

fn minutes() -> impl Strategy<Value = i64> {
    prop_oneof![-300i64..300, Just(0), Just(120), Just(-2), Just(-1)]
}

proptest! {
    /// Nothing changes before the next change, something does at it, and without one nothing ever changes.
    #[test]
    fn next_change_is_exact(
        status in prop_oneof![Just("active"), Just("inactive"), Just("error")],
        registered_ago in proptest::option::of(minutes()),
        marked_ago in proptest::option::of(minutes()),
        beats in proptest::collection::vec((minutes(), minutes(), any::<bool>()), 0..4),
        timeout in prop_oneof![Just(0u32), Just(120), 1u32..300],
        booted_ago in minutes(),
    ) {
        let ago = |minutes: i64| time::wire(now() - TimeDelta::minutes(minutes));
        let field = |name: &str, minutes: Option<i64>| {
            minutes.map(|minutes| format!(", \"{name}\": \"{}\"", ago(minutes))).unwrap_or_default()
        };
        let (registered, marked) = (field("registered_at", registered_ago), field("marked_inactive_at", marked_ago));
        let claude = r#", "claude": {"pid": 7, "proc_start": "1", "pid_domain": "d", "boot": "one"}"#;
        let entry = format!("{{\"1\": {{\"status\": \"{status}\"{registered}{marked}{claude}}}}}");
        let registry = Registry::read(entry.into_bytes()).unwrap();
        let boot = Boot { domain: "d".into(), id: "two".into(), started: now() - TimeDelta::minutes(booted_ago) };
        let beats: Vec<Beat> = beats.into_iter().map(|(content, modified, disconnect)| {
            let mut made = beat(content, if disconnect { ", \"status\": \"offline\"" } else { "" });
            made.modified = Some(now() - TimeDelta::minutes(modified));
            if modified % 2 == 0 {
                // Only the name has a time, in an hour that its zone repeats.
                let named = made.content.time();
                made.named = [named.map(|time| time + TimeDelta::minutes(60)), named];
                made.content = Content::default();
                made.content.is_disconnect = disconnect;
            }
            made
        }).collect();
        let evidence = Evidence { entry: &registry.entries()[0], beats: beats.iter().collect(), process: Process::Unknown, boot: Some(&boot) };
        let timeout = Timeout::from_minutes(timeout).unwrap();
        let current = evidence.verdict(now(), timeout);
        let next = evidence.next_change(now(), timeout);
        let end = next.unwrap_or(now() + TimeDelta::minutes(700));
        prop_assert!(end > now());
        if next.is_some() {
            let then = evidence.verdict(end, timeout);
            prop_assert!(then.visible_parts() != current.visible_parts(), "nothing happens at {}: {:?} {:?}", end, current, then);
        }
        let mut probe = now();
        while probe < end {
            for moment in [probe, probe + TimeDelta::nanoseconds(1)] {
                if moment < end {
                    let verdict = evidence.verdict(moment, timeout);
                    prop_assert!(verdict.visible_parts() == current.visible_parts(), "changed at {} before {}", moment, end);
                }
            }
            probe += TimeDelta::minutes(1);
        }
        if end > now() + TimeDelta::nanoseconds(1) {
            let just_before = evidence.verdict(end - TimeDelta::nanoseconds(1), timeout);
            prop_assert!(just_before.visible_parts() == current.visible_parts());
        }
    }

    /// Extreme times do not panic, in files and as the current time.
    #[test]
    fn judging_any_times_does_not_panic(
        written in proptest::collection::vec(any_time(), 5),
        now in any_time(),
        timeout in prop_oneof![Just(0u32), Just(120), Just(Timeout::MAX_MINUTES)],
        status in prop_oneof![Just("active"), Just("inactive")],
    ) {
        let registry = Registry::read(format!("{{\"1\": {{\"status\": \"{status}\"}}}}").into_bytes()).unwrap();
        let mut entry = registry.entries()[0].clone();
        (entry.registered_at, entry.reactivated_at, entry.marked_inactive_at) = (Some(written[0]), Some(written[1]), Some(written[2]));
        let mut made = beat(0, "");
        made.modified = Some(written[3]);
        made.named = [Some(written[4]), Some(written[0])];
        made.content = Content::default();
        let evidence = Evidence { entry: &entry, beats: vec![&made], process: Process::Unknown, boot: None };
        let timeout = Timeout::from_minutes(timeout).unwrap();
        let verdict = evidence.verdict(now, timeout);
        let _ = (evidence.next_change(now, timeout), verdict.last_sign_of_life.map(|last| time::age(last, now)));
    }
}

fn any_time() -> impl Strategy<Value = Time> {
    prop_oneof![
        Just(Time::MIN_UTC),
        Just(Time::MAX_UTC),
        Just(time::EARLIEST),
        Just(time::LATEST),
        Just(now()),
        (Time::MIN_UTC.timestamp()..Time::MAX_UTC.timestamp()).prop_map(|at| chrono::DateTime::from_timestamp(
            at,
            999_999_999
        )
        .unwrap()),
    ]
}
