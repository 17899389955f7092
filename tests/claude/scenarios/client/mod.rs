//! The client itself: its versions, what hooks cost it, and the stand-in that is compared with it.

mod comparison;
mod cost;
mod versions;
