//! Each session is registered once, under its own number.

use std::collections::BTreeMap;

use super::rows::is_in_use;
use super::{Check, Checked, FalseVerdict};
use crate::day::step::Session;

impl Checked<'_> {
    pub(super) fn check_sessions(&self) -> Vec<FalseVerdict> {
        let mut found = Vec::new();
        let mut counted: BTreeMap<Session, Vec<u64>> = BTreeMap::new();
        for row in &self.observation.rows {
            let entry = self.observation.registry.entry(row.number).filter(|entry| is_in_use(entry, row.state));
            let fact = entry.and_then(|entry| self.truth.fact_of(entry)).map(|(_, fact)| fact);
            // While nothing can be looked at, the entry of an ended process of the same session is active until the timeout.
            if let Some(fact) = fact.filter(|fact| fact.runs() || !self.view.is_proc_unreadable) {
                counted.entry(fact.spawn.session).or_default().push(row.number);
            }
        }
        for (session, numbers) in counted {
            if numbers.len() > 1 {
                let text = format!("session {session} is counted as {numbers:?}");
                found.push(FalseVerdict::new(Check::CountedOnce, text));
            }
        }
        for session in self.truth.registered_sessions() {
            let Some(entry) = self.truth.entry_of(session, &self.observation.registry) else {
                let text = format!("session {session} runs and is not registered");
                found.push(FalseVerdict::new(Check::RunningIsRegistered, text));
                continue;
            };
            if self.observation.free.contains(&entry.number) {
                let text = format!("{} of session {session} is offered", entry.number);
                found.push(FalseVerdict::new(Check::HeldNumberIsNotFree, text));
            }
            if let Some(number) = self.truth.numbers.get(&session).filter(|number| **number != entry.number) {
                let text = format!("session {session} had {number} and has {}", entry.number);
                found.push(FalseVerdict::new(Check::NumberStays, text));
            }
        }
        found
    }
}
