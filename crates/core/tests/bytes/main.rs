//! Any registry, any change of it: not a byte beside what is touched, and Python reads what it should.
//!
//! Promises: registries of every layout and oddity (`texts`), every change that core makes (`deeds`); compared by a reader
//! of its own (`outline`), and by the real `python3` with an idea of its own of what each change means (`expect.py`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod deeds;
mod outline;
mod texts;

use std::io::Write as _;
use std::process::{Command, Stdio};

use headcount_core::Registry;
use headcount_core::registry::change;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::deeds::{ChangeMeta, Done};
use crate::outline::outline;

fn read(text: &str) -> Registry {
    Registry::read(text.as_bytes().to_vec()).unwrap_or_else(|why| panic!("{why}: {text:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn bytes_beside_what_is_touched_stay(text in texts::registry(), meta in deeds::meta()) {
        let before = read(&text);
        if let Some(Done { text: after, changes, touched }) = meta.done(&before) {
            let touched = touched.between(&before, &read(&after));
            prop_assert_eq!(outline(&text, &touched.before), outline(&after, &touched.after), "{:?} -> {:?}", text, after);
            let undone = change::undo(&read(&after), &changes);
            prop_assert!(undone.refused.is_empty(), "{:?}", undone.refused);
            if touched.comes_back_to_the_byte {
                prop_assert_eq!(&undone.text, &text);
            } else {
                prop_assert_eq!(outline(&undone.text, &touched.before), outline(&text, &touched.before));
            }
        }
    }
}

#[test]
fn python_reads_what_it_should() {
    let mut runner = TestRunner::default();
    let mut cases = Vec::new();
    while cases.len() < 300 {
        let (text, meta): (String, ChangeMeta) =
            (texts::registry(), deeds::meta()).new_tree(&mut runner).unwrap().current();
        if let Some(Done { text: after, changes, .. }) = meta.done(&read(&text)) {
            let undone = change::undo(&read(&after), &changes).text;
            cases.push(json!({ "before": text, "after": after, "undone": undone, "deed": meta.told() }));
        }
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bytes/expect.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is needed");
    let lines: Vec<String> = cases.iter().map(ToString::to_string).collect();
    // It says nothing before it is at its end, or has found something and reads no more.
    let told = python.stdin.take().unwrap().write_all(lines.join("\n").as_bytes());
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    told.unwrap();
    assert_eq!(said.trim(), format!("{} cases agree", cases.len()));
}
