//! The two processes: start, instances, isolation and what they cost.

mod autostart;
mod instances;
mod isolation;
mod resource_use;
