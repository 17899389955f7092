//! The scanner's stack of open arrays and objects.

/// Maximum nesting of arrays and objects.
pub(super) const MAX_DEPTH: usize = 1 << 20;

/// The open arrays and objects: one bit per level, set for arrays.
#[derive(Default)]
pub(super) struct Nesting {
    bits: Vec<u64>,
    pub(super) depth: usize,
}

impl Nesting {
    /// Opens a level. Returns whether the depth is still within [`MAX_DEPTH`].
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

    /// Whether the innermost open level is an array.
    pub(super) fn is_list(&self) -> bool {
        let at = self.depth.saturating_sub(1);
        self.bits.get(at / 64).is_some_and(|bits| bits & (1 << (at % 64)) != 0)
    }
}
