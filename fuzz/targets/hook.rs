//! Any bytes are a payload, incomplete, or refused; bytes after a payload do not change it.
#![no_main]

use headcount_core::claude::hook::payload::{PayloadReading, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let reading = read(bytes);
    if matches!(reading, PayloadReading::Whole(_)) {
        let mut more = bytes.to_vec();
        more.extend_from_slice(b" {\"hook_event_name\": \"Stop\"}");
        assert_eq!(read(&more[..]), reading);
    }
});
