//! One part of a day: what one terminal, job, program or the machine itself does, written down before anything runs.

use crate::dice::Dice;
use crate::habits::{self, MINUTE, SECOND, Version};
use crate::step::{Class, Event, Handle, Hook, Moment, Ms, Place, Session, Shape, Spawn, Step};

/// The folders that sessions are started in, and where `cd` leads.
pub(crate) const FOLDERS: [&str; 3] = ["/alpha", "/alpha/crates/core", "/alpha/docs"];
pub(crate) const ELSEWHERE: [&str; 3] = ["/alpha/target", "/beta", "/beta/src"];

/// Writes the steps of one part.
pub(crate) struct Script {
    pub(crate) dice: Dice,
    pub(crate) at: Ms,
    part: usize,
    processes: u32,
    sessions: u32,
    conversations: u32,
    steps: Vec<Moment>,
}

/// A process while its part is written.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) process: Handle,
    pub(crate) session: Session,
    pub(crate) conversation: u32,
    pub(crate) version: Version,
    pub(crate) place: Place,
    pub(crate) folder: &'static str,
    pub(crate) cwd: &'static str,
    pub(crate) has_record: bool,
}

impl Script {
    pub(crate) fn new(part: usize, at: Ms, dice: Dice) -> Self {
        Self { dice, at, part, processes: 0, sessions: 0, conversations: 0, steps: Vec::new() }
    }

    pub(crate) fn steps(self) -> Vec<Moment> {
        self.steps
    }

    pub(crate) fn push(&mut self, at: Ms, step: Step) {
        self.steps.push(Moment { at, part: self.part, step });
    }

    pub(crate) fn now(&mut self, step: Step) {
        self.push(self.at, step);
    }

    pub(crate) fn pass(&mut self, (low, high): (Ms, Ms)) {
        self.at += self.dice.within(low, high);
    }

    pub(crate) fn conversation(&mut self) -> u32 {
        self.conversations += 1;
        self.part as u32 * 1000 + self.conversations
    }

    pub(crate) fn session(&mut self) -> Session {
        self.sessions += 1;
        self.part as u32 * 100 + self.sessions
    }

    /// Starts a process. Nothing is said about it yet.
    pub(crate) fn spawn(
        &mut self,
        class: Class,
        place: Place,
        version: Version,
        session: Session,
        job: Option<String>,
    ) -> Running {
        let folder = self.dice.pick(&FOLDERS);
        self.spawn_in(folder, class, place, version, session, job)
    }

    /// Starts a process in a folder.
    pub(crate) fn spawn_in(
        &mut self,
        folder: &'static str,
        class: Class,
        place: Place,
        version: Version,
        session: Session,
        job: Option<String>,
    ) -> Running {
        self.processes += 1;
        let process = self.part as u32 * 1000 + self.processes;
        let has_record = version.has_record() && class != Class::Nested && class != Class::AgentView;
        let pid = self.dice.within(1000, 1400) as u32;
        self.now(Step::Spawn(Spawn { process, session, class, place, version, pid, job, folder }));
        // The record of a container is in a home folder of its own.
        let has_record = has_record && place == Place::Host;
        Running { process, session, conversation: 0, version, place, folder, cwd: folder, has_record }
    }

    pub(crate) fn record(&mut self, at: Ms, running: &Running, parked: Option<String>) {
        if running.has_record {
            let (process, conversation) = (running.process, running.conversation);
            if self.dice.percent(4) {
                self.push(at - self.dice.clone().within(1, 6), Step::Record(process, Shape::Torn));
            }
            self.push(at, Step::Record(process, Shape::Whole { conversation, parked }));
        }
    }

    /// An event whose hook runs a little later, or is lost.
    pub(crate) fn event(&mut self, running: &Running, event: Event) {
        self.event_of(running, running.conversation, event, habits::LOST);
    }

    pub(crate) fn event_of(&mut self, running: &Running, conversation: u32, event: Event, lost: i64) {
        let delay = match event {
            Event::Start(_) | Event::Prompt => habits::SYNC_HOOK,
            Event::End(_) => habits::END_HOOK,
            _ => habits::ASYNC_HOOK,
        };
        let run = self.at + self.dice.within(delay.0, delay.1);
        if self.dice.percent(lost) {
            return;
        }
        let hook = Hook { process: running.process, conversation, event, fired: self.at, cwd: running.cwd };
        self.push(run, Step::Hook(hook));
        if matches!(event, Event::Start(_) | Event::Prompt) {
            self.at = run;
        }
    }

    /// The first seconds of a process: record and `SessionStart` in either order.
    pub(crate) fn begin(&mut self, running: &Running, source: &'static str) {
        self.pass((200, 900));
        let (low, high) = habits::RECORD_AFTER_START;
        let written = self.at + self.dice.within(low, high);
        self.record(written, running, None);
        self.event(running, Event::Start(source));
        self.at = self.at.max(written);
    }

    /// The end that Claude Code announces.
    pub(crate) fn goodbye(&mut self, running: &Running, lost: i64) {
        if running.has_record {
            self.now(Step::Record(running.process, Shape::Removed));
        }
        self.pass(habits::RECORD_REMOVED_BEFORE_END);
        let reason = self.dice.pick(&["prompt_input_exit", "prompt_input_exit", "other", "logout"]);
        self.event_of(running, running.conversation, Event::End(reason), lost);
        self.pass(habits::GONE_AFTER_END);
        self.now(Step::Exit(running.process));
    }

    /// One turn: a prompt, tools, and at the end Stop.
    pub(crate) fn turn(&mut self, running: &Running) {
        self.event(running, Event::Prompt);
        for _ in 0..self.dice.within(0, 4) {
            self.pass((SECOND, 90 * SECOND));
            self.event(running, Event::Tool);
        }
        if self.dice.percent(10) {
            self.pass((SECOND, MINUTE));
            self.event(running, Event::SubagentStop);
        }
        let is_long = self.dice.percent(8);
        self.pass(if is_long { (130 * MINUTE, 420 * MINUTE) } else { (2 * SECOND, 5 * MINUTE) });
        if self.dice.percent(85) {
            self.event(running, Event::Stop);
        }
        if self.dice.percent(10) {
            self.pass((6 * SECOND, 7 * SECOND));
            self.event(running, Event::Notification);
        }
    }
}
