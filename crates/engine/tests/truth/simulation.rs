//! Runs a day: each step changes the machine and the truth, is carried out by a back end, and is checked.

mod hooks;
mod processes;
mod registry_changes;

use std::collections::BTreeMap;

use headcount_core::Number;
use headcount_core::liveness::State;
use headcount_core::registry::Class as Status;
use headcount_engine::clock::Clock as _;

use crate::backend::{Backend, Observation};
use crate::checks::{Check, Checked, FalseVerdict};
use crate::day::Day;
use crate::day::client_behavior;
use crate::day::step::{Handle, Ms, Place, ProcessClass, Step};
use crate::ground_truth::GroundTruth;
use crate::machine::Machine;

/// The result of a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) sessions: u64,
    pub(crate) hooks: u64,
    pub(crate) verdicts: u64,
    /// The time that sessions ran, all together.
    pub(crate) session_time: Ms,
    /// After which step verdicts were false first, and which.
    pub(crate) failure: Option<(usize, Vec<FalseVerdict>)>,
}

struct Simulation {
    machine: Machine,
    truth: GroundTruth,
    /// The texts of Claude Code's records, by pid.
    records: BTreeMap<u32, String>,
    /// When each pid was used last.
    released_pids: BTreeMap<(Place, u32), Ms>,
    /// The numbers that models know: of a conversation in a process, and of a conversation in any.
    told: BTreeMap<(Option<Handle>, u32), Number>,
    /// The most entries that ever were in use, and how often a person moved one.
    peak: usize,
    moved: usize,
    has_tray: bool,
}

/// Runs a day.
pub(crate) fn run(day: &Day, backend: &mut dyn Backend, machine: Machine) -> Outcome {
    let mut simulation = Simulation {
        machine,
        truth: GroundTruth::default(),
        records: BTreeMap::new(),
        released_pids: BTreeMap::new(),
        told: BTreeMap::new(),
        peak: 0,
        moved: 0,
        has_tray: day.has_tray,
    };
    let mut outcome = Outcome::default();
    for (at, timed) in day.steps.iter().enumerate() {
        simulation.advance_to(timed.at, backend, &mut outcome);
        let mut found = simulation.apply(&timed.step, backend);
        let observation = backend.observe(&simulation.machine);
        outcome.verdicts += observation.rows.len() as u64 + observation.unregistered.len() as u64;
        found.extend(simulation.check(&observation));
        if !found.is_empty() {
            outcome.failure = Some((at, found));
            break;
        }
    }
    if outcome.failure.is_none() {
        let found = simulation.end_everything(backend);
        outcome.failure = (!found.is_empty()).then_some((day.steps.len(), found));
    }
    let end = simulation.machine.awake();
    let counted = || simulation.truth.facts.values().filter(|fact| fact.is_due);
    outcome.sessions = counted().count() as u64;
    outcome.session_time = counted().map(|fact| fact.ended.unwrap_or(end) - fact.spawned).sum();
    outcome.hooks = simulation.truth.hooks;
    outcome
}

impl Simulation {
    /// Lets time pass. While the tray runs, it beats for those that are due.
    fn advance_to(&mut self, at: Ms, backend: &mut dyn Backend, outcome: &mut Outcome) {
        loop {
            let next = self.machine.awake() + 30 * client_behavior::MINUTE;
            self.machine.with(|state| state.awake = at.min(next));
            if self.has_tray {
                backend.keep_alive(&self.machine);
                let now = self.machine.now();
                let can_look = !self.machine.view().is_proc_unreadable;
                self.truth.remember_beats(can_look.then_some(now));
                outcome.verdicts += 1;
            }
            if next >= at {
                return;
            }
        }
    }

    fn check(&mut self, observation: &Observation) -> Vec<FalseVerdict> {
        let checked = Checked {
            truth: &self.truth,
            observation,
            view: self.machine.view(),
            recorded: &|pid| self.recorded_conversation(pid),
        };
        let mut found = checked.false_verdicts();
        if observation.has_changed_elsewhere {
            let text = "a session of one workspace was registered in the other";
            found.push(FalseVerdict::new(Check::OtherRegistryIsUntouched, text));
        }
        let entries = observation.registry.entries();
        self.peak = self.peak.max(entries.iter().filter(|entry| entry.class() == Status::Active).count());
        if entries.len() > self.peak + self.moved {
            let text = format!("{} entries, and never more than {} in use", entries.len(), self.peak);
            found.push(FalseVerdict::new(Check::EntriesAreReused, text));
        }
        self.truth.remember_numbers(&observation.registry);
        let now = self.machine.now();
        let can_look = !self.machine.view().is_proc_unreadable;
        self.truth.remember_beats((self.has_tray && can_look).then_some(now));
        found
    }

    /// Carries a step out. Returns what is false about it at once.
    fn apply(&mut self, step: &Step, backend: &mut dyn Backend) -> Vec<FalseVerdict> {
        match step {
            Step::Spawn(spawn) => self.spawn(spawn),
            Step::Exit(process) => self.exit(*process),
            Step::Record(process, content) => self.record(*process, content, backend),
            Step::Hook(hook) => return self.hook(hook, backend),
            Step::Claim(process) => {
                if let Some(fact) = self.truth.facts.get_mut(process).filter(|fact| fact.is_alive()) {
                    fact.class = ProcessClass::Background;
                }
            }
            Step::Sleep(time) => {
                self.machine.with(|state| state.asleep += time);
                self.truth.jump(self.machine.awake());
            }
            Step::SetClock(by) => {
                if *by < 0 {
                    self.truth.set_back_from = self.truth.set_back_from.max(Some(self.machine.now()));
                }
                self.machine.with(|state| state.set_by += by);
                self.truth.jump(self.machine.awake());
            }
            Step::Reboot => {
                let now = self.machine.awake();
                let started: Vec<Handle> = self.truth.facts.keys().copied().collect();
                for process in started {
                    self.truth.ended(process, now);
                }
                self.machine.reboot();
                self.truth.booted = now;
                self.truth.jump(now);
            }
            Step::ProcUnreadable(is_unreadable) => {
                self.machine.with(|state| state.is_proc_unreadable = *is_unreadable);
            }
            Step::Cleanup => return self.cleanup(backend),
            Step::Reassign(which, to) => self.reassign(*which, *to, backend),
            Step::Observe => {}
        }
        Vec::new()
    }

    /// Ends everything and cleans up: nothing may be left.
    fn end_everything(&mut self, backend: &mut dyn Backend) -> Vec<FalseVerdict> {
        self.machine.with(|state| state.is_proc_unreadable = false);
        let started: Vec<Handle> = self.truth.facts.keys().copied().collect();
        for process in started {
            self.exit(process);
        }
        self.machine.with(|state| {
            state.set_by = 0;
            // Longer than the timeout, and than any clock was ever ahead.
            state.asleep += 100 * client_behavior::DAY;
        });
        backend.cleanup(&self.machine);
        // Right after the sleep, sessions of which nothing is proven were left.
        self.machine.with(|state| state.awake += 2 * registry_changes::TIME_TO_BEAT);
        backend.cleanup(&self.machine);
        let observation = backend.observe(&self.machine);
        let left = observation.rows.iter().filter(|row| row.state != State::Inactive).map(|row| row.number);
        let left: Vec<Number> = left.collect();
        if left.is_empty() && observation.unregistered.is_empty() {
            return Vec::new();
        }
        let text = format!("entries {left:?} and pids {:?}", observation.unregistered);
        vec![FalseVerdict::new(Check::NothingIsLeft, text)]
    }
}
