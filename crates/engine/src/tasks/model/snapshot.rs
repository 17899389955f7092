//! The snapshot of a model.

use std::sync::Arc;

use headcount_core::Time;
use headcount_core::liveness::cleanup::{self, Folder};
use headcount_core::view::session::row::Row;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::warning::{Code, Warning};

use super::Model;

impl Model {
    /// The snapshot at `now`, which must not be before the last update.
    #[must_use]
    pub fn snapshot(&self, now: Time) -> Snapshot {
        let workspace = &self.workspace;
        let (rows, elsewhere) = (self.rows(), self.tracker.elsewhere().to_vec());
        let unregistered: Vec<_> = self.tracker.unregistered().iter().map(|session| session.seen_at(now)).collect();
        let counts = self.table.counts().with_others(&unregistered, &elsewhere);
        let folder = self.index.folder();
        let registry = workspace.registry.display().to_string();
        let heartbeats = workspace.heartbeats.display().to_string();
        let warnings = self.warnings(&rows, &registry, &heartbeats);
        Snapshot {
            cleanup: cleanup::offer(
                &rows,
                counts,
                folder,
                self.trouble.is_none(),
                self.quiet_until.is_some_and(|until| until > now),
            ),
            registry,
            heartbeats,
            at: now,
            timeout: self.workspace.timeout,
            counts,
            rows,
            available_numbers: self.table.available_numbers(),
            unregistered,
            elsewhere,
            warnings,
            trouble: self.trouble.clone(),
            undo: self.undo.as_ref().map(|(offer, _)| offer.clone()),
            reverted_change: self.reverted_change.clone(),
            auto_cleanup: self.workspace.auto_cleanup,
            snoozed_until: self.snoozed_until,
            quiet_until: self.quiet_until,
            is_polling: self.is_polling,
            next_change: self.next_change(),
        }
    }

    fn warnings(&self, rows: &[Arc<Row>], registry: &str, heartbeats: &str) -> Vec<Warning> {
        let mut warnings = folder_warning(self.index.folder(), rows, heartbeats).into_iter().collect::<Vec<_>>();
        warnings
            .extend(self.table.warnings(registry, |file| self.workspace.heartbeats.join(file).display().to_string()));
        // At most one near miss for each session: a folder can hold thousands of similar names.
        warnings.extend(
            self.near_misses
                .values()
                .take(rows.len().max(1))
                .map(|warning| Warning { path: Some(heartbeats.to_owned()), ..warning.clone() }),
        );
        warnings
    }
}

/// The warning about a missing or unreadable folder. Without sessions the folder need not exist.
fn folder_warning(folder: Folder, rows: &[Arc<Row>], path: &str) -> Option<Warning> {
    let message = match folder {
        Folder::Readable => return None,
        Folder::Missing if rows.is_empty() => return None,
        Folder::Missing => "There is no heartbeats folder, so heartbeats cannot be read.",
        Folder::Unreadable => "The heartbeats folder is unreadable, so heartbeats cannot be read.",
    };
    Some(Warning { code: Code::NoHeartbeatsFolder, message: message.into(), path: Some(path.to_owned()) })
}
