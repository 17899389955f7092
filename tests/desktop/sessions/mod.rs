//! Sessions as they really run: with hooks, and in terminals.

mod hooks;
mod show;
