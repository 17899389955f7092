//! Random texts of registries: as written by agents, scripts and editors, and in forms that none of them writes.
//!
//! Guarantees: each is JSON without duplicate keys, so that it can be read; number, order, layout and contents are
//! random.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Values of fields that no change touches, and unusual values of those that changes do.
const ODD: [&str; 19] = [
    "1e3",
    "1.10",
    "-0",
    "-0.0E-7",
    "1234567890123456789012345",
    "NaN",
    "[ -Infinity,{\"status\":Infinity}]",
    "\"raw \n\t\u{1}\"",
    "null",
    "true",
    "\"\"",
    "\"\\u0041\\/ \\ud83d\\ude80 \\\"}{][,: \\\\\"",
    "\"half \\ud83d\"",
    "\"Zo\u{eb} \u{1f680}\"",
    "[]",
    "[1.0,\t[ {\"status\":\"active\"} ] ,\r\n\"]\"]",
    "{}",
    "{ \"status\" : \"inactive\",\"\\u006eumber\":\t7 }",
    "{\"a\\\"b\":{\"deep\":[[[\"}\"]]]}}",
];

const STATUSES: [&str; 9] = [
    "\"active\"",
    "\"active\"",
    "\"working\"",
    "\"inactive\"",
    "\"inactive\"",
    "\"\\u0061ctive\"",
    "\"offline\"",
    "\"?\"",
    "null",
];

/// The white space of a text.
#[derive(Clone, Debug)]
enum Layout {
    /// Indented by `step`, with `end` as line break.
    Lines { step: &'static str, end: &'static str, colon: &'static str },
    /// On one line.
    Line { comma: &'static str, colon: &'static str },
    /// Random white space everywhere.
    Mess(Vec<String>),
}

impl Layout {
    /// An object with these members (key and value as JSON), at this depth. `at` counts the gaps of a mess.
    fn object(&self, members: &[(String, String)], depth: usize, at: &mut usize) -> String {
        let mut gap = || match self {
            Self::Mess(gaps) => {
                *at += 1;
                gaps[*at % gaps.len()].clone()
            }
            _ => String::new(),
        };
        if members.is_empty() {
            return format!("{{{}}}", gap());
        }
        let members: Vec<String> = members
            .iter()
            .map(|(key, value)| match self {
                Self::Lines { colon, .. } | Self::Line { colon, .. } => format!("{key}{colon}{value}"),
                Self::Mess(_) => format!("{}{key}{}:{}{value}{}", gap(), gap(), gap(), gap()),
            })
            .collect();
        match self {
            Self::Lines { step, end, .. } => {
                let (inner, outer) =
                    (format!("{end}{}", step.repeat(depth)), format!("{end}{}", step.repeat(depth - 1)));
                format!("{{{inner}{}{outer}}}", members.join(&format!(",{inner}")))
            }
            Self::Line { comma, .. } => format!("{{{}}}", members.join(comma)),
            Self::Mess(_) => format!("{{{}}}", members.join(",")),
        }
    }
}

fn layout() -> impl Strategy<Value = Layout> {
    let colon = || select(vec![": ", ": ", ":", " : ", "\t:"]);
    let step = select(vec!["  ", "    ", "\t", " ", ""]);
    let lines = (step, select(vec!["\n", "\r\n"]), colon());
    let line = (select(vec![", ", ",", " , "]), colon());
    prop_oneof![
        3 => lines.prop_map(|(step, end, colon)| Layout::Lines { step, end, colon }),
        2 => line.prop_map(|(comma, colon)| Layout::Line { comma, colon }),
        2 => vec("[ \t\r\n]{0,3}", 1..9).prop_map(Layout::Mess),
    ]
}

/// Some of the members of an entry, in any order.
fn entry(number: u64) -> impl Strategy<Value = Vec<(String, String)>> {
    let odd = || select(ODD.to_vec()).prop_map(str::to_owned);
    let text = |options: Vec<String>| select(options);
    let values = (
        text(vec![
            format!("\"session-{number}\""),
            format!("\"session\\u002d{number}\""),
            "\"own\"".into(),
            "7".into(),
        ]),
        text(vec![number.to_string(), format!("\"{number}\""), "1e3".into(), "null".into()]),
        select(STATUSES.to_vec()),
        text(vec!["\"2025-11-17T07:12:18.404913Z\"".into(), "null".into(), "5".into()]),
        text(vec!["[]".into(), "[7]".into(), "[ 3,\r\n\t4 ]".into()]),
        vec(odd(), 6),
    );
    values.prop_flat_map(|(id, own, status, marked, former, odd)| {
        let named = [
            ("\"session_id\"", id),
            ("\"number\"", own),
            ("\"status\"", status.to_owned()),
            ("\"marked_inactive_at\"", marked),
            ("\"former_numbers\"", former),
            ("\"role\"", odd[0].clone()),
            ("\"goal\"", odd[1].clone()),
            ("\"x\"", odd[2].clone()),
            ("\"\"", odd[3].clone()),
            ("\"Status \\\"\\u00e9\\\":{\"", odd[4].clone()),
            ("\"\u{e9}\"", odd[5].clone()),
        ];
        let members: Vec<(String, String)> = named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        subsequence(members, 0..=11).prop_shuffle()
    })
}

/// The text of a registry. Its sessions have numbers from 1 to 9; other values have other keys.
pub(crate) fn registry() -> impl Strategy<Value = String> {
    let sessions = subsequence((1..=9).collect::<Vec<u64>>(), 0..=5).prop_shuffle();
    let entries = sessions.prop_flat_map(|numbers| {
        let keyed = |number: u64| {
            // The same key, escaped.
            let keys = vec![format!("\"{number}\""), format!("\"{number}\""), format!("\"\\u003{number}\"")];
            (select(keys), entry(number))
        };
        numbers.into_iter().map(keyed).collect::<Vec<_>>()
    });
    let other_keys = subsequence(vec!["\"x\"", "\"05\"", "\"10\"", "\"\""], 0..=2);
    let around = (option::weighted(0.2, Just("\u{feff}")), "[ \n]{0,2}", "(\r?\n)?[ \t]{0,2}");
    (layout(), entries, other_keys, select(ODD.to_vec()), around).prop_map(
        |(layout, entries, other_keys, odd, (mark, before, after))| {
            let mut at = 0;
            let mut members: Vec<(String, String)> =
                entries.iter().map(|(key, members)| (key.clone(), layout.object(members, 2, &mut at))).collect();
            for (place, other_key) in other_keys.into_iter().enumerate() {
                // The key 10 is a possible target of moves. Its value is not an object, so that it blocks them.
                let value = if other_key == "\"10\"" { "[5]" } else { odd };
                members.insert((place * 3).min(members.len()), (other_key.to_owned(), value.to_owned()));
            }
            format!("{}{before}{}{after}", mark.unwrap_or_default(), layout.object(&members, 1, &mut at))
        },
    )
}
