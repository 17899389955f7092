//! Runs a day: each step happens on the machine, in the truth and to Headcount, and is judged.

use std::collections::BTreeMap;

use headcount_core::Number;
use headcount_core::registry::Class as Status;
use headcount_engine::clock::Clock as _;
use headcount_engine::process::Processes as _;

use crate::day::Day;
use crate::habits::{self, Version};
use crate::headcount::{Headcount, HookCall, Picture};
use crate::judge;
use crate::machine::Machine;
use crate::step::{Class, Event, Handle, Hook, Ms, Place, Shape, Spawn, Step};
use crate::truth::Truth;

/// What a day came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) sessions: u64,
    pub(crate) hooks: u64,
    pub(crate) verdicts: u64,
    /// The time that sessions ran, all together.
    pub(crate) session_time: Ms,
    /// The first false verdict, and after which step.
    pub(crate) falsehood: Option<(usize, String)>,
}

pub(crate) struct World {
    pub(crate) machine: Machine,
    pub(crate) truth: Truth,
    /// The texts of Claude Code's records, by pid.
    records: BTreeMap<u32, String>,
    /// Which pids were in use until when.
    resting: BTreeMap<(Place, u32), Ms>,
    /// The numbers that models know: of a conversation in a process, and of a conversation in any.
    told: BTreeMap<(Option<Handle>, u32), Number>,
    /// The most entries that ever were in use, and how often a person moved one.
    peak: usize,
    moved: usize,
    has_tray: bool,
}

/// Runs a day on a Headcount.
pub(crate) fn run(day: &Day, headcount: &mut dyn Headcount, machine: Machine) -> Outcome {
    let mut world = World {
        machine,
        truth: Truth::default(),
        records: BTreeMap::new(),
        resting: BTreeMap::new(),
        told: BTreeMap::new(),
        peak: 0,
        moved: 0,
        has_tray: day.has_tray,
    };
    let mut outcome = Outcome::default();
    for (at, moment) in day.moments.iter().enumerate() {
        world.pass_until(moment.at, headcount, &mut outcome);
        let said = world.happen(&moment.step, headcount);
        let picture = headcount.look(&world.machine);
        outcome.verdicts += picture.rows.len() as u64 + picture.unregistered.len() as u64;
        if let Some(falsehood) = said.or_else(|| world.judge(&picture)) {
            outcome.falsehood = Some((at, falsehood));
            break;
        }
    }
    if outcome.falsehood.is_none() {
        outcome.falsehood = world.close(headcount).map(|falsehood| (day.moments.len(), falsehood));
    }
    let end = world.machine.awake();
    let counted = || world.truth.facts.values().filter(|fact| fact.is_due);
    outcome.sessions = counted().count() as u64;
    outcome.session_time = counted().map(|fact| fact.ended.unwrap_or(end) - fact.spawned).sum();
    outcome.hooks = world.truth.hooks;
    outcome
}

impl World {
    /// Lets time pass. While the tray runs, it beats for those that are due.
    fn pass_until(&mut self, at: Ms, headcount: &mut dyn Headcount, outcome: &mut Outcome) {
        loop {
            let next = self.machine.awake() + 30 * habits::MINUTE;
            self.machine.with(|table| table.awake = at.min(next));
            if self.has_tray {
                headcount.keep_alive(&self.machine);
                outcome.verdicts += 1;
            }
            if next >= at {
                return;
            }
        }
    }

    fn judge(&mut self, picture: &Picture) -> Option<String> {
        let used = picture.registry.entries().iter().filter(|entry| entry.class() == Status::Active).count();
        self.peak = self.peak.max(used);
        let entries = picture.registry.entries().len();
        if entries > self.peak + self.moved {
            return Some(format!("leak: {entries} entries, and never more than {} in use", self.peak));
        }
        let record = |pid: u32| {
            let text = self.records.get(&pid).filter(|text| text.ends_with('}') && !text.contains("spare"))?;
            Some(text.split_once(r#""sessionId": ""#)?.1.split_once('"')?.0.to_owned())
        };
        judge::judge(&mut self.truth, picture, self.machine.with(|table| table.is_blind), self.machine.now(), &record)
    }

    /// Does a step. Returns what was false about it at once.
    fn happen(&mut self, step: &Step, headcount: &mut dyn Headcount) -> Option<String> {
        match step {
            Step::Spawn(spawn) => self.spawn(spawn),
            Step::Exit(process) => self.exit(*process),
            Step::Record(process, shape) => self.record(*process, shape, headcount),
            Step::Hook(hook) => return self.hook(hook, headcount),
            Step::Claim(process) => {
                if let Some(fact) = self.truth.facts.get_mut(process).filter(|fact| fact.is_alive()) {
                    fact.class = Class::Background;
                }
            }
            Step::Sleep(time) => self.machine.with(|table| table.asleep += time),
            Step::SetClock(by) => {
                self.machine.with(|table| table.set_by += by);
                self.truth.clock_sets += 1;
            }
            Step::Reboot => {
                let now = self.machine.awake();
                let running: Vec<Handle> = self.truth.facts.keys().copied().collect();
                for process in running {
                    self.truth.ended(process, now);
                }
                self.machine.reboot();
                self.truth.booted = now;
            }
            Step::Blind(is_blind) => self.machine.with(|table| table.is_blind = *is_blind),
            Step::Cleanup => return self.cleanup(headcount),
            Step::Reassign(which, to) => self.reassign(*which, *to, headcount),
            Step::Look => {}
        }
        None
    }

    fn spawn(&mut self, spawn: &Spawn) {
        let now = self.machine.awake();
        let rests =
            |pid: u32| self.resting.get(&(spawn.place, pid)).is_some_and(|until| now < until + habits::PID_REST);
        let pid = (spawn.pid..100_000).find(|pid| !rests(*pid)).unwrap();
        let key = self.machine.spawn(spawn.place, pid, spawn.class);
        self.truth.spawned(spawn, key, now);
    }

    fn exit(&mut self, process: Handle) {
        let now = self.machine.awake();
        let Some(fact) = self.truth.facts.get(&process).filter(|fact| fact.is_alive()) else { return };
        let (place, pid) = (fact.spawn.place, fact.key.pid);
        self.machine.exit(place, pid);
        self.resting.insert((place, pid), now);
        self.truth.ended(process, now);
    }

    fn record(&mut self, process: Handle, shape: &Shape, headcount: &mut dyn Headcount) {
        let Some(fact) = self.truth.facts.get_mut(&process).filter(|fact| fact.is_alive()) else { return };
        let pid = fact.key.pid;
        match shape {
            Shape::Removed => drop(self.records.remove(&pid)),
            Shape::Torn => drop(self.records.insert(pid, format!("{{\"pid\": {pid}, \"sess"))),
            Shape::Whole { conversation, parked } => {
                fact.is_parked |= parked.is_some();
                fact.has_own_record = true;
                let version = fact.spawn.version;
                let kind = match fact.class {
                    Class::Background | Class::Spare => "bg",
                    _ => "interactive",
                };
                let entrypoint = entrypoint(fact.class);
                let mut fields = vec![
                    format!(r#""pid": {pid}, "sessionId": "c{conversation}", "kind": "{kind}""#),
                    format!(r#""cwd": "{}{}", "entrypoint": "{entrypoint}""#, headcount.root(), fact.spawn.folder),
                ];
                if version != Version::NoStart {
                    fields.push(format!(r#""procStart": "{}""#, fact.key.started));
                }
                if version == Version::Current {
                    fields.push(format!(r#""pidDomain": "{}""#, fact.key.domain.clone().unwrap()));
                }
                for (name, job) in [("jobId", &fact.spawn.job), ("parkedJobId", parked)] {
                    fields.extend(job.as_ref().map(|job| format!(r#""{name}": "{job}""#)));
                }
                if fact.class == Class::Spare {
                    fields.push(r#""spare": true"#.into());
                }
                let text = format!("{{{}}}", fields.join(", "));
                self.records.insert(pid, text);
            }
        }
        headcount.record(pid, self.records.get(&pid).map(String::as_str));
    }

    fn hook(&mut self, hook: &Hook, headcount: &mut dyn Headcount) -> Option<String> {
        if !self.truth.can_run(hook) {
            return None;
        }
        let fact = self.truth.facts.get(&hook.process)?.clone();
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
        self.machine.with(|table| table.hook_of = fact.is_alive().then_some(fact.key.pid));
        let record = self.records.get(&fact.key.pid).filter(|text| text.ends_with('}'));
        let has_record = record.is_some_and(|text| text.contains(&format!(r#""procStart": "{}""#, fact.key.started)));
        let can_see = self.machine.seen_from(spawn.place).key(fact.key.pid).is_some();
        let told = headcount.hook(&call, &self.machine);
        self.truth.hook_ran(hook, self.machine.now(), self.machine.awake(), can_see, has_record);
        if let Some(number) = told {
            self.told.insert((Some(hook.process), hook.conversation), number);
            self.told.insert((None, hook.conversation), number);
        }
        let fact = self.truth.facts.get(&hook.process)?;
        let reaches_model = matches!(hook.event, Event::Start(_) | Event::Prompt);
        // The conversation of a start is a throwaway one there.
        let is_thrown_away = fact.spawn.version == Version::NoRecord;
        if is_thrown_away || !reaches_model || !fact.runs() || !fact.is_due || !can_see {
            return None;
        }
        let registry = headcount.look(&self.machine).registry;
        let entry = registry.entries().iter().find(|entry| entry.process().is_some_and(|key| key.is(&fact.key)))?;
        let knows = |whose| self.told.get(&(whose, hook.conversation)).copied();
        let knows = knows(Some(hook.process)).or_else(|| knows(None));
        if knows == Some(entry.number) || knows.is_none() && fact.class == Class::Background {
            return None;
        }
        Some(format!("told: the model of {} believes {knows:?}, and its number is {}", hook.process, entry.number))
    }

    fn cleanup(&mut self, headcount: &mut dyn Headcount) -> Option<String> {
        let is_blind = self.machine.with(|table| table.is_blind);
        let before = headcount.look(&self.machine).registry;
        for number in headcount.cleanup(&self.machine) {
            let Some(entry) = before.entry(number) else { continue };
            let Some((handle, fact)) = self.truth.fact_of(entry) else { continue };
            if fact.runs() && self.truth.is_provable(entry, fact, is_blind) {
                return Some(format!("cleanup: {number} was marked inactive, and its process {handle} runs"));
            }
            let (session, runs) = (fact.spawn.session, fact.runs());
            if runs {
                self.truth.dismissed.insert(session);
                self.truth.marked.insert(session, self.machine.awake());
                self.truth.numbers.remove(&session);
            }
        }
        None
    }

    fn reassign(&mut self, which: usize, to: Number, headcount: &mut dyn Headcount) {
        let registry = headcount.look(&self.machine).registry;
        let active = registry.entries().iter().filter(|entry| entry.class() == Status::Active);
        let Some(from) = active.map(|entry| entry.number).nth(which).filter(|from| *from != to) else { return };
        headcount.reassign(from, to, &self.machine);
        self.moved += 1;
        self.truth.has_moves = true;
        for number in self.truth.numbers.values_mut() {
            *number = if *number == from {
                to
            } else if *number == to {
                from
            } else {
                *number
            };
        }
    }

    /// Ends everything and cleans up: nothing may be left.
    fn close(&mut self, headcount: &mut dyn Headcount) -> Option<String> {
        self.happen(&Step::Blind(false), headcount);
        let running: Vec<Handle> = self.truth.facts.keys().copied().collect();
        for process in running {
            self.exit(process);
        }
        self.machine.with(|table| table.set_by = 0);
        // Longer than the timeout, and than any clock was ever ahead.
        self.machine.with(|table| table.asleep += 100 * habits::DAY);
        headcount.cleanup(&self.machine);
        let picture = headcount.look(&self.machine);
        let left: Vec<Number> = picture
            .rows
            .iter()
            .filter(|row| row.state != headcount_core::liveness::State::Inactive)
            .map(|row| row.number)
            .collect();
        (!left.is_empty() || !picture.unregistered.is_empty())
            .then(|| format!("leak: all have ended, and {left:?} and {:?} are left", picture.unregistered))
    }
}

fn entrypoint(class: Class) -> &'static str {
    if class == Class::Sdk { "sdk-cli" } else { "cli" }
}
