//! Parses the input of several targets: a moment, a timeout, a zone, and parts of text.

// Not every target uses all of it.
#![allow(dead_code)]

use chrono::{FixedOffset, TimeDelta};
use headcount_core::heartbeat::{Beat, BeatName, Content};
use headcount_core::{Time, Timeout, time};

/// The separator between the parts of an input.
const SEPARATOR: u8 = 0x1e;

/// The head of an input, and the parts after it.
pub struct Input<'b> {
    /// The current time, in the years 1970 to 9999.
    pub now: Time,
    pub timeout: Timeout,
    /// The boot of the computer.
    pub booted: Time,
    pub zone: FixedOffset,
    /// The parts, without separators.
    pub parts: Vec<&'b [u8]>,
}

impl<'b> Input<'b> {
    /// Parses an input: sixteen bytes of numbers, then the parts.
    pub fn read(bytes: &'b [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(16)?;
        let number = |from: usize, to: usize| head[from..to].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        Some(Self {
            now: moment(number(0, 8)),
            booted: moment(number(8, 16)),
            timeout: Timeout::from_minutes(number(8, 12) as u32 % (Timeout::MAX_MINUTES + 1))?,
            zone: FixedOffset::east_opt((number(12, 16) % 172_799) as i32 - 86_399)?,
            parts: rest.split(|byte| *byte == SEPARATOR).collect(),
        })
    }
}

/// A usable moment for any number.
pub fn moment(number: u64) -> Time {
    let seconds = number % (time::LATEST.timestamp() as u64 + 1);
    time::from_unix(seconds as i64, (number % 1_000_000_000) as u32).unwrap_or(time::LATEST)
}

/// Parses a heartbeat: eight bytes of its file's time, its name, a line break, its contents.
pub fn beat<'b>(part: &'b [u8], zone: &FixedOffset) -> Option<(BeatName<'b>, Beat)> {
    let (modified, part) = part.split_at_checked(8)?;
    let (name, contents) = part.split_at(part.iter().position(|byte| *byte == b'\n')?);
    let name = BeatName::parse(std::str::from_utf8(name).ok()?)?;
    let modified = moment(modified.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    Some((name, Beat::new(name, zone, Some(modified), Content::read(contents, true))))
}

/// Some moments after `after`, near and far.
pub fn probes(after: Time) -> impl Iterator<Item = Time> {
    let spans = [
        TimeDelta::nanoseconds(1),
        TimeDelta::seconds(1),
        TimeDelta::minutes(61),
        TimeDelta::days(1),
        TimeDelta::days(4000),
    ];
    spans.into_iter().map(move |span| time::later(after, span))
}
