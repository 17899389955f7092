//! Histories that are left out because Headcount gives a false verdict on them. Each is a line to remove with its fix.

use crate::habits::SECOND;
use crate::step::{Event, Hook, Ms};
use crate::truth::Truth;

const SETTLING: Ms = 11 * SECOND;

/// Whether a hook makes one of these histories. `HEADCOUNT_TRUTH_GATES=off` lets all of them happen.
pub(crate) fn is_left_out(hook: &Hook, truth: &Truth, now: Ms) -> bool {
    if !is_on() {
        return false;
    }
    let Some(fact) = truth.facts.get(&hook.process) else { return false };
    let is_start = matches!(hook.event, Event::Start(_) | Event::Prompt | Event::End(_));
    // A late event of the conversation before `/clear` makes its id current again.
    let is_of_former_id = !is_start && fact.conversation.is_some_and(|current| current != hook.conversation);
    // A late event of the terminal that is parked takes the entry back from the job.
    let is_of_parked = !is_start && fact.is_parked;
    // Versions that do not say their pid: a late hook of a process that has ended registers an entry without a process.
    let is_orphan = !fact.is_alive() && !fact.spawn.version.says_pid();
    // Events just after a sign-off are ignored, also a prompt.
    let of_conversation = truth.facts.values().filter(|other| other.conversation == Some(hook.conversation));
    let sessions = of_conversation.map(|other| other.spawn.session).chain([fact.spawn.session]);
    let marked = sessions.filter_map(|session| truth.marked.get(&session)).max();
    let is_settling = !matches!(hook.event, Event::Start(_)) && marked.is_some_and(|marked| now < marked + SETTLING);
    // A goodbye whose process is gone signs off another session with the same pid.
    let has_twin = || truth.facts.values().filter(|other| other.key.pid == fact.key.pid).count() > 1;
    let is_mistaken = matches!(hook.event, Event::End(_)) && !fact.is_alive() && has_twin();
    is_mistaken || is_of_former_id || is_of_parked || is_orphan || is_settling
}

/// Whether a model may be unaware of its number if its conversation is not the one that the entry remembers.
pub(crate) fn may_be_untold() -> bool {
    is_on()
}

fn is_on() -> bool {
    !std::env::var("HEADCOUNT_TRUTH_GATES").is_ok_and(|gates| gates == "off")
}
