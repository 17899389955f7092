//! Claude Code's records of its running sessions: `sessions/<pid>.json` in its folders.
//!
//! Guarantees: never writes or removes a file there. A torn record is read twice; if it stays torn, the earlier record
//! is kept. A record with a pid that differs from its name is ignored. Opens no other files. Does not know which of the
//! sessions still run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use headcount_core::claude::Record;

use crate::files::file;

/// Maximum size of a record in bytes.
const LIMIT: u64 = 64 * 1024;

/// The delay before a torn record is read again.
const RETRY_DELAY: Duration = Duration::from_millis(10);

/// The records of some folders.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaudeRecords {
    folders: Vec<PathBuf>,
    /// The records by pid. A pid can have a record in each folder; at most one of them belongs to a running process.
    by_pid: BTreeMap<u32, Vec<Record>>,
    /// All records, ordered by pid.
    all: Vec<Record>,
}

impl ClaudeRecords {
    /// Reads folders. A missing folder has no records.
    pub(crate) fn scan(folders: &[PathBuf]) -> Self {
        let mut records = Self { folders: folders.to_owned(), ..Self::default() };
        records.rescan(folders);
        records
    }

    /// Reads folders again. Keeps the earlier version of a record that is torn now.
    pub(crate) fn rescan(&mut self, folders: &[PathBuf]) {
        folders.clone_into(&mut self.folders);
        let mut names = BTreeSet::new();
        for folder in folders {
            match std::fs::read_dir(folder) {
                Ok(entries) => names.extend(entries.flatten().filter_map(|entry| {
                    entry.file_name().to_str().filter(|name| pid(name).is_some()).map(str::to_owned)
                })),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                // It may contain every record that is known.
                Err(_) => names.extend(self.by_pid.keys().map(|pid| format!("{pid}.json"))),
            }
        }
        self.by_pid.retain(|pid, _| names.contains(&format!("{pid}.json")));
        for name in &names {
            self.read(name);
        }
        self.rebuild_all();
    }

    /// Reads the record of one process.
    pub(crate) fn one(folder: &Path, pid: u32) -> Option<Record> {
        let mut records = Self { folders: vec![folder.to_owned()], ..Self::default() };
        records.read(&format!("{pid}.json"));
        records.by_pid.remove(&pid)?.pop()
    }

    /// Reads single files again.
    pub(crate) fn reread<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> RecordChanges {
        let mut changes = RecordChanges::Activity(Vec::new());
        for name in names {
            let Some(pid) = pid(name) else { continue };
            let before = self.by_pid.get(&pid).cloned().unwrap_or_default();
            self.read(name);
            let after = self.by_pid.get(&pid).map_or(&[][..], Vec::as_slice);
            changes.add(pid, &before, after);
        }
        match &changes {
            RecordChanges::Other => self.rebuild_all(),
            RecordChanges::Activity(pids) => pids.iter().for_each(|pid| self.update_all(*pid)),
        }
        changes
    }

    /// All records, ordered by pid.
    pub(crate) fn all(&self) -> &[Record] {
        &self.all
    }

    fn read(&mut self, name: &str) {
        let Some(pid) = pid(name) else { return };
        let mut is_torn = false;
        let mut found: Vec<Record> = Vec::new();
        for folder in &self.folders {
            match look(&folder.join(name), || std::thread::sleep(RETRY_DELAY)) {
                Look::Record(record) => found.extend(Some(*record).filter(|record| record.pid == pid)),
                Look::Unreadable => is_torn = true,
                Look::None => {}
            }
        }
        let before = self.by_pid.remove(&pid).filter(|_| is_torn);
        // An unreadable file is no evidence that its process ended. If it is being written, another event follows.
        let is_missing = |record: &Record| !found.iter().any(|other| other.process == record.process);
        let kept: Vec<Record> = before.into_iter().flatten().filter(is_missing).collect();
        found.extend(kept);
        if !found.is_empty() {
            self.by_pid.insert(pid, found);
        }
    }

    /// The records of a pid.
    pub(crate) fn of_pid(&self, pid: u32) -> &[Record] {
        self.by_pid.get(&pid).map_or(&[], Vec::as_slice)
    }

    /// Copies the records of a pid, of which there are as many as before, to `all`.
    fn update_all(&mut self, pid: u32) {
        let from = self.all.partition_point(|record| record.pid < pid);
        for (to, record) in self.all.iter_mut().skip(from).zip(self.by_pid.get(&pid).into_iter().flatten()) {
            to.clone_from(record);
        }
    }

    fn rebuild_all(&mut self) {
        self.all = self.by_pid.values().flatten().cloned().collect();
    }
}

/// What changed in some records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RecordChanges {
    /// At most what the sessions of these pids are doing.
    Activity(Vec<u32>),
    /// A record was added or removed, or changed otherwise.
    Other,
}

impl RecordChanges {
    fn add(&mut self, pid: u32, before: &[Record], after: &[Record]) {
        let is_same = before.len() == after.len()
            && before.iter().zip(after).all(|(before, after)| before.differs_in_activity_at_most(after));
        match self {
            Self::Activity(pids) if is_same && before != after => pids.push(pid),
            Self::Activity(_) if is_same => {}
            _ => *self = Self::Other,
        }
    }
}

/// The result of reading a file.
enum Look {
    Record(Box<Record>),
    /// A record that is being written or cannot be read.
    Unreadable,
    /// No file, or one that is complete and is no record.
    None,
}

/// Reads a record, and once more after `wait` if it is torn: Claude Code writes records in place.
fn look(path: &Path, wait: impl FnOnce()) -> Look {
    let read = || match file::read(path, LIMIT) {
        Ok(Some(contents)) if contents.is_whole => match Record::read(&contents.bytes) {
            Some(record) => Look::Record(Box::new(record)),
            None if Record::is_torn(&contents.bytes) => Look::Unreadable,
            None => Look::None,
        },
        // It is not a regular file.
        Ok(None) => Look::None,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Look::None,
        // It is too large, or reading failed.
        Ok(Some(_)) | Err(_) => Look::Unreadable,
    };
    match read() {
        Look::Unreadable => {
            wait();
            read()
        }
        look => look,
    }
}

/// The pid in a record's file name, such as `767.json`. The key files in the same folder are never opened.
pub(crate) fn pid(name: &str) -> Option<u32> {
    name.strip_suffix(".json")?.parse().ok().filter(|pid| format!("{pid}.json") == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        std::fs::write(folder.join(name), text).unwrap();
    }

    fn pids(records: &ClaudeRecords) -> Vec<u32> {
        records.all().iter().map(|record| record.pid).collect()
    }

    fn of(pid: u32) -> String {
        format!("{{\"pid\": {pid}, \"kind\": \"bg\"}}")
    }

    #[test]
    fn scan_reads_records_and_ignores_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        write(path, "30.json", &of(30));
        write(path, "4.json", &of(4));
        write(path, "5.json", &of(6));
        write(path, "7.json", "{\"pid\": 7");
        write(path, "08.json", &of(8));
        write(path, "9.key", &of(9));
        write(path, "notes.json", &of(10));
        std::fs::create_dir(path.join("11.json")).unwrap();
        let mut records = ClaudeRecords::scan(&[path.to_owned()]);
        assert_eq!(pids(&records), [4, 30]);
        write(path, "7.json", &of(7));
        std::fs::remove_file(path.join("4.json")).unwrap();
        records.reread(["7.json", "4.json", "9.key"]);
        assert_eq!(pids(&records), [7, 30]);
        assert!(ClaudeRecords::scan(&[path.join("none")]).all().is_empty());
        assert!(ClaudeRecords::scan(&[]).all().is_empty());
    }

    #[test]
    fn a_change_of_status_is_reported_by_its_pid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let of = |pid: u32, more: &str| {
            write(path, &format!("{pid}.json"), &format!("{{\"pid\": {pid}, \"kind\": \"bg\"{more}}}"));
        };
        for pid in [4, 7, 30] {
            of(pid, "");
        }
        let mut records = ClaudeRecords::scan(&[path.to_owned()]);
        let names = ["4.json", "7.json", "30.json"];
        assert_eq!(records.reread(names), RecordChanges::Activity(vec![]), "nothing changed");
        of(7, ", \"status\": \"waiting\", \"waitingFor\": \"permission prompt\"");
        of(30, ", \"status\": \"idle\"");
        assert_eq!(records.reread(names), RecordChanges::Activity(vec![7, 30]));
        let activities: Vec<bool> = records.all().iter().map(|record| record.activity.is_some()).collect();
        assert_eq!((pids(&records), activities), (vec![4, 7, 30], vec![false, true, true]));
        of(4, ", \"name\": \"n\"");
        of(7, "");
        assert_eq!(records.reread(names), RecordChanges::Other);
        std::fs::remove_file(path.join("4.json")).unwrap();
        assert_eq!(records.reread(["4.json"]), RecordChanges::Other);
        of(5, "");
        assert_eq!(records.reread(["5.json"]), RecordChanges::Other);
        assert_eq!(pids(&records), [5, 7, 30]);
    }

    #[test]
    fn unreadable_records_are_kept_and_folders_do_not_share_records() {
        let root = tempfile::tempdir().unwrap();
        let folders = ["one", "two"].map(|name| root.path().join(name));
        for folder in &folders {
            std::fs::create_dir(folder).unwrap();
        }
        let text = |start: &str| format!("{{\"pid\": 7, \"kind\": \"bg\", \"procStart\": \"{start}\"}}");
        // The session of one folder has ended, that of the other runs.
        write(&folders[0], "7.json", &text("old"));
        write(&folders[1], "7.json", &text("new"));
        let mut records = ClaudeRecords::scan(&folders);
        assert_eq!(pids(&records), [7, 7]);
        let torn = "{\"pid\": 7, ".to_owned();
        for unreadable in ["", &torn, &format!("{torn}{}", "x".repeat(LIMIT as usize))] {
            write(&folders[1], "7.json", unreadable);
            records.reread(["7.json"]);
            assert_eq!(pids(&records), [7, 7], "{} bytes", unreadable.len());
            records.rescan(&folders);
            assert_eq!(pids(&records), [7, 7], "{} bytes", unreadable.len());
        }
        std::fs::remove_file(folders[1].join("7.json")).unwrap();
        records.reread(["7.json"]);
        assert_eq!(pids(&records), [7]);
        write(&folders[0], "7.json", "[]");
        records.reread(["7.json"]);
        assert_eq!(pids(&records), [0; 0]);
    }

    #[test]
    fn a_torn_record_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7.json");
        std::fs::write(&path, "{\"pid\": 7, ").unwrap();
        assert!(matches!(look(&path, || {}), Look::Unreadable));
        let complete = || write(folder.path(), "7.json", "{\"pid\": 7, \"kind\": \"bg\"}");
        assert!(matches!(look(&path, complete), Look::Record(record) if record.pid == 7));
        assert!(matches!(look(&path, || panic!("a whole record is read once")), Look::Record(_)));
    }
}
