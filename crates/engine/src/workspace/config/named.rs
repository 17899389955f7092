//! Several workspaces: those that the configuration names, and that of this process.
//!
//! Guarantees: a registry occurs once, whatever paths lead to it. The order is that of the configuration. Creates
//! nothing.

use std::path::Path;
use std::sync::Arc;

use headcount_core::liveness::process_matching;
use headcount_core::view::overview::WorkspaceSnapshot;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::workspaces::NamedWorkspace;

use crate::files::file::real_or_same;
use crate::workspace::config::resolved::{CliOverrides, ResolvedConfig, workspace_at};
use crate::workspace::registry_lookup::RegistryLookup;
use crate::workspace::registry_lookup::search::Found;
use crate::{Error, Workspace};

/// A workspace and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithName {
    /// Its name: the configured one, else that of its folder.
    pub name: String,
    /// The workspace.
    pub workspace: Workspace,
}

impl CliOverrides {
    /// The options that select the workspace with a name.
    ///
    /// # Errors
    ///
    /// [`Error::NoWorkspace`] if the configuration names no such workspace.
    pub fn in_workspace(self, name: &str, named: &[NamedWorkspace]) -> Result<Self, Error> {
        let found = named.iter().find(|workspace| workspace.name == name).ok_or_else(|| Error::NoWorkspace {
            name: name.to_owned(),
            known: named.iter().map(|workspace| workspace.name.clone()).collect(),
        })?;
        let heartbeats = self.heartbeats.or_else(|| found.heartbeats.clone());
        Ok(Self { registry: Some(found.registry.clone()), tree: None, heartbeats, ..self })
    }
}

impl ResolvedConfig {
    /// All workspaces: those that the configuration names, before them that of this process if it is none of them.
    /// Without a registry it is left out, unless it is the only one.
    #[must_use]
    pub fn workspaces(&self) -> Vec<WithName> {
        let mut all: Vec<WithName> = Vec::new();
        for named in &self.config.workspaces {
            let is_known = all.iter().any(|known| is_same(&known.workspace.registry, &named.registry));
            let warn = |error: &Error| tracing::warn!(%error, name = named.name, "cannot open a workspace");
            let opened = (!is_known).then(|| self.open(named).inspect_err(warn).ok()).flatten();
            all.extend(opened.map(|workspace| WithName { name: named.name.clone(), workspace }));
        }
        let own = &self.workspace;
        let is_named = all.iter().any(|known| is_same(&known.workspace.registry, &own.registry));
        if all.is_empty() || !is_named && own.registry.exists() {
            let name = name_of(own);
            // Its folder may be called like a configured workspace.
            let is_taken = all.iter().any(|known| known.name == name);
            let name = if is_taken { own.registry.display().to_string() } else { name };
            all.insert(0, WithName { name, workspace: own.clone() });
        }
        all
    }

    /// The workspaces that the configuration names, without that of this process.
    pub(crate) fn other_workspaces(&self) -> Vec<WithName> {
        let is_own = |other: &WithName| is_same(&other.workspace.registry, &self.workspace.registry);
        self.workspaces().into_iter().filter(|other| !is_own(other)).collect()
    }

    /// The name of the workspace of this process.
    #[must_use]
    pub fn own_name(&self) -> String {
        let is_own = |one: &WithName| is_same(&one.workspace.registry, &self.workspace.registry);
        self.workspaces().into_iter().find(is_own).map_or_else(|| name_of(&self.workspace), |own| own.name)
    }

    /// Another workspace that the configuration names; `None` if it does not any more.
    #[must_use]
    pub fn workspace_named(&self, name: &str) -> Option<Workspace> {
        self.other_workspaces().into_iter().find(|other| other.name == name).map(|other| other.workspace)
    }

    fn open(&self, named: &NamedWorkspace) -> Result<Workspace, Error> {
        let lookup = RegistryLookup::new(&self.config, &self.env);
        let timeout = self.overrides.timeout;
        let overrides = CliOverrides { heartbeats: named.heartbeats.clone(), timeout, ..CliOverrides::default() };
        workspace_at(Some(Found::named(&named.registry)), lookup, &overrides, &self.config, &self.env)
    }
}

/// A workspace's snapshot with its name.
#[must_use]
pub fn in_workspace(name: &str, workspace: &Workspace, snapshot: Arc<Snapshot>) -> WorkspaceSnapshot {
    let real_registry = real_or_same(&workspace.registry).display().to_string();
    WorkspaceSnapshot { name: name.to_owned(), real_registry, snapshot }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || real_or_same(one) == real_or_same(other)
}

/// The name of a workspace that is not configured.
fn name_of(workspace: &Workspace) -> String {
    let is_fallback = workspace.lookup.fallback.as_deref().is_some_and(|path| is_same(path, &workspace.registry));
    if is_fallback {
        "other folders".into()
    } else {
        process_matching::workspace_name(&workspace.registry.display().to_string())
    }
}
