//! Which session a request means: its number, and its id at the time of the request.

use serde::{Deserialize, Serialize};

use crate::registry::Number;
use crate::view::session::row::Row;

/// A session selected by its number and id. It is valid only while the number belongs to that id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The number.
    pub number: Number,
    /// The id at the time of selection; `None` if the number was typed.
    pub session_id: Option<String>,
}

impl Target {
    /// The session of a row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self { number: row.number, session_id: Some(row.session_id.clone()) }
    }

    /// Whether a row is of exactly this session.
    #[must_use]
    pub fn is(&self, row: &Row) -> bool {
        self.number == row.number && self.session_id.as_ref() == Some(&row.session_id)
    }

    /// A target for a typed number.
    #[must_use]
    pub fn number(number: Number) -> Self {
        Self { number, session_id: None }
    }
}

impl From<Number> for Target {
    fn from(number: Number) -> Self {
        Self::number(number)
    }
}
