//! The timing and the text of notifications about sessions that wait for a person, and about finished turns.
//!
//! Guarantees: a wait is announced after it lasted [`Rules::waiting_after`], together with all that would be due within
//! five seconds; never twice, across restarts too; withdrawn once none of the named sessions waits; none while snoozed. A
//! finished turn is announced if it lasted more than two minutes. Does not show anything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::claude::activity::ActivityKind;
use crate::liveness::cleanup::Target;
use crate::notification::Slot;
use crate::notification::next_steps::{BATCH_WINDOW, MAX_NAMED, NextSteps, RETRY_DELAY, step_if};
use crate::time::{self, Time};
use crate::view::action::View;
use crate::view::session::row::Row;
use crate::view::snapshot::Snapshot;
use crate::view::text::messages;
use crate::view::text::shared_texts::activity_words;

/// The shortest turn whose end is announced.
const LONG_TURN: TimeDelta = TimeDelta::minutes(2);

/// What is announced, by the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// How long a session waits before that is announced; `None`: never.
    pub waiting_after: Option<TimeDelta>,
    /// Whether the ends of long turns are announced.
    pub announces_finished: bool,
}

/// A notification about sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// The slot in which it is shown.
    pub slot: Slot,
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// What *Show* opens.
    pub place: View,
}

/// A step to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttentionStep {
    /// Show this notification in place of the one in its slot.
    Show(Attention),
    /// Withdraw the notification in this slot.
    Withdraw(Slot),
}

/// One wait of a session. A session that waits again has another time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Wait {
    target: Target,
    since: Option<Time>,
}

/// Decides what is announced. Its serialized form is the memory kept across restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionAnnouncer {
    /// The announced waits that last.
    announced: BTreeSet<Wait>,
    /// Waits of a [`AttentionStep::Show`] without a reported outcome yet.
    #[serde(skip)]
    offered: BTreeSet<Wait>,
    /// The waits named in the notification that is showing.
    #[serde(skip)]
    showing: BTreeSet<Wait>,
    /// When each wait was first seen.
    #[serde(skip)]
    seen: BTreeMap<Wait, Time>,
    /// Waits that a person saw in the focused terminal when they were due, and when they are due again.
    #[serde(skip)]
    postponed: BTreeMap<Wait, Time>,
    #[serde(skip)]
    not_shown_before: Option<Time>,
    /// The sessions whose turn lasts, and since when.
    #[serde(skip)]
    turns: BTreeMap<Target, Time>,
    /// The idle sessions named in the notification of finished turns that is showing.
    #[serde(skip)]
    finished: BTreeSet<Target>,
    #[serde(skip)]
    is_unsaved: bool,
}

impl AttentionAnnouncer {
    /// Evaluates a snapshot at `now`.
    pub fn observe(&mut self, snapshot: &Snapshot, now: Time, rules: Rules) -> NextSteps<AttentionStep> {
        if snapshot.trouble.is_some() {
            return NextSteps::default();
        }
        let mut next_steps = self.observe_waits(snapshot, now, rules.waiting_after);
        let finished = self.observe_turns(snapshot, now);
        next_steps.steps.extend(self.finished_step(snapshot, finished, now, rules.announces_finished));
        next_steps
    }

    fn observe_waits(&mut self, snapshot: &Snapshot, now: Time, after: Option<TimeDelta>) -> NextSteps<AttentionStep> {
        let current: BTreeSet<Wait> = snapshot.rows.iter().filter_map(|row| wait(row)).collect();
        let (announced, was_showing) = (self.announced.len(), !self.showing.is_empty());
        for waits in [&mut self.announced, &mut self.offered, &mut self.showing] {
            waits.retain(|wait| current.contains(wait));
        }
        self.is_unsaved |= self.announced.len() != announced;
        for times in [&mut self.seen, &mut self.postponed] {
            times.retain(|wait, _| current.contains(wait));
        }
        let Some(after) = after else {
            self.showing.clear();
            self.offered.clear();
            return NextSteps { steps: step_if(was_showing, AttentionStep::Withdraw(Slot::Waiting)), again_at: None };
        };
        let is_new = |wait: &Wait| !self.announced.contains(wait) && !self.offered.contains(wait);
        let new: Vec<Wait> = current.into_iter().filter(is_new).collect();
        let due: Vec<(Time, Wait)> = new.into_iter().map(|wait| (self.due(&wait, now, after), wait)).collect();
        let blocked = [snapshot.snoozed_until, self.not_shown_before].into_iter().flatten().max();
        let first = due.iter().map(|(due, _)| *due).min().map(|due| blocked.map_or(due, |until| due.max(until)));
        let Some(first) = first.filter(|due| *due <= now) else {
            return NextSteps {
                steps: step_if(was_showing && self.showing.is_empty(), AttentionStep::Withdraw(Slot::Waiting)),
                again_at: first,
            };
        };
        let together = time::later(first.max(now), BATCH_WINDOW);
        let (batch, later): (Vec<_>, Vec<_>) = due.into_iter().partition(|(due, _)| *due <= together);
        for (_, wait) in batch {
            self.showing.insert(wait.clone());
            self.offered.insert(wait);
        }
        let steps = vec![AttentionStep::Show(self.waiting(snapshot))];
        NextSteps { steps, again_at: later.into_iter().map(|(due, _)| due).min() }
    }

    fn due(&mut self, wait: &Wait, now: Time, after: TimeDelta) -> Time {
        let seen = *self.seen.entry(wait.clone()).or_insert(now);
        let due = time::later(wait.since.map_or(seen, |since| since.min(seen)), after);
        self.postponed.get(wait).map_or(due, |until| due.max(*until))
    }

    fn waiting(&self, snapshot: &Snapshot) -> Attention {
        let rows: Vec<&Row> =
            self.showing.iter().filter_map(|wait| snapshot.row(wait.target.number)).map(AsRef::as_ref).collect();
        let words = |row: &Row| row.activity.map(|activity| activity_words(activity.kind)).unwrap_or_default();
        let line = |row: &Row| format!("{} {}", messages::name(row, 36), words(row));
        let title = format!("{} wait for you", messages::sessions(rows.len()));
        attention(Slot::Waiting, &rows, title, line)
    }

    /// Updates the turns. Returns the sessions whose long turn has ended.
    fn observe_turns(&mut self, snapshot: &Snapshot, now: Time) -> Vec<Target> {
        let mut ended = Vec::new();
        let mut turns = BTreeMap::new();
        for row in &snapshot.rows {
            let Some(activity) = row.activity else { continue };
            let (target, since) = (Target::of(row), activity.since.map_or(now, |since| since.min(now)));
            let started = self.turns.get(&target).copied();
            match activity.kind {
                ActivityKind::Working => turns.extend([(target, started.unwrap_or(since))]),
                // A question is part of its turn.
                ActivityKind::Waiting(_) => turns.extend(started.map(|started| (target, started))),
                ActivityKind::Idle | ActivityKind::BackgroundShell => {
                    let is_long = |started: Time| since.signed_duration_since(started) > LONG_TURN;
                    ended.extend(started.is_some_and(is_long).then_some(target));
                }
            }
        }
        self.turns = turns;
        ended
    }

    fn finished_step(
        &mut self,
        snapshot: &Snapshot,
        ended: Vec<Target>,
        now: Time,
        is_wanted: bool,
    ) -> Option<AttentionStep> {
        let was_showing = !self.finished.is_empty();
        let is_idle = |target: &Target| {
            let row = snapshot.row(target.number).filter(|row| target.is(row));
            let kind = row.and_then(|row| row.activity).map(|activity| activity.kind);
            matches!(kind, Some(ActivityKind::Idle | ActivityKind::BackgroundShell))
        };
        self.finished.retain(|target| is_wanted && is_idle(target));
        let is_snoozed = snapshot.snoozed_until.is_some_and(|until| until > now);
        if ended.is_empty() || !is_wanted || is_snoozed {
            return (was_showing && self.finished.is_empty()).then_some(AttentionStep::Withdraw(Slot::Finished));
        }
        self.finished.extend(ended);
        let rows: Vec<&Row> =
            self.finished.iter().filter_map(|target| snapshot.row(target.number)).map(AsRef::as_ref).collect();
        let line = |row: &Row| format!("{} has finished", messages::name(row, 36));
        let title = format!("{} have finished", messages::sessions(rows.len()));
        Some(AttentionStep::Show(attention(Slot::Finished, &rows, title, line)))
    }

    /// A server accepted the notification in a slot, or no server did.
    pub fn report_shown(&mut self, slot: Slot, is_shown: bool, now: Time) {
        if slot != Slot::Waiting {
            return;
        }
        let offered = std::mem::take(&mut self.offered);
        if is_shown {
            self.not_shown_before = None;
            self.is_unsaved |= !offered.is_empty();
            self.announced.extend(offered);
        } else {
            self.not_shown_before = Some(time::later(now, RETRY_DELAY));
            self.showing.retain(|wait| !offered.contains(wait));
        }
    }

    /// The notification about waits was not shown, because its session is the one of the terminal with the focus. Only
    /// its waits are postponed: others are announced as they are due.
    pub fn report_seen(&mut self, now: Time) {
        let until = time::later(now, RETRY_DELAY);
        for wait in std::mem::take(&mut self.offered) {
            self.showing.remove(&wait);
            self.postponed.insert(wait, until);
        }
    }

    /// The notification in a slot was clicked, dismissed, or expired.
    pub fn report_closed(&mut self, slot: Slot) {
        match slot {
            Slot::Waiting => self.showing.clear(),
            Slot::Finished => self.finished.clear(),
            Slot::Stale | Slot::Outcome => {}
        }
    }

    /// A notification server has appeared: what was not shown is retried at once.
    pub fn report_server(&mut self) {
        self.not_shown_before = None;
    }

    /// Ends announcing: withdraws what is showing.
    #[must_use]
    pub fn finish(self) -> Vec<AttentionStep> {
        let waiting = step_if(!self.showing.is_empty(), AttentionStep::Withdraw(Slot::Waiting));
        waiting.into_iter().chain(step_if(!self.finished.is_empty(), AttentionStep::Withdraw(Slot::Finished))).collect()
    }

    /// Whether the memory has changed since the last call and has to be stored.
    #[must_use]
    pub fn take_unsaved_flag(&mut self) -> bool {
        std::mem::take(&mut self.is_unsaved)
    }
}

fn wait(row: &Row) -> Option<Wait> {
    row.waiting_for()?;
    Some(Wait { target: Target::of(row), since: row.activity.and_then(|activity| activity.since) })
}

/// One session is named in the title, several in a list below it.
fn attention(slot: Slot, rows: &[&Row], title_of_many: String, line: impl Fn(&Row) -> String) -> Attention {
    if let [row] = rows {
        let (title, body) = (line(row), messages::plain(&row.goal, 120));
        return Attention { slot, title, body, place: View::Session(row.number) };
    }
    let more = (rows.len() > MAX_NAMED).then(|| format!("and {} more", rows.len() - MAX_NAMED));
    let lines = rows.iter().take(MAX_NAMED).map(|row| line(row)).chain(more);
    Attention { slot, title: title_of_many, body: messages::list(None, lines), place: View::Sessions }
}

#[cfg(test)]
#[path = "attention_tests.rs"]
mod tests;
