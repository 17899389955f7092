//! The tray's menu as data.
//!
//! Guarantees: all texts and actions of the tray's menu, in order, computed from a snapshot alone; foreign text is one
//! plain line. Does not draw menus.

use crate::liveness::{Process, State};
use crate::notification::snooze::Snooze;
use crate::view::action::{Action, View};
use crate::view::overview::{self, Overview, WorkspaceSnapshot};
use crate::view::session::row::Row;
use crate::view::snapshot::{Snapshot, Trouble};
use crate::view::text::messages;
use crate::view::text::shared_texts::{self as texts, fill};
use crate::view::tray::badge;

/// Maximum number of sessions listed per state, so that the menu fits on the screen.
const MAX_LISTED: usize = 24;

/// Maximum number of waiting sessions at the top of the menu. Each is also listed by its state.
const MAX_WAITING: usize = 5;

/// A menu item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A text without an action.
    Text(String),
    /// A label with an action.
    Choice(String, Action),
    /// A check item: label, whether it is on, action.
    Switch(String, bool, Action),
    /// A submenu.
    Submenu(String, Vec<Item>),
    /// A separator line.
    Separator,
}

/// The tray's text before the first snapshot.
pub const READING: &str = "Reading…";

/// The menu before the first snapshot.
#[must_use]
pub fn reading() -> Vec<Item> {
    vec![Item::Text(READING.into()), Item::Separator, quit()]
}

/// The tray's text after the last snapshot.
pub const ENDED: &str = "Headcount stopped because of an internal error. Quit and start it again.";

/// The menu after the last snapshot.
#[must_use]
pub fn ended() -> Vec<Item> {
    vec![Item::Text(ENDED.into()), Item::Separator, quit()]
}

/// The menu after an internal error.
#[must_use]
pub fn failed(reason: &str) -> Vec<Item> {
    let message = Trouble::internal(reason, String::new()).message;
    vec![Item::Text(messages::plain(&message, 110)), Item::Separator, quit()]
}

fn quit() -> Item {
    Item::Choice("Quit".into(), Action::Quit)
}

/// The menu for a snapshot, with a submenu for each other workspace. The first line has the sums of `all`.
#[must_use]
pub fn menu_of_all(
    snapshot: &Snapshot,
    all: &[WorkspaceSnapshot],
    others: &[WorkspaceSnapshot],
    starts_at_login: Option<bool>,
) -> Vec<Item> {
    if others.is_empty() {
        return menu(snapshot, starts_at_login);
    }
    let own = all.iter().find(|one| others.iter().all(|other| other.name != one.name)).map(overview::line);
    let submenus = others.iter().take(MAX_LISTED).map(|one| Item::Submenu(overview::line(one), in_other(one)));
    let waiting = others.iter().flat_map(waiting_in).take(MAX_WAITING);
    let sessions = own.map(Item::Text).into_iter().chain(own_sessions(snapshot)).chain(waiting).chain(submenus);
    with_sessions(snapshot, Overview::of(all).headline(), sessions.collect(), starts_at_login)
}

/// The sessions of another workspace that run or are stale.
fn in_other(one: &WorkspaceSnapshot) -> Vec<Item> {
    let rows = one.snapshot.rows.iter().filter(|row| matches!(row.state, State::Active | State::Stale));
    let lines: Vec<Item> = rows.take(MAX_LISTED).map(|row| other_session(one, row, "")).collect();
    if lines.is_empty() { vec![Item::Text("No sessions".into())] } else { lines }
}

fn waiting_in(one: &WorkspaceSnapshot) -> impl Iterator<Item = Item> {
    let rows = one.snapshot.rows.iter().filter(|row| row.waiting_for().is_some());
    let prefix = format!("{} ", messages::plain(&one.name, 24));
    rows.map(move |row| other_session(one, row, &prefix))
}

/// A session of another workspace. One that runs is shown in its terminal; the window is of this workspace.
fn other_session(one: &WorkspaceSnapshot, row: &Row, prefix: &str) -> Item {
    let line = format!("{prefix}{} · {}", messages::name(row, 32), messages::condition(row, one.snapshot.at));
    match row.process {
        Process::Alive => Item::Choice(line, Action::InWorkspace(one.name.clone(), Box::new(Action::Show(row.number)))),
        _ => Item::Text(line),
    }
}

/// The menu for a snapshot. `starts_at_login` is `None` if that cannot be determined.
#[must_use]
pub fn menu(snapshot: &Snapshot, starts_at_login: Option<bool>) -> Vec<Item> {
    with_sessions(snapshot, badge::title(snapshot), own_sessions(snapshot).collect(), starts_at_login)
}

/// The sessions of this workspace: those that wait, then all by their state.
fn own_sessions(snapshot: &Snapshot) -> impl Iterator<Item = Item> {
    let by_state = texts::STATES.into_iter().filter_map(|(state, word)| sessions(snapshot, state, word));
    waiting(snapshot).chain(by_state).chain(unregistered(snapshot))
}

/// The menu with these lines about sessions.
fn with_sessions(
    snapshot: &Snapshot,
    headline: String,
    sessions: Vec<Item>,
    starts_at_login: Option<bool>,
) -> Vec<Item> {
    let mut items = vec![Item::Text(headline)];
    if let Some(trouble) = &snapshot.trouble {
        // Only the file name is kept, because the whole path would leave no room for the reason.
        let name = trouble.path.rsplit(['/', '\\']).next().unwrap_or_default();
        items.push(Item::Text(messages::plain(&trouble.message.replace(&trouble.path, name), 110)));
    }
    items.push(Item::Separator);
    if !sessions.is_empty() {
        items.extend(sessions);
        items.push(Item::Separator);
    }
    if !snapshot.cleanup.numbers.is_empty() && snapshot.trouble.is_none() {
        items.push(Item::Choice(
            fill(texts::CLEAN_UP_STALE, snapshot.cleanup.numbers.len()),
            Action::Open(View::Review),
        ));
    }
    if let Some(undo) = &snapshot.undo {
        items.push(Item::Choice(
            format!("Undo last cleanup ({})", messages::sessions(undo.marked.len())),
            Action::Undo(undo.change.clone()),
        ));
    }
    if let Some(reverted_change) = &snapshot.reverted_change {
        items.push(Item::Choice(
            format!("Apply again ({})", messages::sessions(reverted_change.numbers.len())),
            Action::Redo(reverted_change.change.clone()),
        ));
    }
    items.push(snooze(snapshot));
    items.push(Item::Separator);
    items.push(Item::Choice("Open Headcount".into(), Action::Open(View::Sessions)));
    items.push(Item::Choice("Settings…".into(), Action::Open(View::Settings)));
    if let Some(is_on) = starts_at_login {
        items.push(Item::Switch(texts::START_AT_LOGIN.into(), is_on, Action::StartAtLogin(!is_on)));
    }
    items.push(quit());
    items
}

/// The sessions that wait for a person, at the top level: one click away.
fn waiting(snapshot: &Snapshot) -> impl Iterator<Item = Item> {
    snapshot.rows.iter().filter(|row| row.waiting_for().is_some()).take(MAX_WAITING).map(|row| session(snapshot, row))
}

fn session(snapshot: &Snapshot, row: &Row) -> Item {
    let line = format!("{} · {}", messages::name(row, 32), messages::condition(row, snapshot.at));
    // A session that runs is shown in its terminal; of any other one there are only the details.
    let action = match row.process {
        Process::Alive => Action::Show(row.number),
        _ => Action::Open(View::Session(row.number)),
    };
    Item::Choice(line, action)
}

fn sessions(snapshot: &Snapshot, state: State, word: &str) -> Option<Item> {
    let count = snapshot.in_state(state).count();
    let lines = snapshot.in_state(state).take(MAX_LISTED).map(|row| session(snapshot, row));
    let more = (count > MAX_LISTED)
        .then(|| Item::Choice(format!("{} more…", count - MAX_LISTED), Action::Open(View::Sessions)));
    (count > 0).then(|| Item::Submenu(format!("{count} {word}"), lines.chain(more).collect()))
}

fn unregistered(snapshot: &Snapshot) -> Option<Item> {
    let lines = snapshot.unregistered.iter().take(MAX_LISTED).map(|found| {
        let name = messages::plain(&found.name, 40);
        let name = if name.is_empty() { "Claude Code".into() } else { name };
        Item::Choice(format!("Register {name} (process {})", found.pid), Action::Register(found.pid))
    });
    let count = snapshot.unregistered.len();
    let all = (count > 1).then(|| Item::Choice(texts::REGISTER_ALL.into(), Action::RegisterAll));
    let lines: Vec<Item> = all.into_iter().chain(lines).collect();
    (count > 0).then(|| Item::Submenu(format!("{count} {}", texts::NOT_REGISTERED), lines))
}

fn snooze(snapshot: &Snapshot) -> Item {
    let choice = |label: &str, snooze| Item::Choice(label.into(), Action::Snooze(snooze));
    let is_on = snapshot.snoozed_until.is_some_and(|until| until > snapshot.at);
    let mut choices = vec![choice(texts::SNOOZE_HOUR, Snooze::Hour), choice(texts::SNOOZE_TOMORROW, Snooze::Tomorrow)];
    if is_on {
        choices.push(choice("Resume notifications", Snooze::Off));
    }
    Item::Submenu(if is_on { "Notifications snoozed".into() } else { "Snooze notifications".into() }, choices)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::claude::activity::{Activity, ActivityKind, WaitingFor};

    #[test]
    fn sessions_that_wait_are_at_the_top_of_the_menu() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let mut snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5), (2, 5)], now);
        let activity = Some(Activity { kind: ActivityKind::Waiting(WaitingFor::Permission), since: None });
        snapshot.rows[1] = Arc::new(Row { activity, ..(*snapshot.rows[1]).clone() });
        let items = menu(&snapshot, None);
        let Item::Choice(label, action) = &items[2] else { panic!("{items:?}") };
        assert!(label.starts_with("#2 ") && label.ends_with(" · waits for a permission"), "{label}");
        assert_eq!(*action, Action::Open(View::Session(2)));
        let Item::Submenu(label, lines) = &items[3] else { panic!("{items:?}") };
        assert_eq!((label.as_str(), lines.len(), &lines[1]), ("3 active", 3, &items[2]));
    }

    #[test]
    fn a_session_that_runs_is_shown_in_its_terminal() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let mut snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5), (2, 5)], now);
        snapshot.rows[1] = Arc::new(Row { process: Process::Alive, ..(*snapshot.rows[1]).clone() });
        let Some(Item::Submenu(_, lines)) = sessions(&snapshot, State::Active, "active") else { panic!("no sessions") };
        let actions: Vec<&Action> = lines
            .iter()
            .filter_map(|line| match line {
                Item::Choice(_, action) => Some(action),
                _ => None,
            })
            .collect();
        assert_eq!(actions[..2], [&Action::Open(View::Session(1)), &Action::Show(2)]);
    }

    #[test]
    fn other_workspaces_are_submenus_and_their_waiting_sessions_are_at_the_top_level() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let with = |name: &str, sessions: &[(u64, i64)], change: &dyn Fn(&mut Row)| {
            let mut snapshot = crate::notification::announcement::tests::snapshot(sessions, now);
            snapshot.rows.retain(|row| row.number != 99);
            for row in &mut snapshot.rows {
                let mut changed = (**row).clone();
                change(&mut changed);
                *row = Arc::new(changed);
            }
            WorkspaceSnapshot { name: name.into(), real_registry: format!("/{name}"), snapshot: Arc::new(snapshot) }
        };
        let asking = Some(Activity { kind: ActivityKind::Waiting(WaitingFor::Answer), since: None });
        let own = with("own", &[(1, 5)], &|_| {});
        let market = with("market", &[(2, 5)], &|row| (row.activity, row.process) = (asking, Process::Alive));
        let empty = with("blog", &[], &|_| {});
        let (all, others) = ([own.clone(), market.clone(), empty.clone()], [market, empty]);
        let items = menu_of_all(&own.snapshot, &all, &others, None);
        let show = Action::InWorkspace("market".into(), Box::new(Action::Show(2)));
        assert_eq!(items[2], Item::Text(overview::line(&own)));
        assert!(matches!(&items[3], Item::Submenu(label, _) if label == "1 active"), "{items:?}");
        let at = 3;
        let Item::Choice(label, action) = &items[at + 1] else { panic!("{items:?}") };
        assert!(label.starts_with("market #2 ") && label.ends_with("waits for an answer"), "{label}");
        assert_eq!(*action, show);
        let Item::Submenu(label, lines) = &items[at + 2] else { panic!("{items:?}") };
        assert!(label.starts_with("market: "), "{label}");
        assert!(matches!(&lines[..], [Item::Choice(_, action)] if *action == show), "{lines:?}");
        assert!(matches!(&items[at + 3], Item::Submenu(_, lines) if *lines == [Item::Text("No sessions".into())]));
        assert_eq!(items[at + 4], Item::Separator);
        assert_eq!(menu_of_all(&own.snapshot, &[], &[], None), menu(&own.snapshot, None));
        // Without an own session they are in the same place.
        let none = with("none", &[], &|_| {});
        let items = menu_of_all(&none.snapshot, &[none.clone(), all[1].clone()], &others, None);
        assert_eq!(items[1..3], [Item::Separator, Item::Text(overview::line(&none))]);
        assert!(matches!(&items[3], Item::Choice(_, action) if *action == show), "{items:?}");
        assert!(matches!(items[4..7], [Item::Submenu(..), Item::Submenu(..), Item::Separator]), "{items:?}");
    }
}
