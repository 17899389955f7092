//! A session's state changes by itself at the predicted moment, and not before it.
#![no_main]

mod parts;

use headcount_core::heartbeat::Beat;
use headcount_core::liveness::boot::Boot;
use headcount_core::liveness::{Evidence, Process, Verdict};
use headcount_core::{Registry, Time, time};
use libfuzzer_sys::fuzz_target;
use parts::Input;

fuzz_target!(|bytes: &[u8]| {
    let Some(Input { now, timeout, booted, zone, parts }) = Input::read(bytes) else { return };
    let Some((registry, beats)) = parts.split_first() else { return };
    let Ok(registry) = Registry::read(registry.to_vec()) else { return };
    let beats: Vec<Beat> = beats.iter().filter_map(|part| Some(parts::beat(part, &zone)?.1)).collect();
    let boot = Boot { domain: "d".into(), id: "two".into(), started: booted };
    for entry in registry.entries().iter().take(3) {
        for (process, boot) in [
            (Process::Unknown, None),
            (Process::Unknown, Some(&boot)),
            (Process::Alive, Some(&boot)),
            (Process::Gone, None),
        ] {
            let evidence = Evidence { entry, beats: beats.iter().collect(), process, boot };
            let at = |moment: Time| evidence.verdict(moment, timeout);
            let current = at(now);
            let next = evidence.next_change(now, timeout);
            if let Some(next) = next {
                assert!(next > now, "{next} is not after {now}");
                assert_ne!(visible_parts(&at(next)), visible_parts(&current), "nothing happens at {next}");
                let before = time::earlier(next, chrono::TimeDelta::nanoseconds(1));
                assert_eq!(visible_parts(&at(before)), visible_parts(&current), "something happened before {next}");
            }
            for probe in parts::probes(now).filter(|probe| next.is_none_or(|next| *probe < next)) {
                assert_eq!(
                    visible_parts(&at(probe)),
                    visible_parts(&current),
                    "something happened by {probe}, before {next:?}"
                );
            }
        }
    }
});

/// The parts of a verdict that users see changing.
fn visible_parts(verdict: &Verdict) -> impl PartialEq + std::fmt::Debug {
    (verdict.state, verdict.reason, verdict.is_beating, verdict.warnings.clone())
}
