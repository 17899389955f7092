//! Falsifies observations of short histories one at a time: each must be reported, by the check that is for it and by no
//! other one.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use headcount_core::claude::ProcessKey;
use headcount_core::liveness::State;
use headcount_core::view::session::row::Row;
use headcount_core::{Number, Registry, time};
use headcount_engine::clock::Clock as _;
use headcount_engine::process::Processes as _;

use crate::backend::core::CoreBackend;
use crate::backend::{Backend, HookCall, Observation};
use crate::checks::Check;
use crate::day::Day;
use crate::day::client_behavior::{HOUR, MINUTE, Version};
use crate::day::step::{Event, Hook, Ms, Place, ProcessClass, RecordContent, Spawn, Step, TimedStep};
use crate::machine::Machine;
use crate::simulation;

/// Everything is falsified from here on.
const FALSIFIED_FROM: Ms = HOUR;

const BEGINS: i64 = 1_788_000_000;

/// The pid of a history's session, and of a program beside it.
const PID: u32 = 1000;
const PROGRAM: u32 = 1001;

/// What is falsified.
enum Mutation {
    Observation(fn(&mut Observation, &Machine)),
    /// What the model is told.
    Told(Option<Number>),
    /// What a cleanup marked.
    Marked(&'static [Number]),
}

use Mutation::{Marked, Told};

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn each_check_reports_what_it_is_for() {
    let observed = Mutation::Observation;
    let current = |events: &[Event]| history(ProcessClass::Person, Version::Current, Place::Host, events);
    let working = || current(&[START, Event::Prompt]);
    let in_container = || history(ProcessClass::Person, Version::Current, Place::Container, &[START, Event::Prompt]);
    let old = || history(ProcessClass::Person, Version::NoStart, Place::Host, &[START, Event::Prompt]);
    let program = spawn(2, ProcessClass::Sdk, Version::Current, Place::Host, PROGRAM);
    let sdk = || history(ProcessClass::Sdk, Version::Current, Place::Host, &[START, Event::Prompt]);
    let ended = |steps| then(steps, 30 * MINUTE, Step::Exit(1));
    let moved_and_ended = || ended(then(in_container(), 20 * MINUTE, Step::Reassign(0, 5)));
    let left = || ended(then(working(), 29 * MINUTE, hook(29 * MINUTE, GOODBYE)));
    let cleaned = |steps| then(steps, 2 * HOUR, Step::Cleanup);
    let fresh = |steps| then(steps, 110 * MINUTE, hook(110 * MINUTE, Event::Prompt));
    let table: Vec<(Check, &str, Vec<TimedStep>, Mutation)> = vec![
        (Check::RowsAreEntries, "no row", working(), observed(|it, _| it.rows.clear())),
        (Check::RowsAreEntries, "no entry", left(), observed(|it, _| it.registry = Registry::empty())),
        (
            Check::EntryHasProcess,
            "another start",
            left(),
            observed(|it, _| {
                edit(it, |claude| {
                    claude["proc_start"] = "never".into();
                });
            }),
        ),
        (
            Check::EntryIsSession,
            "",
            then(left(), 40 * MINUTE, Step::Spawn(program)),
            observed(|it, machine| {
                let key = machine.key(PROGRAM).unwrap();
                edit(it, |claude| {
                    claude["pid"] = key.pid.into();
                    claude["proc_start"] = key.started.into();
                });
            }),
        ),
        (Check::GoodbyeFreesNumber, "active", left(), observed(|it, _| set_state(it, State::Active))),
        (Check::GoodbyeFreesNumber, "stale", left(), observed(|it, _| set_state(it, State::Stale))),
        (Check::EndedIsNotActive, "", ended(working()), observed(|it, _| set_state(it, State::Active))),
        (Check::QuietIsNotActive, "", ended(in_container()), observed(|it, _| set_state(it, State::Active))),
        (Check::QuietIsNotActive, "moved", moved_and_ended(), observed(|it, _| set_state(it, State::Active))),
        (Check::UnusedIsNotStale, "", ended(current(&[START])), observed(|it, _| set_state(it, State::Stale))),
        (Check::RunningIsNotStale, "", working(), observed(|it, _| set_state(it, State::Stale))),
        (Check::FreshIsNotStale, "", fresh(in_container()), observed(|it, _| set_state(it, State::Stale))),
        (Check::RunningIsNotInactive, "", working(), observed(|it, _| set_state(it, State::Inactive))),
        (Check::StateIsKnown, "", working(), observed(|it, _| set_state(it, State::Unknown))),
        (
            Check::CountedOnce,
            "",
            working(),
            observed(|it, machine| {
                add_entry(it, 2, "active", &machine.key(PID).unwrap());
            }),
        ),
        (
            Check::RunningIsRegistered,
            "no entry",
            old(),
            observed(|it, _| {
                it.registry = Registry::empty();
                it.rows.clear();
            }),
        ),
        (Check::HeldNumberIsNotFree, "", working(), observed(|it, _| it.free.push(1))),
        (Check::NumberStays, "", working(), observed(|it, _| renumber(it, 5000))),
        (Check::UnregisteredIsSession, "claude -p", sdk(), observed(|it, _| it.unregistered.push(PID))),
        (Check::UnregisteredIsSession, "ended", ended(working()), observed(|it, _| it.unregistered.push(PID))),
        (Check::RegisteredIsNotUnregistered, "", working(), observed(|it, _| it.unregistered.push(PID))),
        (Check::RunningIsShown, "", current(&[]), observed(|it, _| it.unregistered.clear())),
        (Check::ModelKnowsNumber, "another number", fresh(working()), Told(Some(7))),
        (Check::ModelKnowsNumber, "no number", fresh(current(&[])), Told(None)),
        (Check::CleanupSparesRunning, "", cleaned(working()), Marked(&[1])),
        (Check::CleanupMarksStale, "a fresh one", cleaned(fresh(in_container())), Marked(&[1])),
        (Check::CleanupMarksStale, "none", cleaned(ended(working())), Marked(&[])),
        (
            Check::EntriesAreReused,
            "",
            left(),
            observed(|it, _| {
                let key = it.registry.entry(1).unwrap().process().unwrap().clone();
                add_entry(it, 2, "inactive", &key);
            }),
        ),
        (
            Check::NothingIsLeft,
            "an entry",
            left(),
            observed(|it, machine| {
                if is_after_the_end(machine) {
                    set_state(it, State::Stale);
                }
            }),
        ),
        (
            Check::NothingIsLeft,
            "a process",
            left(),
            observed(|it, machine| {
                if is_after_the_end(machine) {
                    it.unregistered.push(PID);
                }
            }),
        ),
        (Check::OtherRegistryIsUntouched, "", working(), observed(|it, _| it.has_changed_elsewhere = true)),
    ];
    for (check, about, steps, mutation) in &table {
        let day = Day { seed: 1, begins: BEGINS, has_tray: false, steps: then(steps.clone(), 3 * HOUR, Step::Observe) };
        assert_eq!(found(&day, None), BTreeSet::new(), "{check:?} {about}: the history as it is");
        assert_eq!(found(&day, Some(mutation)), BTreeSet::from([*check]), "{check:?} {about}");
    }
    let proven: BTreeSet<Check> = table.iter().map(|(check, ..)| *check).collect();
    assert_eq!(proven, BTreeSet::from(Check::ALL));
    assert_eq!(Check::ALL.len(), Check::OtherRegistryIsUntouched as usize + 1, "a check is missing in the list of all");
}

/// The checks that a history fails first.
fn found(day: &Day, mutation: Option<&Mutation>) -> BTreeSet<Check> {
    let machine = Machine::new(day.begins);
    let mut backend = Mutated { inner: CoreBackend::new(&machine), mutation };
    let failure = simulation::run(day, &mut backend, machine).failure;
    failure.into_iter().flat_map(|(_, verdicts)| verdicts).map(|verdict| verdict.check).collect()
}

const START: Event = Event::Start("startup");
const GOODBYE: Event = Event::End("prompt_input_exit");

/// A process with a record, and some of its events.
fn history(class: ProcessClass, version: Version, place: Place, events: &[Event]) -> Vec<TimedStep> {
    let mut steps = then(Vec::new(), MINUTE, Step::Spawn(spawn(1, class, version, place, PID)));
    if place == Place::Host {
        steps = then(steps, MINUTE, Step::Record(1, RecordContent::Whole { conversation: 1, parked: None }));
    }
    for (at, event) in (2..).zip(events) {
        steps = then(steps, at * MINUTE, hook(at * MINUTE, *event));
    }
    steps
}

fn spawn(process: u32, class: ProcessClass, version: Version, place: Place, pid: u32) -> Spawn {
    Spawn { process, session: process, class, place, version, pid, job: None, folder: "/alpha", forked_from: None }
}

fn hook(fired: Ms, event: Event) -> Step {
    Step::Hook(Hook { process: 1, conversation: 1, event, fired, cwd: "/alpha" })
}

fn then(mut steps: Vec<TimedStep>, at: Ms, step: Step) -> Vec<TimedStep> {
    steps.push(TimedStep { at, part: 0, group: 0, step });
    steps
}

/// A back end of which something is falsified.
struct Mutated<'a> {
    inner: CoreBackend,
    mutation: Option<&'a Mutation>,
}

fn elapsed(machine: &Machine) -> TimeDelta {
    machine.now() - time::parse("1970-01-01T00:00:00Z").unwrap() - TimeDelta::seconds(BEGINS)
}

fn is_after_the_end(machine: &Machine) -> bool {
    elapsed(machine) > TimeDelta::days(50)
}

impl Mutated<'_> {
    fn mutation(&self, machine: &Machine) -> Option<&Mutation> {
        self.mutation.filter(|_| elapsed(machine) >= TimeDelta::milliseconds(FALSIFIED_FROM))
    }
}

impl Backend for Mutated<'_> {
    fn hook(&mut self, call: &HookCall, machine: &Machine) -> Option<Number> {
        let told = self.inner.hook(call, machine);
        if let Some(Told(number)) = self.mutation(machine) { *number } else { told }
    }

    fn record(&mut self, pid: u32, text: Option<&str>) {
        self.inner.record(pid, text);
    }

    fn observe(&mut self, machine: &Machine) -> Observation {
        let mut observation = self.inner.observe(machine);
        if let Some(Mutation::Observation(falsify)) = self.mutation(machine) {
            falsify(&mut observation, machine);
        }
        observation
    }

    fn cleanup(&mut self, machine: &Machine) -> Vec<Number> {
        let marked = self.inner.cleanup(machine);
        if let Some(Marked(numbers)) = self.mutation(machine) { numbers.to_vec() } else { marked }
    }

    fn reassign(&mut self, from: Number, to: Number, machine: &Machine) {
        self.inner.reassign(from, to, machine);
    }

    fn keep_alive(&mut self, machine: &Machine) {
        self.inner.keep_alive(machine);
    }

    fn root(&self) -> String {
        self.inner.root()
    }
}

/// Shows the first row in another state.
fn set_state(observation: &mut Observation, state: State) {
    for row in observation.rows.iter_mut().take(1) {
        *row = Arc::new(Row { state, ..Row::clone(row) });
    }
}

fn edit_registry(observation: &mut Observation, edit: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let mut entries = serde_json::from_str(observation.registry.text()).unwrap();
    edit(&mut entries);
    observation.registry = Registry::read(serde_json::to_vec(&entries).unwrap()).unwrap();
}

/// Changes what the entry 1 remembers of its process.
fn edit(observation: &mut Observation, edit: impl FnOnce(&mut serde_json::Value)) {
    edit_registry(observation, |entries| edit(&mut entries["1"]["claude"]));
}

/// Gives the entry 1 another number.
fn renumber(observation: &mut Observation, number: Number) {
    edit_registry(observation, |entries| {
        let entry = entries.remove("1").unwrap();
        entries.insert(number.to_string(), entry);
    });
    for row in &mut observation.rows {
        *row = Arc::new(Row { number, ..Row::clone(row) });
    }
}

/// Adds an entry of a process, and its row.
fn add_entry(observation: &mut Observation, number: Number, status: &str, key: &ProcessKey) {
    edit_registry(observation, |entries| {
        let claude = serde_json::json!({
            "pid": key.pid, "proc_start": key.started, "pid_domain": key.domain, "boot": key.boot,
        });
        entries.insert(number.to_string(), serde_json::json!({ "status": status, "claude": claude }));
    });
    let state = if status == "active" { State::Active } else { State::Inactive };
    let row = Row { number, state, ..Row::clone(&observation.rows[0]) };
    observation.rows.push(Arc::new(row));
}
