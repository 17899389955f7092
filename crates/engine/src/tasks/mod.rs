//! Long-running tasks: one follows a workspace and owns its model; the others act on its snapshots.

pub mod announcements;
pub mod background;
pub mod heartbeat_index;
pub mod model;
pub mod other_workspaces;
#[cfg(test)]
mod panic_tests;
pub(crate) mod restart;
pub mod supervisor;
pub mod throttle;
pub mod workspace_task;
