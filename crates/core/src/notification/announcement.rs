//! When people are told that sessions went stale, and in which words.
//!
//! Promises (design §5): one announcement for all that became stale within five seconds; it replaces an older one still
//! showing; a session is never announced again until it was active in between, across restarts too, and at most once an hour;
//! what no server took does not count as announced; nothing while snoozed
//! or just after waking up; what was announced is withdrawn when none of it is stale any more. Does not show anything: it
//! says what to show, and when to ask again.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{TimeDelta, TimeZone};
use serde::{Deserialize, Serialize};

use crate::liveness::cleanup::{CautionCode, Target};
use crate::liveness::{Reason, State};
use crate::notification::announced::{Announced, Reverts};
use crate::time::{self, Time};
use crate::view::messages;
use crate::view::row::Row;
use crate::view::snapshot::{PutBack, Snapshot};

/// What becomes stale within this span is told at once.
const TOGETHER: TimeDelta = TimeDelta::seconds(5);

/// How soon something is tried again that a desktop did not take, or that could not be done.
const RETRY: TimeDelta = TimeDelta::minutes(1);

/// How many sessions an announcement names.
const NAMED: usize = 4;

/// Stale sessions to announce.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// The sessions it is about.
    pub targets: Vec<Target>,
    /// Whether it may offer *Clean up* at all: not while evidence is missing.
    pub offers_cleanup: bool,
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
    /// Clean these up without a question, because their processes are proven gone and a person wants it so; say it, and
    /// offer to undo it.
    CleanUp(Vec<Target>),
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// A notification server took what was to be shown ([`Step::Show`]). It counts as announced from now on.
    Shown,
    /// No server took it. It is tried again.
    NotShown,
    /// No server took what was to be said of this change ([`Step::Tell`]). It is tried again.
    NotTold(String),
    /// A notification server has appeared: what was not shown is tried again at once.
    ServerAppeared,
    /// What is showing was clicked, dismissed, or its time was up.
    Closed,
    /// These could not be cleaned up ([`Step::CleanUp`]), for instance because another program holds the lock. It is tried
    /// again.
    NotCleanedUp(Vec<Target>),
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
    told: Announced,
    /// Changes of which it was told that an older copy took them back.
    #[serde(default)]
    put_back: Reverts,
    /// Something is remembered that is nowhere kept yet.
    #[serde(skip)]
    is_unkept: bool,
    #[serde(skip)]
    first_untold: Option<Time>,
    #[serde(skip)]
    first_proven: Option<Time>,
    #[serde(skip)]
    showing: BTreeSet<Target>,
    /// What was to be shown and is not yet reported to have been.
    #[serde(skip)]
    offered: BTreeSet<Target>,
    #[serde(skip)]
    not_shown_before: Option<Time>,
    #[serde(skip)]
    not_cleaned_before: Option<Time>,
    #[serde(skip)]
    not_told_before: Option<Time>,
}

impl Announcer {
    /// Looks at a snapshot at `now`. Times of day are told in `zone`.
    pub fn observe<Z: TimeZone>(&mut self, snapshot: &Snapshot, now: Time, zone: &Z) -> Answer {
        if snapshot.trouble.is_some() {
            return Answer::default();
        }
        let cleanup = if snapshot.auto_cleanup { self.observe_ended(snapshot, now) } else { Answer::default() };
        let may_tell = self.not_told_before.is_none_or(|moment| moment <= now);
        let revert = snapshot.put_back.clone().filter(|_| may_tell);
        let tell = revert.filter(|put_back| self.put_back.add(&put_back.change));
        self.is_unkept |= tell.is_some();
        let tell_again = self.not_told_before.filter(|moment| *moment > now);
        let mut answer = self.observe_states(snapshot, now, zone);
        answer.steps.extend(cleanup.steps);
        answer.steps.extend(tell.map(Step::Tell));
        answer.again_at = [answer.again_at, cleanup.again_at, tell_again].into_iter().flatten().min();
        answer
    }

    /// Sessions that are proven gone are no news but work, once: what a person undoes is not done again.
    fn observe_ended(&mut self, snapshot: &Snapshot, now: Time) -> Answer {
        let proven = snapshot.in_state(State::Stale).filter(|row| row.reason == Reason::Ended);
        let mut proven: Vec<Target> = proven.map(|row| Target::of(row)).collect();
        proven.retain(|target| !self.told.contains(target));
        if proven.is_empty() {
            self.first_proven = None;
            return Answer::default();
        }
        let together = time::later(*self.first_proven.get_or_insert(now), TOGETHER);
        let ready_at = self.not_cleaned_before.map_or(together, |moment| moment.max(together));
        if now < ready_at {
            return Answer { steps: Vec::new(), again_at: Some(ready_at) };
        }
        self.first_proven = None;
        self.not_cleaned_before = None;
        self.told.add(proven.iter().cloned(), now);
        self.is_unkept = true;
        Answer { steps: vec![Step::CleanUp(proven)], again_at: None }
    }

    fn observe_states<Z: TimeZone>(&mut self, snapshot: &Snapshot, now: Time, zone: &Z) -> Answer {
        self.is_unkept |= self.told.observe(snapshot, now);
        self.offered.retain(|target| is_in(State::Stale, snapshot, target));
        let was_showing = !self.showing.is_empty();
        self.showing.retain(|target| is_in(State::Stale, snapshot, target));
        let is_work = |row: &&Arc<Row>| snapshot.auto_cleanup && row.reason == Reason::Ended;
        let stale = snapshot.in_state(State::Stale).filter(|row| !is_work(row)).map(|row| Target::of(row));
        let untold = stale.filter(|target| !self.told.contains(target) && !self.offered.contains(target));
        let (untold, later): (BTreeSet<Target>, BTreeSet<Target>) =
            untold.partition(|target| self.told.not_before(target).is_none_or(|moment| moment <= now));
        let later_at = later.iter().filter_map(|target| self.told.not_before(target)).min();
        if untold.is_empty() {
            self.first_untold = None;
            let steps = withdrawal(was_showing && self.showing.is_empty());
            return Answer { steps, again_at: later_at };
        }
        let first = *self.first_untold.get_or_insert(now);
        let together = Some(time::later(first, TOGETHER));
        let ready_at = [together, snapshot.snoozed_until, snapshot.quiet_until, self.not_shown_before]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(first);
        if now < ready_at {
            let steps = withdrawal(was_showing && self.showing.is_empty());
            return Answer { steps, again_at: later_at.into_iter().chain([ready_at]).min() };
        }
        self.first_untold = None;
        self.showing.extend(untold.iter().cloned());
        self.offered.extend(untold);
        Answer { steps: vec![Step::Show(announcement(snapshot, &self.showing, now, zone))], again_at: later_at }
    }

    /// Looks at a snapshot while nobody wants to be told: what shows goes, and what goes stale is told when somebody wants
    /// to be again. What is work and no news is done all the same.
    pub fn observe_muted(&mut self, snapshot: &Snapshot, now: Time) -> Answer {
        let mut answer = Answer::default();
        if snapshot.trouble.is_none() {
            self.is_unkept |= self.told.observe(snapshot, now);
            if snapshot.auto_cleanup {
                answer = self.observe_ended(snapshot, now);
            }
        }
        self.first_untold = None;
        self.offered.clear();
        answer.steps.splice(0..0, withdrawal(!std::mem::take(&mut self.showing).is_empty()));
        answer
    }

    /// Turns to something else: what shows goes.
    #[must_use]
    pub fn leave(self) -> Answer {
        Answer { steps: withdrawal(!self.showing.is_empty()), again_at: None }
    }

    /// Whether something else is to be remembered across a restart than when this was last asked.
    #[must_use]
    pub fn must_be_kept(&mut self) -> bool {
        std::mem::take(&mut self.is_unkept)
    }

    /// Takes in what became of a step.
    pub fn report(&mut self, report: Report, now: Time) {
        let again = Some(time::later(now, RETRY));
        match report {
            Report::Shown => {
                self.not_shown_before = None;
                self.is_unkept |= !self.offered.is_empty();
                self.told.add(std::mem::take(&mut self.offered), now);
            }
            Report::NotShown => {
                self.not_shown_before = again;
                self.showing.retain(|target| !self.offered.contains(target));
                self.offered.clear();
            }
            Report::NotTold(change) => {
                self.not_told_before = again;
                self.put_back.remove(&change);
            }
            Report::ServerAppeared => {
                self.not_shown_before = None;
                self.not_told_before = None;
            }
            Report::Closed => self.showing.clear(),
            Report::NotCleanedUp(targets) => {
                self.not_cleaned_before = again;
                self.told.remove(&targets);
                self.is_unkept = true;
            }
        }
    }
}

/// Whether a session is the one it was, and in this state.
fn is_in(state: State, snapshot: &Snapshot, target: &Target) -> bool {
    snapshot.row(target.number).is_some_and(|row| row.state == state && target.is(row))
}

fn withdrawal(is_due: bool) -> Vec<Step> {
    if is_due { vec![Step::Withdraw] } else { Vec::new() }
}

fn announcement<Z: TimeZone>(snapshot: &Snapshot, targets: &BTreeSet<Target>, now: Time, zone: &Z) -> Announcement {
    let rows: Vec<&Row> = targets.iter().filter_map(|target| snapshot.row(target.number)).map(AsRef::as_ref).collect();
    let caution = snapshot.cleanup.caution.as_ref();
    let verb = if rows.len() == 1 { "looks" } else { "look" };
    let is_everybody = caution.is_some_and(|caution| caution.code == CautionCode::EverythingStale);
    let lead = match caution {
        Some(_) if is_everybody => Some(everybody(snapshot, now, zone)),
        caution => caution.map(|caution| caution.message.clone()),
    };
    let room = NAMED - usize::from(lead.is_some());
    let named = if rows.len() == room + 1 { room + 1 } else { room };
    let line = |row: &&Row| format!("{}: {}", messages::name(row, 36), messages::why(row, now));
    let more = (rows.len() > named).then(|| format!("and {} more", rows.len() - named));
    let items = rows.iter().take(named).map(line).chain(more);
    Announcement {
        title: if is_everybody && rows.len() > 1 && rows.len() == snapshot.counts.stale {
            format!("All {} look stale", messages::sessions(rows.len()))
        } else {
            format!("{} {verb} stale", messages::sessions(rows.len()))
        },
        body: messages::list(lead, items),
        targets: targets.iter().cloned().collect(),
        offers_cleanup: caution.is_none_or(|caution| !caution.lacks_evidence()),
    }
}

/// Why nobody at all shows a sign of life.
fn everybody<Z: TimeZone>(snapshot: &Snapshot, now: Time, zone: &Z) -> String {
    let last = snapshot.in_state(State::Stale).filter_map(|row| row.last_heartbeat).max();
    let since = last.map_or_else(
        || "Nothing has ever beaten".to_owned(),
        |last| format!("Nothing has beaten since {}", messages::time_of_day(last, now, zone)),
    );
    format!("{since}: it may be a closed laptop, or the program that writes heartbeats ended.")
}

#[cfg(test)]
#[path = "announcement_tests.rs"]
pub(crate) mod tests;
