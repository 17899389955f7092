//! Moments and how the files spell them.
//!
//! Promises: one reading of every spelling seen in registries and beats, and one way of writing. Does not know what
//! time it is: "now" is always an argument.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Timelike as _, Utc};
use serde::Serialize;

/// A moment, in UTC, to the nanosecond.
pub type Time = DateTime<Utc>;

/// How far into the future a recorded moment may lie and still be believed (protocol §4).
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// How long a session may show no sign of life before it is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timeout(u32);

impl Timeout {
    /// The longest timeout that can be asked for: a year.
    pub const MAX_MINUTES: u32 = 525_600;

    /// A timeout of `minutes`, or nothing where that is more than a year.
    #[must_use]
    pub const fn from_minutes(minutes: u32) -> Option<Self> {
        if minutes <= Self::MAX_MINUTES { Some(Self(minutes)) } else { None }
    }

    /// The timeout in minutes.
    #[must_use]
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// The timeout as a span of time.
    #[must_use]
    pub const fn span(self) -> TimeDelta {
        TimeDelta::minutes(self.0 as i64)
    }
}

impl Default for Timeout {
    /// 120 minutes (protocol §4).
    fn default() -> Self {
        Self(120)
    }
}

/// A timeout that is not a whole decimal number of minutes from 0 to 525600.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a timeout is a whole number of minutes from 0 to {}", Timeout::MAX_MINUTES)]
pub struct NotATimeout;

impl FromStr for Timeout {
    type Err = NotATimeout;

    /// Decimal digits only: `010` is ten, `+5`, `-5`, `0x10` and `5.0` are nothing.
    fn from_str(text: &str) -> Result<Self, NotATimeout> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotATimeout);
        }
        text.parse().ok().and_then(Self::from_minutes).ok_or(NotATimeout)
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a moment as the writers spell it: RFC 3339; without an offset, which means UTC; or `YYYY-MM-DD HH:MM:SS UTC`.
#[must_use]
pub fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc));
    }
    let naive = text.strip_suffix("UTC").map_or(text, str::trim_end);
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(naive, form) {
            return Some(time.and_utc());
        }
    }
    // `date +%FT%T%z` writes its offset without a colon.
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(|time| time.with_timezone(&Utc))
}

/// A moment for the wire: RFC 3339, UTC, `Z`, with a fraction only where there is one.
#[must_use]
pub fn wire(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A moment as Python's `datetime.utcnow().isoformat() + "Z"` writes it: six digits of microseconds, none when they are 0.
#[must_use]
pub fn python(time: Time) -> String {
    if time.timestamp_subsec_micros() == 0 {
        time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }
}

/// A moment without its fraction of a second.
#[must_use]
pub fn whole_seconds(time: Time) -> Time {
    time.with_nanosecond(0).unwrap_or(time)
}

/// The moment a wall clock in `zone` showed `local`: the later one where the clock showed it twice, none where never.
pub fn from_local<Z: TimeZone>(local: NaiveDateTime, zone: &Z) -> Option<Time> {
    zone.from_local_datetime(&local).latest().map(|time| time.with_timezone(&Utc))
}

/// Whether `time` can be believed at `now`: it is at most two minutes ahead.
#[must_use]
pub fn usable(time: Time, now: Time) -> bool {
    time <= now + TOLERANCE
}

/// Whole seconds from `time` to `now`, rounded down, never negative.
#[must_use]
pub fn age(time: Time, now: Time) -> u64 {
    (now - time).num_seconds().max(0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_the_same_moment() {
        let wanted = Utc.with_ymd_and_hms(2025, 11, 17, 20, 0, 0).unwrap();
        for text in [
            "2025-11-17T20:00:00Z",
            "2025-11-17T12:00:00-08:00",
            "2025-11-17T12:00:00-0800",
            "2025-11-17T20:00:00",
            "2025-11-17T20:00:00.000000",
            "2025-11-17 20:00:00 UTC",
            "2025-11-17 20:00:00",
            " 2025-11-17T20:00:00Z\n",
        ] {
            assert_eq!(parse(text), Some(wanted), "{text}");
        }
        for text in ["", "yesterday", "$(date -u)", "2025-13-01T00:00:00Z", "1763409600"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn python_writes_microseconds_only_where_there_are_some() {
        let time = Utc.with_ymd_and_hms(2025, 11, 17, 7, 12, 18).unwrap();
        assert_eq!(python(time), "2025-11-17T07:12:18Z");
        assert_eq!(python(time + TimeDelta::microseconds(4_913)), "2025-11-17T07:12:18.004913Z");
        assert_eq!(python(time + TimeDelta::nanoseconds(999)), "2025-11-17T07:12:18Z");
    }

    #[test]
    fn timeouts_are_decimal_and_bounded() {
        assert_eq!("010".parse(), Ok(Timeout(10)));
        assert_eq!("0".parse(), Ok(Timeout(0)));
        assert_eq!("525600".parse(), Ok(Timeout(525_600)));
        for text in ["", "-5", "+5", "abc", "525601", "1e3", "0x10", "5.0", "٣", "99999999999999999999"] {
            assert_eq!(text.parse::<Timeout>(), Err(NotATimeout), "{text}");
        }
    }

    #[test]
    fn an_hour_shown_twice_is_the_later_one() {
        let zone = chrono::FixedOffset::west_opt(8 * 3600).unwrap();
        let local = NaiveDateTime::parse_from_str("2025-11-17 12:00:00", "%Y-%m-%d %H:%M:%S").unwrap();
        assert_eq!(from_local(local, &zone), Some(Utc.with_ymd_and_hms(2025, 11, 17, 20, 0, 0).unwrap()));
    }
}
