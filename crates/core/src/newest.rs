//! Which of an id's beats must be opened to know its newest.
//!
//! Promises: finds the newest beat by its real time while opening few files, for folders of 100 000 names. A name tells
//! its writer's wall clock, which is local time or UTC (protocol §3), so each name has two possible moments; a beat that
//! cannot beat what was already found, by either of them, stays closed. Accepted limit: a file whose contents claim to be
//! newer than both its name's moments is seen only among the few newest names, which are always opened.

use std::collections::BTreeSet;

use chrono::{TimeDelta, TimeZone};

use crate::heartbeat::{Beat, Stamp};
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
    let horizon = now + time::TOLERANCE;
    let below = |wall: i64| stamps.partition_point(|stamp| stamp.seconds() <= wall);
    let mut by_local = below(horizon.with_timezone(zone).naive_local().and_utc().timestamp());
    let mut by_utc = below(horizon.timestamp());
    let timed = below(i64::MAX - 1);

    let mut opened = BTreeSet::new();
    let mut found: Vec<Beat> = Vec::new();
    let mut open = |at: usize, found: &mut Vec<Beat>| {
        if opened.insert(at) {
            found.extend(stamps.get(at).copied().and_then(&mut read));
        }
    };
    (timed..stamps.len()).for_each(|at| open(at, &mut found));
    (timed.saturating_sub(ALWAYS)..timed).for_each(|at| open(at, &mut found));
    (by_local.max(by_utc).max(timed.saturating_sub(FUTURE))..timed).for_each(|at| open(at, &mut found));

    loop {
        let best = found.iter().map(|beat| beat.time(now).at).max();
        let at = |end: usize| end.checked_sub(1).and_then(|at| stamps.get(at)).and_then(|stamp| stamp.wall());
        let local = at(by_local).map(|wall| time::from_local(wall, zone).unwrap_or_else(|| wall.and_utc()) + SLACK);
        let utc = at(by_utc).map(|wall| wall.and_utc() + SLACK);
        let (end, bound) = if local >= utc { (&mut by_local, local) } else { (&mut by_utc, utc) };
        let Some(bound) = bound.filter(|bound| best.is_none_or(|best| best < *bound)) else { break };
        debug_assert!(bound <= horizon + SLACK);
        *end -= 1;
        open(*end, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heartbeat::{BeatName, Content, newest};
    use chrono::{FixedOffset, Utc};
    use proptest::prelude::*;

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    /// Runs the search over beats given as (stamp, true time) and returns the newest time and how many were opened.
    fn run(zone: FixedOffset, mut beats: Vec<(Stamp, Time)>) -> (Option<Time>, usize) {
        beats.sort_by_key(|(stamp, _)| stamp.seconds());
        let stamps: Vec<Stamp> = beats.iter().map(|(stamp, _)| *stamp).collect();
        let mut opened = 0;
        let found = search(&stamps, now(), &zone, |stamp| {
            opened += 1;
            let (_, time) = beats.iter().find(|(s, _)| *s == stamp)?;
            let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(*time));
            Some(Beat::new(BeatName { stamp, id: "x" }, &zone, None, Content::read(content.as_bytes(), true)))
        });
        (newest(found, now()).map(|beat| beat.time(now()).at), opened)
    }

    fn local(time: Time, zone: FixedOffset) -> (Stamp, Time) {
        (Stamp::Second(time.with_timezone(&zone).naive_local().and_utc().timestamp()), time)
    }

    fn utc(time: Time) -> (Stamp, Time) {
        (Stamp::Second(time.timestamp()), time)
    }

    #[test]
    fn a_long_history_stays_closed() {
        for hours in [-8, 0, 5, 9] {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let beats = (0..10_000).map(|i| local(now() - TimeDelta::seconds(30 + 17 * i), zone)).collect();
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
                (vec![utc(ago(60)), local(ago(5), zone), local(ago(90), zone)], ago(5)),
                (
                    vec![
                        utc(ago(5)),
                        local(ago(60), zone),
                        local(ago(61), zone),
                        local(ago(62), zone),
                        local(ago(63), zone),
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

    proptest! {
        /// Whatever mixture of honest writers: the result is what opening everything would give.
        #[test]
        fn as_good_as_opening_everything(
            hours in -11i32..=13,
            beats in proptest::collection::vec((0i64..4000, any::<bool>()), 0..60),
        ) {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let mut made: Vec<_> = beats.iter().map(|(minutes, in_utc)| {
                let time = now() - TimeDelta::minutes(*minutes);
                if *in_utc { utc(time) } else { local(time, zone) }
            }).collect();
            // One name is one file: the last writer's.
            made.sort_by_key(|(stamp, _)| stamp.seconds());
            made.dedup_by_key(|(stamp, _)| *stamp);
            let wanted = made.iter().map(|(_, time)| *time).max();
            prop_assert_eq!(run(zone, made).0, wanted);
        }
    }
}
