//! Reproducible random numbers (splitmix64).

/// A sequence of random numbers: the same seed gives the same sequence.
#[derive(Clone, Debug)]
pub(crate) struct RandomChoices(u64);

impl RandomChoices {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self(seed);
        // Neighbouring seeds must not give similar sequences.
        random.0 = random.next() ^ seed.rotate_left(32);
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `low..high`.
    pub(crate) fn within(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low).max(1) as u64) as i64
    }

    /// True in so many of 100 cases.
    pub(crate) fn percent(&mut self, chance: i64) -> bool {
        self.within(0, 100) < chance
    }

    /// One of some values.
    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.within(0, values.len() as i64) as usize]
    }

    /// A sequence of its own for a part of the day: what happens in one part does not depend on the others.
    pub(crate) fn split(&mut self) -> Self {
        Self::new(self.next())
    }
}
