//! The only module that changes a registry (design §3).
//!
//! Guarantees: a change is decided on the text that was read under the lock, and is written only if the file still has
//! that text. Before it is written, the old bytes are copied and the change is recorded in the journal. A failure at
//! any step keeps the old file and reports why. A file that was not read completely is never overwritten. Accepted
//! limits: a program that writes without the lock can do so between the last comparison and the rename. A power loss
//! right after a hook's change may undo that change, and nothing else (see [`durability`]).

pub mod copies;
pub(crate) mod heartbeat_writer;
pub mod journal;
pub(crate) mod lock;
pub(crate) mod overwrite_detector;
mod source;

use std::path::{Path, PathBuf};

use headcount_core::Registry;
use headcount_core::registry::change::EntryChange;
use headcount_core::registry::file_bytes;
use headcount_core::view::history::Actor;

use crate::Error;
use crate::files::atomic::{Durability, OtherNames, Prepared};
use crate::files::folder::{Folder, Place};
use crate::files::{atomic, file, temp_files};
use crate::store::journal::{ChangeMeta, Journal};
use crate::store::lock::Lock;
pub(crate) use crate::store::source::TORN_FILE_TIMEOUT;
use crate::store::source::{Source, is_absent, is_readable, retry_while_torn};

/// Maximum number of attempts if other programs write during a change.
const ATTEMPTS: u32 = 20;

/// A decided change.
pub(crate) struct Decision<T> {
    /// The registry's new text.
    pub(crate) text: String,
    /// The changed entries, for the journal.
    pub(crate) entries: Vec<EntryChange>,
    /// The result for the caller.
    pub(crate) outcome: T,
}

/// What a restored copy may overwrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverwritePolicy {
    /// Any registry.
    Anything,
    /// Only an unreadable registry, or none.
    Unreadable,
}

/// A registry's file.
#[derive(Clone, Debug)]
pub struct Store {
    registry: PathBuf,
    tree: Option<PathBuf>,
}

impl Store {
    /// The store of a registry that the user named, which need not exist. Links are followed: the lock and the new text
    /// are written to the folder of the link's target.
    #[must_use]
    pub fn new(registry: PathBuf) -> Self {
        Self { registry, tree: None }
    }

    /// The store of a registry that was found in the folder `tree`: neither it nor a folder below `tree` may be a link.
    #[must_use]
    pub fn found(registry: PathBuf, tree: PathBuf) -> Self {
        Self { registry, tree: Some(tree) }
    }

    /// Reads the registry once. A registry that does not exist is empty.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::NotAFile`], [`Error::TooLarge`], [`Error::Linked`] or [`Error::Io`].
    pub fn read(&self) -> Result<Registry, Error> {
        let registry = match &self.tree {
            None => Source::Path(&self.registry).read(),
            Some(_) if is_absent(&self.registry) => Ok(None),
            Some(tree) => Source::Place(&Place::of(&self.registry, Some(tree))?).read(),
        };
        registry.map(|registry| registry.unwrap_or_else(Registry::empty))
    }

    /// Whether there is neither a registry nor a dangling link with its name.
    pub(crate) fn is_absent(&self) -> bool {
        is_absent(&self.registry)
    }

    /// Reads the registry, and waits up to a second for a torn file to become whole.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_with_retry(&self) -> Result<Registry, Error> {
        retry_while_torn(|| self.read())
    }

    /// Changes the registry. `decide` gets the text under the lock, and is called again if another program writes
    /// meanwhile. If it returns an inner `Err`, nothing is written. Returns the outcome, and the change's id if one was
    /// recorded.
    ///
    /// # Errors
    ///
    /// As [`Self::read`], [`Error::Locked`], or [`Error::ConcurrentModification`] if other programs keep writing. The
    /// registry is unchanged then.
    pub(crate) fn update<T>(
        &self,
        journal: &Journal,
        meta: &ChangeMeta,
        mut decide: impl FnMut(&Registry) -> Result<Result<Decision<T>, T>, Error>,
    ) -> Result<(T, Option<String>), Error> {
        // If there is no registry and none is to be written, neither its folder nor its lock file is created.
        if is_absent(&self.target())
            && let Err(outcome) = decided_change(&Registry::empty(), decide(&Registry::empty())?)
        {
            return Ok((outcome, None));
        }
        let locked = self.lock_for(meta.by)?;
        // The temp file of a process that died proves that its change was not made.
        temp_files::sweep(&locked.place, |left| journal.withdraw_unfinished(left));
        for _ in 0..ATTEMPTS {
            let before = retry_while_torn(|| locked.source().read())?;
            let registry = before.clone().unwrap_or_else(Registry::empty);
            let decision = match decided_change(&registry, decide(&registry)?) {
                Ok(decision) => decision,
                Err(outcome) => return Ok((outcome, None)),
            };
            let bytes_before = before.as_ref().map(Registry::bytes);
            // Bookkeeping, which a user would not undo, is neither copied nor recorded.
            let is_bookkeeping = decision.entries.is_empty();
            let kept = match &bytes_before {
                Some(before) if !is_bookkeeping => journal.copies().keep_for(meta.by, meta.at, before)?,
                _ => None,
            };
            let prepared = locked.prepare(&file_bytes(&decision.text))?;
            if prepared.is_in_place() {
                keep_copy_for_in_place(journal, meta, kept, bytes_before.as_deref())?;
            }
            let is_unchanged = || Ok(locked.source().bytes()?.as_deref() == bytes_before.as_deref());
            if is_bookkeeping {
                if prepared.put_if(durability(meta.by), is_unchanged)? {
                    return Ok((decision.outcome, None));
                }
                continue;
            }
            if !is_unchanged()? {
                continue;
            }
            let change = journal.append(meta, decision.entries, prepared.temp())?;
            // Compared again, because syncing the record takes time; nothing slow follows until the rename.
            let put = prepared.put_if(durability(meta.by), is_unchanged);
            if !matches!(put, Ok(true)) {
                journal.withdraw(meta, &change);
            }
            if put? {
                return Ok((decision.outcome, Some(change)));
            }
        }
        Err(Error::ConcurrentModification { path: locked.place.path() })
    }

    /// The path of the file itself: the target of a link that the user named.
    fn target(&self) -> PathBuf {
        match self.tree {
            Some(_) => self.registry.clone(),
            None => file::real_or_same(&self.registry),
        }
    }

    /// Takes the lock. Creates the registry's folder if necessary.
    fn lock_for(&self, by: Actor) -> Result<Locked, Error> {
        let target = self.target();
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A named registry may be a link to anything, and the lock file would be created beside that: for a device in /dev.
        if std::fs::symlink_metadata(&target).is_ok_and(|found| !found.is_file()) {
            return Err(Source::Path(&target).not_a_file());
        }
        let place = Place::in_folder(Folder::make(parent, self.tree.as_deref(), 0o777)?, &target)?;
        let lock = Lock::take_for(&place, lock::timeout_for(by))?;
        Ok(Locked { place, _lock: lock })
    }

    /// Records an event without a change. Also under the lock, because rotating the journal must not be concurrent.
    pub(crate) fn note(&self, journal: &Journal, meta: &ChangeMeta) -> Result<String, Error> {
        // Without a registry no lock file is created, and no other writer is to be kept out.
        let _lock = if is_absent(&self.target()) { None } else { Some(self.lock_for(meta.by)?) };
        journal.append(meta, Vec::new(), None)
    }

    /// Replaces the registry with another text. Returns the path of the copy of the old one.
    ///
    /// # Errors
    ///
    /// [`Error::Readable`] if `over` does not permit replacing it, or as [`Self::update`].
    pub(crate) fn replace(
        &self,
        journal: &Journal,
        meta: &ChangeMeta,
        text: &[u8],
        over: OverwritePolicy,
    ) -> Result<Option<PathBuf>, Error> {
        let locked = self.lock_for(meta.by)?;
        if over == OverwritePolicy::Unreadable && is_readable(locked.source())? {
            return Err(Error::Readable { path: locked.place.path() });
        }
        let before = locked.source().bytes()?;
        let kept = before.as_ref().map(|before| journal.copies().keep(meta.at, before)).transpose()?;
        let prepared = locked.prepare(text)?;
        if prepared.is_in_place() {
            keep_copy_for_in_place(journal, meta, kept.clone(), before.as_deref())?;
        }
        let change = journal.append(meta, Vec::new(), prepared.temp())?;
        let may_replace = || Ok(over == OverwritePolicy::Anything || locked.source().bytes()? == before);
        let put = match prepared.put_if(Durability::Safe, may_replace) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::ConcurrentModification { path: locked.place.path() }),
            Err(error) => Err(error),
        };
        put.inspect_err(|_| journal.withdraw(meta, &change))?;
        Ok(kept)
    }
}

/// A registry with its lock.
struct Locked {
    place: Place,
    _lock: Lock,
}

impl Locked {
    fn source(&self) -> Source<'_> {
        Source::Place(&self.place)
    }

    fn prepare(&self, text: &[u8]) -> Result<Prepared, Error> {
        atomic::prepare_at(self.place.again()?, text, OtherNames::Follow)
    }
}

/// Makes sure that a copy of the old text is synced, because a write in place can be interrupted.
fn keep_copy_for_in_place(
    journal: &Journal,
    meta: &ChangeMeta,
    kept: Option<PathBuf>,
    before: Option<&[u8]>,
) -> Result<(), Error> {
    let Some(before) = before else { return Ok(()) };
    kept.map_or_else(|| journal.copies().keep(meta.at, before), Ok).map(drop)
}

/// The durability of a change. A power loss that undoes a hook's change has also ended the session it belongs to, and
/// fifty sessions that start at once must not wait for each other's sync.
fn durability(by: Actor) -> Durability {
    if by == Actor::Hook { Durability::Whole } else { Durability::Safe }
}

/// The decision; an inner `Err` if it leaves the text as it is.
fn decided_change<T>(registry: &Registry, decision: Result<Decision<T>, T>) -> Result<Decision<T>, T> {
    match decision {
        Ok(decision) if decision.text == registry.text() => Err(decision.outcome),
        decision => decision,
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod faults;

#[cfg(test)]
#[path = "store_update_tests.rs"]
mod tests;
