//! Claude Code's records of its running sessions, `sessions/<pid>.json` in its own folder.
//!
//! Promises: reads, and never writes or removes anything there; a torn record is given a second look; a record that says
//! another pid than its name is none; nothing but such files is opened. Does not know which of them still run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use headcount_core::claude::Record;

use crate::file;

/// No record is this large.
const LIMIT: u64 = 64 * 1024;

/// How soon a torn record is looked at again.
const AGAIN: Duration = Duration::from_millis(10);

/// The records of a folder, by pid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    folder: Option<PathBuf>,
    by_pid: BTreeMap<u32, Record>,
    /// The same, as they are asked for.
    all: Vec<Record>,
}

impl Records {
    /// Reads a folder; one that is not there holds nothing.
    pub(crate) fn scan(folder: Option<&Path>) -> Self {
        let mut records = Self { folder: folder.map(Path::to_owned), ..Self::default() };
        let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
        for entry in entries.into_iter().flatten().flatten() {
            if let Some(name) = entry.file_name().to_str() {
                records.read(name);
            }
        }
        records.settle();
        records
    }

    /// Reads the record of one process.
    pub(crate) fn one(folder: &Path, pid: u32) -> Option<Record> {
        let mut records = Self { folder: Some(folder.to_owned()), ..Self::default() };
        records.read(&format!("{pid}.json"));
        records.by_pid.remove(&pid)
    }

    /// Looks at single files again.
    pub(crate) fn touch<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
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
        let (Some(pid), Some(folder)) = (pid(name), &self.folder) else { return };
        let path = folder.join(name);
        let record = bytes(&path).and_then(|found| {
            // It is written in place. What is still torn then is followed by another change.
            Record::read(&found).or_else(|| {
                if !Record::is_torn(&found) {
                    return None;
                }
                std::thread::sleep(AGAIN);
                Record::read(&bytes(&path)?)
            })
        });
        match record.filter(|record| record.pid == pid) {
            Some(record) => drop(self.by_pid.insert(pid, record)),
            None => drop(self.by_pid.remove(&pid)),
        }
    }

    fn settle(&mut self) {
        self.all = self.by_pid.values().cloned().collect();
    }
}

fn bytes(path: &Path) -> Option<Vec<u8>> {
    file::read(path, LIMIT).ok().flatten().filter(|contents| contents.is_whole).map(|contents| contents.bytes)
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

    fn pids(records: &Records) -> Vec<u32> {
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
        let mut records = Records::scan(Some(path));
        assert_eq!(pids(&records), [4, 30]);
        write(path, "7.json", &of(7));
        std::fs::remove_file(path.join("4.json")).unwrap();
        records.touch(["7.json", "4.json", "9.key"]);
        assert_eq!(pids(&records), [7, 30]);
        assert!(Records::scan(Some(&path.join("none"))).all().is_empty());
        assert!(Records::scan(None).all().is_empty());
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
            Records::scan(Some(folder.path()))
        });
        assert_eq!(pids(&found), [7]);
    }
}
