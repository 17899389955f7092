//! The role and the title of a session that is registered automatically.
//!
//! Guarantees: a role is the name that a person gave the session, else its folder and branch; generated names, job ids
//! and titles set by Headcount are never a role. Foreign text becomes one short plain line.

use crate::claude::{self, Record};
use crate::registry::Number;
use crate::view::text::messages;

/// Maximum length of a role given by a person, in characters.
const MAX_LENGTH: usize = 80;

/// The name that a person gave a session: from its record, else from the title in a payload.
#[must_use]
pub fn given_name(record: Option<&Record>, title: Option<&str>) -> Option<String> {
    let named = record.filter(|record| record.is_named_by_person).and_then(|record| record.name.as_deref());
    let is_generated =
        |title: &&str| record.is_some_and(|record| record.is_name_generated && record.name.as_deref() == Some(title));
    let name = named.or_else(|| title.filter(|title| !is_generated(title)))?;
    let name = messages::plain(without_number(name), MAX_LENGTH);
    (!name.is_empty()).then_some(name)
}

/// A title without the number that Headcount puts before it.
fn without_number(title: &str) -> &str {
    let Some(rest) = title.trim_start().strip_prefix('#') else { return title };
    match rest.split_once(' ') {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => title,
    }
}

/// The role of a new session: the name that a person gave it, else its folder and branch.
#[must_use]
pub fn role(name: Option<&str>, folder: Option<&str>, branch: Option<&str>) -> String {
    let name = name.map(|name| messages::plain(name, MAX_LENGTH)).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| {
        let folder = messages::plain(claude::folder_name(folder.unwrap_or_default()), 60);
        match branch.map(|branch| messages::plain(branch, 40)) {
            Some(branch) if !folder.is_empty() => format!("{folder} ({branch})"),
            _ if folder.is_empty() => "Claude Code".into(),
            _ => folder,
        }
    })
}

/// The title of a session in Claude Code: its number and role.
#[must_use]
pub fn title(number: Number, role: &str) -> String {
    format!("#{number} {}", messages::plain(role, MAX_LENGTH))
}

/// Whether a payload's title was set by Headcount: the entry's role with its number, or with an earlier one.
#[must_use]
pub fn is_own_title(title: &str, role: &str) -> bool {
    let rest = without_number(title);
    rest != title && messages::plain(rest, MAX_LENGTH) == messages::plain(role, MAX_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &str) -> Record {
        Record::read(format!("{{\"pid\": 7, \"kind\": \"bg\"{fields}}}").as_bytes()).unwrap()
    }

    #[test]
    fn a_role_is_the_given_name_or_the_folder() {
        assert_eq!(role(Some(" Ship\nit "), Some("/ws/shop"), Some("main")), "Ship it");
        assert_eq!(role(Some(" \n"), Some("/ws/shop/"), Some("main")), "shop (main)");
        assert_eq!(role(None, Some("C:\\ws\\shop"), None), "shop");
        assert_eq!(role(None, None, Some("main")), "Claude Code");
        assert!(role(Some(&"x".repeat(500)), None, None).chars().count() <= 80);
    }

    #[test]
    fn generated_names_and_job_ids_are_not_given_names() {
        let derived = record(r#", "name": "alpha-3a", "nameSource": "derived""#);
        let job = record(r#", "name": "8a928389", "jobId": "8a928389""#);
        let user = record(r#", "name": "Ship it", "nameSource": "user""#);
        let named_job = record(r#", "name": "Ship it", "nameSource": "peer", "jobId": "8a928389""#);
        let prompted_job = record(r#", "name": "fix the bug", "jobId": "8a928389""#);
        for (record, title, wanted) in [
            (Some(&derived), None, None),
            (Some(&derived), Some("alpha-3a"), None),
            (Some(&derived), Some("My title"), Some("My title")),
            (Some(&job), None, None),
            (Some(&job), Some("8a928389"), None),
            (Some(&user), None, Some("Ship it")),
            (Some(&named_job), Some("Ship it"), Some("Ship it")),
            (Some(&prompted_job), None, None),
            (Some(&user), Some("Older title"), Some("Ship it")),
            (None, Some("My title"), Some("My title")),
            (None, Some("#4 My title"), Some("My title")),
            (None, Some("#4"), Some("#4")),
            (None, Some("#fix the bug"), Some("#fix the bug")),
            (None, Some(" \u{1b}[31m"), Some("[31m")),
            (None, Some("  "), None),
        ] {
            assert_eq!(given_name(record, title).as_deref(), wanted, "{record:?} {title:?}");
        }
    }

    #[test]
    fn titles_set_by_headcount_are_recognized() {
        assert_eq!(title(4, "Ship\nit"), "#4 Ship it");
        assert!(is_own_title("#4 Ship it", "Ship it") && is_own_title("#17 Ship it", "Ship it"));
        assert!(!is_own_title("Ship it", "Ship it") && !is_own_title("#4 Other", "Ship it"));
    }
}
