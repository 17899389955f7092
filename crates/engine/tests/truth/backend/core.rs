//! Headcount's core without files: the same decisions, thousands of days a minute. The order of decisions in a hook is that
//! of `headcount_engine::claude::hook` and `ops::handle_event`; `backend/engine.rs` runs those themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::Local;
use headcount_core::claude::hook::admission::{self, HookOrigin};
use headcount_core::claude::hook::owner::{self, Owner};
use headcount_core::claude::hook::payload::{self, HookEvent, PayloadReading};
use headcount_core::claude::hook::transition::{self, HookSession, ProcessKnowledge, Transition};
use headcount_core::claude::session_role;
use headcount_core::claude::{Claude, ProcessKey, Record};
use headcount_core::heartbeat::heartbeat_file::{BeatKind, NewBeat};
use headcount_core::heartbeat::{Beat, BeatName, Content};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;
use headcount_core::liveness::cleanup::{self, Selection};
use headcount_core::liveness::keepalive::periodic_work;
use headcount_core::liveness::ownership::Ownership;
use headcount_core::liveness::process_matching;
use headcount_core::registry::numbering;
use headcount_core::view::session::evidence_source::{EvidenceSource, KnownBeats};
use headcount_core::view::session::table::SessionTable;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Number, Registry, Timeout};
use headcount_engine::Workspace;
use headcount_engine::clock::Clock as _;
use headcount_engine::process::Processes;
use headcount_engine::tasks::model::Model;

use crate::backend::{Backend, HookCall, Observation};
use crate::machine::Machine;

/// So many beats of an id are kept: more than ever decide.
const KEPT: usize = 12;

pub(crate) struct CoreBackend {
    registry: Registry,
    beats: BTreeMap<String, Vec<Beat>>,
    records: BTreeMap<u32, String>,
    blank: Snapshot,
}

impl CoreBackend {
    pub(crate) fn new(machine: &Machine) -> Self {
        let nowhere = PathBuf::from("/dev/null/registry.json");
        let workspace = Workspace { heartbeats: nowhere.clone(), registry: nowhere, ..Workspace::default() };
        let blank = Model::blank(&workspace, machine.now()).snapshot(machine.now());
        Self { registry: Registry::empty(), beats: BTreeMap::new(), records: BTreeMap::new(), blank }
    }

    fn record_of(&self, pid: u32) -> Option<Record> {
        Record::read(self.records.get(&pid)?.as_bytes()).filter(|record| record.pid == pid)
    }

    fn all_records(&self) -> Vec<Record> {
        self.records.keys().filter_map(|pid| self.record_of(*pid)).collect()
    }

    fn write(&mut self, text: String) {
        self.registry = Registry::read(text.into_bytes()).expect("what core writes, core reads");
    }

    fn beat(&mut self, number: Number, session_id: &str, kind: BeatKind, at: headcount_core::Time) {
        let new = NewBeat { number, session_id, kind, at };
        let name = new.file_name(&Local);
        let Some(name) = BeatName::parse(&name) else { return };
        let beat = Beat::new(name, &Local, Some(at), Content::read(new.text().as_bytes(), true));
        let beats = self.beats.entry(name.id.to_owned()).or_default();
        match beats.iter().position(|other| other.file == beat.file) {
            Some(_) if new.is_once_a_minute() => {}
            Some(same) => beats[same] = beat,
            None => beats.push(beat),
        }
        beats.sort_by_key(|beat| beat.time(at).at);
        let surplus = beats.len().saturating_sub(KEPT);
        beats.drain(..surplus);
    }

    fn table(&self, machine: &Machine) -> SessionTable {
        let records = self.all_records();
        let known = |id: &str| KnownBeats::of(self.beats.get(id).map_or(&[], Vec::as_slice));
        let process = |entry: &_| process_matching::process_of(entry, &records, |key| machine.look(key));
        let boot = machine.boot();
        let witnesses = EvidenceSource { process: &process, boot: boot.as_ref(), ..EvidenceSource::of_beats(&known) };
        let (registry, ownership) = (self.registry.clone(), Ownership::of(&self.registry));
        SessionTable::new(registry, ownership, Timeout::default(), machine.now(), &witnesses)
    }
}

/// What a hook knows of processes, from where it runs.
struct Knowledge<'m>(&'m CoreBackend, &'m Machine);

impl ProcessKnowledge for Knowledge<'_> {
    fn look(&self, process: &ProcessKey) -> Process {
        self.1.look(process)
    }

    fn boot(&self) -> Option<Boot> {
        self.1.boot()
    }

    fn parked_job(&self, process: &ProcessKey) -> Option<String> {
        let record = self.0.record_of(process.pid)?;
        record.process.filter(|own| own.is(process)).and(record.parked)
    }
}

impl Backend for CoreBackend {
    fn hook(&mut self, call: &HookCall, machine: &Machine) -> Option<Number> {
        let machine = machine.seen_from(call.place);
        let PayloadReading::Whole(payload) = payload::read(call.payload("").as_bytes()) else {
            panic!("a payload is whole")
        };
        let is_recorded = |pid: u32| {
            let record = self.record_of(pid);
            record.is_some_and(|record| record.is_of(machine.key(pid).as_ref(), payload.session_id.as_deref()))
        };
        let owner = call.pid.map_or_else(|| owner::owner(&machine.ancestors(0), is_recorded), Owner::Process);
        if owner == Owner::Ended && !matches!(payload.event, HookEvent::SessionEnd(_)) {
            return None;
        }
        let pid = if let Owner::Process(pid) = owner { Some(pid) } else { None };
        let process = pid.and_then(|pid| machine.key(pid));
        if pid.is_some() && process.is_none() && !matches!(payload.event, HookEvent::SessionEnd(_)) {
            return None;
        }
        let record = pid.and_then(|pid| self.record_of(pid));
        let record = record.filter(|record| record.is_of(process.as_ref(), payload.session_id.as_deref()));
        let is_marked =
            pid.is_some_and(|pid| machine.variable(pid, "CLAUDE_CODE_CHILD_SESSION").is_some_and(|value| value != "0"));
        let origin = HookOrigin {
            record: record.as_ref(),
            entrypoint: Some(call.entrypoint),
            job: call.job.as_deref(),
            is_nested: record.is_none() && is_marked,
        };
        let session = HookSession {
            role: session_role::role(None, Some(call.project), None),
            is_subagent: payload.is_of_subagent,
            may_register: admission::may_register(&origin, &payload.event, false),
            pid,
            pid_space: machine.pid_space(),
            claude: Claude {
                process,
                session_id: payload.session_id.clone(),
                job: call.job.clone().or_else(|| record.as_ref()?.job.clone()),
                transcript: payload.transcript_path.clone(),
                cwd: Some(call.project.to_owned()),
                ..Claude::default()
            },
            ..HookSession::default()
        };
        let known = Knowledge(self, &machine);
        let now = machine.now();
        match transition::decide(&self.registry, &session, &payload.event, now, &known).ok()? {
            Transition::Ignored => None,
            Transition::SignedOff(_, (text, _)) => {
                self.write(text);
                None
            }
            Transition::Matched(matched) => {
                if let Some((text, _)) = matched.changed {
                    self.write(text);
                }
                let is_start = matches!(payload.event, HookEvent::SessionStart(_));
                let kind = if is_start || matched.what != "update" { BeatKind::Identity } else { BeatKind::Activity };
                self.beat(matched.number, &matched.session_id, kind, now);
                let is_told = transition::reaches_model(&payload.event)
                    && !session.is_subagent
                    && (is_start || matched.told_before != Some(matched.number));
                is_told.then_some(matched.number)
            }
        }
    }

    fn record(&mut self, pid: u32, text: Option<&str>) {
        match text {
            Some(text) => drop(self.records.insert(pid, text.to_owned())),
            None => drop(self.records.remove(&pid)),
        }
    }

    fn observe(&mut self, machine: &Machine) -> Observation {
        let table = self.table(machine);
        let records = self.all_records();
        let unregistered = process_matching::unregistered(&self.registry, &records, false, |key| machine.look(key));
        Observation {
            registry: self.registry.clone(),
            rows: table.rows(),
            unregistered: unregistered.into_iter().map(|(_, found)| found.pid).collect(),
            free: table.available_numbers(),
            has_changed_elsewhere: false,
        }
    }

    fn cleanup(&mut self, machine: &Machine) -> Vec<Number> {
        let plan = cleanup::plan(&self.table(machine).rows(), &Selection::All);
        if !plan.mark.is_empty() {
            let (text, _) = cleanup::mark(&self.registry, &plan.mark, machine.now());
            self.write(text);
        }
        plan.mark
    }

    fn reassign(&mut self, from: Number, to: Number, machine: &Machine) {
        let Ok(moves) = numbering::reassign(&self.registry, from, to) else { return };
        let before = self.table(machine).rows();
        let (text, _) = numbering::apply_moves(&self.registry, &moves);
        self.write(text);
        for step in moves {
            let sign = before.iter().find(|row| row.number == step.from).and_then(|row| row.last_sign_of_life);
            let id = self.registry.entry(step.to).map(|entry| entry.session_id.clone());
            if let (Some(at), Some(id)) = (sign, id) {
                self.beat(step.to, &id, BeatKind::Reassigned, at);
            }
        }
    }

    fn keep_alive(&mut self, machine: &Machine) {
        let rows = self.table(machine).rows();
        for target in periodic_work(&Snapshot { rows, ..self.blank.clone() }, machine.now()).due {
            let id = target.session_id.unwrap_or_default();
            self.beat(target.number, &id, BeatKind::Background, machine.now());
        }
    }

    fn root(&self) -> String {
        String::new()
    }
}
