//! Watching a workspace's folders.
//!
//! Guarantees: plan → classify → coalesce; the first two are pure. Folders are watched, never single files, because
//! files are replaced. For a folder that does not exist yet, its nearest existing ancestor is watched. Events are
//! coalesced into a set of files to read again, so a burst of events needs memory in proportion to the files and not to
//! the events. Each system has its own implementation: inotify on Linux (`linux.rs`), `notify` elsewhere (`native.rs`).
//! If the system cannot watch (network file systems, no watches left), [`Watch::must_poll`] returns true and the caller
//! polls. Accepted limit: the rename of a folder above the watched ones is noticed at the next event.

#[cfg(all(target_os = "linux", not(feature = "portable")))]
mod linux;
#[cfg(all(target_os = "linux", not(feature = "portable")))]
use linux as system;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
mod native;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
use native as system;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
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
struct Subjects {
    /// The registry, and its target if it is a link.
    registry: Vec<PathBuf>,
    heartbeats: PathBuf,
    memory: Vec<PathBuf>,
    records: Vec<PathBuf>,
    /// The configuration, and its target if it is a link.
    config: Vec<PathBuf>,
}

impl Subjects {
    fn of(workspace: &Workspace, config: Option<&Path>) -> Self {
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
    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.workspace().chain(self.auxiliary())
    }

    /// The folders without which changes cannot be followed.
    fn needed(&self) -> impl Iterator<Item = &Path> {
        self.workspace().chain(self.own())
    }

    /// The workspace's folders. The cost of reading them is proportional to their size.
    fn workspace(&self) -> impl Iterator<Item = &Path> {
        parents(&self.registry).chain([self.heartbeats.as_path()])
    }

    /// The folders outside the workspace: Headcount's own and Claude Code's.
    fn auxiliary(&self) -> impl Iterator<Item = &Path> {
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
const REPORTS_OWN_REMOVAL: bool = cfg!(all(target_os = "linux", not(feature = "portable")));

/// The folders to watch: each wanted folder, or its nearest existing ancestor, and their parents if necessary.
fn plan<'p>(
    wanted: impl Iterator<Item = &'p Path>,
    reports_own_removal: bool,
    exists: impl Fn(&Path) -> bool,
) -> BTreeSet<PathBuf> {
    let found = wanted.filter_map(|folder| folder.ancestors().find(|path| exists(path)));
    let parent = |folder: &'p Path| if reports_own_removal { None } else { folder.parent() };
    found.flat_map(|folder| [Some(folder), parent(folder)]).flatten().map(Path::to_owned).collect()
}

/// Adds to `batch` what an event at `path` means.
fn classify(path: &Path, subjects: &Subjects, batch: &mut Batch) {
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

/// Maximum number of consecutive plans while folders are created and removed.
const MAX_PLANS: usize = 8;

/// An event of the system.
enum Report {
    /// An event at this path.
    At(PathBuf),
    /// The system dropped events.
    Lost,
}

/// Whether a folder could not be watched because it no longer exists.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The watches of a workspace.
pub(crate) struct Watch {
    workspace: Workspace,
    config: Option<PathBuf>,
    reports: Option<system::Reports>,
    watched: BTreeSet<PathBuf>,
    /// The watched folders that belong to the workspace.
    workspace_folders: BTreeSet<PathBuf>,
    subjects: Subjects,
    batch: Batch,
}

impl Watch {
    /// Starts watching a workspace and the configuration file, if any.
    pub(crate) fn start(workspace: &Workspace, config: Option<&Path>) -> Self {
        let reports = system::Reports::open();
        let reports = reports.inspect_err(|error| tracing::warn!(%error, "cannot watch files")).ok();
        let (subjects, batch) = (Subjects::of(workspace, config), Batch::default());
        let (workspace, config) = (workspace.clone(), config.map(Path::to_owned));
        let (watched, workspace_folders) = (BTreeSet::new(), BTreeSet::new());
        let mut watch = Self { workspace, config, reports, watched, workspace_folders, subjects, batch };
        watch.renew();
        watch
    }

    /// Watches the folders that exist now. Called when a folder of the workspace was created or removed; events
    /// meanwhile are lost, so the caller reads all files afterwards.
    pub(crate) fn renew(&mut self) {
        self.watch_but(&BTreeSet::new());
    }

    /// Watches the existing folders outside the workspace. The workspace's folders stay watched without a gap. Returns
    /// false if one of these was created or removed meanwhile, so that all files have to be read.
    #[must_use]
    pub(crate) fn renew_auxiliary(&mut self) -> bool {
        let before = self.workspace_folders.clone();
        self.watch_but(&before);
        self.workspace_folders == before
    }

    /// Watches these folders of records instead of those before. As [`Watch::renew_auxiliary`].
    #[must_use]
    pub(crate) fn follow_records(&mut self, records: &[PathBuf]) -> bool {
        records.clone_into(&mut self.workspace.records);
        self.renew_auxiliary()
    }

    /// Starts all watches again except `staying`, even of a watched path: it may be another folder now.
    fn watch_but(&mut self, staying: &BTreeSet<PathBuf>) {
        let Some(reports) = &mut self.reports else { return };
        keep(&mut self.watched, staying, reports);
        // A folder that was created or removed between the plan and the watch was not reported, so the plan is repeated
        // until it is the same. If folders never stop changing, the next event repairs it.
        let mut skipped = BTreeSet::new();
        for _ in 0..MAX_PLANS {
            let subjects = Subjects::of(&self.workspace, self.config.as_deref());
            let mut folders = plan(subjects.folders(), REPORTS_OWN_REMOVAL, Path::is_dir);
            let needed = plan(subjects.needed(), REPORTS_OWN_REMOVAL, Path::is_dir);
            folders.retain(|folder| !skipped.contains(folder));
            self.workspace_folders = plan(subjects.workspace(), REPORTS_OWN_REMOVAL, Path::is_dir);
            self.subjects = subjects;
            if folders == self.watched {
                return;
            }
            keep(&mut self.watched, &folders, reports);
            for folder in folders {
                if self.watched.contains(&folder) {
                    continue;
                }
                let refusal = if is_remote(&folder) {
                    "its file system does not report changes".to_owned()
                } else {
                    match reports.add(&folder) {
                        Ok(()) => {
                            self.watched.insert(folder);
                            continue;
                        }
                        Err(error) if is_gone(&error) => continue,
                        Err(error) => error.to_string(),
                    }
                };
                if !needed.contains(&folder) {
                    // Claude Code's records are a secondary source. The others work without them.
                    tracing::info!(folder = %folder.display(), refusal, "not following Claude Code's records");
                    skipped.insert(folder);
                    continue;
                }
                tracing::warn!(folder = %folder.display(), refusal, "looking at the files every few seconds instead");
                self.reports = None;
                return;
            }
        }
    }

    /// Whether the target of a link has changed, so that the wrong folders are watched.
    pub(crate) fn is_outdated(&self) -> bool {
        Subjects::of(&self.workspace, self.config.as_deref()) != self.subjects
    }

    /// Whether the system does not report changes, so that the caller has to poll.
    pub(crate) fn must_poll(&self) -> bool {
        self.reports.is_none()
    }

    /// Waits for a relevant event. Waits forever if the system does not report changes.
    pub(crate) async fn happened(&mut self) {
        loop {
            self.gather();
            // Events of other files in the same folders are ignored.
            if self.batch != Batch::default() {
                return;
            }
            match &self.reports {
                Some(reports) => reports.ready().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Takes what happened since the last call.
    pub(crate) fn take(&mut self) -> Batch {
        self.gather();
        std::mem::take(&mut self.batch)
    }

    fn gather(&mut self) {
        let Some(reports) = &mut self.reports else { return };
        let (subjects, batch) = (&self.subjects, &mut self.batch);
        reports.take(|report| match report {
            Report::At(path) => classify(&path, subjects, batch),
            Report::Lost => batch.everything = true,
        });
    }
}

/// Stops watching all folders but those of `staying`.
fn keep(watched: &mut BTreeSet<PathBuf>, staying: &BTreeSet<PathBuf>, reports: &mut system::Reports) {
    for folder in watched.extract_if(.., |folder| !staying.contains(folder)) {
        reports.forget(&folder);
    }
}

/// Whether a folder is on a file system that does not report changes made by other machines.
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    /// NFS, SMB, SMB2, CIFS, AFS, Ceph, 9P (WSL's drives), FUSE (sshfs and the like), as in `statfs(2)`.
    const REMOTE: [u32; 8] =
        [0x6969, 0x517b, 0xfe53_4d42, 0xff53_4d42, 0x5346_414f, 0x00c3_6400, 0x0102_1997, 0x6573_5546];
    rustix::fs::statfs(folder).is_ok_and(|found| REMOTE.contains(&(found.f_type as u32)))
}

/// Whether a folder is on a file system that does not report changes made by other machines.
#[cfg(target_os = "macos")]
fn is_remote(folder: &Path) -> bool {
    const REMOTE: [&str; 6] = ["nfs", "smbfs", "afpfs", "webdav", "ftp", "macfuse"];
    rustix::fs::statfs(folder).is_ok_and(|found| {
        let name: Vec<u8> = found.f_fstypename.iter().map(|c| c.cast_unsigned()).take_while(|c| *c != 0).collect();
        REMOTE.iter().any(|remote| remote.as_bytes() == name)
    })
}

/// Whether a folder is on another machine, by its name or by the drive that stands for that name.
#[cfg(windows)]
fn is_remote(folder: &Path) -> bool {
    use std::path::{Component, Prefix};
    let real = std::fs::canonicalize(folder);
    let prefix = real.as_ref().map(|real| real.components().next());
    matches!(
        prefix,
        Ok(Some(Component::Prefix(prefix))) if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    )
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn is_remote(_folder: &Path) -> bool {
    false
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

    // Elsewhere than on Linux events come from a thread, a moment later.
    #[cfg(all(target_os = "linux", not(feature = "portable")))]
    #[test]
    fn renew_auxiliary_detects_a_new_folder_of_the_workspace() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let workspace = Workspace {
            registry: root.join("ws/r.json"),
            heartbeats: root.join("beats/heartbeats"),
            memory: root.join("state/ws"),
            state: root.join("state"),
            ..Workspace::default()
        };
        for folder in ["ws", "beats", "state"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        let mut watch = Watch::start(&workspace, None);
        std::fs::create_dir(&workspace.memory).unwrap();
        assert_eq!(watch.take(), Batch { auxiliary: true, ..Batch::default() });
        assert!(watch.renew_auxiliary(), "the workspace is unchanged");
        std::fs::remove_dir(&workspace.memory).unwrap();
        assert_eq!(watch.take(), Batch { auxiliary: true, ..Batch::default() });
        // The event goes to the folder above, which is not watched any more by then.
        std::fs::create_dir(&workspace.heartbeats).unwrap();
        assert!(!watch.renew_auxiliary());
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
