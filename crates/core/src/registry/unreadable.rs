//! Why a file is not a registry.

use crate::json::{Fault, NoObject};

/// Why a text is not a registry. Such a file is never overwritten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes, or only white space: another program is writing or has emptied it.
    #[error("it is empty")]
    Empty,
    /// It is cut off: another program is writing it, or was interrupted.
    #[error("it is cut off at line {line}")]
    Truncated {
        /// The last line, from 1.
        line: usize,
    },
    /// Not JSON.
    #[error("it is not JSON: {reason}")]
    Malformed {
        /// The parser's message, with line and column.
        reason: String,
    },
    /// Invalid UTF-8 outside of its strings.
    #[error("it is not UTF-8 text (byte {offset})")]
    NotUtf8 {
        /// The offset of the first invalid byte, from 0.
        offset: usize,
    },
    /// JSON, but not an object of sessions.
    #[error("it is JSON, but not an object of numbered sessions")]
    NotAnObject,
    /// A key occurs twice, so that two programs could read different values.
    #[error("the key {key:?} occurs twice in {place}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// "the file" or the session.
        place: String,
    },
}

impl Unreadable {
    /// Whether a writer may be about to complete the file, so that reading it again soon is worthwhile.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Empty | Self::Truncated { .. })
    }

    /// The reason why `text`, the contents of `place`, has no object of sessions.
    pub(super) fn of(text: &str, why: NoObject, place: &str) -> Self {
        let fault = match why {
            NoObject::DuplicateKey(key) => return Self::DuplicateKey { key, place: place.into() },
            NoObject::Fault(fault) => fault,
        };
        // Lines and columns are counted from 1, columns in bytes, like other parsers do.
        let at = |offset: usize| {
            let before = text.as_bytes().get(..offset).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n');
            let column = line.clone().next_back().unwrap_or_default().len() + 1;
            format!("at line {} column {column}", line.count())
        };
        match fault {
            Fault::End => Self::Truncated { line: lines(text) },
            Fault::NotAnObject => Self::NotAnObject,
            Fault::Unexpected { offset, wanted } => {
                Self::Malformed { reason: format!("expected {wanted} {}", at(offset)) }
            }
            Fault::TooDeep { offset } => Self::Malformed { reason: format!("nested too deeply {}", at(offset)) },
            Fault::TooLong => Self::Malformed { reason: "too long".into() },
        }
    }
}

/// The number of lines of a text.
pub(super) fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count() + 1
}
