//! The built command, as people and scripts run it.

mod cases;
mod environment;
