//! Single commands: their output and their changes to the files.

mod identify;
mod keep;
mod restore;
mod scripts;
mod show;
mod status;
mod undo;
#[cfg(target_os = "linux")]
mod wait;
mod watch;
mod workspaces;
