//! Why JSON text could not be scanned.

/// Why a value could not be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The input ended within the value.
    End,
    /// The value is not an object.
    NotAnObject,
    /// The input at this offset is not what the grammar expects.
    Unexpected {
        /// In bytes from the start of the input.
        offset: usize,
        /// What was expected.
        wanted: &'static str,
    },
    /// Nested more than `MAX_DEPTH` levels deep, at this offset.
    TooDeep {
        /// In bytes from the start of the input.
        offset: usize,
    },
    /// The input is longer than the limit of `Scanner::with_limit`.
    TooLong,
}

impl Fault {
    /// This fault with its offset increased by `by` bytes.
    pub(crate) fn moved(self, by: usize) -> Self {
        match self {
            Self::Unexpected { offset, wanted } => Self::Unexpected { offset: offset + by, wanted },
            Self::TooDeep { offset } => Self::TooDeep { offset: offset + by },
            other => other,
        }
    }
}
