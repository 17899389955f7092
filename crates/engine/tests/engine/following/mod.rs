//! Following a workspace: what is shown after a change, and what that costs.

mod announcements;
mod auto_cleanup;
mod configuration;
mod file_watching;
mod folder_changes;
mod follow_equals_rescan;
mod idle_cost;
mod processes;
mod time_and_suspend;
