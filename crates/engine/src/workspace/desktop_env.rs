//! The environment variables by which programs find the desktop of this process.

use headcount_core::terminal::{VARIABLES, Variables};

/// Reads the variables of this process. Values that are not Unicode are left out.
#[must_use]
pub fn of_process() -> Variables {
    Variables::of(VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))))
}
