//! Writing beats, and removing our own that have served.
//!
//! Promises: a beat appears whole under its name or not at all; a newer one of the same name stays. Its form is core's.
//! Beats are not synced to disk one by one: what a power loss takes is a sign of life of something that it ended too.

use std::collections::HashMap;
use std::path::Path;

use chrono::Local;
use headcount_core::heartbeat::{BeatName, CONTENT_LIMIT, Content, Stamp};
use headcount_core::new_beat::NewBeat;
use headcount_core::{Time, pruning};

use crate::{Error, atomic, file};

/// Writes a beat, and the folder where it is not there yet.
pub(crate) fn write(folder: &Path, beat: &NewBeat<'_>) -> Result<(), Error> {
    write_with(folder, beat, &[])
}

/// Writes a beat that says more than that somebody is there.
pub(crate) fn write_with(folder: &Path, beat: &NewBeat<'_>, more: &[(&str, &str)]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::io("create the folder", folder, source))?;
    let path = folder.join(beat.file_name(&Local));
    if let Ok(Some(found)) = file::read(&path, CONTENT_LIMIT)
        && beat.is_covered_by(&Content::read(&found.bytes, found.is_whole), file::modified(&found.metadata))
    {
        return Ok(());
    }
    atomic::replace_lightly(&path, beat.text_with(more).as_bytes(), beat.at)
}

/// Removes what writers of beats that died left behind.
pub(crate) fn sweep(folder: &Path, now: Time) {
    atomic::sweep_old(folder, now.into(), is_beat);
}

fn is_beat(name: &str) -> bool {
    BeatName::parse(name).is_some()
}

/// Removes the beats of some ids that are older than anything shows, and what writers that died left behind. One pass over the names of the folder; what cannot be
/// removed stays.
pub(crate) fn prune(folder: &Path, ids: &[&str], now: Time) {
    let mut stamps: HashMap<&str, Vec<Stamp>> = HashMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(BeatName::parse) else {
            atomic::remove_if_abandoned(&entry, now.into(), is_beat);
            continue;
        };
        if let Some(id) = ids.iter().find(|id| **id == name.id) {
            stamps.entry(id).or_default().push(name.stamp);
        }
    }
    for (id, stamps) in stamps {
        for stamp in pruning::served(&stamps, now, &Local) {
            let path = folder.join(BeatName { stamp, id }.file_name());
            let found = file::read(&path, CONTENT_LIMIT).ok().flatten();
            let is_ours = found.is_some_and(|found| found.is_whole && pruning::is_ours(&found.bytes));
            if is_ours && let Err(error) = std::fs::remove_file(&path) {
                tracing::debug!(path = %path.display(), %error, "could not remove an old beat");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use headcount_core::new_beat::Kind;

    #[test]
    fn one_file_a_minute_and_none_beyond_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let now = headcount_core::time::parse("2026-10-05T15:00:00Z").unwrap();
        let at_work = |session_id, seconds| {
            let at = now - TimeDelta::seconds(seconds);
            write(path, &NewBeat { number: 1, session_id, kind: Kind::Activity, at }).unwrap();
        };
        let count = || std::fs::read_dir(path).unwrap().count();
        for seconds in [100, 110, 119, 59, 3] {
            at_work("a", seconds);
        }
        assert_eq!(count(), 2);
        for day in 2..5 {
            at_work("a", day * 86_400);
            at_work("b", day * 86_400);
        }
        std::fs::write(path.join("2026-10-01_10-00-00-a.json"), "{\"source\": \"script\"}").unwrap();
        assert_eq!(count(), 9);
        prune(path, &["a"], now);
        assert_eq!(count(), 6, "our three of a went");
        prune(path, &["b", "c"], now);
        assert_eq!(count(), 4, "the newest of b stays");
        prune(&path.join("none"), &["a"], now);
    }

    #[test]
    fn a_beat_of_an_hour_before_with_the_same_name_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let at = headcount_core::time::parse("2026-10-05T15:00:30Z").unwrap();
        for kind in [Kind::Activity, Kind::Manual] {
            let beat = NewBeat { number: 1, session_id: "a", kind, at };
            let name = path.join(beat.file_name(&Local));
            let written = || Content::read(&std::fs::read(&name).unwrap(), true).time().unwrap();
            for before in [60, 3600, 86_400] {
                let content = NewBeat { at: at - TimeDelta::seconds(before), ..beat }.text();
                std::fs::write(&name, content).unwrap();
                write(path, &beat).unwrap();
                assert_eq!(written(), at, "{before}");
            }
            // One of the same minute stays, and a newer one of any kind.
            for after in [if kind == Kind::Activity { -30 } else { 1 }, 60] {
                let content = NewBeat { at: at + TimeDelta::seconds(after), ..beat }.text();
                std::fs::write(&name, content).unwrap();
                write(path, &beat).unwrap();
                assert_eq!(written(), at + TimeDelta::seconds(after), "{after}");
            }
        }
    }

    /// What a writer that died leaves, and what looks like it.
    #[test]
    fn leftovers_go_once_they_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let leftover = ".2025-11-17_12-00-00-session-1.json.a1B2c3.tmp";
        let others = [".other.a1B2c3.tmp", "2025-11-17_12-00-00-session-1.json", ".session-1.json.swp"];
        let later = Time::from(std::time::SystemTime::now()) + chrono::TimeDelta::hours(2);
        let sweepers: [&dyn Fn(Time); 2] = [&|now| sweep(folder.path(), now), &|now| prune(folder.path(), &[], now)];
        for sweeps in sweepers {
            for name in others.iter().chain([&leftover]) {
                std::fs::write(folder.path().join(name), "").unwrap();
            }
            sweeps(later - chrono::TimeDelta::minutes(90));
            assert!(folder.path().join(leftover).exists(), "somebody may be writing it");
            sweeps(later);
            assert!(!folder.path().join(leftover).exists());
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), others.len());
        }
    }
}
