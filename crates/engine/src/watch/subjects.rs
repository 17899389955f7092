//! What is watched, and what an event means: pure.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use headcount_core::heartbeat::BeatName;

use crate::Workspace;
use crate::claude::{claude_records, config_folders};
use crate::files::file::real_path;
use crate::snooze;
use crate::suspend;

/// The files that have to be read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is about another file")]
pub(crate) struct Batch {
    /// The registry.
    pub(crate) registry: bool,
    /// These files in the heartbeats folder.
    pub(crate) beats: BTreeSet<String>,
    /// Headcount's own state: the journal, the snooze, the suspend marker.
    pub(crate) memory: bool,
    /// These files of Claude Code's records.
    pub(crate) records: BTreeSet<String>,
    /// The configuration.
    pub(crate) config: bool,
    /// A folder outside the workspace was created, removed or replaced: that of Headcount's state, of the
    /// configuration, or of Claude Code's records.
    pub(crate) auxiliary: bool,
    /// A folder of the workspace was created, removed or replaced, or events were lost: all files.
    pub(crate) everything: bool,
}

/// The files that events are matched against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subjects {
    /// The registry, and its target if it is a link.
    registry: Vec<PathBuf>,
    heartbeats: PathBuf,
    memory: Vec<PathBuf>,
    records: Vec<PathBuf>,
    /// The configuration, and its target if it is a link.
    config: Vec<PathBuf>,
}

impl Subjects {
    pub(super) fn of(workspace: &Workspace, config: Option<&Path>) -> Self {
        let mut memory = vec![
            workspace.memory.join("journal.jsonl"),
            workspace.state.join(snooze::FILE),
            workspace.memory.join(suspend::FILE),
        ];
        memory.retain(|path| path.is_absolute());
        let mut config = config.map(with_target).unwrap_or_default();
        // This file determines the folders with records, as the configuration determines the workspace.
        config.extend(Some(workspace.state.join(config_folders::FILE)).filter(|path| path.is_absolute()));
        let (heartbeats, records) = (workspace.heartbeats.clone(), workspace.records.clone());
        Self { registry: with_target(&workspace.registry), heartbeats, memory, records, config }
    }

    /// All folders that are of interest.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.workspace().chain(self.auxiliary())
    }

    /// The folders without which changes cannot be followed.
    pub(super) fn needed(&self) -> impl Iterator<Item = &Path> {
        self.workspace().chain(self.own())
    }

    /// The workspace's folders. The cost of reading them is proportional to their size.
    pub(super) fn workspace(&self) -> impl Iterator<Item = &Path> {
        parents(&self.registry).chain([self.heartbeats.as_path()])
    }

    /// The folders outside the workspace: Headcount's own and Claude Code's.
    pub(super) fn auxiliary(&self) -> impl Iterator<Item = &Path> {
        self.own().chain(self.records.iter().map(PathBuf::as_path))
    }

    /// Headcount's own folders.
    fn own(&self) -> impl Iterator<Item = &Path> {
        parents(&self.memory).chain(parents(&self.config))
    }
}

fn parents(files: &[PathBuf]) -> impl Iterator<Item = &Path> {
    files.iter().filter_map(|path| path.parent())
}

/// A file, and its target if it is a link.
fn with_target(path: &Path) -> Vec<PathBuf> {
    let real = real_path(path).ok().filter(|real| real != path);
    [path.to_owned()].into_iter().chain(real).collect()
}

/// Whether the system reports of a watched folder that it was itself removed or renamed. Otherwise only watching its
/// parent shows it.
pub(super) const REPORTS_OWN_REMOVAL: bool = cfg!(all(target_os = "linux", not(feature = "portable")));

/// The folders to watch: each wanted folder, or its nearest existing ancestor, and their parents if necessary.
pub(super) fn plan<'p>(
    wanted: impl Iterator<Item = &'p Path>,
    reports_own_removal: bool,
    exists: impl Fn(&Path) -> bool,
) -> BTreeSet<PathBuf> {
    let found = wanted.filter_map(|folder| folder.ancestors().find(|path| exists(path)));
    let parent = |folder: &'p Path| if reports_own_removal { None } else { folder.parent() };
    found.flat_map(|folder| [Some(folder), parent(folder)]).flatten().map(Path::to_owned).collect()
}

/// Adds to `batch` what an event at `path` means.
pub(super) fn classify(path: &Path, subjects: &Subjects, batch: &mut Batch) {
    if path.parent() == Some(&subjects.heartbeats) {
        batch.beats.extend(
            path.file_name().and_then(OsStr::to_str).filter(|name| BeatName::parse(name).is_some()).map(str::to_owned),
        );
    }
    if path.parent().is_some_and(|folder| subjects.records.iter().any(|records| records == folder)) {
        let name = path.file_name().and_then(OsStr::to_str);
        batch.records.extend(name.filter(|name| claude_records::pid(name).is_some()).map(str::to_owned));
    }
    batch.registry |= subjects.registry.iter().any(|registry| registry == path);
    batch.memory |= subjects.memory.iter().any(|memory| memory == path);
    batch.config |= subjects.config.iter().any(|config| config == path);
    // An event at one of the folders, or at a folder above it.
    batch.auxiliary |= subjects.auxiliary().any(|folder| folder.starts_with(path));
    batch.everything |= subjects.workspace().any(|folder| folder.starts_with(path));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects() -> Subjects {
        Subjects {
            registry: vec!["/ws/coord/claude_sessions.json".into(), "/real/r.json".into()],
            heartbeats: "/ws/coord/heartbeats".into(),
            memory: vec!["/state/ws/journal.jsonl".into(), "/state/snoozed_until".into()],
            records: vec!["/claude/sessions".into()],
            config: vec!["/config/headcount/config.toml".into(), "/dotfiles/headcount.toml".into()],
        }
    }

    #[test]
    fn classify_matches_paths_to_files() {
        let beats = |name: &str| Batch { beats: [name.to_owned()].into(), ..Batch::default() };
        let everything = Batch { everything: true, ..Batch::default() };
        let auxiliary = Batch { auxiliary: true, ..Batch::default() };
        for (path, wanted) in [
            ("/ws/coord/claude_sessions.json", Batch { registry: true, ..Batch::default() }),
            ("/real/r.json", Batch { registry: true, ..Batch::default() }),
            ("/ws/coord/.claude_sessions.json.x.tmp", Batch::default()),
            ("/ws/coord/.claude_sessions.json.lock", Batch::default()),
            ("/ws/coord/heartbeats/a.json", beats("a.json")),
            ("/ws/coord/heartbeats/.a.tmp", Batch::default()),
            ("/ws/coord/heartbeats/archive", Batch::default()),
            ("/ws/coord/heartbeats/archive/a.json", Batch::default()),
            ("/ws/coord/heartbeats", everything.clone()),
            ("/ws/coord", everything.clone()),
            ("/ws", everything),
            ("/state/ws", auxiliary.clone()),
            ("/config", auxiliary.clone()),
            ("/claude/sessions", auxiliary),
            ("/state/ws/journal.jsonl", Batch { memory: true, ..Batch::default() }),
            ("/state/snoozed_until", Batch { memory: true, ..Batch::default() }),
            ("/claude/sessions/767.json", Batch { records: ["767.json".to_owned()].into(), ..Batch::default() }),
            ("/claude/sessions/767.key", Batch::default()),
            ("/claude/history.jsonl", Batch::default()),
            ("/config/headcount/config.toml", Batch { config: true, ..Batch::default() }),
            ("/dotfiles/headcount.toml", Batch { config: true, ..Batch::default() }),
            ("/config/headcount/.config.toml.x.tmp", Batch::default()),
            ("/elsewhere/a.json", Batch::default()),
        ] {
            let mut batch = Batch::default();
            classify(Path::new(path), &subjects(), &mut batch);
            assert_eq!(batch, wanted, "{path}");
        }
    }

    #[test]
    fn plan_watches_the_nearest_existing_ancestor() {
        let there = ["/", "/ws", "/state"].map(Path::new);
        let planned = plan(subjects().folders(), true, |path| there.contains(&path));
        assert_eq!(planned, ["/", "/ws", "/state"].map(PathBuf::from).into());
        let there = ["/ws/coord", "/ws", "/state", "/config/headcount"].map(Path::new);
        let wanted = ["/ws/coord/heartbeats", "/config/headcount"].map(Path::new);
        let planned = plan(wanted.into_iter(), false, |path| there.contains(&path));
        assert_eq!(planned, ["/ws/coord", "/ws", "/config/headcount", "/config"].map(PathBuf::from).into());
    }
}
