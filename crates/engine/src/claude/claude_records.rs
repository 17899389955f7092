//! Claude Code's records of its running sessions, `sessions/<pid>.json` in its own folders.
//!
//! Guarantees: reads, and never writes or removes anything there; a torn record is looked at twice, and if it stays torn what
//! was known before stays; a record with another pid than its name is none; nothing but such files is opened. Does not know
//! which of them still run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use headcount_core::claude::Record;

use crate::files::file;

/// No record is this large.
const LIMIT: u64 = 64 * 1024;

/// How soon a torn record is looked at again.
const AGAIN: Duration = Duration::from_millis(10);

/// The records of some folders, by pid.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaudeRecords {
    folders: Vec<PathBuf>,
    /// Each pid can have a record in every folder; at most one of them is of a process that runs.
    by_pid: BTreeMap<u32, Vec<Record>>,
    /// The same, as they are asked for.
    all: Vec<Record>,
}

impl ClaudeRecords {
    /// Reads folders; one that is not there holds nothing.
    pub(crate) fn scan(folders: &[PathBuf]) -> Self {
        let mut records = Self { folders: folders.to_owned(), ..Self::default() };
        records.rescan(folders);
        records
    }

    /// Reads folders again. A record that is torn now is kept as it was known.
    pub(crate) fn rescan(&mut self, folders: &[PathBuf]) {
        folders.clone_into(&mut self.folders);
        let mut names = BTreeSet::new();
        for entry in folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten() {
            names.extend(entry.file_name().to_str().filter(|name| pid(name).is_some()).map(str::to_owned));
        }
        self.by_pid.retain(|pid, _| names.contains(&format!("{pid}.json")));
        for name in &names {
            self.read(name);
        }
        self.settle();
    }

    /// Reads the record of one process.
    pub(crate) fn one(folder: &Path, pid: u32) -> Option<Record> {
        let mut records = Self { folders: vec![folder.to_owned()], ..Self::default() };
        records.read(&format!("{pid}.json"));
        records.by_pid.remove(&pid)?.pop()
    }

    /// Looks at single files again.
    pub(crate) fn reread<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            self.read(name);
        }
        self.settle();
    }

    /// The records, by pid.
    pub(crate) fn all(&self) -> &[Record] {
        &self.all
    }

    fn read(&mut self, name: &str) {
        let Some(pid) = pid(name) else { return };
        let mut is_torn = false;
        let mut found: Vec<Record> = Vec::new();
        for folder in &self.folders {
            match look(&folder.join(name)) {
                Look::Record(record) => found.extend(Some(*record).filter(|record| record.pid == pid)),
                Look::Unreadable => is_torn = true,
                Look::None => {}
            }
        }
        let before = self.by_pid.remove(&pid).filter(|_| is_torn);
        // What cannot be read now says nothing about its process. If it is being written, another change follows.
        let is_missing = |record: &Record| !found.iter().any(|other| other.process == record.process);
        let kept: Vec<Record> = before.into_iter().flatten().filter(is_missing).collect();
        found.extend(kept);
        if !found.is_empty() {
            self.by_pid.insert(pid, found);
        }
    }

    fn settle(&mut self) {
        self.all = self.by_pid.values().flatten().cloned().collect();
    }
}

/// What a file holds.
enum Look {
    Record(Box<Record>),
    /// A record that is being written, or that cannot be read.
    Unreadable,
    /// No file, or one that is whole and no record.
    None,
}

fn look(path: &Path) -> Look {
    let read = || match file::read(path, LIMIT) {
        Ok(Some(contents)) if contents.is_whole => match Record::read(&contents.bytes) {
            Some(record) => Look::Record(Box::new(record)),
            None if Record::is_torn(&contents.bytes) => Look::Unreadable,
            None => Look::None,
        },
        // Not a regular file.
        Ok(None) => Look::None,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Look::None,
        // Too large, or an error.
        Ok(Some(_)) | Err(_) => Look::Unreadable,
    };
    match read() {
        // It is written in place.
        Look::Unreadable => {
            std::thread::sleep(AGAIN);
            read()
        }
        look => look,
    }
}

/// The pid that a record's name says: `767.json`. The keys beside the records are never opened.
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
    fn records_and_what_lies_beside_them() {
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
    fn what_cannot_be_read_says_nothing_and_each_folder_has_its_own() {
        let root = tempfile::tempdir().unwrap();
        let folders = ["one", "two"].map(|name| root.path().join(name));
        for folder in &folders {
            std::fs::create_dir(folder).unwrap();
        }
        let text = |start: &str| format!("{{\"pid\": 7, \"kind\": \"bg\", \"procStart\": \"{start}\"}}");
        // Left over in one folder, running in the other.
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
    fn a_torn_record_is_given_a_second_look() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7.json");
        std::fs::write(&path, "{\"pid\": 7, ").unwrap();
        // Whole by the time of the second look, however often the first one comes too early.
        let found = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(AGAIN / 4);
                std::fs::write(&path, "{\"pid\": 7, \"kind\": \"bg\"}").unwrap();
            });
            ClaudeRecords::scan(&[folder.path().to_owned()])
        });
        assert_eq!(pids(&found), [7]);
    }
}
