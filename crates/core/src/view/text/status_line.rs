//! The counts in one line, for scripts and status bars.
//!
//! Guarantees: a template names fields of [`Counts`] in braces; `{{` and `}}` are braces; a field that does not exist and
//! a brace without its partner are errors, never output.

use std::str::FromStr;

use crate::view::session::row::Counts;

/// A short line: "3 active, 1 waiting, 9 stale", or "5 running, …" if some of the running ones are not registered here.
/// Counts of 0 are omitted, except for the first.
#[must_use]
pub fn short(counts: Counts) -> String {
    let others = [(counts.waiting, "waiting"), (counts.stale, "stale")].into_iter().filter(|(count, _)| *count > 0);
    let running = if counts.running == counts.active { (counts.active, "active") } else { (counts.running, "running") };
    let parts = [running].into_iter().chain(others);
    parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// A field of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CountField {
    Running,
    Active,
    Waiting,
    Stale,
    Inactive,
    Unknown,
    Unregistered,
}

/// The names of the fields, in the order in which they are documented.
const FIELDS: [(&str, CountField); 7] = [
    ("running", CountField::Running),
    ("active", CountField::Active),
    ("waiting", CountField::Waiting),
    ("stale", CountField::Stale),
    ("inactive", CountField::Inactive),
    ("unknown", CountField::Unknown),
    ("unregistered", CountField::Unregistered),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(CountField),
}

/// A line with named fields, such as `{running} running, {stale} stale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATemplate {
    /// A name in braces is not a field.
    #[error(
        "there is no field “{0}”: the fields are running, active, waiting, stale, inactive, unknown and unregistered"
    )]
    NoField(String),
    /// A brace has no partner.
    #[error("a brace has no partner; write {{{{ or }}}} for a brace itself")]
    Unpaired,
}

impl Template {
    /// The line for some counts.
    #[must_use]
    pub fn line(&self, counts: Counts) -> String {
        self.0.iter().fold(String::new(), |mut line, part| {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Field(field) => line.push_str(&field.of(counts).to_string()),
            }
            line
        })
    }
}

impl CountField {
    const fn of(self, counts: Counts) -> usize {
        match self {
            Self::Running => counts.running,
            Self::Active => counts.active,
            Self::Waiting => counts.waiting,
            Self::Stale => counts.stale,
            Self::Inactive => counts.inactive,
            Self::Unknown => counts.unknown,
            Self::Unregistered => counts.unregistered,
        }
    }
}

impl FromStr for Template {
    type Err = NotATemplate;

    fn from_str(text: &str) -> Result<Self, NotATemplate> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            parts.push(Part::Text(before.to_owned()));
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                parts.push(Part::Text(from.chars().take(1).collect()));
                rest = after;
                continue;
            }
            let field = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (name, after) = field.ok_or(NotATemplate::Unpaired)?;
            let field = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
            parts.push(Part::Field(field.ok_or_else(|| NotATemplate::NoField(name.to_owned()))?));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Counts =
        Counts { active: 3, stale: 9, inactive: 2, unknown: 1, unregistered: 4, running: 7, waiting: 5 };

    #[test]
    fn the_short_line_omits_zeros() {
        assert_eq!(short(COUNTS), "7 running, 5 waiting, 9 stale");
        assert_eq!(short(Counts { running: 3, ..COUNTS }), "3 active, 5 waiting, 9 stale");
        assert_eq!(short(Counts { running: 3, waiting: 0, ..COUNTS }), "3 active, 9 stale");
        assert_eq!(short(Counts::default()), "0 active");
    }

    #[test]
    fn fields_are_replaced_by_their_counts() {
        for (template, wanted) in [
            ("{running} {active} {stale} {waiting}", "7 3 9 5"),
            ("{inactive}{unknown}{unregistered}", "214"),
            ("▲{waiting}é", "▲5é"),
            ("{{{stale}}} {{stale}}", "{9} {stale}"),
            ("", ""),
            ("100 %\\n", "100 %\\n"),
        ] {
            assert_eq!(template.parse::<Template>().unwrap().line(COUNTS), wanted, "{template}");
        }
    }

    #[test]
    fn what_is_not_a_field_is_refused() {
        for name in ["", " stale", "Stale", "0", "counts.stale", "é"] {
            let refused = format!("x {{{name}}}").parse::<Template>();
            assert_eq!(refused, Err(NotATemplate::NoField(name.to_owned())));
        }
        for odd in ["{", "}", "{stale", "stale}", "}}}", "{{{", "a } b {stale}"] {
            assert_eq!(odd.parse::<Template>(), Err(NotATemplate::Unpaired), "{odd}");
        }
    }
}
