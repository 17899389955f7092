//! Watching a workspace's folders.
//!
//! Promises: plan → classify → coalesce; the first two are pure. Folders are watched, never single files, because files
//! are replaced; a folder that does not exist yet is waited for at the nearest one that does. What happened is kept as a
//! set of things to look at again, so a storm of events costs memory in proportion to the files, not to the events.
//! How the system reports is a module per system: the kernel on Linux (`linux.rs`), `notify` elsewhere (`native.rs`).
//! Where the system cannot watch (network file systems, no watches left) it says so, and the caller polls. Accepted
//! limit: a folder further up that is renamed is noticed at the next event.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(not(target_os = "linux"))]
use native as system;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use headcount_core::heartbeat::BeatName;

use crate::claude::{claude_records, config_folders};
use crate::snooze;
use crate::suspend;
use crate::workspace::paths::Places;

/// What has to be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is about another file")]
pub(crate) struct Batch {
    /// The registry.
    pub(crate) registry: bool,
    /// These files of the heartbeats folder.
    pub(crate) beats: BTreeSet<String>,
    /// What Headcount remembers.
    pub(crate) memory: bool,
    /// These of Claude Code's records.
    pub(crate) records: BTreeSet<String>,
    /// The configuration.
    pub(crate) config: bool,
    /// A folder beside the workspace came, went or was exchanged: what Headcount remembers, how it is configured, Claude
    /// Code's records.
    pub(crate) beside: bool,
    /// The same of a folder of the workspace, or events were lost: everything.
    pub(crate) everything: bool,
}

/// The files to be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Subjects {
    /// The registry, and where it is a link, its target.
    registry: Vec<PathBuf>,
    heartbeats: PathBuf,
    memory: Vec<PathBuf>,
    records: Vec<PathBuf>,
    /// The configuration, and where it is a link, its target.
    config: Vec<PathBuf>,
}

impl Subjects {
    fn of(places: &Places, config: Option<&Path>) -> Self {
        let mut memory = vec![
            places.memory.join("journal.jsonl"),
            places.state.join(snooze::FILE),
            places.memory.join(suspend::FILE),
        ];
        memory.retain(|path| path.is_absolute());
        let mut config = config.map(and_target).unwrap_or_default();
        // Which folders have records follows from it, as the workspace follows from the configuration.
        config.extend(Some(places.state.join(config_folders::FILE)).filter(|path| path.is_absolute()));
        let (heartbeats, records) = (places.heartbeats.clone(), places.records.clone());
        Self { registry: and_target(&places.registry), heartbeats, memory, records, config }
    }

    /// The folders in which something of interest happens.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.workspace().chain(self.beside())
    }

    /// Those without which there is nothing to follow.
    fn needed(&self) -> impl Iterator<Item = &Path> {
        self.workspace().chain(self.own())
    }

    /// The workspace's, where a look takes as long as they are large.
    fn workspace(&self) -> impl Iterator<Item = &Path> {
        parents(&self.registry).chain([self.heartbeats.as_path()])
    }

    /// Headcount's, and Claude Code's.
    fn beside(&self) -> impl Iterator<Item = &Path> {
        self.own().chain(self.records.iter().map(PathBuf::as_path))
    }

    /// Headcount's.
    fn own(&self) -> impl Iterator<Item = &Path> {
        parents(&self.memory).chain(parents(&self.config))
    }
}

fn parents(files: &[PathBuf]) -> impl Iterator<Item = &Path> {
    files.iter().filter_map(|path| path.parent())
}

/// A file, and where it is a link, its target.
fn and_target(path: &Path) -> Vec<PathBuf> {
    let real = std::fs::canonicalize(path).ok().filter(|real| real != path);
    [path.to_owned()].into_iter().chain(real).collect()
}

/// The folders to watch: those that exist, and for each other one the nearest above it that does.
fn plan<'p>(wanted: impl Iterator<Item = &'p Path>, exists: impl Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    wanted.filter_map(|folder| folder.ancestors().find(|path| exists(path))).map(Path::to_owned).collect()
}

/// What an event at `path` means.
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
    // The folder itself or one above it.
    batch.beside |= subjects.beside().any(|folder| folder.starts_with(path));
    batch.everything |= subjects.workspace().any(|folder| folder.starts_with(path));
}

/// How often watching is planned in a row while folders come and go.
const PLANS: usize = 8;

/// What the system reports.
enum Report {
    /// Something happened to this path.
    At(PathBuf),
    /// More happened than the system kept.
    Lost,
}

/// Whether a folder could not be watched because it is not there any more.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The watch over a workspace.
pub(crate) struct Watch {
    places: Places,
    config: Option<PathBuf>,
    reports: Option<system::Reports>,
    watched: BTreeSet<PathBuf>,
    /// Those of them that are watched for the workspace's own.
    ground: BTreeSet<PathBuf>,
    subjects: Subjects,
    batch: Batch,
}

impl Watch {
    /// Starts watching, with the configuration where one counts.
    pub(crate) fn start(places: &Places, config: Option<&Path>) -> Self {
        let reports = system::Reports::open();
        let reports = reports.inspect_err(|error| tracing::warn!(%error, "cannot watch files")).ok();
        let (subjects, batch) = (Subjects::of(places, config), Batch::default());
        let (places, config) = (places.clone(), config.map(Path::to_owned));
        let (watched, ground) = (BTreeSet::new(), BTreeSet::new());
        let mut watch = Self { places, config, reports, watched, ground, subjects, batch };
        watch.renew();
        watch
    }

    /// Watches the folders that exist now. To be called when one of the workspace's came or went; what is reported in
    /// between is reported to nobody.
    pub(crate) fn renew(&mut self) {
        self.watch_but(&BTreeSet::new());
    }

    /// The same for those beside the workspace. Its own are watched on, and nothing of them is missed; unless the answer is
    /// that one came or went at this very moment, and everything has to be looked at after all.
    #[must_use]
    pub(crate) fn renew_beside(&mut self) -> bool {
        let before = self.ground.clone();
        self.watch_but(&before);
        self.ground == before
    }

    /// Watches these folders of records instead of those before. As [`Watch::renew_beside`].
    #[must_use]
    pub(crate) fn follow_records(&mut self, records: &[PathBuf]) -> bool {
        records.clone_into(&mut self.places.records);
        self.renew_beside()
    }

    /// Watches anew all but those that stay, also where the path was watched before: the folder behind it may be another.
    fn watch_but(&mut self, staying: &BTreeSet<PathBuf>) {
        let Some(reports) = &mut self.reports else { return };
        keep(&mut self.watched, staying, reports);
        // A folder that came or went between being looked for and being watched was reported to nobody: the plan has
        // to be the same afterwards. Where they come and go for ever, the next event is soon enough.
        let mut passed_over = BTreeSet::new();
        for _ in 0..PLANS {
            let subjects = Subjects::of(&self.places, self.config.as_deref());
            let mut folders = plan(subjects.folders(), Path::is_dir);
            let needed = plan(subjects.needed(), Path::is_dir);
            folders.retain(|folder| !passed_over.contains(folder));
            self.ground = plan(subjects.workspace(), Path::is_dir);
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
                    // Claude Code's records are a second source; without them the first is as good as ever.
                    tracing::info!(folder = %folder.display(), refusal, "not following Claude Code's records");
                    passed_over.insert(folder);
                    continue;
                }
                tracing::warn!(folder = %folder.display(), refusal, "looking at the files every few seconds instead");
                self.reports = None;
                return;
            }
        }
    }

    /// Whether a file is a link that leads elsewhere by now, so that the wrong folder is watched.
    pub(crate) fn is_astray(&self) -> bool {
        Subjects::of(&self.places, self.config.as_deref()) != self.subjects
    }

    /// Whether changes are not reported and the caller has to look by itself.
    pub(crate) fn must_poll(&self) -> bool {
        self.reports.is_none()
    }

    /// Waits until something happened that matters. For ever where the system reports nothing.
    pub(crate) async fn happened(&mut self) {
        loop {
            self.gather();
            // A neighbour's file is no reason to wake anybody further.
            if self.batch != Batch::default() {
                return;
            }
            match &self.reports {
                Some(reports) => reports.ready().await,
                None => std::future::pending().await,
            }
        }
    }

    /// What happened since the last time.
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

/// Watches none any more but those that stay.
fn keep(watched: &mut BTreeSet<PathBuf>, staying: &BTreeSet<PathBuf>, reports: &mut system::Reports) {
    for folder in watched.extract_if(.., |folder| !staying.contains(folder)) {
        reports.forget(&folder);
    }
}

/// Whether a folder lies on a file system that keeps changes made elsewhere to itself.
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    /// NFS, SMB, SMB2, CIFS, AFS, Ceph, 9P (WSL's drives), FUSE (sshfs and the like), as in `statfs(2)`.
    const REMOTE: [u32; 8] =
        [0x6969, 0x517b, 0xfe53_4d42, 0xff53_4d42, 0x5346_414f, 0x00c3_6400, 0x0102_1997, 0x6573_5546];
    rustix::fs::statfs(folder).is_ok_and(|found| REMOTE.contains(&(found.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
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
    fn what_a_path_means() {
        let beats = |name: &str| Batch { beats: [name.to_owned()].into(), ..Batch::default() };
        let everything = Batch { everything: true, ..Batch::default() };
        let beside = Batch { beside: true, ..Batch::default() };
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
            ("/state/ws", beside.clone()),
            ("/config", beside.clone()),
            ("/claude/sessions", beside),
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
    fn a_folder_of_the_workspace_that_comes_in_between_is_not_missed() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let places = Places {
            registry: root.join("ws/r.json"),
            heartbeats: root.join("beats/heartbeats"),
            memory: root.join("state/ws"),
            state: root.join("state"),
            ..Places::default()
        };
        for folder in ["ws", "beats", "state"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        let mut watch = Watch::start(&places, None);
        std::fs::create_dir(&places.memory).unwrap();
        assert_eq!(watch.take(), Batch { beside: true, ..Batch::default() });
        assert!(watch.renew_beside(), "the workspace is as it was");
        std::fs::remove_dir(&places.memory).unwrap();
        assert_eq!(watch.take(), Batch { beside: true, ..Batch::default() });
        // Reported to the folder above, which is not listened to any more by then.
        std::fs::create_dir(&places.heartbeats).unwrap();
        assert!(!watch.renew_beside());
    }

    #[test]
    fn folders_that_do_not_exist_are_waited_for_above() {
        let there = ["/", "/ws", "/state"].map(Path::new);
        let planned = plan(subjects().folders(), |path| there.contains(&path));
        assert_eq!(planned, ["/", "/ws", "/state"].map(PathBuf::from).into());
    }
}
