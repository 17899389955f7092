//! Tests: any change of any registry keeps all bytes that it does not touch, and Python reads the expected values.
//!
//! Covers registries of every layout (`texts`) and every change that core makes (`changes`). The results are compared
//! by an independent parser (`outline`), and by the real `python3` with its own definition of each change
//! (`expect.py`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod changes;
mod outline;
mod texts;

use std::io::Write as _;
use std::process::{Command, Stdio};

use headcount_core::Registry;
use headcount_core::registry::undo;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::changes::{ChangeMeta, Done};
use crate::outline::outline;

fn read(text: &str) -> Registry {
    Registry::read(text.as_bytes().to_vec()).unwrap_or_else(|why| panic!("{why}: {text:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn untouched_bytes_are_kept(text in texts::registry(), meta in changes::meta()) {
        let before = read(&text);
        if let Some(Done { text: after, changes, touched }) = meta.done(&before) {
            let touched = touched.between(&before, &read(&after));
            prop_assert_eq!(outline(&text, &touched.before), outline(&after, &touched.after), "{:?} -> {:?}", text, after);
            let undone = undo::undo(&read(&after), &changes);
            prop_assert!(undone.refused.is_empty(), "{:?}", undone.refused);
            if touched.is_restored_exactly {
                prop_assert_eq!(&undone.text, &text);
            } else {
                prop_assert_eq!(outline(&undone.text, &touched.before), outline(&text, &touched.before));
            }
        }
    }
}

#[test]
fn python_reads_the_expected_values() {
    let mut runner = TestRunner::default();
    let mut cases = Vec::new();
    while cases.len() < 300 {
        let (text, meta): (String, ChangeMeta) =
            (texts::registry(), changes::meta()).new_tree(&mut runner).unwrap().current();
        if let Some(Done { text: after, changes, .. }) = meta.done(&read(&text)) {
            let undone = undo::undo(&read(&after), &changes).text;
            cases.push(json!({ "before": text, "after": after, "undone": undone, "change": meta.to_json() }));
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
    // The script prints nothing before its end, or it reports a difference and stops reading.
    let written = python.stdin.take().unwrap().write_all(lines.join("\n").as_bytes());
    let output = python.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    written.unwrap();
    assert_eq!(printed.trim(), format!("{} cases agree", cases.len()));
}
