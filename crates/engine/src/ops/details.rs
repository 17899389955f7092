//! The details of one session.
//!
//! Guarantees: reads them on each request, and only for this session: the names in the heartbeats folder, and the
//! heartbeats that may be its newest. Changes nothing.

use headcount_core::liveness::ownership::Ownership;
use headcount_core::registry::registration::RegistrationError;
use headcount_core::view::session::details::Details;
use headcount_core::view::session::evidence_source::EvidenceSource;
use headcount_core::view::session::table::SessionTable;
use headcount_core::{Number, Time};

use crate::tasks::heartbeat_index::HeartbeatIndex;
use crate::{Error, Workspace};

/// The details of a session.
///
/// # Errors
///
/// If no entry has this number, or the registry cannot be read.
pub fn details(workspace: &Workspace, number: Number, at: Time) -> Result<Details, Error> {
    let registry = workspace.store().read_with_retry()?;
    let no_session = || Error::refused(RegistrationError::NoSession(number), workspace);
    let place = registry.entries().iter().position(|entry| entry.number == number).ok_or_else(no_session)?;
    let mut index = HeartbeatIndex::scan(&workspace.heartbeats);
    let ownership = Ownership::of(&registry);
    let ids = ownership.ids(place).to_vec();
    for id in &ids {
        index.open_newest(id, at);
    }
    let beats = ids.iter().flat_map(|id| index.moments(id, at)).collect();
    // Heartbeats of other sessions were not read, and their rows are not used.
    let known = |id: &str| index.known(id);
    let table = SessionTable::new(registry, ownership, workspace.timeout, at, &EvidenceSource::of_beats(&known));
    let beat_path = |file: &str| workspace.heartbeats.join(file).display().to_string();
    let warnings = table.warnings_of(number, &workspace.registry.display().to_string(), beat_path);
    Details::of(table.registry(), number, beats, warnings).ok_or_else(no_session)
}
