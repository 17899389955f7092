//! What is true, by construction: kept from the steps alone, never from what Headcount says.

use std::collections::{BTreeMap, BTreeSet};

use headcount_core::claude::ProcessKey;
use headcount_core::registry::{Class, Entry, Registry};
use headcount_core::{Number, Time};

use crate::day::step::{Event, Handle, Hook, Ms, Place, ProcessClass, Session, Spawn};
use crate::machine::MachineView;

/// What is true of a process.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) spawn: Spawn,
    pub(crate) key: ProcessKey,
    pub(crate) class: ProcessClass,
    /// When it ended, in the time that the computer was awake.
    pub(crate) ended: Option<Ms>,
    /// A hook has run that must register it.
    pub(crate) is_due: bool,
    /// A hook has run for its end.
    pub(crate) said_goodbye: bool,
    /// More has happened than its start.
    pub(crate) was_used: bool,
    /// It shows the list of jobs, and a job goes on in its place.
    pub(crate) is_parked: bool,
    /// Its newest sign of life, by the wall clock.
    pub(crate) last_event: Option<Time>,
    /// When the tray beat for it last.
    pub(crate) kept_alive: Option<Time>,
    /// Claude Code's record of the pid is of this process.
    pub(crate) has_own_record: bool,
    /// When it was started.
    pub(crate) spawned: Ms,
    /// The conversations that its hooks named.
    pub(crate) conversations: BTreeSet<u32>,
    /// The conversation that Headcount must take it for: of its newest synchronous hook, else of its first one.
    pub(crate) conversation: Option<u32>,
}

impl Fact {
    pub(crate) fn is_alive(&self) -> bool {
        self.ended.is_none()
    }

    /// It is a session that runs, by itself.
    pub(crate) fn runs(&self) -> bool {
        self.is_alive() && self.class.counts() && !self.said_goodbye && !self.is_parked
    }
}

/// What a hook could know of its process.
pub(crate) struct HookCircumstances {
    /// When it runs, in the time that the computer was awake.
    pub(crate) awake: Ms,
    /// The process could be looked at.
    pub(crate) can_see: bool,
    /// Its record was whole.
    pub(crate) has_record: bool,
    pub(crate) is_proc_unreadable: bool,
}

/// What is true of everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroundTruth {
    pub(crate) facts: BTreeMap<Handle, Fact>,
    /// The number of each session, while it runs.
    pub(crate) numbers: BTreeMap<Session, Number>,
    /// Sessions that were marked inactive although they run. Their next event reactivates them.
    pub(crate) marked_while_running: BTreeSet<Session>,
    /// The latest time from which the clock was ever set back. Signs of life can be as late, and lie in the future.
    pub(crate) set_back_from: Option<Time>,
    /// When the computer slept or its clock was set last, or the first hook after that, which notices it. In the time that
    /// the computer was awake.
    pub(crate) jumped: Option<Ms>,
    /// No hook has surely noticed that yet.
    is_jump_unnoticed: bool,
    /// When the computer started last, in the time that it was awake.
    pub(crate) booted: Ms,
    /// The newest time at which a session with each number can have beaten.
    pub(crate) beats: BTreeMap<Number, Time>,
    pub(crate) hooks: u64,
}

impl GroundTruth {
    pub(crate) fn spawned(&mut self, spawn: &Spawn, key: ProcessKey, now: Ms) {
        let fact = Fact {
            spawn: spawn.clone(),
            key,
            class: spawn.class,
            ended: None,
            is_due: false,
            said_goodbye: false,
            was_used: false,
            is_parked: false,
            last_event: None,
            kept_alive: None,
            has_own_record: false,
            spawned: now,
            conversations: BTreeSet::new(),
            conversation: None,
        };
        self.facts.insert(spawn.process, fact);
    }

    /// Whether a hook can run: its process was alive when it was started, and the computer has not restarted since.
    pub(crate) fn can_run(&self, hook: &Hook) -> bool {
        self.facts.get(&hook.process).is_some_and(|fact| fact.ended.is_none_or(|ended| ended >= hook.fired))
            && hook.fired >= self.booted
    }

    /// Whether a process can go on in a fork: it runs, or has announced its end since the computer started. One that the
    /// start of the computer ended, or that was not started itself, cannot.
    pub(crate) fn can_fork(&self, process: Handle) -> bool {
        self.facts.get(&process).is_some_and(|fact| fact.ended.is_none_or(|ended| ended > self.booted))
    }

    /// A hook has run.
    pub(crate) fn hook_ran(&mut self, hook: &Hook, now: Time, circumstances: &HookCircumstances) {
        let HookCircumstances { awake, can_see, has_record, is_proc_unreadable } = *circumstances;
        self.hooks += 1;
        if self.is_jump_unnoticed {
            self.jumped = Some(awake);
            self.is_jump_unnoticed = is_proc_unreadable;
        }
        let Some(fact) = self.facts.get_mut(&hook.process) else { return };
        fact.conversations.insert(hook.conversation);
        if hook.event.is_goodbye() {
            // Of a process that is gone, versions that do not set `CLAUDE_PID` say only the conversation. Nothing tells whose
            // goodbye it is if that changed without an event, or if the end of the process cannot be proven. A pid alone
            // proves nothing while `/proc` cannot be read: a process of a container can have the same.
            let is_its = fact.conversation == Some(hook.conversation);
            fact.said_goodbye |= if fact.spawn.version.says_pid() {
                is_its || !is_proc_unreadable
            } else {
                fact.is_alive() || is_its && !is_proc_unreadable
            };
            return;
        }
        if !fact.is_alive() || !can_see || fact.said_goodbye {
            return;
        }
        let is_prompted = matches!(hook.event, Event::Prompt | Event::Tool | Event::Stop);
        let registers = match hook.event {
            Event::End(_) | Event::SubagentStop => false,
            _ if !fact.class.counts() => false,
            // A job without a record can be a process that was started in advance.
            _ if fact.class == ProcessClass::Background && !has_record => {
                is_prompted || hook.event == Event::Start("fork")
            }
            _ => true,
        };
        if !matches!(hook.event, Event::End(_) | Event::SubagentStop) {
            fact.was_used |= !matches!(hook.event, Event::Start("startup" | "resume"));
        }
        if registers || fact.is_due && hook.event == Event::SubagentStop {
            fact.last_event = fact.last_event.max(Some(now));
        }
        if registers {
            fact.is_due = true;
            if matches!(hook.event, Event::Prompt | Event::Start(_)) || fact.conversation.is_none() {
                fact.conversation = Some(hook.conversation);
            }
            // Late events are of the time before it was parked.
            fact.is_parked &= !matches!(hook.event, Event::Prompt | Event::Start(_));
            self.marked_while_running.remove(&fact.spawn.session);
        }
    }

    /// The computer slept, or its clock was set.
    pub(crate) fn jump(&mut self, awake: Ms) {
        self.jumped = Some(awake);
        self.is_jump_unnoticed = true;
    }

    pub(crate) fn ended(&mut self, handle: Handle, at: Ms) {
        if let Some(fact) = self.facts.get_mut(&handle) {
            fact.ended.get_or_insert(at);
        }
    }

    /// What is true of the process of an entry. One that remembers no process is known by its conversation.
    pub(crate) fn fact_of(&self, entry: &Entry) -> Option<(&Handle, &Fact)> {
        let claude = entry.claude.as_ref()?;
        if let Some(key) = &claude.process {
            return self.facts.iter().find(|(_, fact)| fact.key.is(key));
        }
        let conversation: u32 = claude.session_id.as_deref()?.strip_prefix('c')?.parse().ok()?;
        let held = || self.facts.iter().filter(move |(_, fact)| fact.conversations.contains(&conversation));
        held().rev().find(|(_, fact)| fact.runs()).or_else(|| held().next_back())
    }

    /// The sessions that run and must be registered.
    pub(crate) fn registered_sessions(&self) -> BTreeSet<Session> {
        let running = self.facts.values().filter(|fact| fact.runs() && fact.is_due).map(|fact| fact.spawn.session);
        running.filter(|session| !self.marked_while_running.contains(session)).collect()
    }

    /// The active entry of a session that runs.
    pub(crate) fn entry_of<'r>(&self, session: Session, registry: &'r Registry) -> Option<&'r Entry> {
        registry.entries().iter().find(|entry| {
            let fact = self.fact_of(entry).map(|(_, fact)| fact);
            entry.class() == Class::Active && fact.is_some_and(|fact| fact.runs() && fact.spawn.session == session)
        })
    }

    /// Remembers the numbers that sessions have: they must keep them.
    pub(crate) fn remember_numbers(&mut self, registry: &Registry) {
        for session in self.registered_sessions() {
            if let Some(number) = self.entry_of(session, registry).map(|entry| entry.number) {
                self.numbers.entry(session).or_insert(number);
            }
        }
        let ended: Vec<Session> =
            self.numbers.keys().copied().filter(|session| self.running(*session).next().is_none()).collect();
        self.numbers.retain(|session, _| !ended.contains(session));
    }

    /// Remembers under which numbers sessions beat. `kept_alive` is now, if the tray beats for those that run.
    pub(crate) fn remember_beats(&mut self, kept_alive: Option<Time>) {
        for fact in self.facts.values_mut().filter(|fact| fact.runs() && fact.spawn.place == Place::Host) {
            fact.kept_alive = fact.kept_alive.max(kept_alive);
        }
        for (session, number) in &self.numbers {
            let running = self.facts.values().filter(|fact| fact.spawn.session == *session && fact.runs());
            // The tray looks at processes of the host only.
            let newest = running.map(|fact| fact.last_event.max(fact.kept_alive)).max().flatten();
            if let Some(newest) = newest {
                let beat = self.beats.entry(*number).or_insert(newest);
                *beat = newest.max(*beat);
            }
        }
    }

    /// A person gave the session of one number another one, and that of the other number, if there is one, the first. Each
    /// entry gets a beat with its last sign of life under its new number, and that can be one that it had inherited.
    pub(crate) fn swap_numbers(&mut self, from: Number, to: Number, is_to_held: bool) {
        for number in self.numbers.values_mut() {
            *number = if *number == from {
                to
            } else if *number == to {
                from
            } else {
                *number
            };
        }
        if let Some(newest) = self.beats.get(&from).max(self.beats.get(&to)).copied() {
            self.beats.insert(to, newest);
            if is_to_held {
                self.beats.insert(from, newest);
            }
        }
    }

    /// The newest beat that a moved entry can have from another session. A beat belongs to the entry that its id names, so
    /// a moved entry has those under the number that it has now, by whichever session. One without a process has those
    /// under a number that it had too, while that is not an active session's (protocol, §4).
    pub(crate) fn inherited_beat(&self, entry: &Entry, registry: &Registry) -> Option<Time> {
        let is_held = |number: &Number| registry.entry(*number).is_some_and(|entry| entry.class() == Class::Active);
        let former = entry.former_numbers.iter().filter(|number| entry.process().is_none() && !is_held(number));
        let own = (!entry.former_numbers.is_empty()).then_some(&entry.number);
        former.chain(own).filter_map(|number| self.beats.get(number)).max().copied()
    }

    /// The processes of a session that run.
    pub(crate) fn running(&self, session: Session) -> impl Iterator<Item = &Fact> {
        self.facts.values().filter(move |fact| fact.spawn.session == session && fact.runs())
    }

    /// Whether the process of an entry can be proven to run or to have ended.
    pub(crate) fn is_provable(&self, entry: &Entry, fact: &Fact, view: &MachineView) -> bool {
        // A process of an earlier start of the computer is known to have ended only if its signs of life are older.
        let is_of_earlier_boot = fact.ended.is_some_and(|ended| ended <= self.booted);
        // A moved entry has the beats of its new number too: see `inherited_beat`.
        let has_later_beat = || self.beats.get(&entry.number).is_some_and(|at| *at >= view.booted);
        let may_seem_younger = self.set_back_from.is_some_and(|from| from >= view.booted)
            || !entry.former_numbers.is_empty() && has_later_beat();
        let is_hidden = view.is_proc_unreadable || is_of_earlier_boot && may_seem_younger;
        // The host cannot look into a container. An old version's entry can have been made without a process.
        fact.spawn.place == Place::Host && entry.process().is_some() && !is_hidden
    }
}
