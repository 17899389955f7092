//! The marker of the computer's last sleep, in a file that every process of Headcount reads.
//!
//! Guarantees: a process that starts right after the computer woke up, or after its clock was set, knows, if any process of
//! Headcount has run before on this boot. It is written only if it changes; a marker that cannot be read or written makes nothing
//! quiet. Accepted limit: elsewhere than on Linux only a running app notices a sleep, and tells the others by the marker.

use std::path::{Path, PathBuf};

use headcount_core::Time;
use headcount_core::liveness::suspend::{Marker, Reading};

use crate::Workspace;
use crate::files::{atomic, file};

/// The file's name in the folder of what is remembered of a registry.
pub(crate) const FILE: &str = "suspend.json";

/// No marker is larger.
const LIMIT: u64 = 4096;

/// Takes in a reading of the clocks, and returns until when running sessions get time to beat. Without that folder there is
/// nothing to remember yet: looking makes none.
pub fn note(workspace: &Workspace, reading: &Reading) -> Option<Time> {
    let path = path(&workspace.places.memory).filter(|path| path.parent().is_some_and(Path::is_dir))?;
    let before = read(&path);
    let boot = workspace.processes.boot().map(|boot| boot.id).unwrap_or_default();
    let Some(after) = Marker::after(before.as_ref(), &boot, reading) else {
        return before.and_then(|before| before.quiet_until(reading.now));
    };
    let text = serde_json::to_vec(&after).map_err(|error| error.to_string());
    let written =
        text.and_then(|text| atomic::replace_private_lightly(&path, &text).map_err(|error| error.to_string()));
    if let Err(error) = written {
        tracing::warn!(error, "cannot remember the computer's sleep");
    }
    after.quiet_until(reading.now)
}

/// Until when running sessions get time to beat, as the last process noted it.
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
