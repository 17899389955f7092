//! What can happen on a simulated day, as plain values: a history is a list of them, and any part of it is a history too.

use crate::day::client_behavior::Version;

/// Milliseconds.
pub(crate) type Ms = i64;

/// A process of Claude Code.
pub(crate) type Handle = u32;

/// A session as a person counts: one terminal or job, whichever processes it runs in.
pub(crate) type Session = u32;

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcessClass {
    /// A person works with it in a terminal.
    Person,
    /// A background job.
    Background,
    /// Started in advance, not used yet.
    Spare,
    /// `claude -p`, the SDK.
    Sdk,
    /// An interactive session inside of a session: writes no record.
    Nested,
    /// The agent view: fires `SessionEnd` only.
    AgentView,
}

impl ProcessClass {
    pub(crate) fn counts(self) -> bool {
        matches!(self, Self::Person | Self::Background)
    }
}

/// Where a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    /// On the machine whose registry is looked at.
    Host,
    /// In a container with the same files: its processes cannot be looked at from the host.
    Container,
}

#[derive(Clone, Debug)]
pub(crate) struct Spawn {
    pub(crate) process: Handle,
    pub(crate) session: Session,
    pub(crate) class: ProcessClass,
    pub(crate) place: Place,
    pub(crate) version: Version,
    /// The pid it would like; another one if that is in use.
    pub(crate) pid: u32,
    pub(crate) job: Option<String>,
    /// The folder it is started in.
    pub(crate) folder: &'static str,
    /// The process that it is forked from: one that ended before the fork starts none.
    pub(crate) forked_from: Option<Handle>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Start(&'static str),
    Prompt,
    Tool,
    Stop,
    Notification,
    SubagentStop,
    End(&'static str),
}

impl Event {
    /// The end of the session, not only of its id.
    pub(crate) fn is_goodbye(self) -> bool {
        matches!(self, Self::End(reason) if reason != "clear" && reason != "resume")
    }
}

/// A hook that runs. It was started at `fired`, when its process was alive.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) process: Handle,
    pub(crate) conversation: u32,
    pub(crate) event: Event,
    pub(crate) fired: Ms,
    /// Where the session's shell is.
    pub(crate) cwd: &'static str,
}

/// What a record says beside its process.
#[derive(Clone, Debug)]
pub(crate) enum RecordContent {
    /// `parked` is the job that goes on in the process's place.
    Whole {
        conversation: u32,
        parked: Option<String>,
    },
    Torn,
    Removed,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Spawn(Spawn),
    /// The process ends. Its record stays if nothing removed it.
    Exit(Handle),
    Record(Handle, RecordContent),
    Hook(Hook),
    /// A person uses a process that was started in advance.
    Claim(Handle),
    /// The computer sleeps.
    Sleep(Ms),
    /// The clock is set by so much.
    SetClock(Ms),
    Reboot,
    /// A look at processes fails from now on, or no longer.
    ProcUnreadable(bool),
    /// `headcount cleanup`, from cron or a person.
    Cleanup,
    /// A person gives the n-th active session another number.
    Reassign(usize, u64),
    /// Only time passes.
    Observe,
}

/// A step of a day: when (in the time that the computer is awake), and which part of the day it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct TimedStep {
    pub(crate) at: Ms,
    pub(crate) part: usize,
    /// Steps of one group of a part make sense only together: a goodbye without its exit is no history that can happen.
    pub(crate) group: u32,
    pub(crate) step: Step,
}
