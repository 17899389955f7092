//! Claude Code's configuration folders on this machine: `~/.claude`, and those that `CLAUDE_CONFIG_DIR` names for some
//! sessions.
//!
//! Guarantees: the folder of this process's own environment comes first; others are those in which a session registered by its
//! hook (remembered below the state folder), and those in the environment of processes that run now and have a record
//! there. Every process of the system is read for the latter, so only a look at all sessions does that, and one that follows
//! them when a session comes or goes ([`with_running`]). What is remembered is bounded, and a folder that is gone is left out.
//! A session that started in a folder of its own after the last such look, and has no hooks, is not found until the next.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::Workspace;
use crate::files::{atomic, file};

/// The file's name in the state folder. It has one path per line.
pub(crate) const FILE: &str = "claude_folders";

/// The folder of records below a configuration folder.
const RECORDS: &str = "sessions";

/// How many folders are remembered: people have a handful of accounts.
const KEPT: usize = 16;

/// Maximum size of the file in bytes.
const LIMIT: u64 = 128 * 1024;

/// The variable with the folder's path.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
const VARIABLE: &str = "CLAUDE_CONFIG_DIR";

/// The folders of records, `sessions` below each: of `own`, and of what is remembered below `state`.
pub(crate) fn records(own: Option<&Path>, state: &Path) -> Vec<PathBuf> {
    distinct(own.map(|own| own.join(RECORDS)).into_iter().chain(remembered(state)))
}

/// The folders of records of a workspace, and those of the processes that run now.
pub(crate) fn with_running(workspace: &Workspace) -> Vec<PathBuf> {
    let running = workspace.home.as_deref().map(|home| running(Some(home))).unwrap_or_default();
    distinct(workspace.records.iter().cloned().chain(running.into_iter().map(|folder| folder.join(RECORDS))))
}

/// The folders of records of a workspace that is followed: its own, what is remembered by now, and those that were followed
/// before while they exist.
pub(crate) fn followed(workspace: &Workspace, before: &[PathBuf]) -> Vec<PathBuf> {
    let still_there = before.iter().filter(|records| records.parent().is_some_and(Path::is_dir)).cloned();
    distinct(workspace.records.iter().cloned().chain(remembered(&workspace.state)).chain(still_there))
}

fn remembered(state: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = if state.is_absolute() { read(state) } else { Vec::new() };
    folders.into_iter().map(|folder| folder.join(RECORDS))
}

fn distinct(folders: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in folders {
        if !found.contains(&folder) {
            found.push(folder);
        }
    }
    found
}

/// Stores a folder in which a session was registered.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn remember(state: &Path, folder: &Path) -> Result<(), Error> {
    let mut folders = read(state);
    if folders.iter().any(|known| known == folder) || !is_storable(folder) {
        return Ok(());
    }
    folders.push(folder.to_owned());
    let from = folders.len().saturating_sub(KEPT);
    let lines = folders.iter().skip(from).map(|folder| format!("{}\n", folder.display()));
    atomic::replace_private_unsynced(&state.join(FILE), lines.collect::<String>().as_bytes())
}

fn read(state: &Path) -> Vec<PathBuf> {
    let contents = file::read(&state.join(FILE), LIMIT).ok().flatten();
    let text =
        contents.filter(|contents| contents.is_whole).and_then(|contents| String::from_utf8(contents.bytes).ok());
    let folders = text.iter().flat_map(|text| text.lines()).map(PathBuf::from);
    folders.filter(|folder| is_storable(folder) && folder.is_dir()).take(KEPT).collect()
}

/// Whether a path can be stored: it is absolute, Unicode, and has no line break.
fn is_storable(folder: &Path) -> bool {
    folder.is_absolute() && folder.to_str().is_some_and(|text| !text.contains(['\n', '\r']))
}

/// The folders in the environment of running processes that have a record there. Only processes with this home folder
/// count: another one belongs to another user or to a test.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
fn running(home: Option<&Path>) -> Vec<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // The environment of another user's process cannot be read. Checking the owner is cheaper than trying.
        if entry.metadata().is_ok_and(|metadata| metadata.uid() != own) {
            continue;
        }
        let Some(folder) = crate::process::variable_of(pid, VARIABLE).map(PathBuf::from) else { continue };
        if crate::process::variable_of(pid, "HOME").as_deref().map(Path::new) != home {
            continue;
        }
        let has_record = || folder.join(format!("sessions/{pid}.json")).is_file();
        if is_storable(&folder) && !folders.contains(&folder) && folders.len() < KEPT && has_record() {
            folders.push(folder);
        }
    }
    folders
}

/// On other systems the environment of processes is not read, so only hooks report other folders.
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
fn running(_home: Option<&Path>) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_stored_once_and_their_number_is_limited() {
        let root = tempfile::tempdir().unwrap();
        let (state, folder) = (root.path().join("state"), |name: &str| root.path().join(name));
        let own = folder("own");
        assert_eq!(records(Some(&own), &state), [own.join("sessions")]);
        for at in 0..KEPT + 3 {
            let other = folder(&format!("other-{at}"));
            std::fs::create_dir(&other).unwrap();
            remember(&state, &other).unwrap();
            remember(&state, &other).unwrap();
        }
        remember(&state, Path::new("relative")).unwrap();
        remember(&state, &folder("two\nlines")).unwrap();
        let found = records(Some(&own), &state);
        assert_eq!(found.len(), 1 + KEPT, "{found:?}");
        assert_eq!((&found[0], &found[1]), (&own.join("sessions"), &folder("other-3/sessions")));
        std::fs::remove_dir(folder("other-3")).unwrap();
        assert!(!records(None, &state).contains(&folder("other-3/sessions")));
        assert_eq!(records(None, Path::new("")), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_folder_that_is_followed_is_kept_while_it_exists() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| root.path().join(name);
        let [own, remembered, running, gone] = ["own", "remembered", "running", "gone"].map(folder);
        let records = [&own, &remembered, &running, &gone].map(|folder| folder.join("sessions"));
        std::fs::create_dir(&remembered).unwrap();
        std::fs::create_dir(&running).unwrap();
        let state = folder("state");
        let workspace = Workspace { records: vec![records[0].clone()], state: state.clone(), ..Workspace::default() };
        let before = [&records[0], &records[2], &records[3]].map(Clone::clone);
        assert_eq!(followed(&workspace, &before), [&records[0], &records[2]].map(Clone::clone));
        remember(&state, &remembered).unwrap();
        let found = followed(&workspace, &before);
        assert_eq!(found, records[..3]);
        assert_eq!(followed(&workspace, &found), found);
    }

    #[cfg(all(target_os = "linux", not(feature = "portable")))]
    #[test]
    fn a_folder_of_a_running_process_with_a_record_is_found() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        let mut command = std::process::Command::new("cat");
        // It ends with this test, also if that fails.
        command.stdin(std::process::Stdio::piped());
        let mut child = command.env("HOME", &home).env("CLAUDE_CONFIG_DIR", root.path()).spawn().unwrap();
        // The system shows the environment a moment after the program was started.
        while crate::process::variable_of(child.id(), VARIABLE).is_none() {
            std::thread::yield_now();
        }
        assert_eq!(running(Some(&home)), Vec::<PathBuf>::new(), "without a record");
        std::fs::create_dir(root.path().join("sessions")).unwrap();
        std::fs::write(root.path().join(format!("sessions/{}.json", child.id())), "{}").unwrap();
        assert_eq!(running(Some(&home)), [root.path()]);
        assert_eq!(running(Some(root.path())), Vec::<PathBuf>::new(), "of another home");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
