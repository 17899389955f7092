//! Writing heartbeats, and removing Headcount's own ones that are no longer needed.
//!
//! Guarantees: a heartbeat appears whole under its name or not at all. A newer one with the same name is kept. Core
//! defines the format. In the folder of a registry that was found nothing is written or removed through a link.
//! Heartbeats are not synced: a power loss that removes one has also ended the session that wrote it.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};

use chrono::Local;
use headcount_core::Time;
use headcount_core::heartbeat::heartbeat_file::NewBeat;
use headcount_core::heartbeat::pruning as core_pruning;
use headcount_core::heartbeat::{BeatName, CONTENT_LIMIT, Content, Stamp};

use crate::Error;
use crate::Workspace;
use crate::files::folder::{Folder, Place};
use crate::files::{atomic, file, temp_files};

/// Writes a heartbeat, and creates its folder if necessary.
pub(crate) fn write(workspace: &Workspace, beat: &NewBeat<'_>) -> Result<(), Error> {
    write_with(workspace, beat, &[])
}

/// Writes a heartbeat with additional fields.
pub(crate) fn write_with(workspace: &Workspace, beat: &NewBeat<'_>, more: &[(&str, &str)]) -> Result<(), Error> {
    let folder = Folder::make(&workspace.heartbeats, workspace.tree_of_heartbeats(), 0o777)?;
    let place = Place { folder, name: beat.file_name(&Local).into() };
    if let Ok(Some(found)) = file::read_at(&place, CONTENT_LIMIT)
        && beat.is_covered_by(&Content::read(&found.bytes, found.is_whole), file::modified(&found.metadata))
    {
        return Ok(());
    }
    atomic::replace_unsynced(&place, beat.text_with(more).as_bytes(), beat.at)
}

/// Opens the heartbeats folder. `None` if it does not exist or may not be changed.
fn open(workspace: &Workspace) -> Option<Folder> {
    match Folder::open(&workspace.heartbeats, workspace.tree_of_heartbeats()) {
        Ok(folder) => Some(folder),
        Err(error) => {
            tracing::debug!("{error}");
            None
        }
    }
}

fn is_beat(name: &str) -> bool {
    BeatName::parse(name).is_some()
}

/// Which heartbeats to remove, and the limits of the work.
pub(crate) struct Pruning<'a> {
    /// Session ids of which the heartbeats that no longer affect any view are removed.
    pub(crate) ids: &'a [&'a str],
    /// Whether no session has this id any more; its old heartbeats are removed too.
    pub(crate) is_orphan: &'a dyn Fn(&str) -> bool,
    /// Maximum number of directory entries to examine.
    pub(crate) names: usize,
    /// Maximum number of files to open.
    pub(crate) files: usize,
}

/// Removes Headcount's own heartbeats that are no longer needed, and abandoned temp files, in one pass over the folder.
/// Files that cannot be removed are kept.
pub(crate) fn prune(workspace: &Workspace, pruning: &Pruning<'_>, now: Time) {
    let Some(folder) = open(workspace) else { return };
    let mut stamps: HashMap<&str, Vec<Stamp>> = HashMap::new();
    let mut orphans: Vec<OsString> = Vec::new();
    for entry in std::fs::read_dir(folder.path()).into_iter().flatten().flatten().take(pruning.names) {
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().and_then(BeatName::parse) else {
            temp_files::remove_if_abandoned(&folder, &entry, now.into(), is_beat);
            continue;
        };
        if let Some(id) = pruning.ids.iter().find(|id| **id == name.id) {
            stamps.entry(id).or_default().push(name.stamp);
        } else if orphans.len() < pruning.files
            && core_pruning::is_expired_orphan(name.stamp, now, &Local)
            && (pruning.is_orphan)(name.id)
        {
            orphans.push(file_name);
        }
    }
    let expired = stamps.iter().flat_map(|(id, stamps)| {
        let expired = core_pruning::expired(stamps, now, &Local).into_iter();
        expired.map(|stamp| OsString::from(BeatName { stamp, id }.file_name()))
    });
    for name in expired.chain(orphans).take(pruning.files) {
        if is_ours(&folder, &name)
            && let Err(error) = folder.remove(&name)
        {
            tracing::debug!(name = %name.display(), %error, "could not remove an old beat");
        }
    }
}

/// Whether Headcount wrote this heartbeat.
fn is_ours(folder: &Folder, name: &OsStr) -> bool {
    let found = file::read_in(folder, name, CONTENT_LIMIT).ok().flatten();
    found.is_some_and(|found| found.is_whole && core_pruning::is_ours(&found.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use headcount_core::heartbeat::heartbeat_file::BeatKind;

    fn prune(workspace: &Workspace, ids: &[&str], now: Time) {
        let all = Pruning { ids, is_orphan: &|_| false, names: usize::MAX, files: usize::MAX };
        super::prune(workspace, &all, now);
    }

    fn with_heartbeats(heartbeats: &std::path::Path) -> Workspace {
        Workspace { heartbeats: heartbeats.to_owned(), ..Workspace::default() }
    }

    #[test]
    fn write_makes_one_file_a_minute_and_prune_removes_those_older_than_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let now = headcount_core::time::parse("2026-10-05T15:00:00Z").unwrap();
        let write_activity = |session_id, seconds| {
            let at = now - TimeDelta::seconds(seconds);
            write(&with_heartbeats(path), &NewBeat { number: 1, session_id, kind: BeatKind::Activity, at }).unwrap();
        };
        let count = || std::fs::read_dir(path).unwrap().count();
        for seconds in [100, 110, 119, 59, 3] {
            write_activity("a", seconds);
        }
        assert_eq!(count(), 2);
        for day in 2..5 {
            write_activity("a", day * 86_400);
            write_activity("b", day * 86_400);
        }
        std::fs::write(path.join("2026-10-01_10-00-00-a.json"), "{\"source\": \"script\"}").unwrap();
        assert_eq!(count(), 9);
        prune(&with_heartbeats(path), &["a"], now);
        assert_eq!(count(), 6, "the three of `a` that Headcount wrote are removed");
        prune(&with_heartbeats(path), &["b", "c"], now);
        assert_eq!(count(), 4, "the newest of `b` is kept");
        prune(&with_heartbeats(&path.join("none")), &["a"], now);
    }

    #[test]
    fn prune_is_bounded_and_removes_heartbeats_without_a_session_after_two_days() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let now = headcount_core::time::parse("2026-10-05T15:00:00Z").unwrap();
        let fill = || {
            for (id, days) in [("a", 3), ("b", 3), ("c", 1)] {
                for minute in 0..20 {
                    let at = now - TimeDelta::days(days) - TimeDelta::minutes(minute);
                    write(&with_heartbeats(path), &NewBeat { number: 1, session_id: id, kind: BeatKind::Activity, at })
                        .unwrap();
                }
            }
            std::fs::write(path.join("2026-10-01_10-00-00-d.json"), "{\"source\": \"script\"}").unwrap();
        };
        let count = || std::fs::read_dir(path).unwrap().count();
        let prune = |ids: &[&str], names, files| {
            let is_orphan = |id: &str| id != "a";
            super::prune(&with_heartbeats(path), &Pruning { ids, is_orphan: &is_orphan, names, files }, now);
        };
        fill();
        prune(&["a"], 0, 100);
        prune(&["a"], 100, 0);
        assert_eq!(count(), 61);
        prune(&["a"], 100, 5);
        assert_eq!(count(), 56);
        prune(&["a"], 100, 100);
        // Left: the newest of `a`, those of `c` that are not old enough, and one that Headcount did not write.
        assert_eq!(count(), 1 + 20 + 1);
    }

    #[test]
    fn write_replaces_an_older_heartbeat_of_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let at = headcount_core::time::parse("2026-10-05T15:00:30Z").unwrap();
        for kind in [BeatKind::Activity, BeatKind::Manual] {
            let beat = NewBeat { number: 1, session_id: "a", kind, at };
            let name = path.join(beat.file_name(&Local));
            let written = || Content::read(&std::fs::read(&name).unwrap(), true).time().unwrap();
            for before in [60, 3600, 86_400] {
                let content = NewBeat { at: at - TimeDelta::seconds(before), ..beat }.text();
                std::fs::write(&name, content).unwrap();
                write(&with_heartbeats(path), &beat).unwrap();
                assert_eq!(written(), at, "{before}");
            }
            // One of the same minute is kept, and so is a newer one of any kind.
            for after in [if kind == BeatKind::Activity { -30 } else { 1 }, 60] {
                let content = NewBeat { at: at + TimeDelta::seconds(after), ..beat }.text();
                std::fs::write(&name, content).unwrap();
                write(&with_heartbeats(path), &beat).unwrap();
                assert_eq!(written(), at + TimeDelta::seconds(after), "{after}");
            }
        }
    }

    /// Removes the temp file of a writer that died, but no file with a similar name.
    #[test]
    fn prune_removes_temp_files_once_they_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let leftover = ".2025-11-17_12-00-00-session-1.json.a1B2c3.tmp";
        let others = [".other.a1B2c3.tmp", "2025-11-17_12-00-00-session-1.json", ".session-1.json.swp"];
        let later = Time::from(std::time::SystemTime::now()) + chrono::TimeDelta::hours(2);
        for name in others.iter().chain([&leftover]) {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        prune(&with_heartbeats(folder.path()), &[], later - chrono::TimeDelta::minutes(90));
        assert!(folder.path().join(leftover).exists(), "another process may be writing it");
        prune(&with_heartbeats(folder.path()), &[], later);
        assert!(!folder.path().join(leftover).exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), others.len());
    }

    #[cfg(unix)]
    #[test]
    fn links_next_to_a_found_registry_are_not_followed() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let (tree, victim) = (root.join("tree"), root.join("victim"));
        let at = headcount_core::time::parse("2026-10-05T15:00:00Z").unwrap();
        let beat = NewBeat { number: 1, session_id: "a", kind: BeatKind::Manual, at };
        for folder in [&tree, &victim] {
            std::fs::create_dir(folder).unwrap();
        }
        let old = "2026-10-01_10-00-00-a.json";
        for minute in 10..20 {
            let name = format!("2026-10-01_10-{minute}-00-a.json");
            std::fs::write(victim.join(name), "{\"source\": \"headcount\"}").unwrap();
        }
        std::fs::write(victim.join(old), "{\"source\": \"headcount\"}").unwrap();
        let count = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().count();
        let before = count(&victim);
        let found =
            |heartbeats: &str| Workspace { tree: Some(tree.clone()), ..with_heartbeats(&tree.join(heartbeats)) };
        symlink(&victim, tree.join("heartbeats")).unwrap();
        symlink(&tree, tree.join("loop")).unwrap();
        for heartbeats in ["heartbeats", "loop/heartbeats", "heartbeats/deeper", "loop/new"] {
            let error = write(&found(heartbeats), &beat).unwrap_err();
            assert!(matches!(&error, Error::Linked { .. }), "{heartbeats}: {error}");
            prune(&found(heartbeats), &["a"], at);
            assert_eq!((count(&victim), count(&tree)), (before, 2), "{heartbeats}");
        }
        // A real folder is used, and a link with the heartbeat's name is replaced.
        let name = beat.file_name(&Local);
        std::fs::create_dir(tree.join("real")).unwrap();
        symlink(victim.join(old), tree.join("real").join(&name)).unwrap();
        write(&found("real"), &beat).unwrap();
        assert!(!tree.join("real").join(&name).is_symlink());
        assert_eq!(std::fs::read_to_string(victim.join(old)).unwrap(), "{\"source\": \"headcount\"}");
        // Links in a folder that the user named are followed.
        write(&Workspace { are_heartbeats_named: true, ..found("heartbeats") }, &beat).unwrap();
        assert_eq!(count(&victim), before + 1);
        write(&Workspace { tree: None, ..found("heartbeats") }, &NewBeat { number: 2, session_id: "b", ..beat })
            .unwrap();
        assert_eq!(count(&victim), before + 2);
    }
}
