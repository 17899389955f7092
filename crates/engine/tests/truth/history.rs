//! Prints a history, one step a line.

use std::fmt::Write as _;

use crate::day::Day;
use crate::day::client_behavior::{HOUR, MINUTE, SECOND};
use crate::day::step::Step;

pub(crate) fn text(day: &Day) -> String {
    let mut text = format!("  seed {}, tray {}\n", day.seed, day.has_tray);
    for timed in &day.steps {
        let at = timed.at;
        let (hours, minutes) = (at / HOUR, at % HOUR / MINUTE);
        let (seconds, rest) = (at % MINUTE / SECOND, at % SECOND);
        let what = match &timed.step {
            Step::Spawn(spawn) => format!(
                "process {} starts: {:?}, session {}, {:?}, {:?}, {}{}",
                spawn.process,
                spawn.class,
                spawn.session,
                spawn.version,
                spawn.place,
                spawn.folder,
                spawn.job.as_ref().map(|job| format!(", {job}")).unwrap_or_default(),
            ),
            Step::Hook(hook) => format!(
                "hook of {}: {:?}, conversation {}, {} ms after its event",
                hook.process,
                hook.event,
                hook.conversation,
                at - hook.fired
            ),
            other => format!("{other:?}"),
        };
        writeln!(text, "  {hours:02}:{minutes:02}:{seconds:02}.{rest:03}  {what}").unwrap();
    }
    text
}
