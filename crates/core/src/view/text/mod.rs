//! Sentences and words for people, each made in one place.

pub mod messages;
pub mod outcome_messages;
pub mod shared_texts;
pub mod status_line;
pub mod time_span;
