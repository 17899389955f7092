//! What is true, by construction: kept from the steps alone, never from what Headcount says.

use std::collections::{BTreeMap, BTreeSet};

use headcount_core::Number;
use headcount_core::claude::ProcessKey;
use headcount_core::registry::Entry;

use crate::step::{Class, Event, Handle, Hook, Ms, Place, Session, Spawn};

/// What is true of a process.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) spawn: Spawn,
    pub(crate) key: ProcessKey,
    pub(crate) class: Class,
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
    /// Its last event, by the wall clock.
    pub(crate) last_event: Option<headcount_core::Time>,
    /// Claude Code's record of the pid is of this process.
    pub(crate) has_own_record: bool,
    /// When it was started.
    pub(crate) spawned: Ms,
    /// The conversations that its hooks named.
    pub(crate) conversations: BTreeSet<u32>,
    /// The conversation of its newest prompt or start.
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

/// What is true of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) facts: BTreeMap<Handle, Fact>,
    /// The number of each session, while it runs.
    pub(crate) numbers: BTreeMap<Session, Number>,
    /// Sessions that somebody marked inactive although they run; back with their next event.
    pub(crate) dismissed: BTreeSet<Session>,
    /// When a session was last signed off or marked inactive, in the time that the computer was awake.
    pub(crate) marked: BTreeMap<Session, Ms>,
    /// How often the clock was set.
    pub(crate) clock_sets: u32,
    /// A person moved a session to another number.
    pub(crate) has_moves: bool,
    /// When the computer started last, in the time that it was awake.
    pub(crate) booted: Ms,
    pub(crate) hooks: u64,
}

impl Truth {
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

    /// A hook has run. `can_see` says whether its process could be looked at then; `has_record` whether its record was whole.
    pub(crate) fn hook_ran(
        &mut self,
        hook: &Hook,
        now: headcount_core::Time,
        awake: Ms,
        can_see: bool,
        has_record: bool,
    ) {
        self.hooks += 1;
        let Some(fact) = self.facts.get_mut(&hook.process) else { return };
        fact.conversations.insert(hook.conversation);
        if hook.event.is_goodbye() {
            // Versions that do not say their pid: once the process is gone, nothing tells whose goodbye it is.
            if !fact.is_alive() && !fact.spawn.version.says_pid() {
                return;
            }
            fact.said_goodbye = true;
            self.marked.insert(fact.spawn.session, awake);
            return;
        }
        if !fact.is_alive() || !can_see || fact.said_goodbye {
            return;
        }
        if matches!(hook.event, Event::Start(_) | Event::Prompt) {
            fact.conversation = Some(hook.conversation);
        }
        let is_prompted = matches!(hook.event, Event::Prompt | Event::Tool | Event::Stop);
        let registers = match hook.event {
            Event::End(_) | Event::SubagentStop => false,
            _ if !fact.class.counts() => false,
            // A job without a record can be a process that was started in advance.
            _ if fact.class == Class::Background && !has_record => is_prompted || hook.event == Event::Start("fork"),
            _ => true,
        };
        if !matches!(hook.event, Event::End(_) | Event::SubagentStop) {
            fact.was_used |= hook.event != Event::Start("startup");
        }
        if registers {
            fact.is_due = true;
            // Late events are of the time before it was parked.
            fact.is_parked &= !matches!(hook.event, Event::Prompt | Event::Start(_));
            fact.last_event = Some(now);
            self.dismissed.remove(&fact.spawn.session);
        }
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

    /// The processes of a session that run.
    pub(crate) fn running(&self, session: Session) -> impl Iterator<Item = &Fact> {
        self.facts.values().filter(move |fact| fact.spawn.session == session && fact.runs())
    }

    /// Whether what is known of a process can prove that it runs or has ended.
    pub(crate) fn is_provable(&self, entry: &Entry, fact: &Fact, is_blind: bool) -> bool {
        // Of an earlier start of the computer: known by the wall clock and by its beats alone.
        let is_of_another_time =
            (self.clock_sets > 0 || self.has_moves) && fact.ended.is_some_and(|ended| ended <= self.booted);
        fact.spawn.place == Place::Host && !is_blind && entry.process().is_some() && !is_of_another_time
    }
}
