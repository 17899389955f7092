//! Tests: when announcements are made, over simulated hours.

use std::sync::Arc;

use chrono::TimeDelta;

use super::*;
use crate::heartbeat::{Beat, BeatName, Content};
use crate::liveness::cleanup::{self, Folder};
use crate::registry::Registry;
use crate::time::{self, Timeout};
use crate::view::session::evidence_source::{EvidenceSource, KnownBeats};
use crate::view::session::row::Counts;
use crate::view::session::table::SessionTable;
use chrono::Utc;

fn start() -> Time {
    time::parse("2025-11-17T20:00:00Z").unwrap()
}

/// Sessions as (number, minutes since the last heartbeat) at `now`. Session 99 always has a heartbeat, so that one is
/// active.
pub(crate) fn snapshot(sessions: &[(u64, i64)], now: Time) -> Snapshot {
    let entries: Vec<String> = sessions
        .iter()
        .chain(&[(99, 0)])
        .map(|(number, _)| format!("\"{number}\": {{\"status\": \"active\", \"role\": \"<b>Role</b>\\n{number}\"}}"))
        .collect();
    let beats: Vec<(String, Vec<Beat>)> = sessions
        .iter()
        .chain(&[(99, 0)])
        .map(|(number, ago)| {
            let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(now - TimeDelta::minutes(*ago)));
            let beat =
                Beat::new(BeatName::parse("x.json").unwrap(), &Utc, None, Content::read(content.as_bytes(), true));
            (format!("session-{number}"), vec![beat])
        })
        .collect();
    let registry = Registry::read(format!("{{{}}}", entries.join(",")).into_bytes()).unwrap();
    let ownership = crate::liveness::ownership::Ownership::of(&registry);
    let look =
        |id: &str| KnownBeats::of(beats.iter().find(|(of, _)| of == id).map_or(&[], |(_, beats)| beats.as_slice()));
    let table = SessionTable::new(registry, ownership, Timeout::default(), now, &EvidenceSource::of_beats(&look));
    let rows = table.rows();
    Snapshot {
        registry: "r".into(),
        heartbeats: "h".into(),
        at: now,
        timeout: Timeout::default(),
        counts: table.counts(),
        cleanup: cleanup::offer(&rows, table.counts(), Folder::Readable, true, false),
        rows,
        available_numbers: vec![],
        unregistered: vec![],
        elsewhere: vec![],
        warnings: vec![],
        trouble: None,
        undo: None,
        reverted_change: None,
        auto_cleanup: false,
        snoozed_until: None,
        quiet_until: None,
        is_polling: false,
        next_change: None,
    }
}

fn shown(next_steps: &NextSteps<AnnouncementStep>) -> Vec<u64> {
    match next_steps.steps.first() {
        Some(AnnouncementStep::Show(announcement)) => announcement.targets.iter().map(|target| target.number).collect(),
        _ => vec![],
    }
}

fn seconds(seconds: i64) -> Time {
    start() + TimeDelta::seconds(seconds)
}

#[test]
fn sessions_stale_within_five_seconds_are_announced_together() {
    let mut announcer = Announcer::default();
    let first = announcer.observe(&snapshot(&[(1, 121), (2, 1)], seconds(0)), seconds(0), &Utc);
    assert_eq!(first, NextSteps { steps: vec![], again_at: Some(seconds(5)) });
    assert!(shown(&announcer.observe(&snapshot(&[(1, 121), (2, 121)], seconds(4)), seconds(4), &Utc)).is_empty());
    assert_eq!(shown(&announcer.observe(&snapshot(&[(1, 121), (2, 121)], seconds(5)), seconds(5), &Utc)), [1, 2]);
    assert_eq!(
        announcer.observe(&snapshot(&[(1, 125), (2, 125)], seconds(300)), seconds(300), &Utc),
        NextSteps::default()
    );
}

/// Observes until the announcer has shown something, which a server accepts, or has nothing to show.
fn settled(announcer: &mut Announcer, sessions: &[(u64, i64)], now: Time) -> NextSteps<AnnouncementStep> {
    let next_steps = announcer.observe(&snapshot(sessions, now), now, &Utc);
    let (next_steps, at) = match next_steps.again_at {
        Some(then) => (announcer.observe(&snapshot(sessions, then), then, &Utc), then),
        None => (next_steps, now),
    };
    announcer.report(AnnouncementReport::Shown, at);
    next_steps
}

#[test]
fn a_session_is_not_announced_again_until_it_was_active() {
    let mut announcer = Announcer::default();
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121)], seconds(0))), [1]);
    announcer.report(AnnouncementReport::Closed, seconds(0));
    assert_eq!(settled(&mut announcer, &[(1, 500)], seconds(100)), NextSteps::default());
    // Not after a restart either.
    let kept = serde_json::to_string(&announcer).unwrap();
    assert!(announcer.take_unsaved_flag() && !announcer.take_unsaved_flag());
    let mut announcer: Announcer = serde_json::from_str(&kept).unwrap();
    assert_eq!(settled(&mut announcer, &[(1, 501)], seconds(200)), NextSteps::default());
    assert!(!announcer.take_unsaved_flag());
    assert_eq!(settled(&mut announcer, &[(1, 1)], seconds(300)), NextSteps::default());
    assert!(announcer.take_unsaved_flag());
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121)], seconds(4000))), [1]);
}

#[test]
fn a_registry_missing_for_a_moment_repeats_no_announcement() {
    let mut announcer = Announcer::default();
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121)], seconds(0))), [1]);
    announcer.report(AnnouncementReport::Closed, seconds(0));
    assert_eq!(settled(&mut announcer, &[], seconds(10)), NextSteps::default());
    assert_eq!(settled(&mut announcer, &[(1, 122)], seconds(20)), NextSteps::default());
}

#[test]
fn a_new_announcement_includes_what_is_still_showing() {
    let mut announcer = Announcer::default();
    settled(&mut announcer, &[(1, 121), (2, 121), (3, 1)], seconds(0));
    // Session 2 has a new heartbeat, session 3 becomes stale.
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 0), (3, 121)], seconds(60))), [1, 3]);
    announcer.report(AnnouncementReport::Closed, seconds(0));
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 121), (3, 121)], seconds(4000))), [2]);
}

#[test]
fn a_new_announcement_omits_what_may_have_been_dismissed() {
    let mut announcer = Announcer::default();
    settled(&mut announcer, &[(1, 121), (2, 1)], seconds(0));
    announcer.report(AnnouncementReport::ShownUnobserved, seconds(5));
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 121)], seconds(60))), [2]);
    announcer.report(AnnouncementReport::ShownUnobserved, seconds(65));
    // The announcement is still withdrawn.
    assert_eq!(settled(&mut announcer, &[(1, 121), (2, 0)], seconds(70)).steps, [AnnouncementStep::Withdraw]);
}

#[test]
fn an_announcement_is_withdrawn_when_all_its_sessions_beat_again() {
    let mut announcer = Announcer::default();
    settled(&mut announcer, &[(1, 121), (2, 121)], seconds(0));
    assert_eq!(settled(&mut announcer, &[(1, 0), (2, 121)], seconds(10)).steps, []);
    assert_eq!(settled(&mut announcer, &[(1, 0), (2, 0)], seconds(20)).steps, [AnnouncementStep::Withdraw]);
    assert_eq!(settled(&mut announcer, &[(1, 0), (2, 0)], seconds(30)).steps, []);
}

#[test]
fn announcements_are_delayed_while_snoozed_or_just_awake() {
    let mut announcer = Announcer::default();
    let mut snoozed = snapshot(&[(1, 121)], seconds(0));
    snoozed.snoozed_until = Some(seconds(3600));
    assert_eq!(
        announcer.observe(&snoozed, seconds(0), &Utc),
        NextSteps { steps: vec![], again_at: Some(seconds(3600)) }
    );
    assert_eq!(
        announcer
            .observe(&Snapshot { quiet_until: Some(seconds(4000)), ..snoozed.clone() }, seconds(3000), &Utc)
            .again_at,
        Some(seconds(4000))
    );
    assert_eq!(shown(&announcer.observe(&snoozed, seconds(4000), &Utc)), [1]);
}

#[test]
fn a_revert_is_announced_once() {
    let mut announcer = Announcer::default();
    let mut snapshot = snapshot(&[], seconds(0));
    snapshot.reverted_change = Some(RevertedChange { change: "c".into(), numbers: vec![2, 3] });
    let steps = announcer.observe(&snapshot, seconds(0), &Utc).steps;
    assert!(matches!(steps.as_slice(), [AnnouncementStep::ShowReverted(_)]), "{steps:?}");
    assert!(announcer.take_unsaved_flag());
    assert_eq!(announcer.observe(&snapshot, seconds(1), &Utc), NextSteps::default());
}

#[test]
fn an_unreadable_registry_causes_no_announcement() {
    let mut announcer = Announcer::default();
    let mut unreadable = snapshot(&[(1, 121)], seconds(0));
    unreadable.trouble =
        Some(crate::view::snapshot::Trouble { code: "x".into(), message: "x".into(), path: "r".into() });
    assert_eq!(announcer.observe(&unreadable, seconds(0), &Utc), NextSteps::default());
    assert_eq!(announcer.observe(&unreadable, seconds(60), &Utc), NextSteps::default());
}

#[test]
fn long_announcements_name_some_sessions_and_count_the_rest() {
    let mut announcer = Announcer::default();
    let sessions: Vec<(u64, i64)> = (1..=9).map(|number| (number, 332)).collect();
    let steps = settled(&mut announcer, &sessions, seconds(0)).steps;
    let [AnnouncementStep::Show(announcement)] = steps.as_slice() else { panic!() };
    assert_eq!(announcement.title, "9 sessions look stale");
    assert!(
        announcement.body.starts_with("· #1 <b>Role</b> 1: no heartbeat for 5 h 32 min\n· #2"),
        "{}",
        announcement.body
    );
    assert!(announcement.body.ends_with("\n· and 5 more"));
    assert!(announcement.offers_cleanup);
}

#[test]
fn a_caution_comes_before_the_sessions() {
    let now = seconds(0);
    let mut all = snapshot(&[(1, 121)], now);
    all.cleanup = cleanup::offer(
        &all.rows,
        crate::view::session::row::Counts { stale: 1, ..Default::default() },
        Folder::Readable,
        true,
        false,
    );
    let shown = announcement(&all, &[Target::of(&all.rows[0])].into(), now, &Utc);
    assert!(shown.body.starts_with("No heartbeats since "));
    assert!(shown.offers_cleanup);
}

#[test]
fn ended_sessions_are_cleaned_up_once_if_automatic_cleanup_is_on() {
    let ended = |auto_cleanup: bool, at: Time| {
        let mut snapshot = snapshot(&[(1, 1), (2, 1), (3, 121)], at);
        let row = Arc::make_mut(&mut snapshot.rows[1]);
        (row.state, row.reason) = (State::Stale, Reason::Ended);
        Snapshot { auto_cleanup, snoozed_until: Some(seconds(9000)), ..snapshot }
    };
    let mut announcer = Announcer::default();
    let next_steps = announcer.observe(&ended(true, seconds(0)), seconds(0), &Utc);
    assert_eq!(next_steps, NextSteps { steps: vec![], again_at: Some(seconds(5)) });
    // A snooze does not delay it, because it asks nothing of the user.
    let steps = announcer.observe(&ended(true, seconds(5)), seconds(5), &Utc).steps;
    let [AnnouncementStep::CleanUp(targets)] = steps.as_slice() else { panic!("{steps:?}") };
    assert!(announcer.take_unsaved_flag());
    assert_eq!(targets.iter().map(|target| target.number).collect::<Vec<_>>(), [2]);
    // If the user undoes the cleanup, it is not repeated.
    assert_eq!(announcer.observe(&ended(true, seconds(60)), seconds(60), &Utc).steps, []);
    // Without automatic cleanup the session is announced like others; one that is only stale always is.
    let mut announcer = Announcer::default();
    let awake = |snapshot: Snapshot| Snapshot { snoozed_until: None, ..snapshot };
    announcer.observe(&awake(ended(false, seconds(0))), seconds(0), &Utc);
    assert_eq!(shown(&announcer.observe(&awake(ended(false, seconds(5))), seconds(5), &Utc)), [2, 3]);
    let mut announcer = Announcer::default();
    announcer.observe(&awake(ended(true, seconds(0))), seconds(0), &Utc);
    let next_steps = announcer.observe(&awake(ended(true, seconds(5))), seconds(5), &Utc);
    assert_eq!(shown(&next_steps), [3]);
    assert!(matches!(next_steps.steps.as_slice(), [AnnouncementStep::Show(_), AnnouncementStep::CleanUp(_)]));
}

#[test]
fn all_sessions_stale_is_announced_with_an_explanation() {
    let with_offer = |mut snapshot: Snapshot| {
        snapshot.rows.retain(|row| row.number != 99);
        snapshot.counts = Counts::of(snapshot.rows.iter().map(AsRef::as_ref));
        snapshot.cleanup = cleanup::offer(&snapshot.rows, snapshot.counts, Folder::Readable, true, false);
        snapshot
    };
    let all_stale = |at: Time| with_offer(snapshot(&[(1, 332), (2, 400), (3, 500)], at));
    let mut announcer = Announcer::default();
    announcer.observe(&all_stale(seconds(0)), seconds(0), &Utc);
    let steps = announcer.observe(&all_stale(seconds(5)), seconds(5), &Utc).steps;
    let [AnnouncementStep::Show(announcement)] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(announcement.title, "All 3 sessions look stale");
    let first = announcement.body.lines().next().unwrap();
    let last = (seconds(5) - TimeDelta::minutes(332)).format("%H:%M");
    assert_eq!(
        first,
        format!(
            "No heartbeats since {last}: the computer may have slept, or the program that writes heartbeats has ended."
        )
    );
    assert!(announcement.offers_cleanup);
    // All of them are proven to have ended: that needs no caution.
    let mut snapshot = all_stale(seconds(0));
    for row in &mut snapshot.rows {
        Arc::make_mut(row).reason = Reason::Ended;
    }
    let snapshot = with_offer(snapshot);
    let mut announcer = Announcer::default();
    announcer.observe(&snapshot, seconds(0), &Utc);
    let steps = announcer.observe(&snapshot, seconds(5), &Utc).steps;
    assert!(matches!(steps.as_slice(), [AnnouncementStep::Show(shown)] if shown.body.starts_with("· #1")), "{steps:?}");
}

#[test]
fn muted_announcements_are_made_up_for_afterwards() {
    let mut announcer = Announcer::default();
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 1)], seconds(0))), [1]);
    let off = |announcer: &mut Announcer, sessions: &[(u64, i64)], at| {
        announcer.observe_muted(&snapshot(sessions, at), at).steps
    };
    assert_eq!(off(&mut announcer, &[(1, 121), (2, 1)], seconds(10)), [AnnouncementStep::Withdraw]);
    assert_eq!(off(&mut announcer, &[(1, 1), (2, 1)], seconds(20)), []);
    assert_eq!(off(&mut announcer, &[(1, 121), (2, 121)], seconds(30)), []);
    assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 121)], seconds(4000))), [1, 2]);
}

#[test]
fn an_announcement_that_no_server_accepted_is_retried() {
    let mut announcer = Announcer::default();
    let stale = |at| snapshot(&[(1, 121), (2, 1)], at);
    announcer.observe(&stale(seconds(0)), seconds(0), &Utc);
    assert_eq!(shown(&announcer.observe(&stale(seconds(5)), seconds(5), &Utc)), [1]);
    // Until the outcome is reported, nothing is stored and nothing is shown twice.
    assert!(!announcer.take_unsaved_flag());
    assert_eq!(announcer.observe(&stale(seconds(6)), seconds(6), &Utc), NextSteps::default());
    announcer.report(AnnouncementReport::NotShown, seconds(7));
    assert_eq!(announcer.observe(&stale(seconds(8)), seconds(8), &Utc).again_at, Some(seconds(67)));
    assert_eq!(shown(&announcer.observe(&stale(seconds(67)), seconds(67), &Utc)), [1]);
    announcer.report(AnnouncementReport::NotShown, seconds(68));
    // When a server appears, the announcement is delayed only by the five seconds for collecting sessions.
    announcer.report(AnnouncementReport::ServerAppeared, seconds(70));
    assert_eq!(announcer.observe(&stale(seconds(70)), seconds(70), &Utc).again_at, Some(seconds(75)));
    assert_eq!(shown(&announcer.observe(&stale(seconds(75)), seconds(75), &Utc)), [1]);
    announcer.report(AnnouncementReport::Shown, seconds(76));
    assert!(announcer.take_unsaved_flag());
    assert_eq!(announcer.observe(&stale(seconds(9000)), seconds(9000), &Utc), NextSteps::default());
}

#[test]
fn a_session_around_the_timeout_is_announced_once_an_hour() {
    let mut announcer = Announcer::default();
    let mut at = 0;
    let mut said = Vec::new();
    while at < 3 * 3600 {
        for ago in [121, 1] {
            let mut moment = seconds(at);
            let limit = seconds(at + 60);
            while moment < limit {
                let next_steps = announcer.observe(&snapshot(&[(1, ago)], moment), moment, &Utc);
                if !shown(&next_steps).is_empty() {
                    announcer.report(AnnouncementReport::Shown, moment);
                    said.push((moment - start()).num_seconds());
                }
                moment = next_steps.again_at.filter(|again| *again > moment).unwrap_or(limit);
            }
            at += 60;
        }
    }
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.windows(2).all(|pair| pair[1] - pair[0] >= 3600), "{said:?}");
}

#[test]
fn a_failed_cleanup_is_retried() {
    let ended = |at: Time| {
        let mut snapshot = snapshot(&[(2, 1)], at);
        let row = Arc::make_mut(&mut snapshot.rows[0]);
        (row.state, row.reason) = (State::Stale, Reason::Ended);
        Snapshot { auto_cleanup: true, ..snapshot }
    };
    let mut announcer = Announcer::default();
    announcer.observe(&ended(seconds(0)), seconds(0), &Utc);
    let steps = announcer.observe(&ended(seconds(5)), seconds(5), &Utc).steps;
    let [AnnouncementStep::CleanUp(targets)] = steps.as_slice() else { panic!("{steps:?}") };
    announcer.report(AnnouncementReport::NotCleanedUp(targets.clone()), seconds(10));
    assert_eq!(announcer.observe(&ended(seconds(11)), seconds(11), &Utc).again_at, Some(seconds(70)));
    assert_eq!(announcer.observe(&ended(seconds(70)), seconds(70), &Utc).steps, steps);
    assert_eq!(announcer.observe(&ended(seconds(99)), seconds(99), &Utc), NextSteps::default());
}

#[test]
fn a_revert_announcement_that_no_server_accepted_is_retried() {
    let mut announcer = Announcer::default();
    let reverted = |at| Snapshot {
        reverted_change: Some(RevertedChange { change: "c".into(), numbers: vec![2] }),
        ..snapshot(&[], at)
    };
    assert_eq!(announcer.observe(&reverted(seconds(0)), seconds(0), &Utc).steps.len(), 1);
    announcer.report(AnnouncementReport::RevertNotShown("c".into()), seconds(1));
    assert_eq!(announcer.observe(&reverted(seconds(2)), seconds(2), &Utc).again_at, Some(seconds(61)));
    assert_eq!(announcer.observe(&reverted(seconds(61)), seconds(61), &Utc).steps.len(), 1);
    assert_eq!(announcer.observe(&reverted(seconds(62)), seconds(62), &Utc), NextSteps::default());
}

#[test]
fn kept_sessions_are_not_announced() {
    let mut announcer = Announcer::default();
    let stale = |is_kept: bool| {
        let mut snapshot = Snapshot { auto_cleanup: true, ..snapshot(&[(1, 500), (2, 500)], start()) };
        for (at, reason) in [(0, Reason::Timeout), (1, Reason::Ended)] {
            let row = Row { reason, is_kept, ..(*snapshot.rows[at]).clone() };
            snapshot.rows[at] = Arc::new(row);
        }
        snapshot
    };
    let later = start() + TimeDelta::minutes(1);
    assert_eq!(announcer.observe(&stale(true), start(), &Utc), NextSteps::default());
    assert_eq!(announcer.observe(&stale(true), later, &Utc), NextSteps::default());
    announcer.observe(&stale(false), later, &Utc);
    let steps = announcer.observe(&stale(false), later + BATCH_WINDOW, &Utc).steps;
    assert!(matches!(&steps[..], [AnnouncementStep::Show(_), AnnouncementStep::CleanUp(_)]), "{steps:?}");
    let steps = announcer.observe(&stale(true), later + BATCH_WINDOW, &Utc).steps;
    assert_eq!(steps, [AnnouncementStep::Withdraw], "it was kept while the announcement was showing");
}
