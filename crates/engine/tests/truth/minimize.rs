//! Finds the shortest history that still gives the same false verdict.

use std::collections::BTreeSet;

use crate::checks::FalseVerdict;
use crate::day::Day;
use crate::day::step::TimedStep;
use crate::simulation::Outcome;

/// How many shorter histories are tried.
const MAX_TRIES: usize = 3000;

/// A history with false verdicts.
pub(crate) struct Failure {
    pub(crate) day: Day,
    pub(crate) verdicts: Vec<FalseVerdict>,
}

/// Leaves out what does not matter: whole parts of the day first, then ever smaller runs of groups of steps.
pub(crate) fn minimize(failure: Failure, run: &dyn Fn(&Day) -> Outcome) -> Failure {
    let mut search = Search { best: failure, tries: 0, run };
    let parts: BTreeSet<usize> = search.best.day.steps.iter().map(|timed| timed.part).collect();
    for part in parts {
        search.try_without(&|timed| timed.part == part);
    }
    let mut size = search.groups().len() / 2;
    while size > 0 {
        let mut from = 0;
        loop {
            let groups = search.groups();
            let Some(run) = groups.get(from..groups.len().min(from + size)).filter(|run| !run.is_empty()) else {
                break;
            };
            if !search.try_without(&|timed| run.contains(&(timed.part, timed.group))) {
                from += size;
            }
        }
        size /= 2;
    }
    search.best
}

struct Search<'a> {
    best: Failure,
    tries: usize,
    run: &'a dyn Fn(&Day) -> Outcome,
}

impl Search<'_> {
    /// The groups of steps, in the order of their first step.
    fn groups(&self) -> Vec<(usize, u32)> {
        let mut groups = Vec::new();
        for timed in &self.best.day.steps {
            if !groups.contains(&(timed.part, timed.group)) {
                groups.push((timed.part, timed.group));
            }
        }
        groups
    }

    /// Tries the history without some steps. Returns whether it is the new best.
    fn try_without(&mut self, is_left_out: &dyn Fn(&TimedStep) -> bool) -> bool {
        let before = &self.best.day;
        let steps: Vec<TimedStep> = before.steps.iter().filter(|timed| !is_left_out(timed)).cloned().collect();
        if steps.len() == before.steps.len() || self.tries == MAX_TRIES {
            return false;
        }
        self.tries += 1;
        let mut day = Day { steps, ..before.clone() };
        match (self.run)(&day).failure {
            Some((at, verdicts)) if verdicts[0].check == self.best.verdicts[0].check => {
                day.steps.truncate(at + 1);
                self.best = Failure { day, verdicts };
                true
            }
            _ => false,
        }
    }
}
