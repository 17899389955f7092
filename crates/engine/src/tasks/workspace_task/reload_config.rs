//! What a changed configuration changes for the task: the timeout, the folders of records, or the whole registry.
//!
//! Guarantees: a configuration that cannot be read changes nothing. Each complaint is logged once.

use std::path::Path;
use std::sync::Arc;

use crate::Workspace;
use crate::claude::config_folders;
use crate::tasks::model::Model;
use crate::tasks::workspace_task::WorkspaceTask;
use crate::watch::Watch;
use crate::workspace::config::resolved::ResolvedConfig;

impl WorkspaceTask {
    /// Reads the configuration and the remembered folders of Claude Code again, and follows them. Returns whether everything
    /// has to be looked at.
    pub(super) fn reload_config(&mut self) -> bool {
        let before = Arc::clone(&self.kept.resolved.borrow());
        let mut resolved = match before.read_again() {
            Ok(resolved) => resolved,
            Err(error) => {
                tracing::warn!("{error}");
                return false;
            }
        };
        resolved.workspace.records = config_folders::followed(&resolved.workspace, &before.workspace.records);
        if resolved == *before {
            return false;
        }
        for complaint in
            resolved.config.complaints.iter().filter(|complaint| !before.config.complaints.contains(complaint))
        {
            tracing::warn!("{complaint}");
        }
        self.adopt(resolved)
    }

    /// Follows also Claude Code's folders that running processes have in their environment. Every process of the system is
    /// read for that, so only when a session came or went. Returns whether everything has to be looked at.
    pub(super) fn follow_running_folders(&mut self) -> bool {
        let mut resolved = ResolvedConfig::clone(&self.kept.resolved.borrow());
        let records = config_folders::with_running(&resolved.workspace);
        if records == resolved.workspace.records {
            return false;
        }
        resolved.workspace.records = records;
        self.adopt(resolved)
    }

    fn adopt(&mut self, resolved: ResolvedConfig) -> bool {
        let workspace = resolved.workspace.clone();
        let is_another =
            !workspace.has_same_paths(&self.workspace) || workspace.counts_sdk != self.workspace.counts_sdk;
        let mut has_moved = is_another;
        if is_another {
            self.move_to(&workspace, resolved.file().as_deref());
        } else if workspace.records != self.workspace.records {
            has_moved = !self.watch.follow_records(&workspace.records);
            self.model.adopt(&workspace, self.reading.now);
            self.model.rescan_records(self.reading.now);
        } else if workspace != self.workspace {
            self.model.adopt(&workspace, self.reading.now);
        }
        self.workspace = workspace;
        self.kept.resolved.send_replace(Arc::new(resolved));
        has_moved
    }

    fn move_to(&mut self, workspace: &Workspace, config: Option<&Path>) {
        tracing::info!(registry = %workspace.registry.display(), "another registry is configured");
        self.watch = Watch::start(workspace, config);
        let quiet_until = self.model.quiet_until();
        self.model = Model::blank(workspace, self.reading.now);
        if let Some(moment) = quiet_until {
            self.model.set_quiet_until(moment);
        }
        self.torn = None;
        self.is_unseen = true;
    }
}
