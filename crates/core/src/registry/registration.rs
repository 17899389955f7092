//! Coming and going: registering, signing off, coming back.
//!
//! Promises: an entry in the form and order of the protocol (§4 "Register"), in the file's own layout; a number is only
//! given to one session at a time; signing off and coming back touch `status` and `marked_inactive_at` alone. Does not
//! write beats.

use crate::claude::Claude;
use crate::json::edit::Layout;
use crate::json::quote;
use crate::liveness::cleanup::Target;
use crate::registry::change::{self, EntryChange, EntryEdit};
use crate::registry::{Class, Entry, Number, Registry};
use crate::time::{self, Time};

/// Who wants to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// The number it wants.
    pub number: Number,
    /// Its id; `session-<number>` where it has none of its own.
    pub session_id: Option<String>,
    /// What it does.
    pub role: String,
    /// What it is after.
    pub goal: String,
    /// Its terminal.
    pub terminal: String,
    /// The Claude Code session that it is, where it is one.
    pub claude: Option<Claude>,
}

/// Why somebody cannot come, go or move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// The number is held.
    #[error("number {0} is taken")]
    Taken(Number),
    /// Numbers start at 1.
    #[error("numbers start at 1")]
    Zero,
    /// Nobody has the number.
    #[error("there is no session {0}")]
    Nobody(Number),
    /// The entry is not an object, or its status is none we know.
    #[error("the entry of session {0} is none that Headcount changes")]
    Untouchable(Number),
    /// Somebody moved since the moves were shown.
    #[error("the numbers changed since this was shown; look again")]
    Outdated,
    /// It is what it is asked to become.
    #[error("session {0} is {1} already")]
    Already(Number, &'static str),
}

/// The lowest number that nobody holds, from 1.
#[must_use]
pub fn lowest_free(registry: &Registry) -> Number {
    lowest_vacant(registry, is_inactive)
}

/// The lowest number from 1 that no entry holds, or one that `is_vacant`.
pub(crate) fn lowest_vacant(registry: &Registry, is_vacant: impl Fn(&Entry) -> bool) -> Number {
    let is_free =
        |number: &Number| !registry.bad_entries().contains(number) && registry.entry(*number).is_none_or(&is_vacant);
    // One of so many is free, because there are fewer holders.
    let highest = (registry.entries().len() + registry.bad_entries().len()) as Number + 1;
    (1..=highest).find(is_free).unwrap_or(highest)
}

/// The registry's text with a newcomer in it. Its entry goes last, or keeps the place of the inactive one it replaces.
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

/// The same; an entry that `is_vacant` gives its number up.
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

/// What an entry remembers of Claude Code, laid out like the entries of its registry.
pub(crate) fn claude_object(registry: &Registry, claude: &Claude) -> String {
    let members = claude.members();
    let members: Vec<(&str, &str)> = members.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Layout::of_entries(registry).inner().object(&members)
}

/// Whether the number still is the session's that was named with it.
pub fn meant(registry: &Registry, target: &Target) -> Result<(), RegistrationError> {
    let holder = registry.entry(target.number);
    match (&target.session_id, holder) {
        (Some(id), Some(entry)) if entry.session_id != *id => Err(RegistrationError::Outdated),
        _ => Ok(()),
    }
}

/// The registry's text after a session signed off.
pub fn release(
    registry: &Registry,
    number: Number,
    now: Time,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    match class(registry, number)? {
        Class::Active => Ok(crate::liveness::cleanup::mark(registry, &[number], now)),
        Class::Inactive => Err(RegistrationError::Already(number, "inactive")),
        Class::Unknown => Err(RegistrationError::Untouchable(number)),
    }
}

/// The registry's text after a session came back. `claude` is what it is to remember of Claude Code from now on: a process
/// that has ended would speak against it at once.
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
        Class::Unknown => Err(RegistrationError::Untouchable(number)),
    }
}

fn class(registry: &Registry, number: Number) -> Result<Class, RegistrationError> {
    match registry.entry(number) {
        Some(entry) => Ok(entry.class()),
        None if registry.bad_entries().contains(&number) => Err(RegistrationError::Untouchable(number)),
        None => Err(RegistrationError::Nobody(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Registry {
        Registry::read(text.as_bytes().to_vec()).unwrap()
    }

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00.123456Z").unwrap()
    }

    #[test]
    fn what_is_remembered_is_laid_out_like_the_entries() {
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
    fn a_new_file_is_as_python_writes_it() {
        let (text, _) = register(&Registry::empty(), &new_session(5), now()).unwrap();
        assert_eq!(text, format!("{{\n  \"5\": {ENTRY}\n}}"));
    }

    #[test]
    fn an_inactive_entry_gives_its_place_and_nothing_else() {
        let before = "{\n  \"9\": {\n    \"a\": 1\n  },\n  \"5\": {\n    \"status\": \"inactive\",\n    \"x\": 1\n  },\n  \"7\": {\n    \"b\": 1\n  }\n}";
        let (text, changes) = register(&read(before), &new_session(5), now()).unwrap();
        let old = "{\n    \"status\": \"inactive\",\n    \"x\": 1\n  }";
        assert_eq!(text, before.replace(old, ENTRY));
        assert_eq!(change::undo(&read(&text), &changes).text, before);
    }

    #[test]
    fn a_number_is_one_sessions() {
        let registry = read(r#"{"1": {"status": "active"}, "2": {"status": "error"}, "3": [], "4": {}}"#);
        for number in 1..=4 {
            assert_eq!(register(&registry, &new_session(number), now()), Err(RegistrationError::Taken(number)));
        }
        assert_eq!(register(&registry, &new_session(0), now()), Err(RegistrationError::Zero));
        assert!(register(&registry, &new_session(5), now()).is_ok());
    }

    #[test]
    fn who_was_named_is_who_is_meant() {
        let registry = read(r#"{"1": {"session_id": "a"}, "2": {}}"#);
        let named = |number, id: &str| Target { number, session_id: Some(id.into()) };
        assert_eq!(meant(&registry, &named(1, "a")), Ok(()));
        assert_eq!(meant(&registry, &named(2, "session-2")), Ok(()));
        assert_eq!(meant(&registry, &named(1, "b")), Err(RegistrationError::Outdated));
        assert_eq!(meant(&registry, &Target::number(1)), Ok(()));
        // Who is not there at all is told so by what is to be done.
        assert_eq!(meant(&registry, &named(3, "x")), Ok(()));
    }

    #[test]
    fn the_lowest_number_that_nobody_holds() {
        for (text, wanted) in [
            ("{}", 1),
            (r#"{"1": {"status": "active"}, "3": {"status": "active"}}"#, 2),
            (r#"{"1": {"status": "?"}, "2": 5, "3": {"status": "inactive"}, "4": {"status": "active"}}"#, 3),
        ] {
            assert_eq!(lowest_free(&read(text)), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_remembered_of_claude_code_comes_last_and_goes_with_its_process() {
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
        assert_eq!(change::undo(&read(&back), &changes).text, off);
    }

    #[test]
    fn off_and_back_again() {
        let before = "{\"1\": {\"status\": \"working\", \"x\": 1e3}, \"2\": {\"status\": \"?\"}, \"3\": 5}";
        let (off, _) = release(&read(before), 1, now()).unwrap();
        let mark = "\"inactive\", \"x\": 1e3, \"marked_inactive_at\": \"2025-11-17T20:00:00.123456Z\"";
        assert_eq!(off, before.replace("\"working\", \"x\": 1e3", mark));
        let (back, _) = reactivate(&read(&off), 1, None).unwrap();
        assert_eq!(back, before.replace("working", "active"));
        assert_eq!(release(&read(&off), 1, now()), Err(RegistrationError::Already(1, "inactive")));
        assert_eq!(reactivate(&read(before), 1, None), Err(RegistrationError::Already(1, "active")));
        assert_eq!(release(&read(before), 2, now()), Err(RegistrationError::Untouchable(2)));
        assert_eq!(reactivate(&read(before), 3, None), Err(RegistrationError::Untouchable(3)));
        assert_eq!(release(&read(before), 4, now()), Err(RegistrationError::Nobody(4)));
    }
}
