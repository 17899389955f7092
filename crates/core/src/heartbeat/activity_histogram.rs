//! A session's activity histogram: the ten-minute steps with a heartbeat in the 24 hours before its last heartbeat.
//!
//! Guarantees: computed from heartbeat names, which are listed anyway, and from the few files that were opened already;
//! no other file is read. It ends at the last heartbeat, so it is unchanged while no heartbeat is added or removed,
//! independent of the current time. Accepted limit: a name holds its writer's wall clock, local or UTC (protocol §3);
//! all names of an id are read the way the contents of its newest heartbeat indicate, so the heartbeats of a writer
//! that uses the other clock are drawn some hours off.

use chrono::{TimeDelta, TimeZone};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::heartbeat::{Beat, Stamp, newest};
use crate::time::local_time::Readings;
use crate::time::{self, Time};

/// A day, in seconds.
const DAY: i64 = 86_400;

/// Length of a step, in seconds.
pub const STEP: i64 = 600;

/// Number of steps of a histogram: one day.
const STEPS: usize = 144;

/// Maximum difference between a name and its contents on the same clock: names can omit the seconds, and scripts read
/// the time twice.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// The steps of a day that contain heartbeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityHistogram {
    /// The last step with a heartbeat, counted in steps since 1970.
    last: i64,
    /// One bit per step, the last step first.
    steps: [u8; STEPS / 8],
}

impl ActivityHistogram {
    /// The histogram of heartbeats at these moments, in any order; `None` if there are none.
    pub fn of(moments: impl IntoIterator<Item = Time>) -> Option<Self> {
        let mut steps: Vec<i64> = moments.into_iter().map(|at| at.timestamp().div_euclid(STEP)).collect();
        steps.sort_unstable();
        let mut histogram = Self { last: *steps.last()?, steps: [0; STEPS / 8] };
        steps.dedup();
        steps.iter().rev().for_each(|step| histogram.mark(histogram.last - step));
        Some(histogram)
    }

    /// The union with another histogram, for a session with heartbeats under several ids.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let (mut newer, older) = if self.last >= other.last { (self, other) } else { (other, self) };
        older.beats().for_each(|step| newer.mark(newer.last - step));
        newer
    }

    /// The steps with heartbeats, the last first.
    fn beats(&self) -> impl Iterator<Item = i64> {
        let bits = self.steps.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
        (0..).zip(bits).filter(|(_, is_beat)| *is_beat).map(|(ago, _)| self.last - ago)
    }

    fn mark(&mut self, ago: i64) {
        let at = usize::try_from(ago).unwrap_or(usize::MAX);
        if let Some(byte) = self.steps.get_mut(at / 8) {
            *byte |= 0x80 >> (at % 8);
        }
    }
}

/// Wire format: the index of the last step, and one hex digit per four steps, the last first, without trailing zeros.
impl Serialize for ActivityHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.steps.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        let mut wire = serializer.serialize_struct("ActivityHistogram", 2)?;
        wire.serialize_field("last", &self.last)?;
        wire.serialize_field("steps", digits.trim_end_matches('0'))?;
        wire.end()
    }
}

/// The wire format of [`ActivityHistogram`].
#[cfg(feature = "wire-types")]
#[derive(ts_rs::TS)]
#[ts(rename = "ActivityHistogram")]
pub struct WireActivityHistogram {
    /// The last ten-minute step with a heartbeat, counted from 1970.
    pub last: i64,
    /// One bit per step, four per hex digit, the last step first, without trailing zeros.
    pub steps: String,
}

/// The moments of an id's heartbeats in the 24 hours before its last one, in no particular order.
///
/// `stamps` are the id's, ascending by [`Stamp::seconds`]; `opened` are those opened to find the newest heartbeat. No
/// other file is opened.
pub fn moments<Z: TimeZone>(stamps: &[Stamp], opened: &[Beat], now: Time, zone: &Z) -> Vec<Time> {
    let known = newest(opened, now);
    let usable = |beat: &Beat| Some(beat.time(now)).filter(|time| !time.is_skewed).map(|time| time.at);
    let is_known = |stamp| known.is_some_and(|beat| beat.stamp == stamp);
    let untimed = opened.iter().filter(|beat| beat.stamp == Stamp::Untimed && !is_known(Stamp::Untimed));
    let mut moments: Vec<Time> = untimed.chain(known).filter_map(usable).collect();
    let is_utc = known.is_some_and(|beat| is_in_utc(beat, zone));
    let mut clock = Clock::new(zone);
    // Integer seconds from here on: a folder has many names, and calendar types are slow.
    let latest = time::later(now, time::TOLERANCE).timestamp();
    let mut last = moments.iter().max().map(|at| at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0));
    for stamp in stamps.iter().rev().filter(|stamp| **stamp != Stamp::Untimed) {
        let (utc, [later, local]) = (stamp.seconds(), clock.readings(stamp.seconds()));
        // A moment in the future means that the name is by the other clock, or from the first pass of a repeated hour.
        let readings = if is_utc { [utc, later, local] } else { [later, local, utc] };
        let Some(at) = readings.into_iter().find(|at| *at <= latest) else { continue };
        let end = *last.insert(last.map_or(at, |last| last.max(at)));
        if at < end - DAY {
            break;
        }
        // The newest heartbeat is included already, with the time from its contents.
        if !is_known(*stamp) {
            moments.extend(time::from_unix(at, 0));
        }
    }
    moments
}

/// Whether a heartbeat's name is in UTC, judged by the time in its contents.
fn is_in_utc<Z: TimeZone>(beat: &Beat, zone: &Z) -> bool {
    let (Some(wall), Some(inside)) = (beat.stamp.wall(), beat.content.time()) else { return false };
    let fits = |named: Time| named.signed_duration_since(inside).abs() <= CLOCK_TOLERANCE;
    fits(wall.and_utc()) && !Readings::of(beat.stamp.seconds(), zone).moments().into_iter().flatten().any(fits)
}

/// Converts many wall clock times of about the same day to moments. The zone's offsets are cached per quarter of an
/// hour, because zones change their offset only at such boundaries.
struct Clock<'z, Z> {
    zone: &'z Z,
    quarter: i64,
    /// Added to a wall clock time to get its later and its earlier reading.
    offsets: [i64; 2],
}

/// A quarter of an hour, in seconds.
const QUARTER: i64 = 900;

impl<'z, Z: TimeZone> Clock<'z, Z> {
    fn new(zone: &'z Z) -> Self {
        Self { zone, quarter: i64::MIN, offsets: [0; 2] }
    }

    /// The moments at which the clock showed `wall`, the later one first, in seconds since 1970.
    fn readings(&mut self, wall: i64) -> [i64; 2] {
        let quarter = wall.div_euclid(QUARTER);
        if quarter != self.quarter {
            let start = quarter.saturating_mul(QUARTER);
            let readings = Readings::of(start, self.zone);
            self.offsets = [readings.latest, readings.earliest].map(|at| at.saturating_sub(start));
            self.quarter = quarter;
        }
        self.offsets.map(|offset| wall.saturating_add(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heartbeat::{BeatName, Content};
    use chrono::FixedOffset;
    use proptest::prelude::*;

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    fn ago(minutes: i64) -> Time {
        now() - TimeDelta::minutes(minutes)
    }

    fn wire(histogram: ActivityHistogram) -> String {
        serde_json::to_value(histogram).unwrap()["steps"].as_str().unwrap().to_owned()
    }

    /// The stamp of a heartbeat named in the local time of a zone `hours` from UTC.
    fn named(at: Time, hours: i32) -> Stamp {
        let zone = FixedOffset::east_opt(hours * 3600).unwrap();
        Stamp::Second(at.with_timezone(&zone).naive_local().and_utc().timestamp())
    }

    fn opened(stamp: Stamp, inside: Time, zone: FixedOffset) -> Beat {
        let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(inside));
        Beat::new(BeatName { stamp, id: "x" }, &zone, None, Content::read(content.as_bytes(), true))
    }

    #[test]
    fn steps_are_counted_back_from_the_last_one() {
        for (minutes, steps) in [
            (vec![0], "8"),
            (vec![0, 3, 7], "c"),
            (vec![0, 10, 20, 30, 40], "f8"),
            (vec![600, 620], "a"),
            (vec![0, 1430], "800000000000000000000000000000000001"),
            (vec![0, 1440], "8"),
        ] {
            assert_eq!(
                wire(ActivityHistogram::of(minutes.iter().map(|minutes| ago(*minutes))).unwrap()),
                steps,
                "{minutes:?}"
            );
        }
        assert_eq!(ActivityHistogram::of([]), None);
        assert_eq!(serde_json::to_value(ActivityHistogram::of([now()])).unwrap()["last"], now().timestamp() / STEP);
    }

    #[test]
    fn names_are_read_by_the_clock_of_the_newest_heartbeat() {
        let beats = [5, 15, 65, 200];
        for (zone, written_in, habit) in
            [(0, 0, "utc at home"), (-8, -8, "local"), (9, 9, "local"), (-8, 0, "utc"), (9, 0, "utc")]
        {
            let zone = FixedOffset::east_opt(zone * 3600).unwrap();
            let stamps: Vec<Stamp> = beats.iter().rev().map(|minutes| named(ago(*minutes), written_in)).collect();
            let newest = opened(named(ago(5), written_in), ago(5), zone);
            let mut found = moments(&stamps, &[newest], now(), &zone);
            found.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(found, beats.map(ago), "{habit} in {zone}");
        }
    }

    #[test]
    fn names_in_the_future_are_read_by_the_other_clock() {
        let zone = FixedOffset::west_opt(8 * 3600).unwrap();
        // Three local heartbeats and one in UTC, which sorts as if it were eight hours later.
        let stamps = [named(ago(50), -8), named(ago(40), -8), named(ago(30), -8), named(ago(35), 0)];
        let newest = opened(named(ago(30), -8), ago(30), zone);
        let mut found = moments(&stamps, &[newest], now(), &zone);
        found.sort_unstable();
        assert_eq!(found, [50, 40, 35, 30].map(ago));
    }

    #[test]
    fn a_rewritten_file_gives_its_last_heartbeat_and_a_clock_ahead_gives_none() {
        let zone = FixedOffset::east_opt(0).unwrap();
        let rewritten = opened(Stamp::Untimed, ago(12), zone);
        assert_eq!(moments(&[Stamp::Untimed], &[rewritten], now(), &zone), [ago(12)]);
        let ahead = opened(named(ago(-60), 0), ago(-60), zone);
        assert!(moments(&[named(ago(-60), 0)], &[ahead], now(), &zone).is_empty());
        assert!(moments(&[], &[], now(), &zone).is_empty());
    }

    #[test]
    fn only_one_day_of_a_long_history_is_read() {
        let zone = FixedOffset::east_opt(0).unwrap();
        let stamps: Vec<Stamp> = (0..100_000).rev().map(|minutes| named(ago(minutes), 0)).collect();
        let newest = opened(named(now(), 0), now(), zone);
        assert_eq!(moments(&stamps, &[newest], now(), &zone).len(), 1441);
    }

    #[test]
    fn zones_with_half_hour_offsets_keep_every_heartbeat() {
        // The offset is cached per quarter of an hour and must be right for each heartbeat.
        let zone = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
        let stamps: Vec<Stamp> = [170, 110, 59, 1]
            .map(|minutes| Stamp::Second(ago(minutes).with_timezone(&zone).naive_local().and_utc().timestamp()))
            .to_vec();
        let mut found = moments(&stamps, &[], now(), &zone);
        found.sort_unstable();
        assert_eq!(found, [170, 110, 59, 1].map(ago));
    }

    #[test]
    fn a_repeated_hour_is_read_as_its_second_pass_once_that_is_in_the_past() {
        let zone = crate::time::local_time::tests::Zone::new_york();
        let at = |text: &str| time::parse(text).unwrap();
        let stamps = [
            Stamp::Minute(at("2025-11-02T01:00:00Z").timestamp()),
            Stamp::Minute(at("2025-11-02T01:45:00Z").timestamp()),
        ];
        for (now, wanted) in [
            ("2025-11-02T05:50:00Z", ["2025-11-02T05:45:00Z", "2025-11-02T05:00:00Z"]),
            ("2025-11-02T06:10:00Z", ["2025-11-02T05:45:00Z", "2025-11-02T06:00:00Z"]),
            ("2025-11-02T06:50:00Z", ["2025-11-02T06:45:00Z", "2025-11-02T06:00:00Z"]),
        ] {
            assert_eq!(moments(&stamps, &[], at(now), &zone), wanted.map(at), "{now}");
        }
    }

    proptest! {
        /// The union of two ids' histograms is that of one id with the heartbeats of both.
        #[test]
        fn union_is_the_histogram_of_all_heartbeats(a in proptest::collection::vec(0i64..3000, 1..30), b in proptest::collection::vec(0i64..3000, 1..30)) {
            let histogram = |minutes: &[i64]| ActivityHistogram::of(minutes.iter().map(|minutes| ago(*minutes))).unwrap();
            let both = histogram(&[a.clone(), b.clone()].concat());
            prop_assert_eq!(histogram(&a).with(histogram(&b)), both);
            prop_assert_eq!(histogram(&b).with(histogram(&a)), both);
        }
    }
}
