//! The index of the heartbeats folder: all names, and the contents of the few files that matter.
//!
//! Guarantees: the first scan is one pass over the names; later work is proportional to what changed. A file is read
//! only if it can be the newest heartbeat of a requested id. No file in the folder can block a reader. Indexes only the
//! folder itself, and in it regular files and links to regular files (protocol). Does not know which session an id
//! belongs to.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use chrono::Local;
use headcount_core::Time;
use headcount_core::heartbeat::activity_histogram::{self, ActivityHistogram};
use headcount_core::heartbeat::newest;
use headcount_core::heartbeat::{Beat, BeatName, CONTENT_LIMIT, Content, Stamp};
use headcount_core::liveness::cleanup::Folder;
use headcount_core::view::session::evidence_source::KnownBeats;

use crate::files::dir_entries::{self, EntryKind};
use crate::files::file;
use crate::files::io_counters::{Look, note};

/// The number of names between two progress reports.
const PROGRESS_INTERVAL: usize = 4096;

/// The heartbeats of one id.
#[derive(Debug, Default)]
struct Series {
    /// Ascending by wall clock.
    stamps: Vec<Stamp>,
    /// The heartbeats that were read and may still be the newest.
    opened: Vec<Beat>,
    /// The histogram of its heartbeats, as of the last search for the newest.
    histogram: Option<ActivityHistogram>,
}

/// The heartbeats of a folder.
#[derive(Debug)]
pub struct HeartbeatIndex {
    path: PathBuf,
    folder: Folder,
    series: HashMap<String, Series>,
}

impl HeartbeatIndex {
    /// The index of a folder that was not read.
    #[must_use]
    pub fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), folder: Folder::Readable, series: HashMap::new() }
    }

    /// Reads the names in a folder.
    #[must_use]
    pub fn scan(path: &Path) -> Self {
        Self::scan_with_progress(path, &mut |_| {})
    }

    /// Reads the names in a folder, and calls `report` now and then with the number of names read.
    #[must_use]
    pub fn scan_with_progress(path: &Path, report: &mut dyn FnMut(usize)) -> Self {
        let mut index = Self::empty(path);
        index.folder = match index.read_names(report) {
            Ok(()) => Folder::Readable,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Folder::Missing,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot read the heartbeats folder");
                Folder::Unreadable
            }
        };
        for series in index.series.values_mut() {
            series.stamps.sort_unstable_by_key(|stamp| stamp.seconds());
        }
        index
    }

    fn read_names(&mut self, report: &mut dyn FnMut(usize)) -> io::Result<()> {
        note(Look::Scan);
        let (folder, series) = (&self.path, &mut self.series);
        let mut read = 0;
        dir_entries::each(folder, |name, kind| {
            read += 1;
            if read % PROGRESS_INTERVAL == 0 {
                report(read);
            }
            // Ids in JSON are Unicode, so a name that is not Unicode belongs to no id.
            let Some(beat) = name.to_str().and_then(BeatName::parse) else { return };
            if !is_beat(folder, name, kind) {
                return;
            }
            // Looked up before an insert, so that a key is allocated once for each id and not for each heartbeat.
            if let Some(series) = series.get_mut(beat.id) {
                series.stamps.push(beat.stamp);
            } else {
                series.insert(beat.id.to_owned(), Series { stamps: vec![beat.stamp], ..Series::default() });
            }
        })
    }

    /// The folder's state at the scan.
    #[must_use]
    pub fn folder(&self) -> Folder {
        self.folder
    }

    /// Reads one directory entry again. Returns its id if it is or was a heartbeat.
    pub fn reread<'n>(&mut self, file_name: &'n str) -> Option<&'n str> {
        let name = BeatName::parse(file_name)?;
        let path = self.path.join(file_name);
        note(Look::Stat);
        let found = std::fs::symlink_metadata(&path);
        let series = self.series.entry(name.id.to_owned()).or_default();
        // Contents that were read before may be outdated.
        series.opened.retain(|beat| beat.stamp != name.stamp);
        let from = series.stamps.partition_point(|stamp| stamp.seconds() < name.stamp.seconds());
        let same = series.stamps.iter().skip(from).take_while(|stamp| stamp.seconds() == name.stamp.seconds());
        let known = same.zip(from..).find_map(|(stamp, at)| (*stamp == name.stamp).then_some(at));
        let exists = match found {
            Ok(found) => is_beat(&self.path, file_name.as_ref(), found.file_type().into()),
            // Only a missing file is gone: another error proves nothing.
            Err(error) => error.kind() != io::ErrorKind::NotFound && known.is_some(),
        };
        match (exists, known) {
            (true, None) => series.stamps.insert(from, name.stamp),
            (false, Some(at)) => drop(series.stamps.remove(at)),
            _ => {}
        }
        if series.stamps.is_empty() {
            self.series.remove(name.id);
        }
        Some(name.id)
    }

    /// Reads the files that are necessary to determine the newest heartbeat of an id at `now`.
    pub fn open_newest(&mut self, id: &str, now: Time) {
        let Some(series) = self.series.get_mut(id) else { return };
        let known = std::mem::take(&mut series.opened);
        let folder = &self.path;
        series.opened = newest::search(&series.stamps, now, &Local, |stamp| {
            let known = known.iter().find(|beat| beat.stamp == stamp).cloned();
            known.or_else(|| open(folder, BeatName { stamp, id }))
        });
        series.histogram =
            ActivityHistogram::of(activity_histogram::moments(&series.stamps, &series.opened, now, &Local));
    }

    /// The results of the last [`Self::open_newest`] for an id.
    #[must_use]
    pub fn known(&self, id: &str) -> KnownBeats<'_> {
        self.series
            .get(id)
            .map_or(KnownBeats::default(), |series| KnownBeats { opened: &series.opened, histogram: series.histogram })
    }

    /// The times of an id's heartbeats on the day before its last one, in no order.
    #[must_use]
    pub fn moments(&self, id: &str, now: Time) -> Vec<Time> {
        let found =
            self.series.get(id).map(|series| activity_histogram::moments(&series.stamps, &series.opened, now, &Local));
        found.unwrap_or_default()
    }

    /// The heartbeats of an id that were read and may be its newest.
    #[must_use]
    pub fn opened(&self, id: &str) -> &[Beat] {
        self.series.get(id).map_or(&[], |series| series.opened.as_slice())
    }

    /// The files of an id that may have been rewritten without a new name in the folder.
    #[must_use]
    pub fn rewritable(&self, id: &str) -> Vec<String> {
        let opened = self.opened(id).iter().map(|beat| beat.file.clone());
        opened.chain([format!("{id}.json")]).collect()
    }

    /// All ids that have a heartbeat.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// Whether an id has a heartbeat.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.series.contains_key(id)
    }
}

/// Whether a directory entry is a regular file, or a link to one.
fn is_beat(folder: &Path, name: &OsStr, kind: EntryKind) -> bool {
    let leads_to_one = || {
        note(Look::Stat);
        std::fs::metadata(folder.join(name)).is_ok_and(|target| target.is_file())
    };
    kind == EntryKind::File || kind == EntryKind::Link && leads_to_one()
}

/// Reads a heartbeat. `None` if it is gone or is no longer a file.
fn open(folder: &Path, name: BeatName<'_>) -> Option<Beat> {
    let path = folder.join(name.file_name());
    let (modified, content) = match file::read(&path, CONTENT_LIMIT) {
        Ok(Some(found)) => (file::modified(&found.metadata), Content::read(&found.bytes, found.is_whole)),
        Ok(None) => return None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        // An unreadable file is a heartbeat too: its name and modification time prove that.
        Err(error) => {
            tracing::debug!(path = %path.display(), %error, "cannot read a beat");
            let modified = std::fs::metadata(&path).ok().as_ref().and_then(file::modified);
            (modified, Content::unreadable())
        }
    };
    Some(Beat::new(name, &Local, modified, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use headcount_core::time;

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    fn write(folder: &Path, name: &str, minutes_ago: i64) {
        let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(now() - TimeDelta::minutes(minutes_ago)));
        std::fs::write(folder.join(name), content).unwrap();
    }

    fn newest(index: &mut HeartbeatIndex, id: &str) -> Option<Time> {
        index.open_newest(id, now());
        index.opened(id).iter().map(|beat| beat.time(now()).at).max()
    }

    #[test]
    fn reread_gives_the_same_as_a_scan() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let mut index = HeartbeatIndex::scan(path);
        for (name, ago) in
            [("2025-11-17_10-00-00-a.json", 90), ("2025-11-17_11-00-a.json", 80), ("a.json", 95), ("b.json", 1)]
        {
            write(path, name, ago);
            assert!(index.reread(name).is_some());
            assert_eq!(newest(&mut index, "a"), newest(&mut HeartbeatIndex::scan(path), "a"), "{name}");
        }
        assert_eq!(newest(&mut index, "a"), Some(now() - TimeDelta::minutes(80)));
        // Rewritten in place, then removed.
        write(path, "a.json", 5);
        index.reread("a.json");
        assert_eq!(newest(&mut index, "a"), Some(now() - TimeDelta::minutes(5)));
        for name in ["a.json", "2025-11-17_11-00-a.json", "2025-11-17_10-00-00-a.json"] {
            std::fs::remove_file(path.join(name)).unwrap();
            index.reread(name);
            assert_eq!(newest(&mut index, "a"), newest(&mut HeartbeatIndex::scan(path), "a"), "{name}");
        }
        assert!(!index.contains("a") && index.contains("b"));
        assert_eq!(index.reread("unrelated.txt"), None);
    }

    #[test]
    fn a_missing_folder_is_not_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(HeartbeatIndex::scan(folder.path()).folder(), Folder::Readable);
        assert_eq!(HeartbeatIndex::scan(&folder.path().join("none")).folder(), Folder::Missing);
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(HeartbeatIndex::scan(&file).folder(), Folder::Unreadable);
    }

    #[cfg(unix)]
    #[test]
    fn other_files_are_ignored_and_do_not_block() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        crate::files::file::make_pipe(&path.join("pipe.json"));
        std::fs::create_dir(path.join("2025-11-17_10-00-00-folder.json")).unwrap();
        symlink("/nonexistent", path.join("dangling.json")).unwrap();
        symlink("pipe.json", path.join("to-pipe.json")).unwrap();
        symlink("loop.json", path.join("loop.json")).unwrap();
        write(path, "real.json", 3);
        symlink("real.json", path.join("linked.json")).unwrap();
        let mut index = HeartbeatIndex::scan(path);
        let mut ids: Vec<_> = index.ids().map(str::to_owned).collect();
        ids.sort();
        assert_eq!(ids, ["linked", "real"]);
        assert_eq!(newest(&mut index, "linked"), Some(now() - TimeDelta::minutes(3)));
        for name in ["pipe.json", "dangling.json", "to-pipe.json", "loop.json"] {
            index.reread(name);
            assert!(!index.contains(name.trim_end_matches(".json")), "{name}");
        }
        // A heartbeat that is replaced by a pipe after the scan does not block either.
        std::fs::remove_file(path.join("real.json")).unwrap();
        std::fs::rename(path.join("pipe.json"), path.join("real.json")).unwrap();
        let mut index = HeartbeatIndex { series: index.series, ..HeartbeatIndex::scan(path) };
        index.series.get_mut("real").unwrap().opened.clear();
        assert_eq!(newest(&mut index, "real"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_heartbeat_that_cannot_be_looked_at_again_is_not_gone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("heartbeats");
        std::fs::create_dir(&path).unwrap();
        write(&path, "2025-11-17_19-00-00-a.json", 60);
        let mut index = HeartbeatIndex::scan(&path);
        // From here on nothing in the folder can be reached.
        std::fs::rename(&path, root.path().join("away")).unwrap();
        std::os::unix::fs::symlink(&path, &path).unwrap();
        index.reread("2025-11-17_19-00-00-a.json");
        index.reread("2025-11-17_19-30-00-b.json");
        assert!(index.contains("a") && !index.contains("b"));
        std::fs::remove_file(&path).unwrap();
        index.reread("2025-11-17_19-00-00-a.json");
        assert!(!index.contains("a"), "the folder does not exist");
    }

    #[test]
    fn a_huge_heartbeat_is_not_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join("2025-11-17_10-00-00-a.json")).unwrap();
        file.set_len(500 * 1024 * 1024).unwrap();
        let mut index = HeartbeatIndex::scan(folder.path());
        index.open_newest("a", now());
        assert!(index.opened("a")[0].content.is_broken);
    }

    #[test]
    fn a_reread_heartbeat_becomes_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        for second in 0..50 {
            write(folder.path(), &format!("2025-11-16_10-00-{second:02}-a.json"), 1440);
        }
        let mut index = HeartbeatIndex::scan(folder.path());
        write(folder.path(), "2025-11-17_11-59-00-a.json", 1);
        index.reread("2025-11-17_11-59-00-a.json");
        assert_eq!(newest(&mut index, "a"), Some(now() - TimeDelta::minutes(1)));
    }
}
