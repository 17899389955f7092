//! Any file name and contents are a heartbeat or not, and every heartbeat has a time that is not in the future.
#![no_main]

use chrono::{TimeZone as _, Utc};
use headcount_core::heartbeat::{Beat, BeatName, Content, newest};
use headcount_core::time::TOLERANCE;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (name, contents) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let content = Content::read(contents, true);
    let Some(name) = std::str::from_utf8(name).ok().and_then(BeatName::parse) else { return };
    assert_eq!(BeatName::parse(&name.file_name()).map(|again| (again.stamp, again.id)), Some((name.stamp, name.id)));
    let Some(now) = Utc.timestamp_opt(1_763_409_600, 0).single() else { return };
    let beat = Beat::new(name, &Utc, Some(now), content);
    assert!(beat.time(now).at <= now + TOLERANCE);
    assert!(newest([beat], now).is_some());
});
