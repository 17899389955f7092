//! The identity of a process, and whether two identities are of the same process.
//!
//! Guarantees: fields missing on either side are ignored, and start times are compared as times, because Claude Code's
//! records, registry entries and Headcount itself write them in different formats. Does not look up processes.

use chrono::NaiveDateTime;

use crate::json::{Fields, NAME_LIMIT};

/// The identity of a process: pids are reused, start times are not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessKey {
    /// Its pid.
    pub pid: u32,
    /// Its start time in any format: on Linux clock ticks since boot; elsewhere seconds since 1970, or as
    /// [`Self::started_seconds`] reads it.
    pub started: String,
    /// Its pid space, as `linux:<machine>:pid:[<namespace>]`; `None` if not recorded.
    pub domain: Option<String>,
    /// The boot that its start time is relative to; `None` if not recorded.
    pub boot: Option<String>,
}

impl ProcessKey {
    /// Whether both are the same process. Fields missing on either side are ignored.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.pid == other.pid
            && self.has_start_of(other)
            && agree(self.domain.as_ref(), other.domain.as_ref())
            && agree(self.boot.as_ref(), other.boot.as_ref())
    }

    /// Its start time in seconds since 1970. Reads seconds, `ps -o lstart=` in UTC, and Windows' number of 100 ns since
    /// 1601. The number is meaningless for a Linux process.
    #[must_use]
    pub fn started_seconds(&self) -> Option<i64> {
        Start::read(&self.started).map(Start::seconds)
    }

    fn has_start_of(&self, other: &Self) -> bool {
        self.started == other.started
            || !self.is_of_linux()
                && !other.is_of_linux()
                && Start::read(&self.started).zip(Start::read(&other.started)).is_some_and(|(one, other)| one.is(other))
    }

    fn is_of_linux(&self) -> bool {
        self.domain.as_ref().is_some_and(|domain| domain.starts_with("linux:"))
    }
}

/// Maximum difference of one start time in two formats, in seconds: their sources round differently.
pub const MAX_ROUNDING: i64 = 2;

/// A start time, by its format. Each value is in the format's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Seconds since 1970.
    Seconds(i64),
    /// Seconds since 1970, from a date.
    Date(i64),
    /// 100 ns since 1601.
    FileTime(i64),
}

impl Start {
    fn read(text: &str) -> Option<Self> {
        /// A larger number is not one of seconds: it is three million years.
        const MAX_SECONDS: i64 = 100_000_000_000_000;
        match text.parse::<i64>() {
            Ok(ticks) if ticks > MAX_SECONDS => Some(Self::FileTime(ticks)),
            Ok(seconds) => Some(Self::Seconds(seconds)),
            Err(_) => {
                let date = NaiveDateTime::parse_from_str(text.trim(), "%a %b %e %H:%M:%S %Y").ok()?;
                Some(Self::Date(date.and_utc().timestamp()))
            }
        }
    }

    fn seconds(self) -> i64 {
        /// Seconds from 1601 to 1970.
        const EPOCHS: i64 = 11_644_473_600;
        match self {
            Self::Seconds(seconds) | Self::Date(seconds) => seconds,
            Self::FileTime(ticks) => ticks / 10_000_000 - EPOCHS,
        }
    }

    /// Whether both are the same time: exactly in one format, approximately in two.
    fn is(self, other: Self) -> bool {
        let is_one_format = std::mem::discriminant(&self) == std::mem::discriminant(&other);
        let difference = self.seconds().saturating_sub(other.seconds());
        if is_one_format { self == other } else { difference.saturating_abs() <= MAX_ROUNDING }
    }
}

/// Where a pid counts: its pid domain, and the boot of the computer. Known without looking at any process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PidSpace {
    /// As in [`ProcessKey::domain`].
    pub domain: Option<String>,
    /// As in [`ProcessKey::boot`].
    pub boot: Option<String>,
}

impl PidSpace {
    /// Whether a process may be one of this space. Fields missing on either side are ignored.
    #[must_use]
    pub fn may_contain(&self, process: &ProcessKey) -> bool {
        agree(self.domain.as_ref(), process.domain.as_ref()) && agree(self.boot.as_ref(), process.boot.as_ref())
    }
}

/// Whether two values are equal. A missing one does not differ from any.
fn agree(one: Option<&String>, other: Option<&String>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// A pid in a member; `None` if it is not one.
pub(crate) fn pid(found: &Fields, name: &str) -> Option<u32> {
    found.number(name).and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0)
}

/// The process that three members describe: its pid, start time and pid domain.
pub(crate) fn read(found: &Fields, number: &str, started: &str, domain: &str) -> Option<ProcessKey> {
    let started = found.text_or_number(started, NAME_LIMIT)?;
    Some(ProcessKey { pid: pid(found, number)?, started, domain: found.text(domain, NAME_LIMIT), boot: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(started: &str, domain: Option<&str>) -> ProcessKey {
        ProcessKey { pid: 7, started: started.into(), domain: domain.map(Into::into), boot: None }
    }

    #[test]
    fn started_seconds_reads_every_format() {
        for (text, wanted) in [
            ("Mon Oct  5 15:01:17 2026", Some(1_791_212_477)),
            ("134356860770000000", Some(1_791_212_477)),
            ("1791212477", Some(1_791_212_477)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(key(text, None).started_seconds(), wanted, "{text}");
        }
    }

    #[test]
    fn one_start_time_in_two_formats_is_one_process() {
        let (date, file_time, seconds) = ("Mon Oct  5 15:01:17 2026", "134356860770000000", "1791212477");
        for domain in [None, Some("darwin"), Some("win32:pc")] {
            for (one, other, wanted) in [
                (date, seconds, true),
                (file_time, seconds, true),
                (date, "1791212479", true),
                (date, "1791212480", false),
                ("Mon Oct 5 15:01:17 2026", date, true),
                // One format has one source, which does not round in two ways.
                (seconds, "1791212478", false),
                (date, "Mon Oct  5 15:01:18 2026", false),
                (file_time, "134356860770000001", false),
                (date, "yesterday", false),
                ("yesterday", "yesterday", true),
            ] {
                let (one, other) = (key(one, domain), key(other, domain));
                assert_eq!((one.is(&other), other.is(&one)), (wanted, wanted), "{one:?} {other:?}");
            }
        }
        let linux = |started| key(started, Some("linux:m:pid:[1]"));
        assert!(!linux(date).is(&key(seconds, None)) && !linux("99").is(&linux("99 ")), "clock ticks are no times");
    }
}
