//! A session from its start to its end, and the ways in which it goes on elsewhere.

mod background;
mod ends;
mod jobs;
mod resume;
mod starts;
mod turns;
