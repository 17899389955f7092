//! The captured bytes of a scanned value.

/// The bytes of a value, up to a limit.
pub(crate) struct Captured {
    bytes: Vec<u8>,
    limit: usize,
    is_cut: bool,
}

impl Captured {
    /// An empty capture that holds at most `limit` bytes.
    pub(super) fn up_to(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, is_cut: false }
    }

    /// The bytes; `None` if the value was longer than the limit.
    pub(crate) fn whole(self) -> Option<Vec<u8>> {
        (!self.is_cut).then_some(self.bytes)
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let room = self.limit - self.bytes.len();
        self.is_cut |= bytes.len() > room;
        self.bytes.extend(bytes.iter().take(room));
    }
}
