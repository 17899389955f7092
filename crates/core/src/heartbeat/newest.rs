//! Which of an id's beats must be opened to know its newest.
//!
//! Promises: finds the newest beat by its real time while opening few files, for folders of 100 000 names. A name holds
//! its writer's wall clock, which is local time or UTC (protocol §3), so each name has two possible moments, and three if
//! its zone repeats that hour; a beat that cannot beat what was already found, by any of them, stays closed. Accepted limit:
//! a file whose contents claim to be newer than all its name's moments is seen only among the few newest names, which are
//! always opened.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{TimeDelta, TimeZone};

use crate::heartbeat::{Beat, Stamp};
use crate::time::local_time::{self, Readings};
use crate::time::{self, Time};

/// How many of the newest names are opened whatever they say.
const ALWAYS: usize = 3;

/// How many names from the future are opened at most; what is left of such a folder is not worth a minute of reading.
const FUTURE: usize = 16;

/// How much later than its name a beat's contents may be: names carry minutes, and scripts take the time twice.
const SLACK: TimeDelta = TimeDelta::seconds(60);

/// Opens the beats that could be the newest, and returns all that were opened, in no order.
///
/// `stamps` are the id's, ascending by [`Stamp::seconds`]; `read` opens one (nothing where it is gone or not a file).
pub fn search<Z: TimeZone>(
    stamps: &[Stamp],
    now: Time,
    zone: &Z,
    mut read: impl FnMut(Stamp) -> Option<Beat>,
) -> Vec<Beat> {
    let horizon = time::later(now, time::TOLERANCE).timestamp();
    let count = |is_past: &dyn Fn(i64) -> bool| stamps.partition_point(|stamp| is_past(stamp.seconds()));
    let timed = count(&|wall| wall < i64::MAX);
    // By each reading the names are in order, so that those that are not in the future come first.
    let by_utc = count(&|wall| wall <= horizon);
    let shown = local_time::wall_seconds(time::later(now, time::TOLERANCE), zone);
    let (by_latest, by_earliest) = if local_time::is_near_change(horizon, zone) {
        let untimed = |wall: i64| wall == i64::MAX;
        (
            count(&|wall| !untimed(wall) && Readings::of(wall, zone).latest <= horizon),
            count(&|wall| !untimed(wall) && Readings::of(wall, zone).earliest <= horizon),
        )
    } else {
        let past = count(&|wall| wall <= shown);
        (past, past)
    };

    let mut opened = BTreeSet::new();
    let mut found: Vec<Beat> = Vec::new();
    let mut open = |at: usize, found: &mut Vec<Beat>| {
        if opened.insert(at) {
            found.extend(stamps.get(at).copied().and_then(&mut read));
        }
    };
    (timed..stamps.len()).for_each(|at| open(at, &mut found));
    (timed.saturating_sub(ALWAYS)..timed).for_each(|at| open(at, &mut found));
    (by_earliest.max(by_utc).max(timed.saturating_sub(FUTURE))..timed).for_each(|at| open(at, &mut found));

    let bound = |at: usize, moment: &dyn Fn(i64) -> i64| {
        let wall = stamps.get(at)?.seconds();
        time::from_unix(moment(wall), 0).map(|moment| time::later(moment, SLACK))
    };
    let latest = |wall| Readings::of(wall, zone).latest;
    let earliest = |wall| Readings::of(wall, zone).earliest;
    // The earlier reading of a name counts while the later one is in the future, and at no other time.
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

/// Names by one of the readings of a wall clock, from the newest on.
struct Walk<'a> {
    /// The places of those that were not looked at.
    left: Range<usize>,
    /// Seconds since 1970 of a wall clock to those of a moment.
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

    /// Runs the search over beats given as (stamp, true time) and returns the newest time and how many were opened.
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

    /// The last file of each name.
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
    fn a_long_history_stays_closed() {
        for hours in [-8, 0, 5, 9] {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let beats = (0..10_000).map(|i| local(now() - TimeDelta::seconds(30 + 17 * i), &zone)).collect();
            let (newest, opened) = run(zone, beats);
            assert_eq!(newest, Some(now() - TimeDelta::seconds(30)), "{hours}");
            // The few that are seconds apart within the tolerance of the clock, of 10 000.
            assert!(opened <= 24, "{hours}: {opened}");
        }
    }

    #[test]
    fn a_writer_in_utc_beside_local_ones() {
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
    fn a_future_of_any_size_is_bounded() {
        let beats =
            (1..5000).map(|i| utc(now() + TimeDelta::hours(i))).chain([utc(now() - TimeDelta::hours(1))]).collect();
        let (_, opened) = run(FixedOffset::east_opt(0).unwrap(), beats);
        assert!(opened <= FUTURE + 2, "{opened}");
    }

    #[test]
    fn vanished_files_are_passed_over() {
        let stamps = [Stamp::Second(1), Stamp::Second(2), Stamp::Untimed];
        assert!(search(&stamps, now(), &Utc, |_| None).is_empty());
        assert!(search(&[], now(), &Utc, |_| None).is_empty());
    }

    #[test]
    fn a_session_that_beats_every_minute_does_so_through_a_repeated_hour() {
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
        /// The same across every kind of change of a zone's offset, before, at and after it.
        #[test]
        fn as_good_as_opening_everything_where_a_zone_changes(
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

        /// Whatever mixture of honest writers: the result is what opening everything would give.
        #[test]
        fn as_good_as_opening_everything(
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
