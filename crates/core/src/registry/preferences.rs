//! What a person set for one session: the `headcount` object of its entry.
//!
//! Guarantees: members of the object that are not known, and all other fields of the entry, stay as they are; an object
//! without members is removed. A value that is not valid counts as absent. The scripts keep the object, because they
//! keep every field.

use crate::json::edit::Layout;
use crate::json::{Fields, Object};
use crate::registry::change::{self, EntryChange, EntryEdit};
use crate::registry::registration::RegistrationError;
use crate::registry::{Number, Registry};
use crate::time::Timeout;

/// The field of the entry.
const FIELD: &str = "headcount";

const KEEP: &str = "keep";
const TIMEOUT: &str = "timeout_minutes";

/// What a person set for one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Cleanup neither marks nor offers it.
    pub is_kept: bool,
    /// Its own timeout, in place of the general one.
    pub timeout: Option<Timeout>,
}

impl Preferences {
    /// Reads the object; the default if it is not an object.
    pub(crate) fn read(raw: &str) -> Self {
        let Ok(found) = Fields::of(raw.as_bytes(), &[KEEP, TIMEOUT]) else { return Self::default() };
        let minutes = found.number(TIMEOUT).and_then(|minutes| u32::try_from(minutes).ok());
        Self { is_kept: found.is_true(KEEP), timeout: minutes.and_then(Timeout::from_minutes) }
    }
}

/// Sets whether a session is kept. Returns the new text and the changes; no changes if it is so already.
///
/// # Errors
/// If there is no such session, or its entry is not an object.
pub fn set_keep(
    registry: &Registry,
    number: Number,
    is_kept: bool,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    set(registry, number, KEEP, is_kept.then_some("true"))
}

/// Sets a session's own timeout; `None` resets it to the general one. Returns the new text and the changes; no changes
/// if it is so already.
///
/// # Errors
/// As [`set_keep`].
pub fn set_timeout(
    registry: &Registry,
    number: Number,
    timeout: Option<Timeout>,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    let minutes = timeout.map(|timeout| timeout.minutes().to_string());
    set(registry, number, TIMEOUT, minutes.as_deref())
}

fn set(
    registry: &Registry,
    number: Number,
    name: &str,
    value: Option<&str>,
) -> Result<(String, Vec<EntryChange>), RegistrationError> {
    if registry.bad_entries().contains(&number) {
        return Err(RegistrationError::NotChangeable(number));
    }
    registry.entry(number).ok_or(RegistrationError::NoSession(number))?;
    let before = registry.fields(number).find(|(field, _)| *field == FIELD).map(|(_, raw)| raw);
    let object = before.and_then(|raw| Some((raw, Object::read(raw, 0..raw.len()).ok()?)));
    let members = object.iter().flat_map(|(raw, object)| {
        object.fields.iter().filter_map(move |field| Some((field.name.as_str(), raw.get(field.value.clone())?)))
    });
    let is_same = |(member, raw): (&str, &str)| member == name && Some(raw) == value;
    let has_member = object.as_ref().is_some_and(|(_, object)| object.field(name).is_some());
    if members.clone().any(is_same) || value.is_none() && !has_member {
        return Ok((registry.text().to_owned(), Vec::new()));
    }
    let kept = members.filter(|(member, _)| *member != name);
    let members: Vec<(&str, &str)> = kept.chain(value.map(|value| (name, value))).collect();
    let after = (!members.is_empty()).then(|| Layout::of_entries(registry).inner().object(&members));
    Ok(change::apply(registry, vec![EntryEdit::Set(number, vec![(FIELD, after)])]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::undo::undo;

    fn read(text: &str) -> Registry {
        Registry::read(text.as_bytes().to_vec()).unwrap()
    }

    fn of(raw: &str) -> Preferences {
        read(&format!("{{\"1\": {{\"headcount\": {raw}}}}}")).entry(1).unwrap().preferences
    }

    #[test]
    fn invalid_values_count_as_absent() {
        let minutes = |minutes| Timeout::from_minutes(minutes);
        for (raw, is_kept, timeout) in [
            (r#"{"keep": true, "timeout_minutes": 480, "other": [1]}"#, true, minutes(480)),
            (r#"{"timeout_minutes": 0}"#, false, minutes(0)),
            (r#"{"keep": 1, "timeout_minutes": 525601}"#, false, None),
            (r#"{"keep": "true", "timeout_minutes": "480"}"#, false, None),
            (r#"{"keep": null, "timeout_minutes": -1}"#, false, None),
            (r#"{"timeout_minutes": 1.5, "keep": false}"#, false, None),
            ("[true]", false, None),
            ("true", false, None),
            ("null", false, None),
        ] {
            assert_eq!(of(raw), Preferences { is_kept, timeout }, "{raw}");
        }
        assert_eq!(read(r#"{"1": {}}"#).entry(1).unwrap().preferences, Preferences::default());
    }

    #[test]
    fn setting_and_resetting_gives_the_same_bytes() {
        let before = "{\n  \"1\": {\n    \"status\": \"active\",\n    \"x\": 1e3\n  },\n  \"2\": {}\n}";
        let (kept, _) = set_keep(&read(before), 1, true).unwrap();
        let object = "\"x\": 1e3,\n    \"headcount\": {\n      \"keep\": true\n    }\n";
        assert_eq!(kept, before.replace("\"x\": 1e3\n", object));
        let (both, changes) = set_timeout(&read(&kept), 1, Timeout::from_minutes(480)).unwrap();
        let wanted = Preferences { is_kept: true, timeout: Timeout::from_minutes(480) };
        assert_eq!(read(&both).entry(1).unwrap().preferences, wanted);
        assert_eq!(undo(&read(&both), &changes).text, kept);
        let (timeout, _) = set_keep(&read(&both), 1, false).unwrap();
        assert_eq!(set_timeout(&read(&timeout), 1, None).unwrap().0, before);
    }

    #[test]
    fn unknown_members_are_kept_and_what_is_so_already_changes_nothing() {
        let before = r#"{"1": {"headcount": {"new": {"a": 1.10}, "keep": true}}, "2": {"headcount": 5}, "3": []}"#;
        let registry = read(before);
        assert_eq!(set_keep(&registry, 1, true).unwrap(), (before.to_owned(), vec![]));
        assert_eq!(set_timeout(&registry, 1, None).unwrap(), (before.to_owned(), vec![]));
        assert_eq!(set_keep(&registry, 1, false).unwrap().0, before.replace(r#", "keep": true"#, ""));
        let (replaced, _) = set_keep(&registry, 2, true).unwrap();
        assert!(replaced.contains(r#""2": {"headcount": {"keep": true}}"#), "{replaced}");
        assert_eq!(set_keep(&registry, 3, true), Err(RegistrationError::NotChangeable(3)));
        assert_eq!(set_keep(&registry, 4, true), Err(RegistrationError::NoSession(4)));
    }
}
