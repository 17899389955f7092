//! Checks that what the page has from Rust, `ui/wire.d.ts` (the types of the window's data), the table of time
//! units and the shared texts, matches the Rust code. `make wire` writes the files.

use headcount_core::claude::RecordStatus;
use headcount_core::claude::SessionKind;
use headcount_core::claude::activity::{WaitingFor, WireActivity, WireKind};
use headcount_core::claude::hook_settings::hook_status::{HookProblem, Hooks, HooksIn, HooksPlace};
use headcount_core::heartbeat::activity_histogram::WireActivityHistogram;
use headcount_core::liveness::cleanup::{Caution, CautionCode, CleanupDone, CleanupOffer, UndoDone};
use headcount_core::liveness::process_matching::{Elsewhere, Unregistered};
use headcount_core::liveness::{Process, Reason, State};
use headcount_core::notification::snooze::Snooze;
use headcount_core::registry::change::Skipped;
use headcount_core::registry::numbering::{Move, Renumbered};
use headcount_core::settings::{Settings, Theme};
use headcount_core::terminal::outcome::{ShowOutcome, ShowResult, Tried};
use headcount_core::view::history::{Actor, HistoryLine, KeptCopy};
use headcount_core::view::session::details::{Details, OtherField};
use headcount_core::view::session::fields;
use headcount_core::view::session::row::Counts;
use headcount_core::view::setup::{Setup, TimeoutEffect};
use headcount_core::view::snapshot::delta::WireSnapshotDelta;
use headcount_core::view::snapshot::wire::{Changed, Failure, Registered, RegisteredAll, SessionRow, Snapshot};
use headcount_core::view::snapshot::{RevertedChange, Trouble, UndoOffer};
use headcount_core::view::text::shared_texts::{STATES, TEXTS};
use headcount_core::view::text::time_span::UNITS;
use headcount_core::view::warning::{Code, Warning};
use ts_rs::{Config, TS};

const HEADER: &str = "\
// The types of the data between the engine and the window. Generated from the Rust types by `make wire`; do not edit.
//
// Guarantees: names and nulls match the wire format. Times are RFC 3339 in UTC, ages whole seconds. Not shipped: used
// only by the type check.
";

const UNITS_HEADER: &str = "\
// The units in which spans of time are shown, smallest first. Generated from the Rust table by `make wire`; do not edit.

";

const TEXTS_HEADER: &str = "\
// The texts that Rust and the page both show. Generated from crates/core/src/view by `make wire`; do not edit.

/** @import { State, WarningCode } from \"../../wire\" */
";

#[test]
fn generated_types_match_the_rust_types() {
    let cfg = Config::new().with_large_int("number");
    let declarations = [
        State::decl(&cfg),
        Reason::decl(&cfg),
        Process::decl(&cfg),
        SessionKind::decl(&cfg),
        Elsewhere::decl(&cfg),
        RecordStatus::decl(&cfg),
        WireKind::decl(&cfg),
        WaitingFor::decl(&cfg),
        WireActivity::decl(&cfg),
        Unregistered::decl(&cfg),
        Code::decl(&cfg),
        CautionCode::decl(&cfg),
        Counts::decl(&cfg),
        Warning::decl(&cfg),
        Trouble::decl(&cfg),
        Caution::decl(&cfg),
        CleanupOffer::decl(&cfg),
        UndoOffer::decl(&cfg),
        RevertedChange::decl(&cfg),
        WireActivityHistogram::decl(&cfg),
        SessionRow::decl(&cfg),
        Snapshot::decl(&cfg),
        WireSnapshotDelta::decl(&cfg),
        OtherField::decl(&cfg),
        Details::decl(&cfg),
        Skipped::decl(&cfg),
        CleanupDone::decl(&cfg),
        UndoDone::decl(&cfg),
        Changed::decl(&cfg),
        Registered::decl(&cfg),
        RegisteredAll::decl(&cfg),
        Actor::decl(&cfg),
        Move::decl(&cfg),
        HistoryLine::decl(&cfg),
        Renumbered::decl(&cfg),
        KeptCopy::decl(&cfg),
        Snooze::decl(&cfg),
        Theme::decl(&cfg),
        Settings::decl(&cfg),
        Setup::decl(&cfg),
        TimeoutEffect::decl(&cfg),
        HooksPlace::decl(&cfg),
        HooksIn::decl(&cfg),
        HookProblem::decl(&cfg),
        Hooks::decl(&cfg),
        ShowOutcome::decl(&cfg),
        Tried::decl(&cfg),
        ShowResult::decl(&cfg),
        Failure::decl(&cfg),
    ];
    let made =
        declarations.iter().fold(HEADER.to_owned(), |text, declaration| format!("{text}\nexport {declaration}\n"));
    check("ui/wire.d.ts", &made);
}

#[test]
fn the_page_has_the_same_time_units() {
    let units = serde_json::to_string_pretty(&UNITS).unwrap();
    check("ui/page/text/format/time_units.js", &format!("{UNITS_HEADER}export const TIME_UNITS = {units};\n"));
}

#[test]
fn the_page_has_the_same_texts() {
    let wire = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let texts = TEXTS.iter().map(|(name, text)| (camel_case(name), *text));
    let states = STATES.iter().map(|(state, name)| (wire(serde_json::json!(state)), *name));
    let code = |code: Code| wire(serde_json::json!(code));
    let warnings = Code::ALL.into_iter().filter_map(|each| Some((code(each), each.session_message()?)));
    let remedies = Code::ALL.into_iter().map(|each| (code(each), each.remedy()));
    let labels = fields::labels().map(|(name, label)| (name.to_owned(), label));
    let made = [
        TEXTS_HEADER.to_owned(),
        object("`{}` stands for one value.", "texts", texts),
        object("@type {Record<State, string>}", "stateNames", states),
        object(
            "@type {Partial<Record<WarningCode, string>>} `{}` stands for the session's number",
            "sessionWarnings",
            warnings,
        ),
        object("@type {Record<WarningCode, string>}", "remedies", remedies),
        object("The labels of a session's details, in their order.", "fieldLabels", labels),
    ];
    check("ui/page/text/messages.js", &made.concat());
}

/// A constant object of JavaScript.
fn object<'t>(about: &str, name: &str, members: impl Iterator<Item = (String, &'t str)>) -> String {
    let members: String =
        members.map(|(key, text)| format!("  {key}: {},\n", serde_json::to_string(text).unwrap())).collect();
    format!("\n/** {about} */\nexport const {name} = {{\n{members}}};\n")
}

/// `NO_HEARTBEAT` as `noHeartbeat`.
fn camel_case(name: &str) -> String {
    let words = name.split('_').map(str::to_lowercase).enumerate();
    words.map(|(at, word)| if at == 0 { word } else { word[..1].to_uppercase() + &word[1..] }).collect()
}

/// Checks a generated file of the repository, after writing it if requested.
fn check(name: &str, made: &str) {
    let path = format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("WRITE_WIRE_TYPES").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), made, "{name} is outdated: make wire");
}
