//! Names, contents, and which time of a heartbeat counts.

use super::*;
use chrono::{FixedOffset, TimeDelta, Utc};
use proptest::prelude::*;

fn at(text: &str) -> Time {
    time::parse(text).unwrap()
}

#[test]
fn names_are_parsed_into_stamp_and_id() {
    let wall = |text: &str| at(text).timestamp();
    for (name, wanted) in [
        ("2025-11-17_11-58-30-session-8.json", Some((Stamp::Second(wall("2025-11-17T11:58:30Z")), "session-8"))),
        ("2025-11-17_11-58-session-8.json", Some((Stamp::Minute(wall("2025-11-17T11:58:00Z")), "session-8"))),
        (
            "2025-11-17_11-58-30-session-collective-mind.json",
            Some((Stamp::Second(wall("2025-11-17T11:58:30Z")), "session-collective-mind")),
        ),
        ("session-3.json", Some((Stamp::Untimed, "session-3"))),
        // An invalid date is part of the id.
        ("2025-02-30_11-58-30-x.json", Some((Stamp::Untimed, "2025-02-30_11-58-30-x"))),
        ("2025-11-17_11-58-30.json", Some((Stamp::Minute(wall("2025-11-17T11:58:00Z")), "30"))),
        ("2025-11-17_11-58-30-ü.json", Some((Stamp::Second(wall("2025-11-17T11:58:30Z")), "ü"))),
        (".2025-11-17_11-58-30-x.json", None),
        ("2025-11-17_11-58-30-x.json.tmp", None),
        (".json", None),
        ("x.JSON", None),
    ] {
        let found = BeatName::parse(name).map(|name| (name.stamp, name.id));
        assert_eq!(found, wanted, "{name}");
    }
}

#[test]
fn broken_contents_and_sign_offs_are_recognized() {
    let read = |text: &str| Content::read(text.as_bytes(), true);
    assert_eq!(read("{}"), Content::default());
    assert!(read(r#"{"target": "night\! "}"#).is_broken);
    assert!(read("[]").is_broken && read("").is_broken && read("{} {}").is_broken);
    assert!(read(r#"{"timestamp": "$(date -u)"}"#).is_broken);
    assert!(read(r#"{"timestamp": 5}"#).is_broken);
    assert!(!read(r#"{"timestamp": null}"#).is_broken);
    assert!(Content::read(b"{}", false).is_broken);
    assert!(read(r#"{"action": "disconnected"}"#).is_disconnect && read(r#"{"status": "offline"}"#).is_disconnect);
    assert!(!read(r#"{"action": "connected", "status": "active"}"#).is_disconnect);
}

#[test]
fn nonstandard_contents_still_give_their_time() {
    let wanted = Some(at("2025-11-17T19:00:00Z"));
    for (odd, is_broken) in [
        (&b"NaN"[..], false),
        (br#""half \ud83d""#, false),
        (b"\"raw \n\x01\"", false),
        (b"[[[-Infinity]]]", false),
        (br#""night\! ""#, true),
        (b"\"caf\xe9\"", true),
    ] {
        let text = [b"{\"x\": ", odd, b", \"timestamp\": \"2025-11-17T19:00:00Z\", \"status\": \"offline\"}"].concat();
        for text in [text.clone(), [b"\xef\xbb\xbf", &text[..]].concat()] {
            let content = Content::read(&text, true);
            assert_eq!((content.time(), content.is_broken), (wanted, is_broken), "{}", text.escape_ascii());
            assert!(content.is_disconnect);
        }
    }
    // Contents that cannot be scanned give no fields.
    for text in [
        r#"{"timestamp": "2025-11-17T19:00:00Z" "x": 1}"#,
        r#"{"timestamp": "2025-11-17T19:00:00Z"}{}"#,
        r#"{"timestamp": "2025-11-17T19:00:00Z", "#,
        r#"{"timestamp": "2025-11-17T19:00:00Z", "x": $(date)}"#,
    ] {
        assert_eq!(Content::read(text.as_bytes(), true), Content::unreadable(), "{text}");
    }
}

#[test]
fn the_first_usable_time_counts() {
    let now = at("2025-11-17T20:00:00Z");
    let zone = FixedOffset::west_opt(8 * 3600).unwrap();
    let beat = |name: &str, content: &str, modified: &str| {
        Beat::new(BeatName::parse(name).unwrap(), &zone, Some(at(modified)), Content::read(content.as_bytes(), true))
    };
    let named = "2025-11-17_11-30-00-x.json";
    for (beat, wanted, is_skewed) in [
        (
            beat(named, r#"{"timestamp": "2025-11-17T19:00:00Z"}"#, "2025-11-17T19:45:00Z"),
            "2025-11-17T19:00:00Z",
            false,
        ),
        (
            beat(named, r#"{"last_heartbeat": "2025-11-17T19:01:00"}"#, "2025-11-17T19:45:00Z"),
            "2025-11-17T19:01:00Z",
            false,
        ),
        // Two minutes ahead is usable, one second more is not.
        (
            beat(named, r#"{"timestamp": "2025-11-17T20:02:00Z"}"#, "2025-11-17T19:45:00Z"),
            "2025-11-17T20:02:00Z",
            false,
        ),
        (
            beat(named, r#"{"timestamp": "2025-11-17T20:02:01Z"}"#, "2025-11-17T19:45:00Z"),
            "2025-11-17T19:30:00Z",
            false,
        ),
        (beat("x.json", "{}", "2025-11-17T19:45:00Z"), "2025-11-17T19:45:00Z", false),
        (beat("x.json", "{}", "2026-11-17T19:45:00Z"), "2025-11-17T20:00:00Z", true),
    ] {
        assert_eq!(beat.time(now), BeatTime { at: at(wanted), is_skewed });
    }
}

#[test]
fn of_two_readings_of_a_name_the_later_usable_one_counts() {
    let zone = crate::time::local_time::tests::Zone::new_york();
    let beat = |name: &str| {
        Beat::new(BeatName::parse(name).unwrap(), &zone, Some(at("2025-01-01T00:00:00Z")), Content::default())
    };
    for (name, now, wanted) in [
        ("2025-11-02_01-30-x.json", "2025-11-02T05:30:00Z", "2025-11-02T05:30:00Z"),
        ("2025-11-02_01-30-x.json", "2025-11-02T06:27:59Z", "2025-11-02T05:30:00Z"),
        ("2025-11-02_01-30-x.json", "2025-11-02T06:28:00Z", "2025-11-02T06:30:00Z"),
        ("2025-11-02_01-30-x.json", "2025-11-02T09:00:00Z", "2025-11-02T06:30:00Z"),
        ("2025-11-02_02-00-x.json", "2025-11-02T07:00:00Z", "2025-11-02T07:00:00Z"),
        // A time that the zone skipped does not count: the file's time does.
        ("2026-03-08_02-30-x.json", "2026-03-08T09:00:00Z", "2025-01-01T00:00:00Z"),
        ("1969-12-31_00-00-x.json", "2025-11-02T09:00:00Z", "2025-01-01T00:00:00Z"),
        ("9999-12-31_23-59-x.json", "2025-11-02T09:00:00Z", "2025-01-01T00:00:00Z"),
    ] {
        assert_eq!(beat(name).time(at(now)), BeatTime { at: at(wanted), is_skewed: false }, "{name} {now}");
    }
}

#[test]
fn of_two_heartbeats_in_the_same_second_the_last_written_counts() {
    let now = at("2025-11-17T20:00:00Z");
    let said = |content: &str, modified: TimeDelta| {
        Beat::new(
            BeatName::parse("x.json").unwrap(),
            &Utc,
            Some(now + modified),
            Content::read(content.as_bytes(), true),
        )
    };
    let hello = said(r#"{"timestamp": "2025-11-17T19:59:00Z"}"#, TimeDelta::zero());
    let bye = said(r#"{"timestamp": "2025-11-17T19:59:00Z", "action": "disconnected"}"#, TimeDelta::seconds(1));
    assert!(newest([bye, hello], now).unwrap().content.is_disconnect);
}

proptest! {
    #[test]
    fn parsed_names_round_trip(name in "(20[0-9]{2}-[01][0-9]-[0-3][0-9]_[0-2][0-9]-[0-5][0-9](-[0-6][0-9])?-)?[a-z0-9-]{1,12}\\.json") {
        if let Some(parsed) = BeatName::parse(&name) {
            prop_assert_eq!(parsed.file_name(), name);
        }
    }

    #[test]
    fn parsing_any_name_does_not_panic(name in any::<String>()) {
        let _ = BeatName::parse(&name);
    }

    #[test]
    fn reading_any_bytes_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Content::read(&bytes, true);
    }
}
