//! The badge: the content of the tray icon and of its tooltip.
//!
//! Guarantees: a text of at most three characters, a mark if a session waits for a person or is stale, and the same in
//! words; several workspaces are summed. Does not draw.

use std::borrow::Cow;

use crate::liveness::State;
use crate::liveness::process_matching::Elsewhere;
use crate::view::overview::{Overview, WorkspaceSnapshot};
use crate::view::session::row::Counts;
use crate::view::snapshot::Snapshot;
use crate::view::text::messages;
use crate::view::text::shared_texts::{self as texts, fill};

/// A mark on the tray icon. Of two, the later one is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A session is stale and not kept.
    Stale,
    /// A session waits for a person.
    Waiting,
}

impl Mark {
    fn of(snapshot: &Snapshot) -> Option<Self> {
        // A kept session needs no attention.
        let kept = snapshot.in_state(State::Stale).filter(|row| row.is_kept).count();
        let marks = [(snapshot.counts.waiting > 0, Self::Waiting), (snapshot.counts.stale > kept, Self::Stale)];
        marks.into_iter().find_map(|(is_set, mark)| is_set.then_some(mark))
    }
}

/// The content of the tray icon.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Badge {
    /// The number of running sessions; "99+" above 99, "?" if a registry cannot be read, "…" before the first snapshot.
    pub text: String,
    /// The mark, if any.
    pub mark: Option<Mark>,
    /// Nothing is known yet; the icon is drawn dim.
    pub quiet: bool,
}

impl Badge {
    /// The badge before the first snapshot.
    #[must_use]
    pub fn reading() -> Self {
        Self { text: "…".into(), mark: None, quiet: true }
    }

    /// The badge if nothing is known any more.
    #[must_use]
    pub fn unknown() -> Self {
        Self { text: "?".into(), mark: None, quiet: false }
    }

    /// The badge for these workspaces.
    pub fn of<'a>(snapshots: impl IntoIterator<Item = &'a Snapshot>) -> Self {
        let mut badge = Self { text: String::new(), mark: None, quiet: false };
        let (mut running, mut is_known) = (0, true);
        for snapshot in snapshots {
            running += snapshot.counts.running;
            badge.mark = badge.mark.max(Mark::of(snapshot));
            is_known &= snapshot.trouble.is_none();
        }
        badge.text = text(running, is_known);
        badge
    }

    /// The badge for several workspaces: a running session counts once.
    #[must_use]
    pub fn of_all(all: &[WorkspaceSnapshot]) -> Self {
        let overview = Overview::of(all);
        let mark = all.iter().map(|one| Mark::of(&one.snapshot)).max().flatten();
        Self { text: text(overview.counts.running, !overview.is_uncertain), mark, quiet: false }
    }
}

fn text(running: usize, is_known: bool) -> String {
    match running {
        _ if !is_known => Badge::unknown().text,
        0..100 => running.to_string(),
        _ => "99+".into(),
    }
}

/// Maximum number of other registries named in a headline.
const MAX_NAMED: usize = 2;

/// The running sessions in words: "3 active · 1 waits for you · 9 stale" if all of them are registered here, else
/// "5 running · 2 not registered · 1 in market-engine · 9 stale".
#[must_use]
pub fn headline(counts: Counts, elsewhere: &[Elsewhere]) -> String {
    let is_simple = counts.unregistered == 0 && elsewhere.is_empty();
    let mut parts = vec![if is_simple {
        format!("{} {}", counts.active, texts::state_name(State::Active))
    } else {
        format!("{} {}", counts.running, texts::RUNNING)
    }];
    let mut add = |count: usize, word: &str| {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    };
    add(counts.unregistered, texts::NOT_REGISTERED);
    for other in elsewhere.iter().take(MAX_NAMED) {
        add(other.running, &fill(texts::IN_REGISTRY, &other.name));
    }
    add(elsewhere.iter().skip(MAX_NAMED).map(|other| other.running).sum(), texts::IN_OTHER_REGISTRIES);
    add(counts.waiting, if counts.waiting == 1 { "waits for you" } else { "wait for you" });
    add(counts.stale, texts::state_name(State::Stale));
    add(counts.unknown, texts::state_name(State::Unknown));
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
        Some(trouble) if trouble.is_internal() => "Headcount is restarting",
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

/// The longest tooltip of a tray icon on Windows in UTF-16 units, without the zero at its end.
pub const WINDOWS_TOOLTIP: usize = 127;

/// A text of at most this many UTF-16 units: a longer one is cut between two characters and ends with "…".
#[must_use]
pub fn fit_utf16(text: &str, units: usize) -> Cow<'_, str> {
    if text.encode_utf16().count() <= units {
        return Cow::Borrowed(text);
    }
    let mut left = units.saturating_sub(1);
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    let kept: String = kept.collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::SessionKind;
    use crate::claude::activity::{Activity, ActivityKind, WaitingFor};
    use crate::liveness::process_matching::Unregistered;
    use crate::view::snapshot::Trouble;

    #[test]
    fn a_long_tooltip_is_cut_between_characters() {
        for (text, units, wanted) in [
            ("3 active", 8, "3 active"),
            ("3 active", 7, "3 acti…"),
            ("3 active", 3, "3…"),
            // Two units each.
            ("🌙🌙🌙", 6, "🌙🌙🌙"),
            ("🌙🌙🌙", 5, "🌙🌙…"),
            ("🌙🌙🌙", 4, "🌙…"),
        ] {
            let fitting = fit_utf16(text, units);
            assert_eq!(fitting, wanted);
            assert!(fitting.encode_utf16().count() <= units, "{fitting}");
        }
    }

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
            headline(counts.with_others(&vec![idle(); unregistered], &elsewhere), &elsewhere)
        };
        assert_eq!(headline(0, 0, 13, &[]), "13 running · 13 not registered");
        assert_eq!(headline(3, 9, 2, &[]), "5 running · 2 not registered · 9 stale");
        assert_eq!(headline(1, 0, 0, &["shop"]), "3 running · 2 in shop");
        assert_eq!(
            headline(0, 0, 1, &["a", "b", "c", "d"]),
            "9 running · 1 not registered · 2 in a · 2 in b · 4 in other registries"
        );
    }

    fn idle() -> Unregistered {
        let activity = Some(Activity { kind: ActivityKind::Idle, since: None });
        let (name, kind) = (String::new(), SessionKind::Interactive);
        Unregistered { pid: 1, name, cwd: None, kind, since: None, status: None, activity }
    }

    #[test]
    fn sessions_that_wait_are_counted_and_marked() {
        let asking = ActivityKind::Waiting(WaitingFor::Answer);
        let waiting = Unregistered { activity: Some(Activity { kind: asking, since: None }), ..idle() };
        let of = |active, waiting, stale| Counts { active, stale, waiting, ..Counts::default() };
        assert_eq!(headline(of(5, 1, 2), &[]), "5 active · 1 waits for you · 2 stale");
        assert_eq!(headline(of(5, 2, 0), &[]), "5 active · 2 wait for you");
        let counts = of(5, 1, 2).with_others(&[idle(), waiting], &[]);
        assert_eq!(headline(counts, &[]), "7 running · 2 not registered · 2 wait for you · 2 stale");

        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let snapshot = |counts| Snapshot { counts, ..crate::notification::announcement::tests::snapshot(&[], now) };
        let mark = |all: &[Counts]| {
            let snapshots: Vec<Snapshot> = all.iter().map(|counts| snapshot(*counts)).collect();
            Badge::of(&snapshots).mark
        };
        let text = |counts: Counts| Badge::of([&snapshot(counts)]).text;
        assert_eq!(text(Counts::default().with_others(&vec![idle(); 13], &[])), "13");
        assert_eq!(text(of(3, 0, 9).with_others(&[idle(), idle()], &[])), "5");
        assert_eq!(text(of(3, 0, 9).with_others(&[], &[])), "3");
        assert_eq!(text(of(100, 0, 0).with_others(&[], &[])), "99+");
        assert_eq!(mark(&[of(1, 0, 0)]), None);
        assert_eq!(mark(&[of(1, 0, 3)]), Some(Mark::Stale));
        assert_eq!(mark(&[of(1, 1, 3)]), Some(Mark::Waiting));
        assert_eq!(mark(&[of(1, 1, 0), of(1, 0, 1)]), Some(Mark::Waiting));
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
            (of(false, internal()), "Headcount is restarting"),
            (of(true, unreadable()), "Registry unreadable (last known: 2 active)"),
            (of(true, internal()), "Headcount is restarting (last known: 2 active)"),
        ] {
            assert_eq!(title(&snapshot), wanted);
            assert_eq!(Badge::of([&snapshot]).text, "?");
        }
        assert_eq!(
            tooltip(&of(false, internal())),
            "Headcount had an internal error and is restarting: it overflowed."
        );
    }
}
