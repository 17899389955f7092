//! The name of a heartbeat file: a time by its writer's wall clock, and an id.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// The time prefix of a heartbeat's name, by the writer's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stamp {
    /// No prefix: the file is rewritten for every heartbeat. Sorts first.
    Untimed,
    /// `YYYY-MM-DD_HH-MM`: seconds since 1970 of that wall clock.
    Minute(i64),
    /// `YYYY-MM-DD_HH-MM-SS`: seconds since 1970 of that wall clock.
    Second(i64),
}

impl Stamp {
    /// The time on the wall clock; `None` without a prefix.
    #[must_use]
    pub fn wall(self) -> Option<NaiveDateTime> {
        match self {
            Self::Untimed => None,
            Self::Minute(seconds) | Self::Second(seconds) => {
                DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc())
            }
        }
    }

    /// Seconds since 1970 of that wall clock; `i64::MAX` without a prefix, so that untimed names come last.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Untimed => i64::MAX,
            Self::Minute(seconds) | Self::Second(seconds) => seconds,
        }
    }
}

/// A parsed heartbeat file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeatName<'a> {
    /// The time prefix.
    pub stamp: Stamp,
    /// The text between the prefix and `.json`, unchanged.
    pub id: &'a str,
}

impl<'a> BeatName<'a> {
    /// Parses a file name; `None` if it is not a heartbeat's (hidden, or not `.json`).
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        if name.starts_with('.') {
            return None;
        }
        let stem = name.strip_suffix(".json")?;
        for length in [19, 16] {
            if let Some(found) = prefixed(stem, length) {
                return Some(found);
            }
        }
        (!stem.is_empty()).then_some(Self { stamp: Stamp::Untimed, id: stem })
    }

    /// The file name that parses to this.
    #[must_use]
    pub fn file_name(&self) -> String {
        let form = match self.stamp {
            Stamp::Untimed => return format!("{}.json", self.id),
            Stamp::Minute(_) => "%Y-%m-%d_%H-%M",
            Stamp::Second(_) => "%Y-%m-%d_%H-%M-%S",
        };
        let wall = self.stamp.wall().unwrap_or_default();
        format!("{}-{}.json", wall.format(form), self.id)
    }
}

/// Parses `2025-11-17_11-58-30` (`length` 19) or `2025-11-17_11-58` (16), a dash, and an id.
fn prefixed(stem: &str, length: usize) -> Option<BeatName<'_>> {
    let id = stem.get(length..)?.strip_prefix('-')?;
    let bytes = stem.as_bytes().get(..length)?;
    if id.is_empty()
        || !bytes.iter().zip(b"0000-00-00_00-00-00").all(|(b, form)| b == form || *form == b'0' && b.is_ascii_digit())
    {
        return None;
    }
    let digits = |from: usize, to: usize| {
        bytes.get(from..to).unwrap_or_default().iter().fold(0, |value, b| value * 10 + u32::from(b - b'0'))
    };
    let second = if length == 19 { digits(17, 19) } else { 0 };
    let wall = NaiveDate::from_ymd_opt(digits(0, 4) as i32, digits(5, 7), digits(8, 10))?.and_hms_opt(
        digits(11, 13),
        digits(14, 16),
        second,
    )?;
    let seconds = wall.and_utc().timestamp();
    Some(BeatName { stamp: if length == 19 { Stamp::Second(seconds) } else { Stamp::Minute(seconds) }, id })
}
