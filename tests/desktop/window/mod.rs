//! The window and its page.

mod actions;
mod appearance;
mod hostile_input;
mod opening_and_cleanup;
mod restore_copy;
mod session_list;
mod settings;
