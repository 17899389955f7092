//! Writes the steps of one part of a day: of one terminal, job, program, or the machine itself.

use crate::day::client_behavior::{self, MINUTE, SECOND, Version};
use crate::day::random_choices::RandomChoices;
use crate::day::step::{Event, Handle, Hook, Ms, Place, ProcessClass, RecordContent, Session, Spawn, Step, TimedStep};

/// The folders that sessions are started in, and where `cd` leads.
pub(crate) const FOLDERS: [&str; 3] = ["/alpha", "/alpha/crates/core", "/alpha/docs"];
pub(crate) const ELSEWHERE: [&str; 3] = ["/alpha/target", "/beta", "/beta/src"];

/// Writes the steps of one part.
pub(crate) struct StepBuilder {
    pub(crate) random: RandomChoices,
    pub(crate) at: Ms,
    part: usize,
    processes: u32,
    sessions: u32,
    conversations: u32,
    /// The group of the step that was written last.
    group: u32,
    is_grouping: bool,
    steps: Vec<TimedStep>,
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

impl StepBuilder {
    pub(crate) fn new(part: usize, at: Ms, random: RandomChoices) -> Self {
        Self {
            random,
            at,
            part,
            processes: 0,
            sessions: 0,
            conversations: 0,
            group: 0,
            is_grouping: false,
            steps: Vec::new(),
        }
    }

    pub(crate) fn steps(self) -> Vec<TimedStep> {
        self.steps
    }

    pub(crate) fn push(&mut self, at: Ms, step: Step) {
        if !self.is_grouping {
            self.group += 1;
        }
        self.steps.push(TimedStep { at, part: self.part, group: self.group, step });
    }

    /// Writes steps that make sense only together.
    pub(crate) fn together<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let is_inner = std::mem::replace(&mut self.is_grouping, true);
        if !is_inner {
            self.group += 1;
        }
        let written = write(self);
        self.is_grouping = is_inner;
        written
    }

    pub(crate) fn now(&mut self, step: Step) {
        self.push(self.at, step);
    }

    pub(crate) fn pass(&mut self, (low, high): (Ms, Ms)) {
        self.at += self.random.within(low, high);
    }

    pub(crate) fn conversation(&mut self) -> u32 {
        self.conversations += 1;
        self.part as u32 * 1000 + self.conversations
    }

    pub(crate) fn session(&mut self) -> Session {
        self.sessions += 1;
        self.part as u32 * 100 + self.sessions
    }

    /// Starts a process. It has fired no event yet.
    pub(crate) fn spawn(
        &mut self,
        class: ProcessClass,
        place: Place,
        version: Version,
        session: Session,
        job: Option<String>,
    ) -> Running {
        let folder = self.random.pick(&FOLDERS);
        let process = self.process();
        let spawn = Spawn { process, session, class, place, version, pid: 0, job, folder, forked_from: None };
        self.start(spawn)
    }

    /// Starts a background job that goes on with the session of another process.
    pub(crate) fn fork(&mut self, running: &Running, job: String) -> Running {
        let process = self.process();
        let Running { session, version, folder, .. } = *running;
        let (class, place, job) = (ProcessClass::Background, Place::Host, Some(job));
        let forked_from = Some(running.process);
        self.start(Spawn { process, session, class, place, version, pid: 0, job, folder, forked_from })
    }

    fn process(&mut self) -> Handle {
        self.processes += 1;
        self.part as u32 * 1000 + self.processes
    }

    /// Starts a process with a pid of its own.
    fn start(&mut self, spawn: Spawn) -> Running {
        let Spawn { process, session, class, place, version, folder, .. } = spawn;
        let has_record = version.has_record() && class != ProcessClass::Nested && class != ProcessClass::AgentView;
        let pid = self.random.within(1000, 1400) as u32;
        self.now(Step::Spawn(Spawn { pid, ..spawn }));
        // The record of a container is in a home folder of its own.
        let has_record = has_record && place == Place::Host;
        Running { process, session, conversation: 0, version, place, folder, cwd: folder, has_record }
    }

    pub(crate) fn record(&mut self, at: Ms, running: &Running, parked: Option<String>) {
        if running.has_record {
            let (process, conversation) = (running.process, running.conversation);
            self.together(|builder| {
                if builder.random.percent(4) {
                    let torn = at - builder.random.clone().within(1, 6);
                    builder.push(torn, Step::Record(process, RecordContent::Torn));
                }
                builder.push(at, Step::Record(process, RecordContent::Whole { conversation, parked }));
            });
        }
    }

    /// An event whose hook runs a little later, or is lost.
    pub(crate) fn event(&mut self, running: &Running, event: Event) {
        self.event_of(running, running.conversation, event, client_behavior::LOST);
    }

    pub(crate) fn event_of(&mut self, running: &Running, conversation: u32, event: Event, lost: i64) {
        let delay = match event {
            Event::Start(_) | Event::Prompt => client_behavior::SYNC_HOOK,
            Event::End(_) => client_behavior::END_HOOK,
            _ => client_behavior::ASYNC_HOOK,
        };
        let run = self.at + self.random.within(delay.0, delay.1);
        if self.random.percent(lost) {
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
        let (low, high) = client_behavior::RECORD_AFTER_START;
        let written = self.at + self.random.within(low, high);
        self.record(written, running, None);
        self.event(running, Event::Start(source));
        self.at = self.at.max(written);
    }

    /// The end that Claude Code announces.
    pub(crate) fn goodbye(&mut self, running: &Running, lost: i64) {
        self.together(|builder| {
            if running.has_record {
                builder.now(Step::Record(running.process, RecordContent::Removed));
            }
            builder.pass(client_behavior::RECORD_REMOVED_BEFORE_END);
            let reason = builder.random.pick(&["prompt_input_exit", "prompt_input_exit", "other", "logout"]);
            builder.event_of(running, running.conversation, Event::End(reason), lost);
            builder.pass(client_behavior::GONE_AFTER_END);
            builder.now(Step::Exit(running.process));
        });
    }

    /// One turn: a prompt, tools, and at the end Stop.
    pub(crate) fn turn(&mut self, running: &Running) {
        self.event(running, Event::Prompt);
        for _ in 0..self.random.within(0, 4) {
            self.pass((SECOND, 90 * SECOND));
            self.event(running, Event::Tool);
        }
        if self.random.percent(10) {
            self.pass((SECOND, MINUTE));
            self.event(running, Event::SubagentStop);
        }
        let is_long = self.random.percent(8);
        self.pass(if is_long { (130 * MINUTE, 420 * MINUTE) } else { (2 * SECOND, 5 * MINUTE) });
        if self.random.percent(85) {
            self.event(running, Event::Stop);
        }
        if self.random.percent(10) {
            self.pass((6 * SECOND, 7 * SECOND));
            self.event(running, Event::Notification);
        }
    }
}
