//! Several workspaces at once: their sums, and each of them in a line.
//!
//! Guarantees: a running session counts once: in its own workspace if that is among them, else once for its registry,
//! although every workspace reports it as running elsewhere. Does not draw.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::liveness::process_matching::Elsewhere;
use crate::view::session::row::Counts;
use crate::view::snapshot::Snapshot;
use crate::view::tray::badge;

/// Maximum number of workspaces listed below the sums.
const MAX_LISTED: usize = 12;

/// The newest snapshot of a workspace.
#[derive(Clone, Debug)]
pub struct WorkspaceSnapshot {
    /// The workspace's name.
    pub name: String,
    /// The path of its registry without links, as in [`Elsewhere`].
    pub real_registry: String,
    /// Its snapshot.
    pub snapshot: Arc<Snapshot>,
}

/// The sums over workspaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// The sums.
    pub counts: Counts,
    /// Sessions that run in registries of no workspace here.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether a registry cannot be read, so that the sums may be wrong.
    pub is_uncertain: bool,
}

impl Overview {
    /// The sums over these workspaces.
    #[must_use]
    pub fn of(all: &[WorkspaceSnapshot]) -> Self {
        let mut counts = Counts::default();
        let mut elsewhere: BTreeMap<&str, &Elsewhere> = BTreeMap::new();
        for one in all {
            let own = one.snapshot.counts;
            counts.active += own.active;
            counts.stale += own.stale;
            counts.inactive += own.inactive;
            counts.unknown += own.unknown;
            counts.unregistered += own.unregistered;
            counts.waiting += own.waiting;
            for other in &one.snapshot.elsewhere {
                let is_here = all
                    .iter()
                    .any(|each| other.registry == each.real_registry || other.registry == each.snapshot.registry);
                if !is_here {
                    elsewhere.insert(&other.registry, other);
                }
            }
        }
        let elsewhere: Vec<Elsewhere> = elsewhere.into_values().cloned().collect();
        counts.running =
            counts.active + counts.unregistered + elsewhere.iter().map(|other| other.running).sum::<usize>();
        let is_uncertain = all.iter().any(|one| one.snapshot.trouble.is_some());
        Self { counts, elsewhere, is_uncertain }
    }

    /// The sums in words: "5 active · 1 waits for you · 2 stale".
    #[must_use]
    pub fn headline(&self) -> String {
        badge::headline(self.counts, &self.elsewhere)
    }
}

/// A line about one workspace: "market-engine: 2 active · 1 stale", or why its registry cannot be read.
#[must_use]
pub fn line(one: &WorkspaceSnapshot) -> String {
    let title = match &one.snapshot.trouble {
        Some(_) => badge::title(&one.snapshot),
        // What runs elsewhere is a line of its own or part of the sums.
        None => badge::headline(without_elsewhere(one.snapshot.counts), &[]),
    };
    format!("{}: {title}", one.name)
}

fn without_elsewhere(counts: Counts) -> Counts {
    Counts { running: counts.active + counts.unregistered, ..counts }
}

/// The sums and a line for each workspace, at most twelve.
#[must_use]
pub fn lines(all: &[WorkspaceSnapshot]) -> Vec<String> {
    let more = (all.len() > MAX_LISTED).then(|| format!("and {} more workspaces", all.len() - MAX_LISTED));
    let each = all.iter().take(MAX_LISTED).map(line);
    [Overview::of(all).headline()].into_iter().chain(each).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::snapshot::Trouble;

    /// A workspace with so many active, stale and waiting sessions.
    fn workspace(name: &str, [active, stale, waiting]: [usize; 3], elsewhere: &[(&str, usize)]) -> WorkspaceSnapshot {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let other = |(name, running): &(&str, usize)| Elsewhere {
            registry: format!("/{name}/r.json"),
            name: (*name).to_owned(),
            running: *running,
        };
        let elsewhere: Vec<Elsewhere> = elsewhere.iter().map(other).collect();
        let counts = Counts { active, stale, waiting, ..Counts::default() }.with_others(&[], &elsewhere);
        let registry = format!("/{name}/r.json");
        let blank = crate::notification::announcement::tests::snapshot(&[], now);
        let snapshot = Snapshot { counts, elsewhere, registry: registry.clone(), ..blank };
        WorkspaceSnapshot { name: name.to_owned(), real_registry: registry, snapshot: Arc::new(snapshot) }
    }

    #[test]
    fn a_running_session_counts_once() {
        let all =
            [workspace("a", [2, 1, 1], &[("b", 3), ("far", 4)]), workspace("b", [3, 0, 0], &[("a", 2), ("far", 4)])];
        let overview = Overview::of(&all);
        assert_eq!((overview.counts.running, overview.counts.active, overview.counts.stale), (9, 5, 1));
        assert_eq!(overview.elsewhere.len(), 1);
        assert_eq!(overview.headline(), "9 running · 4 in far · 1 waits for you · 1 stale");
    }

    #[test]
    fn a_registry_that_is_reached_by_a_link_counts_once() {
        let mut linked = workspace("b", [3, 0, 0], &[]);
        linked.snapshot = Arc::new(Snapshot { registry: "/link".into(), ..(*linked.snapshot).clone() });
        let all = [workspace("a", [2, 0, 0], &[("b", 3)]), linked];
        assert_eq!(Overview::of(&all).headline(), "5 active");
    }

    #[test]
    fn each_workspace_has_a_line_and_twenty_are_cut() {
        let mut two = vec![workspace("a", [2, 1, 0], &[("b", 3)]), workspace("b", [3, 0, 1], &[("a", 2)])];
        assert_eq!(
            lines(&two),
            ["5 active · 1 waits for you · 1 stale", "a: 2 active · 1 stale", "b: 3 active · 1 waits for you"]
        );
        let trouble = Some(Trouble::internal("x", "/b/r.json".into()));
        two[1].snapshot = Arc::new(Snapshot { trouble, ..(*two[1].snapshot).clone() });
        assert!(Overview::of(&two).is_uncertain);
        let twenty: Vec<WorkspaceSnapshot> =
            (0..20).map(|number| workspace(&format!("w{number}"), [1, 0, 0], &[])).collect();
        let shown = lines(&twenty);
        assert_eq!((shown.len(), shown[0].as_str(), shown[13].as_str()), (14, "20 active", "and 8 more workspaces"));
    }
}
