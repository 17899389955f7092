//! Selects heartbeats of a session that are no longer needed.
//!
//! Guarantees: keeps everything that the activity histogram of the last 24 hours can use, in any zone the names may
//! have been written in, and the newest heartbeat; only heartbeats written by Headcount are selected. Does not remove
//! files.

use chrono::{TimeDelta, TimeZone};

use crate::heartbeat::Stamp;
use crate::json::{Fields, NAME_LIMIT};
use crate::time::local_time::Readings;
use crate::time::{self, Time};

/// How long heartbeats are kept: the histogram's day and one hour more.
const MAX_AGE: TimeDelta = TimeDelta::hours(25);

/// The stamps of an id that are older than [`MAX_AGE`], except the newest stamp.
pub fn expired<Z: TimeZone>(stamps: &[Stamp], now: Time, zone: &Z) -> Vec<Stamp> {
    let oldest = time::earlier(now, MAX_AGE);
    let newest = stamps.iter().max_by_key(|stamp| stamp.seconds());
    let is_old = |stamp: &&Stamp| is_before(**stamp, oldest, zone);
    stamps.iter().filter(|stamp| Some(*stamp) != newest).filter(is_old).copied().collect()
}

/// How long heartbeats are kept after no session has their id any more; the scripts use the same time.
const MAX_ORPHAN_AGE: TimeDelta = TimeDelta::hours(48);

/// Whether a heartbeat with an id that no session has any more may be removed.
pub fn is_expired_orphan<Z: TimeZone>(stamp: Stamp, now: Time, zone: &Z) -> bool {
    is_before(stamp, time::earlier(now, MAX_ORPHAN_AGE), zone)
}

/// Whether a name's time is before a moment by both clocks it may have been written by, local and UTC. Names without a
/// time are not: their files are rewritten.
fn is_before<Z: TimeZone>(stamp: Stamp, moment: Time, zone: &Z) -> bool {
    stamp != Stamp::Untimed && stamp.seconds().max(Readings::of(stamp.seconds(), zone).latest) < moment.timestamp()
}

/// Whether Headcount wrote a heartbeat. Those of other programs are not ours to remove.
#[must_use]
pub fn is_ours(bytes: &[u8]) -> bool {
    let found = Fields::of(bytes, &["source"]);
    found.is_ok_and(|found| found.text("source", NAME_LIMIT).as_deref() == Some("headcount"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    #[test]
    fn heartbeats_of_the_shown_day_and_the_newest_are_kept() {
        let now = time::parse("2026-10-05T15:00:00Z").unwrap();
        let stamp = |hours: i64| Stamp::Second((now - TimeDelta::hours(hours)).timestamp());
        let stamps = [stamp(60), stamp(40), stamp(36), stamp(20), stamp(0), Stamp::Untimed];
        let utc = FixedOffset::east_opt(0).unwrap();
        assert_eq!(expired(&stamps, now, &utc), [stamp(60), stamp(40), stamp(36)]);
        // Twelve hours west, the same wall clock time is twelve hours later.
        let west = FixedOffset::west_opt(9 * 3600 + 3600 * 3).unwrap();
        assert_eq!(expired(&stamps, now, &west), [stamp(60), stamp(40)]);
        assert_eq!(expired(&[stamp(60)], now, &utc), [], "the newest, however old");
        assert_eq!(expired(&[], now, &utc), []);
    }

    #[test]
    fn only_heartbeats_written_by_headcount_are_ours() {
        assert!(is_ours(br#"{"session_number": 1, "source": "headcount"}"#));
        for other in [&b"{}"[..], br#"{"source": "script"}"#, b"{\"source\": \"headcount\"", b"[]", b"\xff"] {
            assert!(!is_ours(other));
        }
    }
}
