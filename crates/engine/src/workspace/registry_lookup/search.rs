//! Searching upwards for a registry that was not named.
//!
//! Guarantees: a registry is found only if [`Trust`] permits it and it looks like one. Skipped files are returned with
//! the reason, so that `doctor` can report them. In a linked git worktree the main worktree is searched first. The
//! returned path has no link in it. Creates nothing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use headcount_core::registry::recognition::{Foreign, Recognition, recognize};

use crate::files::file;
use crate::store::TORN_FILE_TIMEOUT;
use crate::workspace::git::worktree::{self, Linked};
use crate::workspace::registry_lookup::REGISTRY;
use crate::workspace::registry_lookup::trust::Trust;

/// The folders of a workspace that can contain its registry, in the order of search.
const NEAR: [&str; 3] = ["docs/coordination", "coordination", ""];

/// The number of bytes that are read to recognize a file, at first and at most.
const HEAD: [u64; 2] = [64 * 1024, 1024 * 1024];

/// A registry that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The registry's path.
    pub registry: PathBuf,
    /// The folder in or below which it was found; nothing is written outside of it. `None` in a configured trusted
    /// folder: then the registry is used as if it were named.
    pub tree: Option<PathBuf>,
}

/// A file with the name of a registry that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The file's path.
    pub path: PathBuf,
    /// The folder in or below which it was found.
    pub tree: PathBuf,
    /// Why it was not used.
    pub reason: Reason,
}

/// Why a file was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A link in its path leads out of the tree.
    Link(PathBuf),
    /// It cannot be read, or is a folder, device or pipe.
    NotAFile,
    /// It does not exist, and only a file with a registry's name may be created.
    Missing,
    /// It, or a folder above it, belongs to another user.
    Owner(PathBuf, u32),
    /// It belongs to another program.
    Foreign(Foreign),
}

impl PassedOver {
    /// The reason, as a whole sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let path = self.path.display();
        match &self.reason {
            Reason::Link(target) => {
                format!("{path} is not used: a link leads from {} to {}.", self.tree.display(), target.display())
            }
            Reason::NotAFile => format!("{path} is not used: it is not a regular file."),
            Reason::Missing => {
                format!("{path} is not used: it does not exist, and Headcount creates only files named {REGISTRY}.")
            }
            Reason::Owner(of, owner) => {
                format!("{path} is not used: {} belongs to user {owner}, who is neither you nor root.", of.display())
            }
            Reason::Foreign(why) => format!("{path} is not used: it is not a registry ({why})."),
        }
    }

    /// The remedy, as a whole sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        match &self.reason {
            Reason::Link(_) | Reason::Owner(..) => format!(
                "To use it, specify it with --registry, or configure trusted_folders = [{}].",
                toml_string(&self.tree.display().to_string())
            ),
            Reason::NotAFile => "Specify the registry file with --registry.".into(),
            Reason::Missing => "Register a session there first, or configure it as `registry`.".into(),
            Reason::Foreign(_) => {
                format!(
                    "Ignore this if it belongs to another program. If it was your registry, restore a copy with `headcount --registry {} restore`.",
                    self.path.display()
                )
            }
        }
    }
}

/// A text as a string of TOML: in single quotes, in which backslashes stand for themselves, if it has any.
fn toml_string(text: &str) -> String {
    let is_literal = text.contains('\\') && !text.contains(|c: char| c == '\'' || c.is_control());
    if is_literal { format!("'{text}'") } else { format!("{text:?}") }
}

impl Found {
    /// A registry that the user named.
    pub(crate) fn named(registry: &Path) -> Self {
        Self { registry: registry.to_owned(), tree: None }
    }
}

/// The result of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The registry.
    pub found: Option<Found>,
    /// The files that were not used, nearest first.
    pub passed_over: Vec<PassedOver>,
    /// The linked worktree the search started in.
    pub worktree: Option<Linked>,
    /// Why hooks do not use the registry that the environment names.
    pub refused_in_hooks: Option<PassedOver>,
}

/// How long a search waits for a torn file to become whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as the store does.
    Torn,
    /// Not at all.
    None,
}

/// Searches for the registry of a folder: in it, then above it.
pub(crate) fn search(folder: &Path, trust: &Trust, patience: Patience) -> Search {
    let folder = real(folder);
    let mut search = Search { worktree: worktree::linked(&folder, trust), ..Search::default() };
    if let Some(main) = search.worktree.as_ref().map(|linked| linked.in_main(&folder)) {
        search.upwards(&main, trust, patience);
    }
    if search.found.is_none() {
        search.upwards(&folder, trust, patience);
    }
    search
}

impl Search {
    /// A search that ended before any folder was looked at.
    pub(crate) fn found(found: Found) -> Self {
        Self { found: Some(found), ..Self::default() }
    }

    fn upwards(&mut self, folder: &Path, trust: &Trust, patience: Patience) {
        for tree in folder.ancestors() {
            for near in NEAR {
                // Collected from its components, so that it has one kind of separator on Windows.
                let candidate: PathBuf = tree.join(near).join(REGISTRY).components().collect();
                if std::fs::symlink_metadata(&candidate).is_err() {
                    continue;
                }
                match judge(&candidate, tree, trust, patience) {
                    Ok(found) => {
                        self.found = Some(found);
                        return;
                    }
                    Err(reason) => {
                        let passed = PassedOver { path: candidate, tree: tree.to_owned(), reason };
                        if !self.passed_over.contains(&passed) {
                            self.passed_over.push(passed);
                        }
                    }
                }
            }
        }
    }
}

/// Checks a registry that an untrusted source names, as if it had been found in its own folder. If it does not exist,
/// it may be created if it has a registry's name.
pub(crate) fn judge_named(path: &Path, trust: &Trust) -> Result<Found, PassedOver> {
    let tree = path.parent().map(real).unwrap_or_default();
    let passed = |reason| PassedOver { path: path.to_owned(), tree: tree.clone(), reason };
    let path = path.file_name().map(|name| tree.join(name)).ok_or_else(|| passed(Reason::NotAFile))?;
    if std::fs::symlink_metadata(&path).is_ok() {
        let found = judge(&path, &tree, trust, Patience::Torn).map_err(passed)?;
        // Settings of another program can be an empty object too.
        if !path.ends_with(REGISTRY) && look(&found.registry) == Recognition::Empty {
            return Err(passed(Reason::Foreign(Foreign::NoSession)));
        }
        return Ok(found);
    }
    let owner = trust.foreign_owner(&tree, &tree).map_err(|_| passed(Reason::NotAFile))?;
    match owner {
        Some((of, owner)) => Err(passed(Reason::Owner(of, owner))),
        None if path.ends_with(REGISTRY) => Ok(Found { registry: path, tree: Some(tree) }),
        None => Err(passed(Reason::Missing)),
    }
}

/// Refuses an existing file that does not look like a registry. Links are followed.
pub(crate) fn must_look_like_one(path: &Path) -> Result<(), PassedOver> {
    let real = file::real_path(path).unwrap_or_else(|_| path.to_owned());
    recognized(&real, Patience::Torn).map_err(|why| PassedOver {
        path: path.to_owned(),
        tree: path.parent().unwrap_or(path).to_owned(),
        reason: Reason::Foreign(why),
    })
}

/// Checks whether an existing file may be used. `tree` is a real path.
fn judge(candidate: &Path, tree: &Path, trust: &Trust, patience: Patience) -> Result<Found, Reason> {
    let real = file::real_path(candidate).map_err(|_| Reason::NotAFile)?;
    let is_trusted = trust.is_configured(tree);
    if !is_trusted && !real.starts_with(tree) {
        return Err(Reason::Link(real));
    }
    if !std::fs::symlink_metadata(&real).is_ok_and(|found| found.is_file()) {
        return Err(Reason::NotAFile);
    }
    if !is_trusted && let Some((of, owner)) = trust.foreign_owner(&real, tree).map_err(|_| Reason::NotAFile)? {
        return Err(Reason::Owner(of, owner));
    }
    match recognized(&real, patience) {
        // A known registry that was overwritten: the caller reports it, and no other registry is used instead.
        Err(Foreign::NotAnObject) if trust.is_remembered(&real) => {}
        recognized => recognized.map_err(Reason::Foreign)?,
    }
    let found = |registry: &Path, tree| Found { registry: registry.to_owned(), tree };
    Ok(if is_trusted { found(candidate, None) } else { found(&real, Some(tree.to_owned())) })
}

/// Checks whether a file looks like a registry. An unreadable file passes, so that reading it reports the error.
fn recognized(path: &Path, patience: Patience) -> Result<(), Foreign> {
    let start = Instant::now();
    loop {
        match look(path) {
            Recognition::Registry | Recognition::Empty => return Ok(()),
            Recognition::Foreign(why) => return Err(why),
            Recognition::Unfinished if patience == Patience::None || start.elapsed() >= TORN_FILE_TIMEOUT => {
                return Err(Foreign::NoSession);
            }
            Recognition::Unfinished => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn look(path: &Path) -> Recognition {
    let mut seen = Recognition::Registry;
    for limit in HEAD {
        let Ok(Some(head)) = file::head(path, limit) else { return Recognition::Registry };
        seen = recognize(&head.bytes, head.is_whole);
        if seen == Recognition::Registry || head.is_whole {
            break;
        }
    }
    seen
}

/// The real path of a folder; if it is gone, that of its nearest existing ancestor.
fn real(folder: &Path) -> PathBuf {
    let there = folder.ancestors().find_map(|above| file::real_path(above).ok());
    there.unwrap_or_else(|| folder.to_owned())
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
