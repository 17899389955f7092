//! Heartbeats: the time and the state that a file's name and contents give for a session.
//!
//! Guarantees: any name and any bytes are either understood or ignored, never an error; the time of a heartbeat follows
//! the protocol's order (contents, name, file time) and is never far in the future. Does not open files: names, bytes
//! and file times are arguments.

pub mod activity_histogram;
mod beat_name;
mod content;
pub mod heartbeat_file;
pub mod newest;
pub mod pruning;

use std::borrow::Borrow;

use chrono::TimeZone;

pub use beat_name::{BeatName, Stamp};
pub use content::{CONTENT_LIMIT, Content};

use crate::time::local_time::Readings;
use crate::time::{self, Time};

/// A heartbeat with all its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The file name.
    pub file: String,
    /// The time prefix of the name.
    pub stamp: Stamp,
    /// The time in the name, read as local time: the later reading first if the zone repeats that hour.
    pub named: [Option<Time>; 2],
    /// The file's modification time.
    pub modified: Option<Time>,
    /// The parsed contents.
    pub content: Content,
}

/// The effective time of a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeatTime {
    /// The moment.
    pub at: Time,
    /// All times of the heartbeat are in the future, so that it counts as now.
    pub is_skewed: bool,
}

impl Beat {
    /// A heartbeat from its parts; its name is read in `zone`.
    pub fn new<Z: TimeZone>(name: BeatName<'_>, zone: &Z, modified: Option<Time>, content: Content) -> Self {
        let named = match name.stamp {
            Stamp::Untimed => [None, None],
            Stamp::Minute(wall) | Stamp::Second(wall) => Readings::of(wall, zone).moments(),
        };
        Self { file: name.file_name(), stamp: name.stamp, named, modified, content }
    }

    /// All its times, by descending precedence.
    pub(crate) fn times(&self) -> impl Iterator<Item = Time> {
        self.content.times().chain(self.named.into_iter().chain([self.modified]).flatten())
    }

    /// The effective time at `now`: the first usable one, or `now` if all are in the future.
    #[must_use]
    pub fn time(&self, now: Time) -> BeatTime {
        match self.times().find(|time| time::usable(*time, now)) {
            Some(at) => BeatTime { at, is_skewed: false },
            None => BeatTime { at: now, is_skewed: true },
        }
    }
}

/// The newest heartbeat at `now`. Of two with the same time, the one with the file modified last.
pub fn newest<B: Borrow<Beat>>(beats: impl IntoIterator<Item = B>, now: Time) -> Option<B> {
    beats.into_iter().max_by_key(|beat| {
        let beat = beat.borrow();
        (beat.time(now).at, beat.modified, beat.stamp)
    })
}

#[cfg(test)]
#[path = "heartbeat_tests.rs"]
mod tests;
