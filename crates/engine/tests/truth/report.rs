//! Finds the shortest history that still gives a false verdict, and writes it down.

use std::fmt::Write as _;

use crate::day::Day;
use crate::habits::{HOUR, MINUTE, SECOND};
use crate::step::{Moment, Step};

/// So many shorter histories are tried.
const TRIES: usize = 3000;

/// The kind of a false verdict: the word before the colon.
pub(crate) fn kind(falsehood: &str) -> &str {
    falsehood.split_once(':').map_or(falsehood, |(kind, _)| kind)
}

/// Leaves out what does not matter: whole parts first, then halves, then single steps.
pub(crate) fn shortest(day: &Day, falsehood: &str, run: &dyn Fn(&Day) -> Option<(usize, String)>) -> (Day, String) {
    let mut best = (day.clone(), falsehood.to_owned());
    let mut tries = 0;
    let attempt = |best: &mut (Day, String), tries: &mut usize, keeps: &dyn Fn(usize, &Moment) -> bool| {
        *tries += 1;
        let kept = best.0.moments.iter().enumerate().filter(|(at, moment)| keeps(*at, moment));
        let shorter = Day { moments: kept.map(|(_, moment)| moment.clone()).collect(), ..best.0.clone() };
        if shorter.moments.len() == best.0.moments.len() || *tries > TRIES {
            return false;
        }
        match run(&shorter) {
            Some((at, found)) if kind(&found) == kind(falsehood) => {
                let moments = shorter.moments.iter().take(at + 1).cloned().collect();
                *best = (Day { moments, ..shorter }, found);
                true
            }
            _ => false,
        }
    };
    let parts: std::collections::BTreeSet<usize> = day.moments.iter().map(|moment| moment.part).collect();
    for part in parts {
        attempt(&mut best, &mut tries, &|_, moment| moment.part != part);
    }
    let mut size = best.0.moments.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < best.0.moments.len() {
            if !attempt(&mut best, &mut tries, &|at, _| at < from || at >= from + size) {
                from += size;
            }
        }
        size /= 2;
    }
    best
}

/// A history, one step a line.
pub(crate) fn history(day: &Day) -> String {
    let mut text = format!("  seed {}, tray {}\n", day.seed, day.has_tray);
    for moment in &day.moments {
        let at = moment.at;
        let (hours, minutes) = (at / HOUR, at % HOUR / MINUTE);
        let (seconds, rest) = (at % MINUTE / SECOND, at % SECOND);
        let what = match &moment.step {
            Step::Spawn(spawn) => format!(
                "process {} starts: {:?}, session {}, {:?}, {:?}{}",
                spawn.process,
                spawn.class,
                spawn.session,
                spawn.version,
                spawn.place,
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
