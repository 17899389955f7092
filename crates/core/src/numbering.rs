//! Which numbers are free.
//!
//! Promises: a number is free when no active, stale or unknown entry holds it; an entry that cannot be read holds its number too.
//! Does not give numbers out.

use std::collections::BTreeSet;

use crate::registry::Number;

/// Numbers are offered at least up to this one.
const AT_LEAST: Number = 13;

/// How many free numbers are listed at most: a registry may name a session 1763247310.
const LISTED: usize = 10_000;

/// The free numbers from 1 up to the highest in use (at least 13), lowest first.
#[must_use]
pub fn free(held: &BTreeSet<Number>) -> Vec<Number> {
    let highest = held.last().copied().unwrap_or_default().max(AT_LEAST);
    (1..=highest).filter(|number| !held.contains(number)).take(LISTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_numbers() {
        assert_eq!(free(&BTreeSet::new()), (1..=13).collect::<Vec<_>>());
        assert_eq!(free(&[2, 3, 15].into()), [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(free(&(1..=13).collect()), Vec::<Number>::new());
        assert_eq!(free(&[Number::MAX].into()).len(), LISTED);
    }
}
