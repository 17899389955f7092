//! Programs that keep sessions apart from terminals: tmux and GNU screen.
//!
//! A session in one of them is shown in two steps: its pane is selected, then the terminal of the attached client is
//! shown.

pub mod screen;
pub mod tmux;
