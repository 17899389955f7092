//! The marker of the computer's last suspend, in a file that every process of Headcount reads.
//!
//! Guarantees: a process that starts right after the computer resumed, or after its clock was set, detects it, if any
//! process of Headcount has run before on this boot. The file is written only if it changes. A marker that cannot be
//! read or written delays no verdict. Accepted limit: on systems other than Linux, which have no id of a boot, a reboot
//! counts as a suspend.

use std::path::{Path, PathBuf};

use headcount_core::Time;
use headcount_core::liveness::suspend::{ClockReading, Marker};

use crate::Workspace;
use crate::files::{atomic, file};

/// The file's name in the folder that holds the journal and other state of a registry.
pub(crate) const FILE: &str = "suspend.json";

/// Maximum size of a marker in bytes.
const LIMIT: u64 = 4096;

/// Records a reading of the clocks, and returns the end of the grace period in which running sessions can beat again.
/// Does nothing if the folder of the registry's state does not exist: reading never creates it.
pub fn note(workspace: &Workspace, reading: &ClockReading) -> Option<Time> {
    let path = path(&workspace.memory).filter(|path| path.parent().is_some_and(Path::is_dir))?;
    let before = read(&path);
    let boot = workspace.processes.boot().map(|boot| boot.id);
    let Some(after) = Marker::after(before.as_ref(), boot.as_deref(), reading) else {
        return before.and_then(|before| before.quiet_until(reading.now));
    };
    let text = serde_json::to_vec(&after).map_err(|error| error.to_string());
    let written =
        text.and_then(|text| atomic::replace_private_unsynced(&path, &text).map_err(|error| error.to_string()));
    if let Err(error) = written {
        tracing::warn!(error, "cannot remember the computer's sleep");
    }
    after.quiet_until(reading.now)
}

/// The end of the grace period in which running sessions can beat again, from the marker that the last process wrote.
#[must_use]
pub fn quiet_until(memory: &Path, now: Time) -> Option<Time> {
    read(&path(memory)?)?.quiet_until(now)
}

fn path(memory: &Path) -> Option<PathBuf> {
    memory.is_absolute().then(|| memory.join(FILE))
}

fn read(path: &Path) -> Option<Marker> {
    let contents = file::read(path, LIMIT).ok()??;
    serde_json::from_slice(&contents.bytes).ok()
}
