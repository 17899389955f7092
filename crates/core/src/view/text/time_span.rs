//! Spans of time as text: "40 s", "5 h 32 min", "3 days".
//!
//! Guarantees: one table of units for the command, the tray, notifications and the window's page, to which
//! `make wire` copies it. Spans are rounded down.

use std::fmt::Write as _;

use serde::Serialize;

/// A unit of time as it is shown.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Unit {
    /// Its length in seconds.
    pub seconds: u64,
    /// Its name after the number 1.
    pub one: &'static str,
    /// Its name after any other number.
    pub many: &'static str,
    /// Its name in narrow columns.
    pub brief: &'static str,
    /// Whether the rest is shown in the next smaller unit: "5 h 32 min".
    pub has_rest: bool,
}

/// The units, smallest first. A span is shown in the largest unit that it reaches.
pub const UNITS: [Unit; 4] = [
    Unit { seconds: 1, one: "s", many: "s", brief: "s", has_rest: false },
    Unit { seconds: 60, one: "min", many: "min", brief: "min", has_rest: false },
    Unit { seconds: 3600, one: "h", many: "h", brief: "h", has_rest: true },
    Unit { seconds: 86_400, one: "day", many: "days", brief: "d", has_rest: false },
];

/// A span of time: "40 s", "15 min", "5 h 32 min", "3 days".
#[must_use]
pub fn span(seconds: u64) -> String {
    let (unit, smaller) = unit_of(seconds);
    let count = seconds / unit.seconds;
    let mut text = format!("{count} {}", if count == 1 { unit.one } else { unit.many });
    let rest = seconds % unit.seconds / smaller.seconds;
    if unit.has_rest && rest > 0 {
        let _ = write!(text, " {rest} {}", if rest == 1 { smaller.one } else { smaller.many });
    }
    text
}

/// A span of time in its largest unit, for narrow columns: "5 h", "3 d".
#[must_use]
pub fn brief_span(seconds: u64) -> String {
    let (unit, _) = unit_of(seconds);
    format!("{} {}", seconds / unit.seconds, unit.brief)
}

/// The unit in which a span is shown, and the next smaller one.
fn unit_of(seconds: u64) -> (Unit, Unit) {
    let [second, minute, hour, day] = UNITS;
    match seconds {
        _ if seconds >= day.seconds => (day, hour),
        _ if seconds >= hour.seconds => (hour, minute),
        _ if seconds >= minute.seconds => (minute, second),
        _ => (second, second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_use_suitable_units() {
        for (seconds, wanted, brief) in [
            (0, "0 s", "0 s"),
            (59, "59 s", "59 s"),
            (60, "1 min", "1 min"),
            (3599, "59 min", "59 min"),
            (3600, "1 h", "1 h"),
            (19_920, "5 h 32 min", "5 h"),
            (86_399, "23 h 59 min", "23 h"),
            (86_400, "1 day", "1 d"),
            (259_200, "3 days", "3 d"),
        ] {
            assert_eq!((span(seconds).as_str(), brief_span(seconds).as_str()), (wanted, brief));
        }
    }
}
