//! The simulated machine: its clocks, its processes, Claude Code's records. The one source of what is true.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta};
use headcount_core::Time;
use headcount_core::claude::hook::owner::{Ancestor, AncestorRole};
use headcount_core::claude::{PidSpace, ProcessKey};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;
use headcount_core::liveness::suspend::ClockReading;
use headcount_engine::clock::{Clock, Wait};
use headcount_engine::process::Processes;

use crate::day::client_behavior::DAY;
use crate::day::step::{Ms, Place, ProcessClass};

/// The pid of a service that adopts orphans, as `systemd --user`. It runs always.
const SERVICE: u32 = 900;

/// What runs now.
#[derive(Debug, Default)]
pub(crate) struct MachineState {
    begins: i64,
    /// The computer was awake so long, and slept so long.
    pub(crate) awake: Ms,
    pub(crate) asleep: Ms,
    /// By how much the clock was set.
    pub(crate) set_by: Ms,
    boots: u32,
    /// When the computer was started, in milliseconds since the begin of the day.
    booted: Ms,
    /// Looks at processes fail.
    pub(crate) is_proc_unreadable: bool,
    running: BTreeMap<(Place, u32), Started>,
    /// The process that the hook of the moment runs for.
    pub(crate) hook_parent: Option<u32>,
}

#[derive(Debug)]
struct Started {
    ticks: Ms,
    is_nested: bool,
}

impl MachineState {
    fn now(&self) -> Time {
        let start = DateTime::from_timestamp(self.begins, 0).unwrap();
        start + TimeDelta::milliseconds(self.awake + self.asleep + self.set_by)
    }

    fn since_boot(&self) -> Ms {
        self.awake + self.asleep - self.booted
    }

    fn boot(&self) -> String {
        format!("boot-{}", self.boots)
    }
}

fn domain(place: Place) -> &'static str {
    match place {
        Place::Host => "linux:machine:pid:[1]",
        Place::Container => "linux:machine:pid:[2]",
    }
}

/// What can be seen of the machine from the host.
pub(crate) struct MachineView {
    /// `/proc` cannot be read.
    pub(crate) is_proc_unreadable: bool,
    pub(crate) now: Time,
    /// When the computer was started, by the wall clock as it is set now.
    pub(crate) booted: Time,
}

/// The machine, as seen from one place.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) state: Arc<Mutex<MachineState>>,
    place: Place,
}

impl Machine {
    pub(crate) fn new(begins: i64) -> Self {
        let state = MachineState { begins, ..MachineState::default() };
        Self { state: Arc::new(Mutex::new(state)), place: Place::Host }
    }

    pub(crate) fn seen_from(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
    }

    pub(crate) fn with<T>(&self, of: impl FnOnce(&mut MachineState) -> T) -> T {
        of(&mut self.state.lock().unwrap())
    }

    /// The moment in the time that the computer was awake.
    pub(crate) fn awake(&self) -> Ms {
        self.with(|state| state.awake)
    }

    /// Starts a process, with another pid if this one is in use. Returns its key.
    pub(crate) fn spawn(&self, place: Place, pid: u32, class: ProcessClass) -> ProcessKey {
        let pid = self.with(|state| {
            let pid = (pid..100_000).find(|pid| !state.running.contains_key(&(place, *pid))).unwrap();
            // Ticks of 10 ms since the boot, which go on while the computer sleeps.
            let ticks = state.since_boot() / 10;
            state.running.insert((place, pid), Started { ticks, is_nested: class == ProcessClass::Nested });
            pid
        });
        self.seen_from(place).key_of(pid).unwrap()
    }

    pub(crate) fn view(&self) -> MachineView {
        self.with(|state| MachineView {
            is_proc_unreadable: state.is_proc_unreadable,
            now: state.now(),
            booted: state.now() - TimeDelta::milliseconds(state.since_boot()),
        })
    }

    pub(crate) fn exit(&self, place: Place, pid: u32) {
        self.with(|state| state.running.remove(&(place, pid)));
    }

    pub(crate) fn reboot(&self) {
        self.with(|state| {
            state.running.clear();
            state.boots += 1;
            state.asleep += 30_000;
            state.booted = state.awake + state.asleep;
        });
    }

    fn key_of(&self, pid: u32) -> Option<ProcessKey> {
        self.with(|state| {
            let started = match state.running.get(&(self.place, pid)) {
                Some(started) => started.ticks.to_string(),
                None if pid == SERVICE => "0".to_owned(),
                None => return None,
            };
            Some(ProcessKey { pid, started, domain: Some(domain(self.place).into()), boot: Some(state.boot()) })
        })
    }
}

/// As `/proc` answers on Linux.
impl Processes for Machine {
    fn look(&self, key: &ProcessKey) -> Process {
        self.with(|state| {
            if key.domain.as_deref().is_some_and(|own| own != domain(self.place))
                || key.boot.as_ref().is_some_and(|boot| *boot != state.boot())
                || state.is_proc_unreadable
            {
                return Process::Unknown;
            }
            match state.running.get(&(self.place, key.pid)) {
                _ if key.pid == SERVICE => Process::Alive,
                Some(started) if started.ticks.to_string() == key.started => Process::Alive,
                _ if key.domain.is_none() => Process::Unknown,
                _ => Process::Gone,
            }
        })
    }

    fn ended(&self, _: &ProcessKey) -> Option<Wait<'static>> {
        None
    }

    fn reports_ends(&self) -> Result<(), String> {
        Ok(())
    }

    fn boot(&self) -> Option<Boot> {
        self.with(|state| {
            // The pid namespace is read from `/proc`, as processes are.
            if state.is_proc_unreadable {
                return None;
            }
            let started = state.now() - TimeDelta::milliseconds(state.since_boot());
            Some(Boot { domain: domain(self.place).into(), id: state.boot(), started })
        })
    }

    fn pid_space(&self) -> PidSpace {
        self.boot().map_or_else(PidSpace::default, |boot| PidSpace { domain: Some(boot.domain), boot: Some(boot.id) })
    }

    fn key(&self, pid: u32) -> Option<ProcessKey> {
        if self.with(|state| state.is_proc_unreadable) { None } else { self.key_of(pid) }
    }

    /// A hook runs in a shell below its session. After the session's end it is an orphan, with its shell or without it,
    /// below init or below a service that adopts orphans.
    fn ancestors(&self, _: u32) -> Vec<Ancestor> {
        self.with(|state| {
            if state.is_proc_unreadable {
                return Vec::new();
            }
            let shell = Ancestor {
                pid: 999_999,
                role: AncestorRole::Launcher,
                age: Some(TimeDelta::zero()),
                is_service: false,
            };
            let age = |started: Ms| Some(TimeDelta::milliseconds(state.since_boot() - started));
            if let Some(pid) = state.hook_parent {
                let started = state.running.get(&(self.place, pid)).map(|started| started.ticks * 10);
                let age = started.and_then(age);
                return vec![shell, Ancestor { pid, role: AncestorRole::Program, age, is_service: false }];
            }
            let service = Ancestor { pid: SERVICE, role: AncestorRole::Program, age: age(-DAY), is_service: true };
            match state.awake % 4 {
                0 => vec![shell, service],
                1 => vec![service],
                2 => vec![shell],
                _ => Vec::new(),
            }
        })
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        let is_nested =
            self.with(|state| state.running.get(&(self.place, pid)).is_some_and(|started| started.is_nested));
        (is_nested && name == "CLAUDE_CODE_CHILD_SESSION").then(|| "1".to_owned())
    }

    fn terminal(&self, _: u32) -> Option<String> {
        None
    }
}

impl Clock for Machine {
    fn read(&self) -> ClockReading {
        self.with(|state| ClockReading {
            now: state.now(),
            since_boot: TimeDelta::milliseconds(state.since_boot()).to_std().unwrap(),
            awake: TimeDelta::milliseconds(state.since_boot().min(state.awake)).to_std().unwrap(),
        })
    }

    fn wait(&self, _: Option<Time>) -> Wait<'_> {
        Box::pin(std::future::pending())
    }
}
