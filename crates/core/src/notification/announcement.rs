//! The timing and the text of notifications about stale sessions.
//!
//! Guarantees (design §5): kept sessions are not announced; one announcement for all sessions that become stale within five seconds; it replaces an
//! older one that is still showing; a session is not announced again until it was active in between, across restarts
//! too, and at most once an hour; an announcement that no server accepted does not count; none while snoozed or just
//! after the computer woke up; an announcement is withdrawn once none of its sessions is stale. Does not show anything:
//! it returns the steps to do and the time of the next observation.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeZone;
use serde::{Deserialize, Serialize};

use crate::liveness::cleanup::{CautionCode, Target};
use crate::liveness::{Reason, State};
use crate::notification::announced::{Announced, Reverts};
use crate::notification::next_steps::{BATCH_WINDOW, MAX_NAMED, NextSteps, RETRY_DELAY, step_if};
use crate::time::{self, Time};
use crate::view::session::row::Row;
use crate::view::snapshot::{RevertedChange, Snapshot};
use crate::view::text::messages;

/// An announcement of stale sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// The sessions it is about.
    pub targets: Vec<Target>,
    /// Whether *Clean up* is offered: not while evidence is missing.
    pub offers_cleanup: bool,
}

/// A step to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnnouncementStep {
    /// Show this announcement in place of the one showing.
    Show(Announcement),
    /// Withdraw the announcement that is showing.
    Withdraw,
    /// Notify that another program reverted a change, and offer to apply it again.
    ShowReverted(RevertedChange),
    /// Clean these sessions up without asking, because their processes are proven gone and automatic cleanup is
    /// enabled. Then notify about it and offer to undo it.
    CleanUp(Vec<Target>),
}

/// The outcome of a step, or an event at the notification server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnnouncementReport {
    /// A server accepted the announcement ([`AnnouncementStep::Show`]). It counts as announced from now on.
    Shown,
    /// As [`AnnouncementReport::Shown`], by a system that does not report when a notification closes. The sessions are in no later
    /// announcement, because a person may have dismissed this one.
    ShownUnobserved,
    /// No server accepted it. It is retried.
    NotShown,
    /// No server accepted the notification about this change ([`AnnouncementStep::ShowReverted`]). It is retried.
    RevertNotShown(String),
    /// A notification server has appeared: steps that were not shown are retried at once.
    ServerAppeared,
    /// The announcement was clicked, dismissed, or expired.
    Closed,
    /// These sessions could not be cleaned up ([`AnnouncementStep::CleanUp`]), for instance because another program holds the lock.
    /// It is retried.
    NotCleanedUp(Vec<Target>),
}

/// Decides what is announced. Its serialized form is the memory kept across restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcer {
    #[serde(alias = "told")]
    announced: Announced,
    /// The changes for which the revert was announced.
    #[serde(default, alias = "put_back")]
    announced_reverts: Reverts,
    /// The memory has changes that are not stored yet.
    #[serde(skip)]
    is_unsaved: bool,
    #[serde(skip)]
    first_unannounced: Option<Time>,
    #[serde(skip)]
    first_proven: Option<Time>,
    #[serde(skip)]
    showing: BTreeSet<Target>,
    /// Whether the announcement that is showing may have been dismissed without a report.
    #[serde(skip)]
    may_be_dismissed: bool,
    /// Sessions of a [`AnnouncementStep::Show`] without a reported outcome yet.
    #[serde(skip)]
    offered: BTreeSet<Target>,
    #[serde(skip)]
    not_shown_before: Option<Time>,
    #[serde(skip)]
    not_cleaned_before: Option<Time>,
    #[serde(skip)]
    revert_not_shown_before: Option<Time>,
}

impl Announcer {
    /// Evaluates a snapshot at `now`. Times of day are shown in `zone`.
    pub fn observe<Z: TimeZone>(&mut self, snapshot: &Snapshot, now: Time, zone: &Z) -> NextSteps<AnnouncementStep> {
        if snapshot.trouble.is_some() {
            return NextSteps::default();
        }
        let cleanup = if snapshot.auto_cleanup { self.observe_ended(snapshot, now) } else { NextSteps::default() };
        let can_show_revert = self.revert_not_shown_before.is_none_or(|moment| moment <= now);
        let revert = snapshot.reverted_change.clone().filter(|_| can_show_revert);
        let revert = revert.filter(|revert| self.announced_reverts.add(&revert.change));
        self.is_unsaved |= revert.is_some();
        let retry_at = self.revert_not_shown_before.filter(|moment| *moment > now);
        let mut next_steps = self.observe_states(snapshot, now, zone);
        next_steps.steps.extend(cleanup.steps);
        next_steps.steps.extend(revert.map(AnnouncementStep::ShowReverted));
        next_steps.again_at = [next_steps.again_at, cleanup.again_at, retry_at].into_iter().flatten().min();
        next_steps
    }

    /// Each ended session is cleaned up automatically once, so that a cleanup the user undoes is not repeated.
    fn observe_ended(&mut self, snapshot: &Snapshot, now: Time) -> NextSteps<AnnouncementStep> {
        let proven = snapshot.in_state(State::Stale).filter(|row| row.reason == Reason::Ended && !row.is_kept);
        let mut proven: Vec<Target> = proven.map(|row| Target::of(row)).collect();
        proven.retain(|target| !self.announced.contains(target));
        if proven.is_empty() {
            self.first_proven = None;
            return NextSteps::default();
        }
        let together = time::later(*self.first_proven.get_or_insert(now), BATCH_WINDOW);
        let ready_at = self.not_cleaned_before.map_or(together, |moment| moment.max(together));
        if now < ready_at {
            return NextSteps { steps: Vec::new(), again_at: Some(ready_at) };
        }
        self.first_proven = None;
        self.not_cleaned_before = None;
        self.announced.add(proven.iter().cloned(), now);
        self.is_unsaved = true;
        NextSteps { steps: vec![AnnouncementStep::CleanUp(proven)], again_at: None }
    }

    fn observe_states<Z: TimeZone>(&mut self, snapshot: &Snapshot, now: Time, zone: &Z) -> NextSteps<AnnouncementStep> {
        self.is_unsaved |= self.announced.observe(snapshot, now);
        self.offered.retain(|target| is_announceable(snapshot, target));
        let was_showing = !self.showing.is_empty();
        self.showing.retain(|target| is_announceable(snapshot, target));
        let is_for_cleanup = |row: &&Arc<Row>| snapshot.auto_cleanup && row.reason == Reason::Ended;
        let stale = snapshot.in_state(State::Stale).filter(|row| !row.is_kept && !is_for_cleanup(row));
        let stale = stale.map(|row| Target::of(row));
        let unannounced = stale.filter(|target| !self.announced.contains(target) && !self.offered.contains(target));
        let (unannounced, later): (BTreeSet<Target>, BTreeSet<Target>) =
            unannounced.partition(|target| self.announced.not_before(target).is_none_or(|moment| moment <= now));
        let later_at = later.iter().filter_map(|target| self.announced.not_before(target)).min();
        if unannounced.is_empty() {
            self.first_unannounced = None;
            let steps = step_if(was_showing && self.showing.is_empty(), AnnouncementStep::Withdraw);
            return NextSteps { steps, again_at: later_at };
        }
        let first = *self.first_unannounced.get_or_insert(now);
        let together = Some(time::later(first, BATCH_WINDOW));
        let ready_at = [together, snapshot.snoozed_until, snapshot.quiet_until, self.not_shown_before]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(first);
        if now < ready_at {
            let steps = step_if(was_showing && self.showing.is_empty(), AnnouncementStep::Withdraw);
            return NextSteps { steps, again_at: later_at.into_iter().chain([ready_at]).min() };
        }
        self.first_unannounced = None;
        if std::mem::take(&mut self.may_be_dismissed) {
            self.showing.clear();
        }
        self.showing.extend(unannounced.iter().cloned());
        self.offered.extend(unannounced);
        NextSteps {
            steps: vec![AnnouncementStep::Show(announcement(snapshot, &self.showing, now, zone))],
            again_at: later_at,
        }
    }

    /// Evaluates a snapshot while notifications are off: the announcement showing is withdrawn, and sessions that
    /// become stale are announced once notifications are on again. Automatic cleanup continues.
    pub fn observe_muted(&mut self, snapshot: &Snapshot, now: Time) -> NextSteps<AnnouncementStep> {
        let mut next_steps = NextSteps::default();
        if snapshot.trouble.is_none() {
            self.is_unsaved |= self.announced.observe(snapshot, now);
            if snapshot.auto_cleanup {
                next_steps = self.observe_ended(snapshot, now);
            }
        }
        self.first_unannounced = None;
        self.offered.clear();
        next_steps
            .steps
            .splice(0..0, step_if(!std::mem::take(&mut self.showing).is_empty(), AnnouncementStep::Withdraw));
        next_steps
    }

    /// Ends announcing: withdraws the announcement that is showing.
    #[must_use]
    pub fn finish(self) -> NextSteps<AnnouncementStep> {
        NextSteps { steps: step_if(!self.showing.is_empty(), AnnouncementStep::Withdraw), again_at: None }
    }

    /// Whether the memory has changed since the last call and has to be stored.
    #[must_use]
    pub fn take_unsaved_flag(&mut self) -> bool {
        std::mem::take(&mut self.is_unsaved)
    }

    /// Handles the outcome of a step.
    pub fn report(&mut self, report: AnnouncementReport, now: Time) {
        let again = Some(time::later(now, RETRY_DELAY));
        match report {
            AnnouncementReport::Shown | AnnouncementReport::ShownUnobserved => {
                self.may_be_dismissed = report == AnnouncementReport::ShownUnobserved;
                self.not_shown_before = None;
                self.is_unsaved |= !self.offered.is_empty();
                self.announced.add(std::mem::take(&mut self.offered), now);
            }
            AnnouncementReport::NotShown => {
                self.not_shown_before = again;
                self.showing.retain(|target| !self.offered.contains(target));
                self.offered.clear();
            }
            AnnouncementReport::RevertNotShown(change) => {
                self.revert_not_shown_before = again;
                self.announced_reverts.remove(&change);
            }
            AnnouncementReport::ServerAppeared => {
                self.not_shown_before = None;
                self.revert_not_shown_before = None;
            }
            AnnouncementReport::Closed => self.showing.clear(),
            AnnouncementReport::NotCleanedUp(targets) => {
                self.not_cleaned_before = again;
                self.announced.remove(&targets);
                self.is_unsaved = true;
            }
        }
    }
}

/// Whether a target's session still has its number, is stale and not kept.
fn is_announceable(snapshot: &Snapshot, target: &Target) -> bool {
    snapshot.row(target.number).is_some_and(|row| row.state == State::Stale && !row.is_kept && target.is(row))
}

fn announcement<Z: TimeZone>(snapshot: &Snapshot, targets: &BTreeSet<Target>, now: Time, zone: &Z) -> Announcement {
    let rows: Vec<&Row> = targets.iter().filter_map(|target| snapshot.row(target.number)).map(AsRef::as_ref).collect();
    let caution = snapshot.cleanup.caution.as_ref();
    let verb = if rows.len() == 1 { "looks" } else { "look" };
    let is_everything_stale = caution.is_some_and(|caution| caution.code == CautionCode::EverythingStale);
    let lead = match caution {
        Some(_) if is_everything_stale => Some(everything_stale_text(snapshot, now, zone)),
        caution => caution.map(|caution| caution.message.clone()),
    };
    let room = MAX_NAMED - usize::from(lead.is_some());
    let named = if rows.len() == room + 1 { room + 1 } else { room };
    let line = |row: &&Row| format!("{}: {}", messages::name(row, 36), messages::why(row, now));
    let more = (rows.len() > named).then(|| format!("and {} more", rows.len() - named));
    let items = rows.iter().take(named).map(line).chain(more);
    Announcement {
        title: if is_everything_stale && rows.len() > 1 && rows.len() == snapshot.counts.stale {
            format!("All {} look stale", messages::sessions(rows.len()))
        } else {
            format!("{} {verb} stale", messages::sessions(rows.len()))
        },
        body: messages::list(lead, items),
        targets: targets.iter().cloned().collect(),
        offers_cleanup: caution.is_none_or(|caution| !caution.lacks_evidence()),
    }
}

/// The explanation shown if no session at all shows a sign of life.
fn everything_stale_text<Z: TimeZone>(snapshot: &Snapshot, now: Time, zone: &Z) -> String {
    let last = snapshot.in_state(State::Stale).filter_map(|row| row.last_heartbeat).max();
    let since = last.map_or_else(
        || "There has never been a heartbeat".to_owned(),
        |last| format!("No heartbeats since {}", messages::time_of_day(last, now, zone)),
    );
    format!("{since}: the computer may have slept, or the program that writes heartbeats has ended.")
}

#[cfg(test)]
#[path = "announcement_tests.rs"]
pub(crate) mod tests;
