//! The detector beside simulated scripts, which read the registry, wait, truncate it and write it back.
//!
//! Guarantees: the truth is known by construction: a write loses a change if it puts back an entry that Headcount
//! changed after the script had read it. In turns nothing is lost and nothing may be reported. At random Headcount loses
//! nothing of the scripts, and each session that Headcount registered or moved and a script loses is reported. The figures are printed. A short run by
//! default, a long one with `HEADCOUNT_TORTURE=1`; `HEADCOUNT_SEED` repeats one run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SubsecRound as _;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::registry::registration::NewSession;
use serde_json::{Map, Value, json};

use super::*;
use crate::clock::{Clock as _, SystemClock};
use crate::ops::{self, ActionContext};
use crate::{Error, Workspace};
use headcount_core::view::history::Actor;

type Entries = Map<String, Value>;

/// Sessions 1 to this number exist at the start; each has a script.
const SESSIONS: u64 = 6;

/// When they were registered.
const START: &str = "2025-11-17T20:00:00Z";

/// Numbers above are never used.
const MAX_NUMBER: u64 = 10;

/// Reproducible pseudo-random numbers (splitmix64).
struct SeededRandom(u64);

impl SeededRandom {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What a script holds between two of its steps.
enum Script {
    Idle,
    /// It has read these entries, when Headcount had made this many changes.
    Read(Entries, usize),
    /// It has truncated the file, which had the last entries.
    Truncated(Entries, usize, Entries),
}

/// The result of a run, or the sum of several.
#[derive(Debug, Default)]
struct Figures {
    writes: usize,
    changes: usize,
    lost: usize,
    alarms: usize,
    false_alarms: usize,
    /// The losses that were not reported, each with the changes that brought the session.
    unreported: Vec<String>,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        self.writes += other.writes;
        self.changes += other.changes;
        self.lost += other.lost;
        self.alarms += other.alarms;
        self.false_alarms += other.false_alarms;
        self.unreported.extend(other.unreported.iter().cloned());
    }
}

struct Simulation {
    _root: tempfile::TempDir,
    workspace: Workspace,
    random: SeededRandom,
    now: Time,
    detector: OverwriteDetector,
    /// Headcount's changes, oldest first.
    changes: Vec<Record>,
    /// The changes of which an entry was put back.
    lost: BTreeSet<String>,
    alarms: BTreeSet<String>,
    figures: Figures,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let workspace = Workspace {
            registry: root.path().join("claude_sessions.json"),
            heartbeats: root.path().join("heartbeats"),
            memory: root.path().join("state/registries/ws"),
            state: root.path().join("state"),
            ..Workspace::default()
        };
        std::fs::create_dir(&workspace.heartbeats).unwrap();
        let now = SystemClock.now().trunc_subsecs(0);
        let entry = |number: u64| {
            let entry = json!({"session_id": format!("own-{number}"), "number": number, "role": "r", "status": "active",
                               "registered_at": START});
            (number.to_string(), entry)
        };
        let entries: Entries = (1..=SESSIONS).map(entry).collect();
        std::fs::write(&workspace.registry, serde_json::to_string_pretty(&entries).unwrap()).unwrap();
        let mut simulation = Self {
            _root: root,
            workspace,
            random: SeededRandom(seed),
            now,
            detector: OverwriteDetector::default(),
            changes: Vec::new(),
            lost: BTreeSet::new(),
            alarms: BTreeSet::new(),
            figures: Figures::default(),
        };
        simulation.look();
        simulation
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.workspace.registry).unwrap()
    }

    fn entries(&self) -> Entries {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// Looks as the model does after a change of the registry or the journal.
    fn look(&mut self) {
        let recent = self.workspace.journal().since(time::earlier(self.now, WATCHED)).unwrap();
        let registry = Registry::read(self.text().into_bytes()).unwrap();
        self.detector.recall(recent);
        self.detector.look(&registry, self.now);
        self.alarms.extend(self.detector.reverted.keys().cloned());
    }

    /// An action of Headcount, decided before it runs, so that it can run on another thread.
    fn action(&mut self) -> impl FnOnce(&Workspace) -> Result<Option<String>, Error> + Send + use<> {
        let context = ActionContext { by: Actor::Command, at: self.now };
        let (kind, number, to) =
            (self.random.below(6), 1 + self.random.below(MAX_NUMBER), 1 + self.random.below(MAX_NUMBER));
        let last = self.changes.last().map(|change| change.id.clone());
        move |workspace| match (kind, last) {
            (0, _) => ops::cleanup(workspace, &Selection::All, true, context).map(|cleanup| cleanup.done.change),
            (1, _) => ops::release(workspace, number, context),
            (2, _) => ops::reactivate(workspace, number, context),
            (3, _) => ops::reassign(workspace, number, to, None, context).map(|moved| moved.change),
            (4, Some(last)) => ops::undo(workspace, &last, context).map(|_| None),
            _ => {
                let (role, goal, terminal) = ("new".into(), String::new(), "t".into());
                let session = NewSession { number, session_id: None, role, goal, terminal, claude: None };
                ops::register(workspace, &session, context)
            }
        }
    }

    /// Checks what Headcount did: only the sessions of its change may differ.
    fn check(&mut self, before: &Entries, done: Result<Option<String>, Error>) {
        match done {
            Err(Error::Refused { .. } | Error::NoSession { .. }) => {
                return assert_eq!(*before, self.entries(), "a refused action changed something");
            }
            Err(error) => panic!("{error}"),
            Ok(_) => {}
        }
        let recent = self.workspace.journal().since(time::earlier(self.now, WATCHED)).unwrap();
        let Some(record) = recent.into_iter().last() else { return };
        if self.changes.last().is_some_and(|last| last.id == record.id) {
            return;
        }
        let numbers: BTreeSet<Number> = record.entries.iter().flat_map(EntryChange::numbers).collect();
        let after = self.entries();
        for (key, entry) in before {
            let is_touched = numbers.contains(&key.parse().unwrap());
            assert!(is_touched || after.get(key) == Some(entry), "Headcount lost or changed session {key}: {record:?}");
        }
        self.figures.changes += 1;
        self.changes.push(record);
    }

    fn act(&mut self) {
        let (action, before) = (self.action(), self.entries());
        let done = action(&self.workspace);
        self.check(&before, done);
    }

    /// What a script changes: its own entry, a new one, or as a cleanup script two others.
    fn edit(&mut self, entries: &mut Entries, own: u64) {
        let at = time::wire(self.now);
        let mut kind = self.random.below(5);
        if !entries.contains_key(&own.to_string()) {
            kind = 3;
        }
        let keys: Vec<String> = entries.keys().cloned().collect();
        let mut marked = vec![own.to_string()];
        if kind == 4 {
            marked = (0..2).map(|_| keys[self.random.below(keys.len() as u64) as usize].clone()).collect();
        }
        match kind {
            0 => entries[&own.to_string()]["current_work"] = json!(at),
            1 => {
                let entry = entries[&own.to_string()].as_object_mut().unwrap();
                entry.insert("status".into(), json!("active"));
                entry.remove("marked_inactive_at");
            }
            3 => {
                let free = (1..=MAX_NUMBER).map(|number| number.to_string()).find(|key| !entries.contains_key(key));
                if let Some(key) = free {
                    let entry =
                        json!({"session_id": format!("session-{key}"), "status": "active", "registered_at": at});
                    entries.insert(key, entry);
                }
            }
            _ => {
                for key in marked {
                    let entry = entries[&key].as_object_mut().unwrap();
                    entry.insert("status".into(), json!("inactive"));
                    entry.insert("marked_inactive_at".into(), json!(at));
                }
            }
        }
    }

    /// Writes back what a script read, with its edit, over what the file had last.
    /// Returns the written entries.
    fn write_back(&mut self, own: u64, read: &Entries, since: usize, last: &Entries) -> Entries {
        let mut written = read.clone();
        self.edit(&mut written, own);
        std::fs::write(&self.workspace.registry, serde_json::to_string_pretty(&written).unwrap()).unwrap();
        self.figures.writes += 1;
        let keys: BTreeSet<&String> = read.keys().chain(last.keys()).collect();
        let is_put_back = |key: &&&String| last.get(**key) != read.get(**key) && written.get(**key) == read.get(**key);
        let put_back: BTreeSet<Number> = keys.iter().filter(is_put_back).map(|key| key.parse().unwrap()).collect();
        for change in &self.changes[since..] {
            if change.entries.iter().flat_map(EntryChange::numbers).any(|number| put_back.contains(&number)) {
                self.lost.insert(change.id.clone());
            }
        }
        self.look();
        // A session that Headcount registered or moved and the script never read is gone.
        let is_new =
            |number: &Number| last.contains_key(&number.to_string()) && !read.contains_key(&number.to_string());
        let unreported: Vec<String> = put_back
            .iter()
            .filter(|number| is_new(number))
            .filter_map(|number| self.unreported(*number, since, last, &written))
            .collect();
        self.figures.unreported.extend(unreported);
        written
    }

    /// Describes the loss of a session unless it is reported, is still in the registry, or is not Headcount's.
    fn unreported(&self, number: Number, since: usize, last: &Entries, written: &Entries) -> Option<String> {
        let gone = &last[&number.to_string()];
        let concerns = |entry: &&EntryChange| {
            !matches!(entry, EntryChange::Fields { .. }) && entry.numbers().any(|each| each == number)
        };
        let changes = &self.changes[since..];
        // What Headcount said last of this number.
        let latest = |change: &Record| change.entries.iter().find(concerns).cloned();
        let entry = changes.iter().rev().find_map(latest)?;
        // An old copy may revert several moves of the session at once; then the first of them is reported.
        let is_reported = changes.iter().any(|change| {
            self.detector.reverted.contains_key(&change.id)
                && change.entries.iter().any(|entry| concerns_session(entry, gone))
        });
        let is_same = |entry: &Value| {
            // A default id changes with the number; only those sessions register at moments of their own.
            let is_registered_then = gone["registered_at"] != START && entry["registered_at"] == gone["registered_at"];
            entry["session_id"] == gone["session_id"] || is_registered_then
        };
        let is_ours = entry.number() == number && concerns_session(&entry, gone);
        (is_ours && !is_reported && !written.values().any(is_same))
            .then(|| format!("{gone} of {entry:?}, written {written:?}"))
    }

    fn finish(mut self) -> Figures {
        self.figures.lost = self.lost.len();
        self.figures.alarms = self.alarms.len();
        self.figures.false_alarms = self.alarms.difference(&self.lost).count();
        self.figures
    }
}

/// Whether this change registered or moved the session of `entry`.
fn concerns_session(change: &EntryChange, entry: &Value) -> bool {
    match change {
        EntryChange::Fields { .. } => false,
        EntryChange::Moved { session_id, .. } => entry["session_id"] == json!(session_id),
        EntryChange::Whole { after, .. } => {
            let after: Option<Value> = after.as_ref().map(|after| serde_json::from_str(after).unwrap());
            after.is_some_and(|after| after["registered_at"] == entry["registered_at"])
        }
    }
}

/// One program at a time. Some looks come late and see several writes at once.
fn in_turns(seed: u64, steps: usize) -> Figures {
    let mut simulation = Simulation::new(seed);
    for _ in 0..steps {
        simulation.now = time::later(simulation.now, TimeDelta::seconds(1));
        if simulation.random.below(2) == 0 {
            simulation.act();
        } else {
            let own = 1 + simulation.random.below(SESSIONS);
            let mut entries = simulation.entries();
            simulation.edit(&mut entries, own);
            let text = serde_json::to_string_pretty(&entries).unwrap();
            std::fs::write(&simulation.workspace.registry, text).unwrap();
            simulation.figures.writes += 1;
        }
        if simulation.random.below(3) > 0 {
            simulation.look();
        }
    }
    simulation.finish()
}

/// Each step is one of a script or an action of Headcount.
fn at_random(seed: u64, steps: usize) -> Figures {
    let mut simulation = Simulation::new(seed);
    let mut scripts: BTreeMap<u64, Script> = (1..=SESSIONS).map(|number| (number, Script::Idle)).collect();
    let mut truncated = None;
    for _ in 0..steps {
        simulation.now = time::later(simulation.now, TimeDelta::seconds(1));
        let own = truncated.take().unwrap_or_else(|| 1 + simulation.random.below(SESSIONS));
        let is_ours = simulation.random.below(3) == 0;
        let script = std::mem::replace(scripts.get_mut(&own).unwrap(), Script::Idle);
        let next = match script {
            Script::Truncated(read, since, last) if is_ours => {
                // Headcount meets the empty file, and waits until the script has written.
                let (action, workspace) = (simulation.action(), simulation.workspace.clone());
                let acting = std::thread::spawn(move || action(&workspace));
                let written = simulation.write_back(own, &read, since, &last);
                let done = acting.join().unwrap();
                simulation.check(&written, done);
                simulation.look();
                Script::Idle
            }
            Script::Truncated(read, since, last) => {
                simulation.write_back(own, &read, since, &last);
                Script::Idle
            }
            waiting if is_ours => {
                simulation.act();
                simulation.look();
                waiting
            }
            Script::Idle => Script::Read(simulation.entries(), simulation.changes.len()),
            Script::Read(read, since) => {
                let last = simulation.entries();
                std::fs::write(&simulation.workspace.registry, "").unwrap();
                // The file is whole again in the next step: a millisecond in reality.
                truncated = Some(own);
                Script::Truncated(read, since, last)
            }
        };
        scripts.insert(own, next);
    }
    simulation.finish()
}

/// The seeds of a test, and the number of steps each.
fn runs(short: u64, long: u64) -> (Vec<u64>, usize) {
    if let Ok(seed) = std::env::var("HEADCOUNT_SEED") {
        return (vec![seed.parse().unwrap()], 120);
    }
    let is_long = std::env::var_os("HEADCOUNT_TORTURE").is_some();
    ((1..=if is_long { long } else { short }).collect(), 120)
}

#[test]
fn scripts_that_take_turns_raise_no_alarm() {
    let (seeds, steps) = runs(6, 200);
    let mut all = Figures::default();
    for seed in seeds {
        let figures = in_turns(seed, steps);
        assert_eq!((figures.lost, figures.alarms), (0, 0), "HEADCOUNT_SEED={seed}: {figures:?}");
        all.add(&figures);
    }
    println!("in turns: {all:?}");
}

#[test]
fn scripts_at_random_moments_lose_no_session_without_an_alarm() {
    let (seeds, steps) = runs(6, 200);
    let mut all = Figures::default();
    for seed in seeds {
        let figures = at_random(seed, steps);
        assert!(figures.unreported.is_empty(), "HEADCOUNT_SEED={seed}: {figures:?}");
        all.add(&figures);
    }
    println!("at random: {all:?}");
    assert!(all.false_alarms * 100 <= all.alarms, "more than 1 % of the alarms are false: {all:?}");
    assert!(all.lost > 0 && all.alarms > 0, "the runs must lose changes: {all:?}");
}
