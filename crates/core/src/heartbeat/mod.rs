//! Heartbeats: the time and the state that a file's name and contents give for a session.
//!
//! Guarantees: any name and any bytes are either understood or ignored, never an error; the time of a heartbeat follows
//! the protocol's order (contents, name, file time) and is never far in the future. Does not open files: names, bytes
//! and file times are arguments.

pub mod activity_histogram;
pub mod heartbeat_file;
pub mod newest;
pub mod pruning;

use std::borrow::Borrow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};

use crate::json::{Fields, NAME_LIMIT};
use crate::time::local_time::Readings;
use crate::time::{self, Time};

/// Maximum number of bytes of a heartbeat that are read. Real ones have a few hundred bytes; larger files are not read.
pub const CONTENT_LIMIT: u64 = 64 * 1024;

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
        self.times.into_iter().flatten().next()
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
        self.content.times.into_iter().chain(self.named).chain([self.modified]).flatten()
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
mod tests {
    use super::*;
    use chrono::{FixedOffset, TimeDelta, Utc};
    use proptest::prelude::*;

    fn at(text: &str) -> Time {
        time::parse(text).unwrap()
    }

    #[test]
    fn names_are_parsed_into_stamp_and_id() {
        let wall = |text: &str| at(text).timestamp();
        for (name, wanted) in [
            ("2025-11-17_11-58-30-session-8.json", Some((Stamp::Second(wall("2025-11-17T11:58:30Z")), "session-8"))),
            ("2025-11-17_11-58-session-8.json", Some((Stamp::Minute(wall("2025-11-17T11:58:00Z")), "session-8"))),
            (
                "2025-11-17_11-58-30-session-collective-mind.json",
                Some((Stamp::Second(wall("2025-11-17T11:58:30Z")), "session-collective-mind")),
            ),
            ("session-3.json", Some((Stamp::Untimed, "session-3"))),
            // An invalid date is part of the id.
            ("2025-02-30_11-58-30-x.json", Some((Stamp::Untimed, "2025-02-30_11-58-30-x"))),
            ("2025-11-17_11-58-30.json", Some((Stamp::Minute(wall("2025-11-17T11:58:00Z")), "30"))),
            ("2025-11-17_11-58-30-ü.json", Some((Stamp::Second(wall("2025-11-17T11:58:30Z")), "ü"))),
            (".2025-11-17_11-58-30-x.json", None),
            ("2025-11-17_11-58-30-x.json.tmp", None),
            (".json", None),
            ("x.JSON", None),
        ] {
            let found = BeatName::parse(name).map(|name| (name.stamp, name.id));
            assert_eq!(found, wanted, "{name}");
        }
    }

    #[test]
    fn broken_contents_and_sign_offs_are_recognized() {
        let read = |text: &str| Content::read(text.as_bytes(), true);
        assert_eq!(read("{}"), Content::default());
        assert!(read(r#"{"target": "night\! "}"#).is_broken);
        assert!(read("[]").is_broken && read("").is_broken && read("{} {}").is_broken);
        assert!(read(r#"{"timestamp": "$(date -u)"}"#).is_broken);
        assert!(read(r#"{"timestamp": 5}"#).is_broken);
        assert!(!read(r#"{"timestamp": null}"#).is_broken);
        assert!(Content::read(b"{}", false).is_broken);
        assert!(read(r#"{"action": "disconnected"}"#).is_disconnect && read(r#"{"status": "offline"}"#).is_disconnect);
        assert!(!read(r#"{"action": "connected", "status": "active"}"#).is_disconnect);
    }

    #[test]
    fn nonstandard_contents_still_give_their_time() {
        let wanted = Some(at("2025-11-17T19:00:00Z"));
        for (odd, is_broken) in [
            (&b"NaN"[..], false),
            (br#""half \ud83d""#, false),
            (b"\"raw \n\x01\"", false),
            (b"[[[-Infinity]]]", false),
            (br#""night\! ""#, true),
            (b"\"caf\xe9\"", true),
        ] {
            let text =
                [b"{\"x\": ", odd, b", \"timestamp\": \"2025-11-17T19:00:00Z\", \"status\": \"offline\"}"].concat();
            for text in [text.clone(), [b"\xef\xbb\xbf", &text[..]].concat()] {
                let content = Content::read(&text, true);
                assert_eq!((content.time(), content.is_broken), (wanted, is_broken), "{}", text.escape_ascii());
                assert!(content.is_disconnect);
            }
        }
        // Contents that cannot be scanned give no fields.
        for text in [
            r#"{"timestamp": "2025-11-17T19:00:00Z" "x": 1}"#,
            r#"{"timestamp": "2025-11-17T19:00:00Z"}{}"#,
            r#"{"timestamp": "2025-11-17T19:00:00Z", "#,
            r#"{"timestamp": "2025-11-17T19:00:00Z", "x": $(date)}"#,
        ] {
            assert_eq!(Content::read(text.as_bytes(), true), Content::unreadable(), "{text}");
        }
    }

    #[test]
    fn the_first_usable_time_counts() {
        let now = at("2025-11-17T20:00:00Z");
        let zone = FixedOffset::west_opt(8 * 3600).unwrap();
        let beat = |name: &str, content: &str, modified: &str| {
            Beat::new(
                BeatName::parse(name).unwrap(),
                &zone,
                Some(at(modified)),
                Content::read(content.as_bytes(), true),
            )
        };
        let named = "2025-11-17_11-30-00-x.json";
        for (beat, wanted, is_skewed) in [
            (
                beat(named, r#"{"timestamp": "2025-11-17T19:00:00Z"}"#, "2025-11-17T19:45:00Z"),
                "2025-11-17T19:00:00Z",
                false,
            ),
            (
                beat(named, r#"{"last_heartbeat": "2025-11-17T19:01:00"}"#, "2025-11-17T19:45:00Z"),
                "2025-11-17T19:01:00Z",
                false,
            ),
            // Two minutes ahead is usable, one second more is not.
            (
                beat(named, r#"{"timestamp": "2025-11-17T20:02:00Z"}"#, "2025-11-17T19:45:00Z"),
                "2025-11-17T20:02:00Z",
                false,
            ),
            (
                beat(named, r#"{"timestamp": "2025-11-17T20:02:01Z"}"#, "2025-11-17T19:45:00Z"),
                "2025-11-17T19:30:00Z",
                false,
            ),
            (beat("x.json", "{}", "2025-11-17T19:45:00Z"), "2025-11-17T19:45:00Z", false),
            (beat("x.json", "{}", "2026-11-17T19:45:00Z"), "2025-11-17T20:00:00Z", true),
        ] {
            assert_eq!(beat.time(now), BeatTime { at: at(wanted), is_skewed });
        }
    }

    #[test]
    fn of_two_readings_of_a_name_the_later_usable_one_counts() {
        let zone = crate::time::local_time::tests::Zone::new_york();
        let beat = |name: &str| {
            Beat::new(BeatName::parse(name).unwrap(), &zone, Some(at("2025-01-01T00:00:00Z")), Content::default())
        };
        for (name, now, wanted) in [
            ("2025-11-02_01-30-x.json", "2025-11-02T05:30:00Z", "2025-11-02T05:30:00Z"),
            ("2025-11-02_01-30-x.json", "2025-11-02T06:27:59Z", "2025-11-02T05:30:00Z"),
            ("2025-11-02_01-30-x.json", "2025-11-02T06:28:00Z", "2025-11-02T06:30:00Z"),
            ("2025-11-02_01-30-x.json", "2025-11-02T09:00:00Z", "2025-11-02T06:30:00Z"),
            ("2025-11-02_02-00-x.json", "2025-11-02T07:00:00Z", "2025-11-02T07:00:00Z"),
            // A time that the zone skipped does not count: the file's time does.
            ("2026-03-08_02-30-x.json", "2026-03-08T09:00:00Z", "2025-01-01T00:00:00Z"),
            ("1969-12-31_00-00-x.json", "2025-11-02T09:00:00Z", "2025-01-01T00:00:00Z"),
            ("9999-12-31_23-59-x.json", "2025-11-02T09:00:00Z", "2025-01-01T00:00:00Z"),
        ] {
            assert_eq!(beat(name).time(at(now)), BeatTime { at: at(wanted), is_skewed: false }, "{name} {now}");
        }
    }

    #[test]
    fn of_two_heartbeats_in_the_same_second_the_last_written_counts() {
        let now = at("2025-11-17T20:00:00Z");
        let said = |content: &str, modified: TimeDelta| {
            Beat::new(
                BeatName::parse("x.json").unwrap(),
                &Utc,
                Some(now + modified),
                Content::read(content.as_bytes(), true),
            )
        };
        let hello = said(r#"{"timestamp": "2025-11-17T19:59:00Z"}"#, TimeDelta::zero());
        let bye = said(r#"{"timestamp": "2025-11-17T19:59:00Z", "action": "disconnected"}"#, TimeDelta::seconds(1));
        assert!(newest([bye, hello], now).unwrap().content.is_disconnect);
    }

    proptest! {
        #[test]
        fn parsed_names_round_trip(name in "(20[0-9]{2}-[01][0-9]-[0-3][0-9]_[0-2][0-9]-[0-5][0-9](-[0-6][0-9])?-)?[a-z0-9-]{1,12}\\.json") {
            if let Some(parsed) = BeatName::parse(&name) {
                prop_assert_eq!(parsed.file_name(), name);
            }
        }

        #[test]
        fn parsing_any_name_does_not_panic(name in any::<String>()) {
            let _ = BeatName::parse(&name);
        }

        #[test]
        fn reading_any_bytes_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Content::read(&bytes, true);
        }
    }
}
