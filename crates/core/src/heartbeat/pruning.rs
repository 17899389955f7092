//! Which of a session's beats have served.
//!
//! Promises: keeps all that the picture of the last 24 hours can show, in whatever zone their names were written, and the
//! newest; only beats that Headcount wrote are ever named. Does not remove anything.

use chrono::{TimeDelta, TimeZone};

use crate::heartbeat::Stamp;
use crate::json::{Fields, NAME_LIMIT};
use crate::time::local_time::Readings;
use crate::time::{self, Time};

/// What the picture shows, and an hour more.
const SHOWN: TimeDelta = TimeDelta::hours(25);

/// The stamps among an id's that are older than what is shown.
pub fn served<Z: TimeZone>(stamps: &[Stamp], now: Time, zone: &Z) -> Vec<Stamp> {
    let oldest = time::earlier(now, SHOWN);
    let newest = stamps.iter().max_by_key(|stamp| stamp.seconds());
    let is_old = |stamp: &&Stamp| is_before(**stamp, oldest, zone);
    stamps.iter().filter(|stamp| Some(*stamp) != newest).filter(is_old).copied().collect()
}

/// How long the beats of an id that no session has any more are kept, as the scripts keep theirs.
const OF_NOBODY: TimeDelta = TimeDelta::hours(48);

/// Whether a beat of an id that no session has any more may go.
pub fn is_left_over<Z: TimeZone>(stamp: Stamp, now: Time, zone: &Z) -> bool {
    is_before(stamp, time::earlier(now, OF_NOBODY), zone)
}

/// Whether a name says a time before a moment. It is its writer's wall clock, local or UTC: both have to be. One without a
/// time is rewritten.
fn is_before<Z: TimeZone>(stamp: Stamp, moment: Time, zone: &Z) -> bool {
    stamp != Stamp::Untimed && stamp.seconds().max(Readings::of(stamp.seconds(), zone).latest) < moment.timestamp()
}

/// Whether Headcount wrote a beat: what other programs wrote is theirs to remove.
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
    fn what_can_still_be_shown_and_the_newest_stay() {
        let now = time::parse("2026-10-05T15:00:00Z").unwrap();
        let stamp = |hours: i64| Stamp::Second((now - TimeDelta::hours(hours)).timestamp());
        let stamps = [stamp(60), stamp(40), stamp(36), stamp(20), stamp(0), Stamp::Untimed];
        let utc = FixedOffset::east_opt(0).unwrap();
        assert_eq!(served(&stamps, now, &utc), [stamp(60), stamp(40), stamp(36)]);
        // Nine hours west, the same wall clock was nine hours later.
        let west = FixedOffset::west_opt(9 * 3600 + 3600 * 3).unwrap();
        assert_eq!(served(&stamps, now, &west), [stamp(60), stamp(40)]);
        assert_eq!(served(&[stamp(60)], now, &utc), [], "the newest, however old");
        assert_eq!(served(&[], now, &utc), []);
    }

    #[test]
    fn only_our_own() {
        assert!(is_ours(br#"{"session_number": 1, "source": "headcount"}"#));
        for other in [&b"{}"[..], br#"{"source": "script"}"#, b"{\"source\": \"headcount\"", b"[]", b"\xff"] {
            assert!(!is_ours(other));
        }
    }
}
