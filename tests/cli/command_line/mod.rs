//! Arguments, output streams, completions, manual and documentation, of all commands.

mod completions_and_manual;
mod documentation;
#[cfg(target_os = "linux")]
mod json_schema;
mod output;
mod quiet_flag;
mod usage;
