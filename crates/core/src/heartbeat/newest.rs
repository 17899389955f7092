//! Search for an id's newest heartbeat that opens few files.
//!
//! Guarantees: finds the newest heartbeat by its real time while opening few files, in folders of 100 000 names. A name
//! holds its writer's wall clock, which is local time or UTC (protocol §3), so each name has two possible moments, and
//! three if its zone repeats that hour; a file is not opened if none of these is newer than the best one found.
//! Accepted limit: a file with contents that claim to be newer than all possible moments of its name is found only
//! among the few newest names, which are always opened.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{TimeDelta, TimeZone};

use crate::heartbeat::{Beat, Stamp};
use crate::time::local_time::{self, Readings};
use crate::time::{self, Time};

/// Number of newest names that are always opened.
const ALWAYS_OPENED: usize = 3;

/// Maximum number of names in the future that are opened, so that a folder full of them does not take minutes to read.
const MAX_FUTURE_NAMES: usize = 16;

/// How much later than its name a heartbeat's contents can be: names can omit the seconds, and scripts read the time
/// twice.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// Opens the heartbeats that could be the newest and returns all that were opened, in no particular order.
///
/// `stamps` are the id's, ascending by [`Stamp::seconds`]; `read` opens one (`None` if it is gone or not a file).
pub fn search<Z: TimeZone>(
    stamps: &[Stamp],
    now: Time,
    zone: &Z,
    mut read: impl FnMut(Stamp) -> Option<Beat>,
) -> Vec<Beat> {
    let timed = stamps.partition_point(|stamp| stamp.seconds() < i64::MAX);
    let Past { latest: by_latest, earliest: by_earliest, utc: by_utc } = past(stamps, now, zone);
    let mut opened = BTreeSet::new();
    let mut found: Vec<Beat> = Vec::new();
    let mut open = |at: usize, found: &mut Vec<Beat>| {
        if opened.insert(at) {
            found.extend(stamps.get(at).copied().and_then(&mut read));
        }
    };
    let future = by_earliest.max(by_utc).max(timed.saturating_sub(MAX_FUTURE_NAMES));
    let always = (timed..stamps.len()).chain(timed.saturating_sub(ALWAYS_OPENED)..timed).chain(future..timed);
    always.for_each(|at| open(at, &mut found));

    let bound = |at: usize, moment: &dyn Fn(i64) -> i64| {
        let wall = stamps.get(at)?.seconds();
        time::from_unix(moment(wall), 0).map(|moment| time::later(moment, CLOCK_TOLERANCE))
    };
    let latest = |wall| Readings::of(wall, zone).latest;
    let earliest = |wall| Readings::of(wall, zone).earliest;
    // The earlier reading of a name counts only while its later one is in the future.
    let mut walks: [Walk<'_>; 3] = [
        Walk { left: 0..by_latest, moment: &latest },
        Walk { left: by_latest..by_earliest, moment: &earliest },
        Walk { left: 0..by_utc, moment: &|wall| wall },
    ];
    let last = |left: &Range<usize>| left.clone().next_back();
    let mut bounds = walks.each_ref().map(|walk| bound(last(&walk.left)?, walk.moment));
    loop {
        let best = found.iter().map(|beat| beat.time(now).at).max();
        let next = walks.iter_mut().zip(&mut bounds).max_by_key(|(_, bound)| **bound);
        let Some((walk, of)) =
            next.filter(|(_, bound)| bound.is_some_and(|bound| best.is_none_or(|best| best < bound)))
        else {
            return found;
        };
        if let Some(at) = walk.left.next_back() {
            open(at, &mut found);
        }
        *of = last(&walk.left).and_then(|at| bound(at, walk.moment));
    }
}

/// How many names from the beginning are not in the future, by each reading of their wall clock.
struct Past {
    latest: usize,
    earliest: usize,
    utc: usize,
}

/// By each reading the names are sorted, so those that are not in the future form a prefix.
fn past<Z: TimeZone>(stamps: &[Stamp], now: Time, zone: &Z) -> Past {
    let count = |is_past: &dyn Fn(i64) -> bool| stamps.partition_point(|stamp| is_past(stamp.seconds()));
    let end = time::later(now, time::TOLERANCE);
    let horizon = end.timestamp();
    let by_utc = count(&|wall| wall <= horizon);
    if !local_time::is_near_change(horizon, zone) {
        let shown = local_time::wall_seconds(end, zone);
        let by_local = count(&|wall| wall <= shown);
        return Past { latest: by_local, earliest: by_local, utc: by_utc };
    }
    let is_timed = |wall: i64| wall < i64::MAX;
    Past {
        latest: count(&|wall| is_timed(wall) && Readings::of(wall, zone).latest <= horizon),
        earliest: count(&|wall| is_timed(wall) && Readings::of(wall, zone).earliest <= horizon),
        utc: by_utc,
    }
}

/// The names not looked at yet, by one reading of their wall clock, taken from the newest on.
struct Walk<'a> {
    /// The indexes that are left.
    left: Range<usize>,
    /// Converts seconds since 1970 of the wall clock to those of the moment.
    moment: &'a dyn Fn(i64) -> i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heartbeat::{BeatName, Content, newest};
    use crate::time::local_time::tests::Zone;
    use chrono::{FixedOffset, Utc};
    use proptest::prelude::*;

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    /// Runs the search over heartbeats given as (stamp, true time). Returns the newest time and the number of files
    /// opened.
    fn run(zone: FixedOffset, beats: Vec<(Stamp, Time)>) -> (Option<Time>, usize) {
        run_at(now(), &zone, beats)
    }

    fn run_at<Z: TimeZone>(now: Time, zone: &Z, mut beats: Vec<(Stamp, Time)>) -> (Option<Time>, usize) {
        beats.sort_by_key(|(stamp, _)| stamp.seconds());
        let stamps: Vec<Stamp> = beats.iter().map(|(stamp, _)| *stamp).collect();
        let mut opened = 0;
        let found = search(&stamps, now, zone, |stamp| {
            opened += 1;
            let (_, time) = beats.iter().find(|(s, _)| *s == stamp)?;
            let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(*time));
            Some(Beat::new(BeatName { stamp, id: "x" }, zone, None, Content::read(content.as_bytes(), true)))
        });
        (newest(found, now).map(|beat| beat.time(now).at), opened)
    }

    /// The heartbeats with remaining files: the last written of each name.
    fn files(mut beats: Vec<(Stamp, Time)>) -> Vec<(Stamp, Time)> {
        beats.sort_by_key(|(stamp, time)| (stamp.seconds(), std::cmp::Reverse(*time)));
        beats.dedup_by_key(|(stamp, _)| *stamp);
        beats
    }

    fn local<Z: TimeZone>(time: Time, zone: &Z) -> (Stamp, Time) {
        (Stamp::Second(local_time::wall_seconds(time, zone)), time)
    }

    fn utc(time: Time) -> (Stamp, Time) {
        (Stamp::Second(time.timestamp()), time)
    }

    #[test]
    fn most_of_a_long_history_is_not_opened() {
        for hours in [-8, 0, 5, 9] {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let beats = (0..10_000).map(|i| local(now() - TimeDelta::seconds(30 + 17 * i), &zone)).collect();
            let (newest, opened) = run(zone, beats);
            assert_eq!(newest, Some(now() - TimeDelta::seconds(30)), "{hours}");
            // Only the few within the clock tolerance, of 10 000.
            assert!(opened <= 24, "{hours}: {opened}");
        }
    }

    #[test]
    fn the_newest_is_found_among_writers_in_utc_and_local_time() {
        for hours in [-8, 9] {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let ago = |minutes| now() - TimeDelta::minutes(minutes);
            for (beats, wanted) in [
                (vec![utc(ago(60)), local(ago(5), &zone), local(ago(90), &zone)], ago(5)),
                (
                    vec![
                        utc(ago(5)),
                        local(ago(60), &zone),
                        local(ago(61), &zone),
                        local(ago(62), &zone),
                        local(ago(63), &zone),
                    ],
                    ago(5),
                ),
            ] {
                assert_eq!(run(zone, beats).0, Some(wanted), "{hours}");
            }
        }
    }

    #[test]
    fn few_names_in_the_future_are_opened() {
        let beats =
            (1..5000).map(|i| utc(now() + TimeDelta::hours(i))).chain([utc(now() - TimeDelta::hours(1))]).collect();
        let (_, opened) = run(FixedOffset::east_opt(0).unwrap(), beats);
        assert!(opened <= MAX_FUTURE_NAMES + 2, "{opened}");
    }

    #[test]
    fn vanished_files_are_skipped() {
        let stamps = [Stamp::Second(1), Stamp::Second(2), Stamp::Untimed];
        assert!(search(&stamps, now(), &Utc, |_| None).is_empty());
        assert!(search(&[], now(), &Utc, |_| None).is_empty());
    }

    #[test]
    fn a_heartbeat_every_minute_is_found_through_a_repeated_hour() {
        let zone = Zone::new_york();
        let start = time::parse("2025-11-02T04:00:00Z").unwrap();
        for minutes in 0..=300 {
            let now = start + TimeDelta::minutes(minutes);
            let beats = files((0..=minutes).map(|minute| local(start + TimeDelta::minutes(minute), &zone)).collect());
            let (newest, opened) = run_at(now, &zone, beats);
            assert_eq!(newest, Some(now), "{now}");
            assert!(opened <= 12, "{now}: {opened}");
        }
    }

    proptest! {
        /// The same for every change of a zone's offset, before, at and after it.
        #[test]
        fn finds_what_opening_everything_would_find_around_an_offset_change(
            (before, after) in (-12 * 4i32..=14 * 4, -12 * 4i32..=14 * 4),
            now_minutes in -3000i64..3000,
            beats in proptest::collection::vec((0i64..4000, any::<bool>()), 0..60),
        ) {
            let zone = Zone::new(before * 900, &[("2025-11-17T20:00:00Z", after * 900)]);
            let now = now() + TimeDelta::minutes(now_minutes);
            let made = files(beats.iter().map(|(minutes, in_utc)| {
                let time = now - TimeDelta::minutes(*minutes);
                if *in_utc { utc(time) } else { local(time, &zone) }
            }).collect());
            let wanted = made.iter().map(|(_, time)| *time).max();
            prop_assert_eq!(run_at(now, &zone, made).0, wanted);
        }

        /// For any mix of writers in UTC and local time.
        #[test]
        fn finds_what_opening_everything_would_find(
            hours in -11i32..=13,
            beats in proptest::collection::vec((0i64..4000, any::<bool>()), 0..60),
        ) {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let made = files(beats.iter().map(|(minutes, in_utc)| {
                let time = now() - TimeDelta::minutes(*minutes);
                if *in_utc { utc(time) } else { local(time, &zone) }
            }).collect());
            let wanted = made.iter().map(|(_, time)| *time).max();
            prop_assert_eq!(run(zone, made).0, wanted);
        }
    }
}
