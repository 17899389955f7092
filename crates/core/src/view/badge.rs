//! The badge: the content of the tray icon and of its tooltip.
//!
//! Guarantees: a text of at most three characters, a mark if a session is stale, and the same in words; several
//! workspaces are summed. Does not draw.

use crate::liveness::process_matching::Elsewhere;
use crate::view::messages;
use crate::view::row::Counts;
use crate::view::snapshot::Snapshot;

/// The content of the tray icon.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Badge {
    /// The number of running sessions; "99+" above 99, "?" if a registry cannot be read, "…" before the first snapshot.
    pub text: String,
    /// A session is stale.
    pub marked: bool,
    /// Nothing is known yet; the icon is drawn dim.
    pub quiet: bool,
}

impl Badge {
    /// The badge before the first snapshot.
    #[must_use]
    pub fn reading() -> Self {
        Self { text: "…".into(), marked: false, quiet: true }
    }

    /// The badge if nothing is known any more.
    #[must_use]
    pub fn unknown() -> Self {
        Self { text: "?".into(), marked: false, quiet: false }
    }

    /// The badge for these workspaces.
    pub fn of<'a>(snapshots: impl IntoIterator<Item = &'a Snapshot>) -> Self {
        let mut badge = Self { text: String::new(), marked: false, quiet: false };
        let (mut running, mut is_known) = (0, true);
        for snapshot in snapshots {
            running += snapshot.counts.running;
            badge.marked |= snapshot.counts.stale > 0;
            is_known &= snapshot.trouble.is_none();
        }
        badge.text = match running {
            _ if !is_known => Self::unknown().text,
            0..100 => running.to_string(),
            _ => "99+".into(),
        };
        badge
    }
}

/// Maximum number of other registries named in a headline.
const MAX_NAMED: usize = 2;

/// The running sessions in words: "3 active · 9 stale" if all of them are registered here, else
/// "5 running · 2 not registered · 1 in market-engine · 9 stale".
#[must_use]
pub fn headline(counts: Counts, elsewhere: &[Elsewhere]) -> String {
    let is_simple = counts.unregistered == 0 && elsewhere.is_empty();
    let mut parts =
        vec![if is_simple { format!("{} active", counts.active) } else { format!("{} running", counts.running) }];
    let mut add = |count: usize, word: &str| {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    };
    add(counts.unregistered, "not registered");
    for other in elsewhere.iter().take(MAX_NAMED) {
        add(other.running, &format!("in {}", other.name));
    }
    add(elsewhere.iter().skip(MAX_NAMED).map(|other| other.running).sum(), "in other registries");
    add(counts.stale, "stale");
    add(counts.unknown, "unknown");
    parts.join(" · ")
}

/// The headline of a snapshot.
#[must_use]
pub fn headline_of(snapshot: &Snapshot) -> String {
    headline(snapshot.counts, &snapshot.elsewhere)
}

/// A short title for one workspace: the headline, or why the registry cannot be read.
#[must_use]
pub fn title(snapshot: &Snapshot) -> String {
    let line = headline_of(snapshot);
    let trouble = match &snapshot.trouble {
        None => return line,
        Some(trouble) if trouble.is_internal() => "Headcount starts over",
        Some(_) => "Registry unreadable",
    };
    if snapshot.rows.is_empty() { trouble.into() } else { format!("{trouble} (last known: {line})") }
}

/// Maximum length of the tooltip, in characters.
const MAX_LENGTH: usize = 1000;

/// The tooltip for one workspace: the headline, and why it may be outdated.
#[must_use]
pub fn tooltip(snapshot: &Snapshot) -> String {
    let line = headline_of(snapshot);
    // The message can contain a path, which is foreign text.
    let why = snapshot.trouble.as_ref().map(|trouble| messages::plain(&trouble.message, MAX_LENGTH));
    match why {
        None => line,
        Some(why) if snapshot.rows.is_empty() => why,
        Some(why) => format!("{why} (last known: {line})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::snapshot::Trouble;

    #[test]
    fn the_headline_omits_zero_counts() {
        let counts = |active, stale, unknown| Counts { active, stale, inactive: 7, unknown, ..Counts::default() };
        assert_eq!(headline(counts(3, 9, 0), &[]), "3 active · 9 stale");
        assert_eq!(headline(counts(0, 0, 0), &[]), "0 active");
        assert_eq!(headline(counts(1, 0, 2), &[]), "1 active · 2 unknown");
    }

    #[test]
    fn the_headline_counts_running_sessions() {
        let elsewhere = |names: &[&str]| -> Vec<Elsewhere> {
            let other = |name: &&str| Elsewhere { registry: String::new(), name: (*name).into(), running: 2 };
            names.iter().map(other).collect()
        };
        let headline = |active, stale, unregistered, names: &[&str]| {
            let (counts, elsewhere) = (Counts { active, stale, ..Counts::default() }, elsewhere(names));
            headline(counts.with_others(unregistered, &elsewhere), &elsewhere)
        };
        assert_eq!(headline(0, 0, 13, &[]), "13 running · 13 not registered");
        assert_eq!(headline(3, 9, 2, &[]), "5 running · 2 not registered · 9 stale");
        assert_eq!(headline(1, 0, 0, &["shop"]), "3 running · 2 in shop");
        assert_eq!(
            headline(0, 0, 1, &["a", "b", "c", "d"]),
            "9 running · 1 not registered · 2 in a · 2 in b · 4 in other registries"
        );
    }

    #[test]
    fn the_title_distinguishes_unreadable_registries_from_internal_errors() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let known = crate::notification::announcement::tests::snapshot(&[(1, 5)], now);
        let of = |is_known: bool, trouble| {
            let known = Snapshot { trouble: Some(trouble), ..known.clone() };
            if is_known { known } else { Snapshot { rows: Vec::new(), ..known } }
        };
        let unreadable = || Trouble { code: "io".into(), message: "No such file.".into(), path: "/r".into() };
        let internal = || Trouble::internal("it overflowed", "/r".into());
        for (snapshot, wanted) in [
            (of(false, unreadable()), "Registry unreadable"),
            (of(false, internal()), "Headcount starts over"),
            (of(true, unreadable()), "Registry unreadable (last known: 2 active)"),
            (of(true, internal()), "Headcount starts over (last known: 2 active)"),
        ] {
            assert_eq!(title(&snapshot), wanted);
            assert_eq!(Badge::of([&snapshot]).text, "?");
        }
        assert_eq!(
            tooltip(&of(false, internal())),
            "Headcount had an error of its own and starts over: it overflowed."
        );
    }
}
