//! The contents of a heartbeat file.

use crate::json::{Fields, NAME_LIMIT};
use crate::time::{self, Time};

/// Maximum number of bytes of a heartbeat that are read. Real ones have a few hundred bytes; larger files are not read.
pub const CONTENT_LIMIT: u64 = 64 * 1024;

/// The parsed contents of a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// `timestamp`, then `last_heartbeat`; `None` if it is not a valid time.
    times: [Option<Time>; 2],
    /// It is a sign-off: `action` is `disconnected` or `status` is `offline`.
    pub is_disconnect: bool,
    /// The contents, or a time in them, could not be read.
    pub is_broken: bool,
}

impl Content {
    /// The first time in the contents, usable or not.
    #[must_use]
    pub fn time(&self) -> Option<Time> {
        self.times().next()
    }

    /// The times in the contents, by descending precedence.
    pub(super) fn times(&self) -> impl Iterator<Item = Time> + use<> {
        self.times.into_iter().flatten()
    }

    /// The value for contents that cannot be read.
    #[must_use]
    pub fn unreadable() -> Self {
        Self { is_broken: true, ..Self::default() }
    }

    /// Reads contents. `is_whole` is false if the file is longer than what was read. Contents with unknown escapes or
    /// invalid UTF-8 are marked broken, but their times are still used.
    #[must_use]
    pub fn read(bytes: &[u8], is_whole: bool) -> Self {
        let found = is_whole.then(|| Fields::of(bytes, &["timestamp", "last_heartbeat", "action", "status"]));
        let Some(Ok(found)) = found else {
            return Self::unreadable();
        };
        let is = |name, word: &str| found.text(name, NAME_LIMIT).as_deref() == Some(word);
        let named = ["timestamp", "last_heartbeat"];
        let times = named.map(|name| found.text(name, NAME_LIMIT).as_deref().and_then(time::parse));
        let is_odd = named.iter().zip(times).any(|(name, time)| found.has(name) && time.is_none());
        Self {
            is_disconnect: is("action", "disconnected") || is("status", "offline"),
            is_broken: is_odd || found.has_bad_escape || std::str::from_utf8(bytes).is_err(),
            times,
        }
    }
}
