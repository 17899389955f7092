//! Conversion of local times to moments: two moments in an hour that the zone repeats, none in an hour that it skips.
//!
//! Guarantees: uses only the offset from UTC at a moment, which is never ambiguous. A zone's own conversion from local
//! time is not used, because chrono's `Local` mixes up the two moments of a repeated hour. Assumes that a zone changes
//! its offset at most once in two days, which holds for every zone since 1970.

use chrono::{DateTime, NaiveDateTime, Offset as _, TimeZone};

use crate::time::{self, Time};

/// Maximum distance of a local time, read as UTC, to its moments, in seconds. Offsets are less than 16 hours.
const MAX_OFFSET: i64 = 86_400;

/// The moments at which a wall clock showed a local time, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readings {
    /// The first moment. Of a skipped local time, the moment of the jump.
    pub earliest: i64,
    /// The last moment; equal to `earliest` if the clock showed the time once.
    pub latest: i64,
    /// The clock never showed this time.
    pub is_skipped: bool,
}

impl Readings {
    /// The moments of a local time, given as seconds since 1970 of that wall clock.
    pub fn of<Z: TimeZone>(wall: i64, zone: &Z) -> Self {
        let (from, to) = (wall.saturating_sub(MAX_OFFSET), wall.saturating_add(MAX_OFFSET));
        let (before, after) = (offset(from, zone), offset(to, zone));
        let at = wall.saturating_sub(before);
        if before == after {
            return Self { earliest: at, latest: at, is_skipped: false };
        }
        let readings = [at, wall.saturating_sub(after)];
        let mut shown = readings.into_iter().zip([before, after]).filter(|(at, of)| offset(*at, zone) == *of);
        let Some((one, _)) = shown.next() else {
            let jump = jump(from, to, before, zone);
            return Self { earliest: jump, latest: jump, is_skipped: true };
        };
        let other = shown.next().map_or(one, |(other, _)| other);
        Self { earliest: one.min(other), latest: one.max(other), is_skipped: false }
    }

    /// The moments, the latest first; both `None` if the time was skipped.
    #[must_use]
    pub fn moments(self) -> [Option<Time>; 2] {
        let moment = |at| if self.is_skipped { None } else { time::from_unix(at, 0) };
        let earliest = if self.earliest == self.latest { None } else { moment(self.earliest) };
        [moment(self.latest), earliest]
    }
}

/// The time on a zone's wall clock at a moment.
pub fn wall<Z: TimeZone>(at: Time, zone: &Z) -> NaiveDateTime {
    // Within this range adding any offset cannot overflow.
    let at = at.clamp(time::EARLIEST, time::LATEST);
    at.with_timezone(zone).naive_local()
}

/// Like [`wall`], in seconds since 1970 of that wall clock.
pub fn wall_seconds<Z: TimeZone>(at: Time, zone: &Z) -> i64 {
    wall(at, zone).and_utc().timestamp()
}

/// The moment at which a zone's wall clock shows `local`: of two the later; of a skipped time the moment of the jump.
pub fn moment<Z: TimeZone>(local: NaiveDateTime, zone: &Z) -> Option<Time> {
    time::from_unix(Readings::of(local.and_utc().timestamp(), zone).latest, 0)
}

/// Whether a zone changes its offset within [`MAX_OFFSET`] of a moment.
pub fn is_near_change<Z: TimeZone>(at: i64, zone: &Z) -> bool {
    let now = offset(at, zone);
    [at.saturating_sub(MAX_OFFSET), at.saturating_add(MAX_OFFSET)].into_iter().any(|other| offset(other, zone) != now)
}

/// The offset from UTC at a moment, in seconds.
fn offset<Z: TimeZone>(at: i64, zone: &Z) -> i64 {
    let utc = DateTime::from_timestamp(at, 0).map(|at| at.clamp(time::EARLIEST, time::LATEST).naive_utc());
    utc.map_or(0, |utc| zone.offset_from_utc_datetime(&utc).fix().local_minus_utc().into())
}

/// The first moment in `from..=to` at which the offset is no longer `before`.
fn jump<Z: TimeZone>(mut from: i64, mut to: i64, before: i64, zone: &Z) -> i64 {
    while to - from > 1 {
        let middle = from + (to - from) / 2;
        if offset(middle, zone) == before { from = middle } else { to = middle }
    }
    to
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use chrono::{FixedOffset, MappedLocalTime, NaiveDate};
    use proptest::prelude::*;

    /// A zone given by a table of changes (moment, offset in seconds). Does not convert from local time.
    #[derive(Clone, Debug)]
    pub(crate) struct Zone {
        first: i32,
        changes: Vec<(i64, i32)>,
    }

    impl Zone {
        pub(crate) fn new(first: i32, changes: &[(&str, i32)]) -> Self {
            let at = |text: &str| time::parse(text).unwrap().timestamp();
            Self { first, changes: changes.iter().map(|(text, offset)| (at(text), *offset)).collect() }
        }

        /// With the changes of November 2025 and March 2026.
        pub(crate) fn new_york() -> Self {
            Self::new(-14_400, &[("2025-11-02T06:00:00Z", -18_000), ("2026-03-08T07:00:00Z", -14_400)])
        }
    }

    impl TimeZone for Zone {
        type Offset = FixedOffset;

        fn from_offset(_: &FixedOffset) -> Self {
            unreachable!()
        }
        fn offset_from_local_date(&self, _: &NaiveDate) -> MappedLocalTime<FixedOffset> {
            unreachable!("a local time is ambiguous")
        }
        fn offset_from_local_datetime(&self, _: &NaiveDateTime) -> MappedLocalTime<FixedOffset> {
            unreachable!("a local time is ambiguous")
        }
        fn offset_from_utc_date(&self, _: &NaiveDate) -> FixedOffset {
            unreachable!()
        }
        fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> FixedOffset {
            let at = utc.and_utc().timestamp();
            let last = self.changes.iter().rfind(|(moment, _)| *moment <= at);
            FixedOffset::east_opt(last.map_or(self.first, |(_, offset)| *offset)).unwrap()
        }
    }

    #[test]
    fn repeated_hours_have_two_moments_and_skipped_hours_none() {
        const HOUR: i32 = 3600;
        let zones = [
            ("New York", Zone::new_york()),
            (
                "Lord Howe",
                Zone::new(11 * HOUR, &[("2025-04-05T15:00:00Z", 37_800), ("2025-10-04T15:30:00Z", 11 * HOUR)]),
            ),
            ("Troll", Zone::new(0, &[("2025-03-30T01:00:00Z", 2 * HOUR), ("2025-10-26T01:00:00Z", 0)])),
            ("Dublin", Zone::new(0, &[("2025-03-30T01:00:00Z", HOUR), ("2025-10-26T01:00:00Z", 0)])),
            ("Apia", Zone::new(-10 * HOUR, &[("2011-12-30T10:00:00Z", 14 * HOUR)])),
            ("a day twice", Zone::new(12 * HOUR, &[("2011-12-30T10:00:00Z", -12 * HOUR)])),
        ];
        for (zone, local, wanted) in [
            ("New York", "2025-11-02T00:59:59", &["2025-11-02T04:59:59Z"][..]),
            ("New York", "2025-11-02T01:00:00", &["2025-11-02T06:00:00Z", "2025-11-02T05:00:00Z"]),
            ("New York", "2025-11-02T01:59:59", &["2025-11-02T06:59:59Z", "2025-11-02T05:59:59Z"]),
            ("New York", "2025-11-02T02:00:00", &["2025-11-02T07:00:00Z"]),
            ("New York", "2026-03-08T01:59:59", &["2026-03-08T06:59:59Z"]),
            ("New York", "2026-03-08T02:00:00", &[]),
            ("New York", "2026-03-08T02:59:59", &[]),
            ("New York", "2026-03-08T03:00:00", &["2026-03-08T07:00:00Z"]),
            ("Lord Howe", "2025-04-06T01:29:59", &["2025-04-05T14:29:59Z"]),
            ("Lord Howe", "2025-04-06T01:30:00", &["2025-04-05T15:00:00Z", "2025-04-05T14:30:00Z"]),
            ("Lord Howe", "2025-04-06T01:59:59", &["2025-04-05T15:29:59Z", "2025-04-05T14:59:59Z"]),
            ("Lord Howe", "2025-04-06T02:00:00", &["2025-04-05T15:30:00Z"]),
            ("Lord Howe", "2025-10-05T02:00:00", &[]),
            ("Lord Howe", "2025-10-05T02:30:00", &["2025-10-04T15:30:00Z"]),
            ("Troll", "2025-10-26T01:00:00", &["2025-10-26T01:00:00Z", "2025-10-25T23:00:00Z"]),
            ("Troll", "2025-10-26T02:59:59", &["2025-10-26T02:59:59Z", "2025-10-26T00:59:59Z"]),
            ("Troll", "2025-03-30T02:30:00", &[]),
            ("Dublin", "2025-10-26T01:30:00", &["2025-10-26T01:30:00Z", "2025-10-26T00:30:00Z"]),
            ("Dublin", "2025-03-30T01:30:00", &[]),
            ("Apia", "2011-12-29T23:59:59", &["2011-12-30T09:59:59Z"]),
            ("Apia", "2011-12-30T12:00:00", &[]),
            ("Apia", "2011-12-31T00:00:00", &["2011-12-30T10:00:00Z"]),
            ("a day twice", "2011-12-29T21:59:59", &["2011-12-29T09:59:59Z"]),
            ("a day twice", "2011-12-29T22:00:00", &["2011-12-30T10:00:00Z", "2011-12-29T10:00:00Z"]),
            ("a day twice", "2011-12-30T22:00:00", &["2011-12-31T10:00:00Z"]),
        ] {
            let zone_of = &zones.iter().find(|(name, _)| *name == zone).unwrap().1;
            let readings = Readings::of(time::parse(local).unwrap().timestamp(), zone_of);
            let moments: Vec<String> = readings.moments().into_iter().flatten().map(time::wire).collect();
            assert_eq!(moments, wanted, "{zone} {local}");
            assert_eq!(readings.is_skipped, wanted.is_empty(), "{zone} {local}");
        }
    }

    #[test]
    fn a_skipped_time_gives_the_moment_of_the_jump() {
        let zone = Zone::new_york();
        let jump = time::parse("2026-03-08T07:00:00Z").unwrap();
        for local in ["2026-03-08T02:00:00", "2026-03-08T02:59:59"] {
            assert_eq!(moment(time::parse(local).unwrap().naive_utc(), &zone), Some(jump));
        }
    }

    #[test]
    fn extreme_moments_do_not_overflow() {
        let zone = FixedOffset::east_opt(86_399).unwrap();
        for at in [Time::MAX_UTC, Time::MIN_UTC, time::LATEST, time::EARLIEST] {
            let wall = wall(at, &zone);
            let _ = (moment(wall, &zone), wall_seconds(at, &zone));
        }
        for wall in [i64::MAX, i64::MIN, 0] {
            let _ = (Readings::of(wall, &zone).moments(), is_near_change(wall, &zone));
        }
        assert_eq!(Readings::of(i64::MAX - 1, &zone).moments(), [None, None]);
    }

    proptest! {
        /// Every moment is among the readings of what the clock shows at it, and later local times have later readings.
        #[test]
        fn readings_are_the_inverse_of_the_clock(
            offsets in proptest::collection::vec(-54_000i32..54_000, 2..4),
            at in -400_000i64..400_000,
            ahead in 0i64..100_000,
        ) {
            let start = 1_763_409_600;
            let changes = offsets.iter().skip(1).enumerate().map(|(n, offset)| (start + 200_000 * n as i64, *offset)).collect();
            let zone = Zone { first: offsets[0], changes };
            let at = start + at;
            let shown = at + offset(at, &zone);
            let readings = Readings::of(shown, &zone);
            prop_assert!(!readings.is_skipped && [readings.earliest, readings.latest].contains(&at));
            let later = Readings::of(shown + ahead, &zone);
            prop_assert!(later.earliest >= readings.earliest && later.latest >= readings.latest);
        }
    }
}
