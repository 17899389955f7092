//! Hooks run, and models are told numbers.

use headcount_engine::clock::Clock as _;
use headcount_engine::process::Processes as _;

use super::Simulation;
use super::processes::entrypoint;
use crate::backend::{Backend, HookCall};
use crate::checks::{Check, FalseVerdict};
use crate::day::step::{Event, Hook};
use crate::ground_truth::HookCircumstances;

impl Simulation {
    pub(super) fn hook(&mut self, hook: &Hook, backend: &mut dyn Backend) -> Vec<FalseVerdict> {
        let Some(fact) = self.truth.facts.get(&hook.process).filter(|_| self.truth.can_run(hook)) else {
            return Vec::new();
        };
        let spawn = &fact.spawn;
        let call = HookCall {
            event: hook.event,
            conversation: format!("c{}", hook.conversation),
            pid: spawn.version.says_pid().then_some(fact.key.pid),
            entrypoint: entrypoint(spawn.class),
            job: spawn.job.clone(),
            project: spawn.folder,
            cwd: hook.cwd,
            place: spawn.place,
        };
        self.machine.with(|state| state.hook_parent = fact.is_alive().then_some(fact.key.pid));
        let record = self.records.get(&fact.key.pid).filter(|text| text.ends_with('}'));
        let circumstances = HookCircumstances {
            awake: self.machine.awake(),
            can_see: self.machine.seen_from(spawn.place).key(fact.key.pid).is_some(),
            has_record: record.is_some_and(|text| text.contains(&format!(r#""procStart": "{}""#, fact.key.started))),
            is_proc_unreadable: self.machine.view().is_proc_unreadable,
        };
        let told = backend.hook(&call, &self.machine);
        self.truth.hook_ran(hook, self.machine.now(), &circumstances);
        if let Some(number) = told {
            self.told.insert((Some(hook.process), hook.conversation), number);
            self.told.insert((None, hook.conversation), number);
        }
        if circumstances.can_see { self.check_told(hook, backend).into_iter().collect() } else { Vec::new() }
    }

    /// After a synchronous event, the model knows its session's number.
    fn check_told(&self, hook: &Hook, backend: &mut dyn Backend) -> Option<FalseVerdict> {
        let fact = self.truth.facts.get(&hook.process).filter(|fact| fact.runs() && fact.is_due)?;
        if !matches!(hook.event, Event::Start(_) | Event::Prompt) {
            return None;
        }
        let registry = backend.observe(&self.machine).registry;
        let entry = registry.entries().iter().find(|entry| entry.process().is_some_and(|key| key.is(&fact.key)))?;
        let told = |process| self.told.get(&(process, hook.conversation)).copied();
        let believed = told(Some(hook.process)).or_else(|| told(None));
        if believed == Some(entry.number) {
            return None;
        }
        let text = format!("the model of {} believes {believed:?}, and its number is {}", hook.process, entry.number);
        Some(FalseVerdict::new(Check::ModelKnowsNumber, text))
    }
}
