//! Registering, signing off and reactivating sessions.
//!
//! Guarantees: a new entry has the fields and order of the protocol (§4 "Register") and the file's layout; a number is
//! given to one session at a time; signing off and reactivating change only `status` and `marked_inactive_at`, and
//! reactivating also `claude`. Does not write heartbeats.

use crate::claude::Claude;
use crate::json::edit::Layout;
use crate::json::quote;
use crate::liveness::cleanup::Target;
use crate::registry::change::{self, EntryChange, EntryEdit};
use crate::registry::{Class, Entry, Number, Registry};
use crate::time::{self, Time};

/// A session to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// The requested number.
    pub number: Number,
    /// Its id; `session-<number>` if it has none.
    pub session_id: Option<String>,
    /// Its role.
    pub role: String,
    /// Its goal.
    pub goal: String,
    /// Its terminal.
    pub terminal: String,
    /// Its Claude Code session, if it is one.
    pub claude: Option<Claude>,
}

/// Why a session cannot be registered, signed off, reactivated or moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// The number is in use.
    #[error("number {0} is taken")]
    Taken(Number),
    /// Numbers start at 1.
    #[error("numbers start at 1")]
    Zero,
    /// No entry has the number.
    #[error("there is no session {0}")]
    NoSession(Number),
    /// The entry is not an object, or its status is unknown.
    #[error("Headcount does not change the entry of session {0}, because its status is unknown or it is not an object")]
    NotChangeable(Number),
    /// The numbers changed since the moves were shown.
    #[error("the numbers have changed in the meantime; check them and try again")]
    Outdated,
    /// The session already has the requested state.
    #[error("session {0} is already {1}")]
    Already(Number, &'static str),
}

/// The lowest number from 1 that no entry has, or only an inactive one.
#[must_use]
pub fn lowest_free(registry: &Registry) -> Number {
    lowest_vacant(registry, is_inactive)
}

/// The lowest number from 1 that no entry has, or only one that `is_vacant`.
pub(crate) fn lowest_vacant(registry: &Registry, is_vacant: impl Fn(&Entry) -> bool) -> Number {
    let is_free =
        |number: &Number| !registry.bad_entries().contains(number) && registry.entry(*number).is_none_or(&is_vacant);
    // There is always a free one in this range, because it has more numbers than there are entries.
    let highest = (registry.entries().len() + registry.bad_entries().len()) as Number + 1;
    (1..=highest).find(is_free).unwrap_or(highest)
}

/// Registers a session. Its entry is appended, or replaces an inactive one with the same number in place. Returns the
/// new text and the changes.
///
/// # Errors
/// If the number is 0 or in use.
pub fn register(
    registry: &Registry,
    new_session: &NewSession,
    now: Time,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    register_vacant(registry, new_session, now, is_inactive)
}

fn is_inactive(entry: &Entry) -> bool {
    entry.class() == Class::Inactive
}

/// Like [`register`], with another rule for the entries that can be replaced: those that `is_vacant`.
pub(crate) fn register_vacant(
    registry: &Registry,
    new_session: &NewSession,
    now: Time,
    is_vacant: impl Fn(&Entry) -> bool,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    let number = new_session.number;
    if number == 0 {
        return Err(RegistrationError::Zero);
    }
    let holder = registry.entry(number);
    if holder.is_some_and(|entry| !is_vacant(entry)) || registry.bad_entries().contains(&number) {
        return Err(RegistrationError::Taken(number));
    }
    let id = new_session.session_id.clone().unwrap_or_else(|| format!("session-{number}"));
    let registered_at = time::python(time::whole_seconds(now));
    let fields = [
        ("session_id", quote(&id)),
        ("number", number.to_string()),
        ("role", quote(&new_session.role)),
        ("goal", quote(&new_session.goal)),
        ("status", quote("active")),
        ("registered_at", quote(&registered_at)),
        ("terminal", quote(&new_session.terminal)),
    ];
    let claude = new_session.claude.as_ref().map(|claude| ("claude", claude_object(registry, claude)));
    let fields = fields.iter().chain(&claude);
    let fields: Vec<(&str, &str)> = fields.map(|(name, value)| (*name, value.as_str())).collect();
    let entry = Layout::of_entries(registry).object(&fields);
    Ok(change::apply(registry, vec![EntryEdit::Write(number, entry)]))
}

/// An entry's `claude` object, in the layout of the registry's entries.
pub(crate) fn claude_object(registry: &Registry, claude: &Claude) -> String {
    let members = claude.members();
    let members: Vec<(&str, &str)> = members.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Layout::of_entries(registry).inner().object(&members)
}

/// Checks that a target's number still belongs to the session that was named with it.
///
/// # Errors
/// If the number belongs to another session now. A missing entry is not an error here.
pub fn check_target(registry: &Registry, target: &Target) -> Result<(), RegistrationError> {
    let holder = registry.entry(target.number);
    match (&target.session_id, holder) {
        (Some(id), Some(entry)) if entry.session_id != *id => Err(RegistrationError::Outdated),
        _ => Ok(()),
    }
}

/// Signs a session off. Returns the new text and the changes.
///
/// # Errors
/// If there is no such session, it is already inactive, or its status is unknown.
pub fn release(
    registry: &Registry,
    number: Number,
    now: Time,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    match class(registry, number)? {
        Class::Active => Ok(crate::liveness::cleanup::mark(registry, &[number], now)),
        Class::Inactive => Err(RegistrationError::Already(number, "inactive")),
        Class::Unknown => Err(RegistrationError::NotChangeable(number)),
    }
}

/// Reactivates an inactive session. Returns the new text and the changes. `claude` replaces the stored Claude Code
/// session: if that named a process that has ended, the session would be stale at once.
///
/// # Errors
/// If there is no such session, it is active already, or its status is unknown.
pub fn reactivate(
    registry: &Registry,
    number: Number,
    claude: Option<&Claude>,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    match class(registry, number)? {
        Class::Inactive => {
            let mut fields = vec![("status", Some(quote("active"))), ("marked_inactive_at", None)];
            if registry.entry(number).is_some_and(|entry| entry.claude.as_ref() != claude) {
                fields.push(("claude", claude.map(|claude| claude_object(registry, claude))));
            }
            Ok(change::apply(registry, vec![EntryEdit::Set(number, fields)]))
        }
        Class::Active => Err(RegistrationError::Already(number, "active")),
        Class::Unknown => Err(RegistrationError::NotChangeable(number)),
    }
}

fn class(registry: &Registry, number: Number) -> Result<Class, RegistrationError> {
    match registry.entry(number) {
        Some(entry) => Ok(entry.class()),
        None if registry.bad_entries().contains(&number) => Err(RegistrationError::NotChangeable(number)),
        None => Err(RegistrationError::NoSession(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::undo;

    fn read(text: &str) -> Registry {
        Registry::read(text.as_bytes().to_vec()).unwrap()
    }

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00.123456Z").unwrap()
    }

    #[test]
    fn the_claude_object_has_the_layout_of_the_entries() {
        let claude = Claude { cwd: Some("/x".into()), ..Claude::default() };
        let object = |registry: &str| claude_object(&read(registry), &claude);
        assert_eq!(object("{}"), "{\n      \"cwd\": \"/x\"\n    }");
        assert_eq!(object("{\n\t\"1\": {\n\t\t\"a\": 1\n\t}\n}"), "{\n\t\t\t\"cwd\": \"/x\"\n\t\t}");
        assert_eq!(object("{\"1\": {\"a\": 1}}"), "{\"cwd\": \"/x\"}");
    }

    fn new_session(number: Number) -> NewSession {
        let (role, goal, terminal) = ("Zoë".into(), "a \"goal\"".into(), "s001".into());
        NewSession { number, session_id: None, role, goal, terminal, claude: None }
    }

    const ENTRY: &str = "{\n    \"session_id\": \"session-5\",\n    \"number\": 5,\n    \"role\": \"Zo\\u00eb\",\n    \"goal\": \"a \\\"goal\\\"\",\n    \"status\": \"active\",\n    \"registered_at\": \"2025-11-17T20:00:00Z\",\n    \"terminal\": \"s001\"\n  }";

    #[test]
    fn a_new_file_has_the_form_that_python_writes() {
        let (text, _) = register(&Registry::empty(), &new_session(5), now()).unwrap();
        assert_eq!(text, format!("{{\n  \"5\": {ENTRY}\n}}"));
    }

    #[test]
    fn registering_replaces_only_the_inactive_entry() {
        let before = "{\n  \"9\": {\n    \"a\": 1\n  },\n  \"5\": {\n    \"status\": \"inactive\",\n    \"x\": 1\n  },\n  \"7\": {\n    \"b\": 1\n  }\n}";
        let (text, changes) = register(&read(before), &new_session(5), now()).unwrap();
        let old = "{\n    \"status\": \"inactive\",\n    \"x\": 1\n  }";
        assert_eq!(text, before.replace(old, ENTRY));
        assert_eq!(undo::undo(&read(&text), &changes).text, before);
    }

    #[test]
    fn a_number_in_use_is_refused() {
        let registry = read(r#"{"1": {"status": "active"}, "2": {"status": "error"}, "3": [], "4": {}}"#);
        for number in 1..=4 {
            assert_eq!(register(&registry, &new_session(number), now()), Err(RegistrationError::Taken(number)));
        }
        assert_eq!(register(&registry, &new_session(0), now()), Err(RegistrationError::Zero));
        assert!(register(&registry, &new_session(5), now()).is_ok());
    }

    #[test]
    fn a_target_with_another_id_is_outdated() {
        let registry = read(r#"{"1": {"session_id": "a"}, "2": {}}"#);
        let named = |number, id: &str| Target { number, session_id: Some(id.into()) };
        assert_eq!(check_target(&registry, &named(1, "a")), Ok(()));
        assert_eq!(check_target(&registry, &named(2, "session-2")), Ok(()));
        assert_eq!(check_target(&registry, &named(1, "b")), Err(RegistrationError::Outdated));
        assert_eq!(check_target(&registry, &Target::number(1)), Ok(()));
        // A missing session is reported by the operation itself.
        assert_eq!(check_target(&registry, &named(3, "x")), Ok(()));
    }

    #[test]
    fn the_lowest_free_number_is_found() {
        for (text, wanted) in [
            ("{}", 1),
            (r#"{"1": {"status": "active"}, "3": {"status": "active"}}"#, 2),
            (r#"{"1": {"status": "?"}, "2": 5, "3": {"status": "inactive"}, "4": {"status": "active"}}"#, 3),
        ] {
            assert_eq!(lowest_free(&read(text)), wanted, "{text}");
        }
    }

    #[test]
    fn the_claude_object_is_last_and_is_replaced_on_reactivation() {
        let claude = Claude { session_id: Some("c".into()), ..Claude::default() };
        let new_session = NewSession { claude: Some(claude.clone()), ..new_session(5) };
        let (text, _) = register(&Registry::empty(), &new_session, now()).unwrap();
        assert!(
            text.ends_with("\"terminal\": \"s001\",\n    \"claude\": {\n      \"session_id\": \"c\"\n    }\n  }\n}"),
            "{text}"
        );
        let (off, _) = release(&read(&text), 5, now()).unwrap();
        assert_eq!(reactivate(&read(&off), 5, Some(&claude)).unwrap().0, text);
        let (back, changes) = reactivate(&read(&off), 5, None).unwrap();
        assert_eq!(read(&back).entry(5).unwrap().claude, None);
        assert_eq!(undo::undo(&read(&back), &changes).text, off);
    }

    #[test]
    fn signing_off_and_reactivating_change_only_their_fields() {
        let before = "{\"1\": {\"status\": \"working\", \"x\": 1e3}, \"2\": {\"status\": \"?\"}, \"3\": 5}";
        let (off, _) = release(&read(before), 1, now()).unwrap();
        let mark = "\"inactive\", \"x\": 1e3, \"marked_inactive_at\": \"2025-11-17T20:00:00.123456Z\"";
        assert_eq!(off, before.replace("\"working\", \"x\": 1e3", mark));
        let (back, _) = reactivate(&read(&off), 1, None).unwrap();
        assert_eq!(back, before.replace("working", "active"));
        assert_eq!(release(&read(&off), 1, now()), Err(RegistrationError::Already(1, "inactive")));
        assert_eq!(reactivate(&read(before), 1, None), Err(RegistrationError::Already(1, "active")));
        assert_eq!(release(&read(before), 2, now()), Err(RegistrationError::NotChangeable(2)));
        assert_eq!(reactivate(&read(before), 3, None), Err(RegistrationError::NotChangeable(3)));
        assert_eq!(release(&read(before), 4, now()), Err(RegistrationError::NoSession(4)));
    }
}
