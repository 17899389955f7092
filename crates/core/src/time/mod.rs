//! Moments and their text forms.
//!
//! Guarantees: one parser for all forms that occur in registries and heartbeats, and one form for writing. Does not
//! read the clock: the current time is always an argument.

pub mod local_time;

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Timelike as _, Utc};
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize};

/// A moment, in UTC, to the nanosecond.
pub type Time = DateTime<Utc>;

/// How far in the future a recorded moment can be and still be used (protocol §4).
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// How long a session can be without a sign of life before it is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timeout(u32);

impl Timeout {
    /// The longest timeout accepted: one year.
    pub const MAX_MINUTES: u32 = 525_600;

    /// A timeout of `minutes`; `None` if that is more than [`Timeout::MAX_MINUTES`].
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

    /// Parses decimal digits only: `010` is ten; `+5`, `-5`, `0x10` and `5.0` are refused.
    ///
    /// # Errors
    /// If the text is not a number from 0 to [`Timeout::MAX_MINUTES`] in decimal digits.
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

/// The first usable moment: the start of 1970.
pub const EARLIEST: Time = Time::UNIX_EPOCH;

/// The last usable moment: the end of 9999.
pub const LATEST: Time = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => match day.and_hms_nano_opt(23, 59, 59, 999_999_999) {
        Some(last) => last.and_utc(),
        None => Time::MAX_UTC,
    },
    None => Time::MAX_UTC,
};

/// Parses a moment in one of the forms in use: RFC 3339; the same without an offset, which means UTC; or
/// `YYYY-MM-DD HH:MM:SS UTC`. `None` for other text and for moments outside of [`EARLIEST`] to [`LATEST`].
#[must_use]
pub fn parse(text: &str) -> Option<Time> {
    read(text).and_then(in_range)
}

/// Whether a text is a valid moment after [`LATEST`].
#[must_use]
pub fn is_too_late(text: &str) -> bool {
    read(text).is_some_and(|time| time > LATEST)
}

fn read(text: &str) -> Option<Time> {
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

/// A moment from foreign data, if it is usable. A leap second becomes the end of the second before it.
#[must_use]
pub fn in_range(time: Time) -> Option<Time> {
    from_unix(time.timestamp(), time.timestamp_subsec_nanos().min(999_999_999))
}

/// The moment at `seconds` and `nanoseconds` since 1970, if it is usable.
#[must_use]
pub fn from_unix(seconds: i64, nanoseconds: u32) -> Option<Time> {
    DateTime::from_timestamp(seconds, nanoseconds).filter(|time| (EARLIEST..=LATEST).contains(time))
}

/// The moment at `milliseconds` since 1970, if it is usable.
#[must_use]
pub fn from_unix_millis(milliseconds: u64) -> Option<Time> {
    from_unix(i64::try_from(milliseconds / 1000).ok()?, (milliseconds % 1000) as u32 * 1_000_000)
}

/// A file's time as a moment, if it is usable.
#[must_use]
pub fn from_system(time: SystemTime) -> Option<Time> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    from_unix(since.as_secs().try_into().ok()?, since.subsec_nanos())
}

/// Deserializes a usable moment; others are an error. For `#[serde(deserialize_with)]`.
///
/// # Errors
///
/// If it is not the RFC 3339 text of a usable moment.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    in_range(Time::deserialize(deserializer)?)
        .ok_or_else(|| D::Error::custom("a time outside of the years 1970 to 9999"))
}

/// The moment `span` after `time`, at most [`LATEST`].
#[must_use]
pub fn later(time: Time, span: TimeDelta) -> Time {
    time.checked_add_signed(span)
        .unwrap_or(if span < TimeDelta::zero() { EARLIEST } else { LATEST })
        .clamp(EARLIEST, LATEST)
}

/// The moment `span` before `time`, at least [`EARLIEST`].
#[must_use]
pub fn earlier(time: Time, span: TimeDelta) -> Time {
    time.checked_sub_signed(span)
        .unwrap_or(if span < TimeDelta::zero() { LATEST } else { EARLIEST })
        .clamp(EARLIEST, LATEST)
}

/// A moment in wire format: RFC 3339 in UTC with `Z`, and a fraction only if it is not zero.
#[must_use]
pub fn wire(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A moment as Python's `datetime.utcnow().isoformat() + "Z"`: with six digits of microseconds unless they are 0.
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

/// Whether `time` is usable at `now`: not more than two minutes in the future.
#[must_use]
pub fn usable(time: Time, now: Time) -> bool {
    time <= later(now, TOLERANCE)
}

/// Whole seconds from `time` to `now`, rounded down, never negative.
#[must_use]
pub fn age(time: Time, now: Time) -> u64 {
    now.signed_duration_since(time).num_seconds().max(0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn all_forms_are_parsed_to_the_same_moment() {
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
    fn python_form_has_microseconds_only_if_not_zero() {
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
    fn only_the_years_1970_to_9999_are_usable() {
        for (text, is_usable) in [
            ("1970-01-01T00:00:00Z", true),
            ("1969-12-31T23:59:59.999999999Z", false),
            ("1970-01-01T00:59:59+01:00", false),
            ("1969-12-31T23:00:00-01:00", true),
            ("9999-12-31T23:59:59.999999999Z", true),
            ("9999-12-31T23:59:59-00:01", false),
            ("9999-12-31T23:59:60Z", true),
            ("10000-01-01T00:00:00", false),
            ("+10000-01-01T00:00:00Z", false),
            ("+262142-12-31T23:59:59", false),
            ("-262143-01-01T00:00:00", false),
            ("+262142-12-31T23:59:59-2300", false),
            ("0000-01-01T00:00:00Z", false),
            ("0001-01-01 00:00:00 UTC", false),
        ] {
            assert_eq!(parse(text).is_some(), is_usable, "{text}");
            let quoted = format!("\"{text}\"");
            let read = deserialize(&mut serde_json::Deserializer::from_str(&quoted));
            assert!(read.is_err() || is_usable, "{text}");
        }
        assert!(is_too_late("+262142-12-31T23:59:59") && is_too_late("+10000-01-01T00:00:00"));
        assert!(!is_too_late("9999-12-31T23:59:59Z") && !is_too_late("1969-12-31T23:59:59Z") && !is_too_late("x"));
        assert_eq!(parse("2016-12-31T23:59:60.5Z").map(wire).as_deref(), Some("2016-12-31T23:59:59.999999999Z"));
        let file = |seconds: u64| SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds));
        assert_eq!(from_system(SystemTime::UNIX_EPOCH), Some(EARLIEST));
        assert!(file(253_402_300_799).and_then(from_system).is_some());
        assert_eq!(file(253_402_300_800).and_then(from_system), None);
        assert_eq!(file(i64::MAX as u64).and_then(from_system), None);
        // 100 ns, the resolution of Windows' clock.
        assert_eq!(
            SystemTime::UNIX_EPOCH.checked_sub(std::time::Duration::from_nanos(100)).and_then(from_system),
            None
        );
    }

    #[test]
    fn arithmetic_is_clamped_to_the_usable_range() {
        let day = TimeDelta::days(1);
        assert_eq!((later(LATEST, day), earlier(EARLIEST, day)), (LATEST, EARLIEST));
        for time in [EARLIEST, LATEST, Time::MIN_UTC, Time::MAX_UTC] {
            for span in [day, -day, TimeDelta::MAX, TimeDelta::MIN, TimeDelta::zero()] {
                for moved in [later(time, span), earlier(time, span)] {
                    assert!((EARLIEST..=LATEST).contains(&moved), "{time:?} {span}");
                }
            }
            assert_eq!(age(time, time), 0);
            let _ = (age(Time::MIN_UTC, time), age(time, Time::MIN_UTC), usable(time, time));
        }
    }
}
