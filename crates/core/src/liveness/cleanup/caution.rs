//! The cleanup that is available, and why a person should review it first (protocol §5).

use std::sync::Arc;

use serde::Serialize;

use crate::liveness::cleanup::{Selection, plan};
use crate::liveness::{Reason, State};
use crate::registry::Number;
use crate::view::session::row::{Counts, Row};

/// Why a cleanup needs confirmation or is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CautionCode {
    /// The registry cannot be read, so no cleanup is possible.
    RegistryUnreadable,
    /// There is no heartbeats folder, so no session could have a heartbeat.
    NoHeartbeatsFolder,
    /// The heartbeats folder cannot be read.
    HeartbeatsUnreadable,
    /// The computer just woke up, or its clock jumped.
    JustWoke,
    /// No session at all shows a sign of life.
    EverythingStale,
}

/// A caution with its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Caution {
    /// The code of the caution.
    pub code: CautionCode,
    /// The message, a whole sentence.
    pub message: String,
}

impl Caution {
    /// Whether evidence is missing completely, so that a cleanup is refused unless it is forced.
    #[must_use]
    pub fn lacks_evidence(&self) -> bool {
        matches!(
            self.code,
            CautionCode::NoHeartbeatsFolder | CautionCode::HeartbeatsUnreadable | CautionCode::RegistryUnreadable
        )
    }
}

/// The cleanup available now, and whether it needs confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct CleanupOffer {
    /// The stale sessions.
    pub numbers: Vec<Number>,
    /// Why it needs confirmation.
    pub caution: Option<Caution>,
}

/// The condition of the heartbeats folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// The heartbeats folder was read.
    Readable,
    /// It does not exist.
    Missing,
    /// It exists and cannot be read.
    Unreadable,
}

/// The cleanup available for these rows.
#[must_use]
pub fn offer(
    rows: &[Arc<Row>],
    counts: Counts,
    folder: Folder,
    is_registry_readable: bool,
    just_woke: bool,
) -> CleanupOffer {
    let numbers = plan(rows, &Selection::All).mark;
    let code = match folder {
        _ if numbers.is_empty() => None,
        _ if !is_registry_readable => Some(CautionCode::RegistryUnreadable),
        Folder::Missing => Some(CautionCode::NoHeartbeatsFolder),
        Folder::Unreadable => Some(CautionCode::HeartbeatsUnreadable),
        Folder::Readable if just_woke => Some(CautionCode::JustWoke),
        // No session shows a sign of life, and not all of them are proven to have ended.
        Folder::Readable
            if counts.active == 0
                && rows.iter().any(|row| row.state == State::Stale && row.reason != Reason::Ended) =>
        {
            Some(CautionCode::EverythingStale)
        }
        Folder::Readable => None,
    };
    CleanupOffer { numbers, caution: code.map(|code| Caution { code, message: caution_message(code, counts.stale) }) }
}

fn caution_message(code: CautionCode, stale: usize) -> String {
    match code {
        CautionCode::RegistryUnreadable => "The registry cannot be read, so nothing can be cleaned up.".into(),
        CautionCode::NoHeartbeatsFolder => "There is no heartbeats folder, so running sessions may look stale.".into(),
        CautionCode::HeartbeatsUnreadable => {
            "The heartbeats folder cannot be read, so running sessions may look stale.".into()
        }
        CautionCode::JustWoke => {
            "The computer just woke up or its clock changed: wait ten minutes for heartbeats of running sessions."
                .into()
        }
        CautionCode::EverythingStale => format!(
            "No session shows a sign of life ({} stale): the computer may have slept, or the program that writes heartbeats has ended.",
            crate::view::text::messages::sessions(stale),
        ),
    }
}
