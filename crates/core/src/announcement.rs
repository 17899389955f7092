//! When people are told that sessions went stale, and in which words.
//!
//! Promises (design §5): one announcement for all that became stale within five seconds; it replaces an older one still
//! showing; a session is never announced again until it was active in between, across restarts too; nothing while snoozed
//! or just after waking up; what was announced is withdrawn when none of it is stale any more. Does not show anything: it
//! says what to show, and when to ask again.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::change::Skipped;
use crate::cleanup::{Done, Target, Undone};
use crate::liveness::State;
use crate::snapshot::{PutBack, Row, Snapshot};
use crate::time::Time;
use crate::words;

/// What becomes stale within this span is told at once.
const TOGETHER: TimeDelta = TimeDelta::seconds(5);

/// How many sessions an announcement names.
const NAMED: usize = 4;

/// A text to show, and what a click on it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// The sessions it is about.
    pub targets: Vec<Target>,
    /// Whether a click on the text itself cleans up; else it opens the preview.
    pub cleans_on_click: bool,
    /// Whether it may offer *Clean up* at all: not while evidence is missing.
    pub offers_cleanup: bool,
}

/// What the place of display can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Clicks and buttons are reported back.
    pub reports_clicks: bool,
    /// The text is read as markup.
    pub renders_markup: bool,
}

impl Abilities {
    /// The text as it has to be handed over, so that it shows as it is.
    #[must_use]
    pub fn text(self, text: &str) -> String {
        if self.renders_markup {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        } else {
            text.to_owned()
        }
    }

    /// An announcement's body: where nobody would hear a click, it says where to go instead.
    #[must_use]
    pub fn body(self, announcement: &Announcement) -> String {
        let body = self.text(&announcement.body);
        if self.reports_clicks { body } else { body + "\nOpen Headcount from the tray to clean up." }
    }
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Show this, in place of what is showing.
    Show(Announcement),
    /// Take back what is showing.
    Withdraw,
    /// Say that another program's older copy took a change back, and offer to make it again.
    Tell(PutBack),
}

/// The answer to an observation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// When to observe again even if nothing happens before.
    pub again_at: Option<Time>,
}

/// Remembers what was told. Its memory is plain data, to be kept across restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcer {
    told: BTreeSet<Target>,
    /// Changes of which it was told that an older copy took them back.
    #[serde(default)]
    put_back: BTreeSet<String>,
    #[serde(skip)]
    first_untold: Option<Time>,
    #[serde(skip)]
    showing: BTreeSet<Target>,
}

impl Announcer {
    /// Looks at a snapshot at `now`.
    pub fn observe(&mut self, snapshot: &Snapshot, now: Time) -> Answer {
        if snapshot.trouble.is_some() {
            return Answer::default();
        }
        let tell = snapshot.put_back.clone().filter(|put_back| self.put_back.insert(put_back.change.clone()));
        let mut answer = self.observe_states(snapshot, now);
        answer.steps.extend(tell.map(Step::Tell));
        answer
    }

    fn observe_states(&mut self, snapshot: &Snapshot, now: Time) -> Answer {
        let stale: BTreeSet<Target> = snapshot.in_state(State::Stale).map(|row| Target::of(row)).collect();
        // Active in between, or gone from the registry: the next time is a new matter.
        let may_not_return: BTreeSet<Target> =
            snapshot.rows.iter().filter(|row| row.state != State::Active).map(|row| Target::of(row)).collect();
        self.told.retain(|target| may_not_return.contains(target));

        let was_showing = !self.showing.is_empty();
        self.showing.retain(|target| stale.contains(target));
        let untold: BTreeSet<Target> = stale.difference(&self.told).cloned().collect();
        if untold.is_empty() {
            self.first_untold = None;
            let steps = withdrawal(was_showing && self.showing.is_empty());
            return Answer { steps, again_at: None };
        }
        let first = *self.first_untold.get_or_insert(now);
        let ready_at = [Some(first + TOGETHER), snapshot.snoozed_until, snapshot.quiet_until]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(first);
        if now < ready_at {
            let steps = withdrawal(was_showing && self.showing.is_empty());
            return Answer { steps, again_at: Some(ready_at) };
        }
        self.first_untold = None;
        self.showing.extend(untold.iter().cloned());
        self.told.extend(untold);
        Answer { steps: vec![Step::Show(announcement(snapshot, &self.showing, now))], again_at: None }
    }

    /// Whether both remember the same across a restart.
    #[must_use]
    pub fn remembers_as(&self, other: &Self) -> bool {
        (&self.told, &self.put_back) == (&other.told, &other.put_back)
    }

    /// The announcement is no longer on show: it was clicked, dismissed, or its time was up.
    pub fn closed(&mut self) {
        self.showing.clear();
    }
}

fn withdrawal(is_due: bool) -> Vec<Step> {
    if is_due { vec![Step::Withdraw] } else { Vec::new() }
}

fn announcement(snapshot: &Snapshot, targets: &BTreeSet<Target>, now: Time) -> Announcement {
    let rows: Vec<&Row> = targets.iter().filter_map(|target| snapshot.row(target.number)).map(AsRef::as_ref).collect();
    let caution = snapshot.cleanup.caution.as_ref();
    let verb = if rows.len() == 1 { "looks" } else { "look" };
    let mut lines: Vec<String> = caution.map(|caution| caution.message.clone()).into_iter().collect();
    let room = NAMED - lines.len();
    let named = if rows.len() == room + 1 { room + 1 } else { room };
    lines.extend(rows.iter().take(named).map(|row| format!("{}: {}", words::name(row, 36), words::why(row, now))));
    if rows.len() > named {
        lines.push(format!("and {} more", rows.len() - named));
    }
    Announcement {
        title: format!("{} {verb} stale", words::sessions(rows.len())),
        body: lines.join("\n"),
        targets: targets.iter().cloned().collect(),
        cleans_on_click: caution.is_none(),
        offers_cleanup: caution.is_none_or(|caution| !caution.lacks_evidence()),
    }
}

/// What is said after a cleanup: title and body.
#[must_use]
pub fn cleaned_up(done: &Done) -> (String, String) {
    let left = done.skipped.iter().map(reason);
    if done.marked.is_empty() {
        return ("Nothing to clean up".into(), left.take(NAMED).collect::<Vec<_>>().join("\n"));
    }
    let numbers: Vec<String> = done.marked.iter().take(12).map(ToString::to_string).collect();
    let more = if done.marked.len() > 12 { ", …" } else { "" };
    let free = if done.marked.len() == 1 { "Its number is free again:" } else { "Their numbers are free again:" };
    let mut lines = vec![format!("{free} {}{more}", numbers.join(", "))];
    lines.extend(left.take(NAMED));
    (format!("{} marked inactive", words::sessions(done.marked.len())), lines.join("\n"))
}

/// What is said when an older copy took a change back: title and body.
#[must_use]
pub fn put_back(put_back: &PutBack) -> (String, String) {
    let count = put_back.numbers.len();
    let title = format!("{} {} as before again", words::sessions(count), if count == 1 { "is" } else { "are" });
    (title, "Another program wrote an older copy of the registry over Headcount's change.".into())
}

/// What is said after a change was made again: title and body.
#[must_use]
pub fn redone(redone: &Undone) -> (String, String) {
    let refused: Vec<String> = redone.refused.iter().take(NAMED).map(reason).collect();
    (format!("{} changed again", words::sessions(redone.restored.len())), refused.join("\n"))
}

fn reason(skipped: &Skipped) -> String {
    format!("#{} {}", skipped.number, skipped.why)
}

/// What is said after an undo: title and body.
#[must_use]
pub fn undone(undone: &Undone) -> (String, String) {
    let refused: Vec<String> = undone.refused.iter().take(NAMED).map(reason).collect();
    (format!("{} put back", words::sessions(undone.restored.len())), refused.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cleanup::{self, Folder};
    use crate::heartbeat::{Beat, BeatName, Content};
    use crate::registry::Registry;
    use crate::roster::Roster;
    use crate::time::{self, Timeout};
    use chrono::Utc;

    fn start() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    /// Sessions as (number, minutes since the last beat) at `now`; session 99 always beats, so that somebody is active.
    fn snapshot(sessions: &[(u64, i64)], now: Time) -> Snapshot {
        let entries: Vec<String> = sessions
            .iter()
            .chain(&[(99, 0)])
            .map(|(number, _)| {
                format!("\"{number}\": {{\"status\": \"active\", \"role\": \"<b>Role</b>\\n{number}\"}}")
            })
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
        let ownership = crate::ownership::Ownership::of(&registry);
        let roster = Roster::new(registry, ownership, Timeout::default(), now, |id| {
            beats.iter().find(|(of, _)| of == id).map_or(&[], |(_, beats)| beats.as_slice())
        });
        let rows = roster.rows();
        Snapshot {
            registry: "r".into(),
            heartbeats: "h".into(),
            at: now,
            timeout: Timeout::default(),
            counts: roster.counts(),
            cleanup: cleanup::offer(&rows, roster.counts(), Folder::Readable, true, false),
            rows,
            available_numbers: vec![],
            warnings: vec![],
            trouble: None,
            undo: None,
            put_back: None,
            snoozed_until: None,
            quiet_until: None,
            is_polling: false,
            next_change: None,
        }
    }

    fn shown(answer: &Answer) -> Vec<u64> {
        match answer.steps.first() {
            Some(Step::Show(announcement)) => announcement.targets.iter().map(|target| target.number).collect(),
            _ => vec![],
        }
    }

    fn seconds(seconds: i64) -> Time {
        start() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn what_goes_stale_within_five_seconds_is_one_announcement() {
        let mut announcer = Announcer::default();
        let first = announcer.observe(&snapshot(&[(1, 121), (2, 1)], seconds(0)), seconds(0));
        assert_eq!(first, Answer { steps: vec![], again_at: Some(seconds(5)) });
        assert!(shown(&announcer.observe(&snapshot(&[(1, 121), (2, 121)], seconds(4)), seconds(4))).is_empty());
        assert_eq!(shown(&announcer.observe(&snapshot(&[(1, 121), (2, 121)], seconds(5)), seconds(5))), [1, 2]);
        assert_eq!(announcer.observe(&snapshot(&[(1, 125), (2, 125)], seconds(300)), seconds(300)), Answer::default());
    }

    /// Observes until it has spoken or has nothing to say.
    fn settled(announcer: &mut Announcer, sessions: &[(u64, i64)], now: Time) -> Answer {
        let answer = announcer.observe(&snapshot(sessions, now), now);
        match answer.again_at {
            Some(then) => announcer.observe(&snapshot(sessions, then), then),
            None => answer,
        }
    }

    #[test]
    fn never_again_until_it_was_active_in_between() {
        let mut announcer = Announcer::default();
        assert_eq!(shown(&settled(&mut announcer, &[(1, 121)], seconds(0))), [1]);
        announcer.closed();
        assert_eq!(settled(&mut announcer, &[(1, 500)], seconds(100)), Answer::default());
        // Not after a restart either.
        let kept = serde_json::to_string(&announcer).unwrap();
        let mut announcer: Announcer = serde_json::from_str(&kept).unwrap();
        assert_eq!(settled(&mut announcer, &[(1, 501)], seconds(200)), Answer::default());
        assert_eq!(settled(&mut announcer, &[(1, 1)], seconds(300)), Answer::default());
        assert_eq!(shown(&settled(&mut announcer, &[(1, 121)], seconds(400))), [1]);
    }

    #[test]
    fn a_newer_one_replaces_and_includes_what_is_still_showing() {
        let mut announcer = Announcer::default();
        settled(&mut announcer, &[(1, 121), (2, 121), (3, 1)], seconds(0));
        // Session 2 beats again, session 3 goes stale.
        assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 0), (3, 121)], seconds(60))), [1, 3]);
        announcer.closed();
        assert_eq!(shown(&settled(&mut announcer, &[(1, 121), (2, 121), (3, 121)], seconds(120))), [2]);
    }

    #[test]
    fn it_withdraws_itself_when_all_beat_again() {
        let mut announcer = Announcer::default();
        settled(&mut announcer, &[(1, 121), (2, 121)], seconds(0));
        assert_eq!(settled(&mut announcer, &[(1, 0), (2, 121)], seconds(10)).steps, []);
        assert_eq!(settled(&mut announcer, &[(1, 0), (2, 0)], seconds(20)).steps, [Step::Withdraw]);
        assert_eq!(settled(&mut announcer, &[(1, 0), (2, 0)], seconds(30)).steps, []);
    }

    #[test]
    fn quiet_while_snoozed_or_just_awake_and_told_afterwards() {
        let mut announcer = Announcer::default();
        let mut snoozed = snapshot(&[(1, 121)], seconds(0));
        snoozed.snoozed_until = Some(seconds(3600));
        assert_eq!(announcer.observe(&snoozed, seconds(0)), Answer { steps: vec![], again_at: Some(seconds(3600)) });
        assert_eq!(
            announcer
                .observe(&Snapshot { quiet_until: Some(seconds(4000)), ..snoozed.clone() }, seconds(3000))
                .again_at,
            Some(seconds(4000))
        );
        assert_eq!(shown(&announcer.observe(&snoozed, seconds(4000))), [1]);
    }

    #[test]
    fn an_older_copy_is_told_of_once() {
        let mut announcer = Announcer::default();
        let mut snapshot = snapshot(&[], seconds(0));
        snapshot.put_back = Some(PutBack { change: "c".into(), numbers: vec![2, 3] });
        let steps = announcer.observe(&snapshot, seconds(0)).steps;
        assert!(matches!(steps.as_slice(), [Step::Tell(_)]), "{steps:?}");
        assert_eq!(announcer.observe(&snapshot, seconds(1)), Answer::default());
        let put_back = put_back(&snapshot.put_back.unwrap());
        assert_eq!(put_back.0, "2 sessions are as before again");
    }

    #[test]
    fn nothing_is_said_of_an_unreadable_registry() {
        let mut announcer = Announcer::default();
        let mut unreadable = snapshot(&[(1, 121)], seconds(0));
        unreadable.trouble = Some(crate::snapshot::Trouble { code: "x".into(), message: "x".into(), path: "r".into() });
        assert_eq!(announcer.observe(&unreadable, seconds(0)), Answer::default());
        assert_eq!(announcer.observe(&unreadable, seconds(60)), Answer::default());
    }

    #[test]
    fn the_words() {
        let mut announcer = Announcer::default();
        let sessions: Vec<(u64, i64)> = (1..=9).map(|number| (number, 332)).collect();
        let steps = settled(&mut announcer, &sessions, seconds(0)).steps;
        let [Step::Show(announcement)] = steps.as_slice() else { panic!() };
        assert_eq!(announcement.title, "9 sessions look stale");
        assert!(announcement.body.starts_with("#1 <b>Role</b> 1: no beat for 5 h 32 min\n#2"), "{}", announcement.body);
        assert!(announcement.body.ends_with("\nand 5 more"));
        assert!(announcement.cleans_on_click && announcement.offers_cleanup);

        let done = Done { marked: vec![2, 3], skipped: vec![], change: None };
        assert_eq!(
            cleaned_up(&done),
            ("2 sessions marked inactive".into(), "Their numbers are free again: 2, 3".into())
        );
    }

    #[test]
    fn text_is_text_wherever_it_is_shown() {
        let markup = Abilities { reports_clicks: true, renders_markup: true };
        let plain = Abilities { reports_clicks: true, renders_markup: false };
        assert_eq!(markup.text("<b>&"), "&lt;b&gt;&amp;");
        assert_eq!(plain.text("<b>&"), "<b>&");
        let announcement = Announcement {
            title: "t".into(),
            body: "b".into(),
            targets: vec![],
            cleans_on_click: true,
            offers_cleanup: true,
        };
        assert_eq!(plain.body(&announcement), "b");
        assert!(
            Abilities { reports_clicks: false, ..plain }.body(&announcement).ends_with("from the tray to clean up.")
        );
    }

    #[test]
    fn a_caution_comes_first_and_takes_the_click_away() {
        let now = seconds(0);
        let mut all = snapshot(&[(1, 121)], now);
        all.cleanup = cleanup::offer(
            &all.rows,
            crate::snapshot::Counts { stale: 1, ..Default::default() },
            Folder::Readable,
            true,
            false,
        );
        let shown = announcement(&all, &[Target::of(&all.rows[0])].into(), now);
        assert!(shown.body.starts_with("Nobody shows a sign of life (1 session stale)"));
        assert!(!shown.cleans_on_click && shown.offers_cleanup);
    }
}
