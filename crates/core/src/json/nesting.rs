//! How deep a scanner is in arrays and objects.

/// Maximum nesting of arrays and objects.
pub(super) const MAX_DEPTH: usize = 1 << 20;

/// Which of the open arrays and objects are arrays: one bit a level.
#[derive(Default)]
pub(super) struct Nesting {
    bits: Vec<u64>,
    pub(super) depth: usize,
}

impl Nesting {
    /// Opens one. Returns whether there was room.
    pub(super) fn push(&mut self, is_list: bool) -> bool {
        let (at, bit) = (self.depth / 64, 1 << (self.depth % 64));
        if at == self.bits.len() {
            self.bits.push(0);
        }
        if let Some(bits) = self.bits.get_mut(at) {
            *bits = if is_list { *bits | bit } else { *bits & !bit };
        }
        self.depth += 1;
        self.depth <= MAX_DEPTH
    }

    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether the innermost is an array.
    pub(super) fn is_list(&self) -> bool {
        let at = self.depth.saturating_sub(1);
        self.bits.get(at / 64).is_some_and(|bits| bits & (1 << (at % 64)) != 0)
    }
}
