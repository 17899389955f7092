//! Processes start and end, and Claude Code writes its records of them.

use crate::backend::Backend;
use crate::day::client_behavior::{PID_REUSE_DELAY, Version};
use crate::day::step::{Handle, ProcessClass, RecordContent, Spawn};

use super::Simulation;

impl Simulation {
    pub(super) fn spawn(&mut self, spawn: &Spawn) {
        let now = self.machine.awake();
        if spawn.forked_from.is_some_and(|from| !self.truth.can_fork(from)) {
            return;
        }
        let is_reserved =
            |pid: u32| self.released_pids.get(&(spawn.place, pid)).is_some_and(|until| now < until + PID_REUSE_DELAY);
        let pid = (spawn.pid..100_000).find(|pid| !is_reserved(*pid)).unwrap();
        let key = self.machine.spawn(spawn.place, pid, spawn.class);
        self.truth.spawned(spawn, key, now);
    }

    pub(super) fn exit(&mut self, process: Handle) {
        let now = self.machine.awake();
        let Some(fact) = self.truth.facts.get(&process).filter(|fact| fact.is_alive()) else { return };
        let (place, pid) = (fact.spawn.place, fact.key.pid);
        self.machine.exit(place, pid);
        self.released_pids.insert((place, pid), now);
        self.truth.ended(process, now);
    }

    pub(super) fn record(&mut self, process: Handle, content: &RecordContent, backend: &mut dyn Backend) {
        let Some(fact) = self.truth.facts.get_mut(&process).filter(|fact| fact.is_alive()) else { return };
        let pid = fact.key.pid;
        match content {
            RecordContent::Removed => drop(self.records.remove(&pid)),
            RecordContent::Torn => drop(self.records.insert(pid, format!("{{\"pid\": {pid}, \"sess"))),
            RecordContent::Whole { conversation, parked } => {
                fact.is_parked |= parked.is_some();
                fact.has_own_record = true;
                let version = fact.spawn.version;
                let kind = match fact.class {
                    ProcessClass::Background | ProcessClass::Spare => "bg",
                    _ => "interactive",
                };
                let entrypoint = entrypoint(fact.class);
                let mut fields = vec![
                    format!(r#""pid": {pid}, "sessionId": "c{conversation}", "kind": "{kind}""#),
                    format!(r#""cwd": "{}{}", "entrypoint": "{entrypoint}""#, backend.root(), fact.spawn.folder),
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
                if fact.class == ProcessClass::Spare {
                    fields.push(r#""spare": true"#.into());
                }
                let text = format!("{{{}}}", fields.join(", "));
                self.records.insert(pid, text);
            }
        }
        backend.record(pid, self.records.get(&pid).map(String::as_str));
    }

    /// The conversation that the record of a pid names, if that is whole and not of a process started in advance.
    pub(super) fn recorded_conversation(&self, pid: u32) -> Option<String> {
        let text = self.records.get(&pid).filter(|text| text.ends_with('}') && !text.contains("spare"))?;
        Some(text.split_once(r#""sessionId": ""#)?.1.split_once('"')?.0.to_owned())
    }
}

/// `$CLAUDE_CODE_ENTRYPOINT`.
pub(super) fn entrypoint(class: ProcessClass) -> &'static str {
    if class == ProcessClass::Sdk { "sdk-cli" } else { "cli" }
}
