//! Why JSON text could not be scanned.

/// Why a value could not be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The input ended within the value.
    End,
    /// An object was expected, and another value is there.
    NotAnObject,
    /// Something else was expected at this offset.
    Unexpected {
        /// In bytes from the start of the input.
        offset: usize,
        /// What was expected.
        wanted: &'static str,
    },
    /// Nested more than `MAX_DEPTH` levels, at this offset.
    TooDeep {
        /// In bytes from the start of the input.
        offset: usize,
    },
    /// More than `Scanner::with_limit` allows.
    TooLong,
}

impl Fault {
    /// The fault of a text that starts `by` bytes further on.
    pub(crate) fn moved(self, by: usize) -> Self {
        match self {
            Self::Unexpected { offset, wanted } => Self::Unexpected { offset: offset + by, wanted },
            Self::TooDeep { offset } => Self::TooDeep { offset: offset + by },
            other => other,
        }
    }
}
