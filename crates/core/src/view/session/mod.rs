//! One session as it is shown: its row, the table of all rows, its details, and what each field is called.

pub mod details;
pub mod evidence_source;
pub mod fields;
pub mod row;
pub mod table;
