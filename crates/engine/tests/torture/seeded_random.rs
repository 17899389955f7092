//! Reproducible pseudo-random numbers.
//!
//! Guarantees: the same seed gives the same sequence. Suitable for tests only.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A sequence of pseudo-random numbers (splitmix64).
pub(crate) struct SeededRandom(u64);

impl SeededRandom {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A random pause of at most `most`.
    pub(crate) fn pause(&mut self, most: Duration) -> Duration {
        Duration::from_micros(self.below(most.as_micros() as u64 + 1))
    }
}

/// The seed from `HEADCOUNT_SEED`, or a new one each time; printed.
pub(crate) fn seed(of: &str) -> u64 {
    let wanted = std::env::var("HEADCOUNT_SEED").ok().map(|seed| seed.parse().expect("HEADCOUNT_SEED is a number"));
    let seed = wanted.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64);
    println!("{of}: HEADCOUNT_SEED={seed}");
    seed
}
