//! The one door through which the registry changes (design §3).
//!
//! Promises: a change is decided on the text read under the lock, and is written only if the file still holds that text;
//! before it is written the old bytes are kept and the change is in the journal; a failure at any step leaves the old
//! file and says why; a file that was not read whole is never written over. Accepted limit: a program that writes
//! without asking for the lock can still do so in the moment between the last look and the rename. A power loss right after a
//! hook's change may take the change, and nothing else (see [`durability`]).

pub mod copies;
pub(crate) mod heartbeat_writer;
pub mod journal;
pub(crate) mod lock;
pub(crate) mod overwrite_detector;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use headcount_core::Registry;
use headcount_core::registry::change::EntryChange;
use headcount_core::registry::file_bytes;
use headcount_core::view::history::Actor;

use crate::Error;
use crate::files::atomic::{Durability, OtherNames, Prepared};
use crate::files::failpoints::{self, Step};
use crate::files::folder::{Folder, Place};
use crate::files::{atomic, file, temp_files};
use crate::store::journal::{ChangeMeta, Journal};
use crate::store::lock::Lock;

/// No registry is this large; ten thousand sessions are a hundredth of it.
const LIMIT: u64 = 256 * 1024 * 1024;

/// How long a torn file is given to become whole (protocol §5).
pub(crate) const TORN: Duration = Duration::from_secs(1);

/// How often a change starts over because somebody else wrote in between.
const ATTEMPTS: u32 = 20;

/// A change that was decided.
pub(crate) struct Decision<T> {
    /// The registry's new text.
    pub(crate) text: String,
    /// What changed, for the journal.
    pub(crate) entries: Vec<EntryChange>,
    /// What the caller wants to know.
    pub(crate) outcome: T,
}

/// What a copy may be put over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverwritePolicy {
    /// Whatever is there.
    Anything,
    /// Only what cannot be read, or nothing at all.
    Unreadable,
}

/// A registry's file.
#[derive(Clone, Debug)]
pub struct Store {
    registry: PathBuf,
    tree: Option<PathBuf>,
}

impl Store {
    /// The store of a registry that a person named, which need not exist. A link is written through: the lock and the new text
    /// belong beside what it leads to.
    #[must_use]
    pub fn new(registry: PathBuf) -> Self {
        Self { registry, tree: None }
    }

    /// The store of a registry that was found in a folder: neither it nor a folder below that one may be a link.
    #[must_use]
    pub fn found(registry: PathBuf, tree: PathBuf) -> Self {
        Self { registry, tree: Some(tree) }
    }

    /// Reads the registry once; one that does not exist is empty.
    pub fn read(&self) -> Result<Registry, Error> {
        let registry = match &self.tree {
            None => Source::Path(&self.registry).read(),
            Some(_) if is_absent(&self.registry) => Ok(None),
            Some(tree) => Source::Place(&Place::of(&self.registry, Some(tree))?).read(),
        };
        registry.map(|registry| registry.unwrap_or_else(Registry::empty))
    }

    /// Whether there is no registry, nor a link to where one was.
    pub(crate) fn is_absent(&self) -> bool {
        is_absent(&self.registry)
    }

    /// Reads the registry, giving a torn file a second to become whole.
    pub fn read_patiently(&self) -> Result<Registry, Error> {
        patiently(|| self.read())
    }

    /// Changes the registry. `decide` sees the text under the lock, as often as somebody else writes in between, and
    /// answers with nothing where nothing is to be changed, in which case nothing is written.
    pub(crate) fn update<T>(
        &self,
        journal: &Journal,
        meta: &ChangeMeta,
        mut decide: impl FnMut(&Registry) -> Result<Result<Decision<T>, T>, Error>,
    ) -> Result<(T, Option<String>), Error> {
        // Where there is no registry and none is to be written, nothing is made: not its folder, not its lock.
        if is_absent(&self.target())
            && let Err(outcome) = changing(&Registry::empty(), decide(&Registry::empty())?)
        {
            return Ok((outcome, None));
        }
        let locked = self.lock_for(meta.by)?;
        // The temp file of a process that died is the proof that its change was not made.
        temp_files::sweep(&locked.place, |left| journal.withdraw_unmade(left));
        for _ in 0..ATTEMPTS {
            let before = patiently(|| locked.source().read())?;
            let registry = before.clone().unwrap_or_else(Registry::empty);
            let decision = match changing(&registry, decide(&registry)?) {
                Ok(decision) => decision,
                Err(outcome) => return Ok((outcome, None)),
            };
            let bytes_before = before.as_ref().map(Registry::bytes);
            // Bookkeeping that no person would undo is neither worth a copy nor a line of the journal.
            let is_bookkeeping = decision.entries.is_empty();
            let kept = match &bytes_before {
                Some(before) if !is_bookkeeping => journal.copies().keep_for(meta.by, meta.at, before)?,
                _ => None,
            };
            let prepared = locked.prepare(&file_bytes(&decision.text))?;
            if prepared.is_in_place() {
                keep_for_loss(journal, meta, kept, bytes_before.as_deref())?;
            }
            let is_unchanged = || Ok(locked.source().bytes()?.as_deref() == bytes_before.as_deref());
            if !is_unchanged()? {
                continue;
            }
            if is_bookkeeping {
                prepared.put_with(durability(meta.by))?;
                return Ok((decision.outcome, None));
            }
            let change = journal.append(meta, decision.entries, prepared.temp())?;
            // Looked at again, because the record took its time to be safe on disk: from here to the rename nothing does.
            let put = match is_unchanged() {
                Ok(true) => prepared.put_with(durability(meta.by)).map(|()| true),
                otherwise => otherwise,
            };
            if !matches!(put, Ok(true)) {
                journal.withdraw(meta, &change);
            }
            if put? {
                return Ok((decision.outcome, Some(change)));
            }
        }
        Err(Error::ConcurrentModification { path: locked.place.path() })
    }

    /// The file itself: of a named one that is a link, what it leads to.
    fn target(&self) -> PathBuf {
        match self.tree {
            Some(_) => self.registry.clone(),
            None => std::fs::canonicalize(&self.registry).unwrap_or_else(|_| self.registry.clone()),
        }
    }

    /// Takes the lock. The folder is made if it is not there.
    fn lock_for(&self, by: Actor) -> Result<Locked, Error> {
        let target = self.target();
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let place = Place::in_folder(Folder::make(parent, self.tree.as_deref(), 0o777)?, &target)?;
        let lock = Lock::take_beside(&place, lock::timeout_for(by))?;
        Ok(Locked { place, _lock: lock })
    }

    /// Notes in the journal what changes nothing. Under the lock too: who sets a full journal aside must be alone.
    pub(crate) fn note(&self, journal: &Journal, meta: &ChangeMeta) -> Result<String, Error> {
        // Where there is no registry nothing is made, and there is nobody to be kept apart from.
        let _lock = if is_absent(&self.target()) { None } else { Some(self.lock_for(meta.by)?) };
        journal.append(meta, Vec::new(), None)
    }

    /// Puts another text in the registry's place. What was there is kept, and where is returned.
    pub(crate) fn replace(
        &self,
        journal: &Journal,
        meta: &ChangeMeta,
        text: &[u8],
        over: OverwritePolicy,
    ) -> Result<Option<PathBuf>, Error> {
        let locked = self.lock_for(meta.by)?;
        if over == OverwritePolicy::Unreadable && is_whole(locked.source())? {
            return Err(Error::Readable { path: locked.place.path() });
        }
        let before = locked.source().bytes()?;
        let kept = before.as_ref().map(|before| journal.copies().keep(meta.at, before)).transpose()?;
        let prepared = locked.prepare(text)?;
        if prepared.is_in_place() {
            keep_for_loss(journal, meta, kept.clone(), before.as_deref())?;
        }
        let change = journal.append(meta, Vec::new(), prepared.temp())?;
        let is_unchanged = || Ok(over == OverwritePolicy::Anything || locked.source().bytes()? == before);
        let put = match is_unchanged() {
            Ok(true) => prepared.put(),
            Ok(false) => Err(Error::ConcurrentModification { path: locked.place.path() }),
            Err(error) => Err(error),
        };
        put.inspect_err(|_| journal.withdraw(meta, &change))?;
        Ok(kept)
    }
}

/// A registry under the lock.
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

/// Has a copy of the old text safely on disk, because writing in place can be interrupted in the middle.
fn keep_for_loss(
    journal: &Journal,
    meta: &ChangeMeta,
    kept: Option<PathBuf>,
    before: Option<&[u8]>,
) -> Result<(), Error> {
    let Some(before) = before else { return Ok(()) };
    kept.map_or_else(|| journal.copies().keep(meta.at, before), Ok).map(drop)
}

/// How safe a change has to be. What a power loss takes of a hook's change belongs to a session that it ended too: fifty of
/// them that start at once must not wait for each other's disk.
fn durability(by: Actor) -> Durability {
    if by == Actor::Hook { Durability::Whole } else { Durability::Safe }
}

/// Whether somebody's registry is there, which a torn one may become. What a copy does not mend is an error.
fn is_whole(source: Source<'_>) -> Result<bool, Error> {
    match patiently(|| source.read()) {
        Ok(registry) => Ok(registry.is_some()),
        Err(error) if error.is_mended_by_a_copy() => Ok(false),
        Err(error) => Err(error),
    }
}

/// A decision, unless it leaves the text as it is.
fn changing<T>(registry: &Registry, decision: Result<Decision<T>, T>) -> Result<Decision<T>, T> {
    match decision {
        Ok(decision) if decision.text == registry.text() => Err(decision.outcome),
        decision => decision,
    }
}

fn is_absent(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

fn patiently<T>(mut read: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        match read() {
            Err(error) if error.is_transient() && start.elapsed() < TORN => {
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

impl Source<'_> {
    /// Why there is no file to be read although there is something of that name.
    fn no_file(self) -> Error {
        let path = self.path();
        match std::fs::metadata(&path) {
            Err(source) => Error::io("read the registry", &path, source),
            Ok(_) if matches!(self, Self::Place(_)) && path.is_symlink() => Error::Linked { path },
            Ok(_) => Error::NotAFile { path },
        }
    }
}

/// Where a registry is read.
#[derive(Clone, Copy)]
enum Source<'p> {
    /// At a path, links included.
    Path(&'p Path),
    /// In a folder that is open, and not through a link.
    Place(&'p Place),
}

impl Source<'_> {
    fn path(self) -> PathBuf {
        match self {
            Self::Path(path) => path.to_owned(),
            Self::Place(place) => place.path(),
        }
    }

    fn read(self) -> Result<Option<Registry>, Error> {
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        Registry::read(bytes).map(Some).map_err(|reason| Error::Unreadable { path: self.path(), reason })
    }

    fn bytes(self) -> Result<Option<Vec<u8>>, Error> {
        let contents = failpoints::before(Step::Read).and_then(|()| match self {
            Self::Path(path) => file::read(path, LIMIT),
            Self::Place(place) => file::read_at(place, LIMIT),
        });
        match contents {
            Ok(Some(contents)) if contents.is_whole => Ok(Some(contents.bytes)),
            Ok(Some(_)) => Err(Error::TooLarge { path: self.path(), limit: LIMIT }),
            Ok(None) => Err(self.no_file()),
            // A link to nowhere is not a registry that nobody wrote yet: writing would not go where it points.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.path().is_symlink() => Ok(None),
            Err(source) => Err(Error::io("read the registry", &self.path(), source)),
        }
    }
}

// A process that dies is told by its signal.
#[cfg(test)]
#[cfg(unix)]
#[path = "store_tests.rs"]
mod faults;

#[cfg(test)]
#[path = "store_update_tests.rs"]
mod tests;
