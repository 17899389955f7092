//! Snoozing: until when notifications are muted.
//!
//! Guarantees: converts a choice to a moment. Does not store it.

use chrono::{Days, NaiveTime, TimeDelta, TimeZone};
use serde::Deserialize;

use crate::time::local_time;
use crate::time::{self, Time};

/// How long to snooze.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Snooze {
    /// For an hour.
    Hour,
    /// Until tomorrow morning, at eight.
    Tomorrow,
    /// Ends the snooze.
    Off,
}

impl Snooze {
    /// The moment at which notifications resume; `None` for [`Snooze::Off`].
    pub fn until<Z: TimeZone>(self, now: Time, zone: &Z) -> Option<Time> {
        match self {
            Self::Off => None,
            Self::Hour => Some(time::later(now, TimeDelta::hours(1))),
            Self::Tomorrow => {
                let morning = NaiveTime::from_hms_opt(8, 0, 0)?;
                let day = local_time::wall(now, zone).date().checked_add_days(Days::new(1))?;
                local_time::moment(day.and_time(morning), zone)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::local_time::tests::Zone;
    use chrono::FixedOffset;

    #[test]
    fn tomorrow_is_eight_oclock_local_time() {
        let now = time::parse("2025-11-17T20:00:00Z").unwrap();
        let until = |snooze: Snooze, hours: i32| {
            snooze.until(now, &FixedOffset::east_opt(hours * 3600).unwrap()).map(time::wire)
        };
        assert_eq!(until(Snooze::Tomorrow, -8).as_deref(), Some("2025-11-18T16:00:00Z"));
        assert_eq!(until(Snooze::Tomorrow, 9).as_deref(), Some("2025-11-18T23:00:00Z"));
        assert_eq!(until(Snooze::Hour, 0).as_deref(), Some("2025-11-17T21:00:00Z"));
        assert_eq!(until(Snooze::Off, 0), None);
        // If the zone skips that morning, the snooze ends at the jump.
        let zone = Zone::new(-36_000, &[("2011-12-30T10:00:00Z", 50_400)]);
        let until = Snooze::Tomorrow.until(time::parse("2011-12-29T20:00:00Z").unwrap(), &zone).map(time::wire);
        assert_eq!(until.as_deref(), Some("2011-12-30T10:00:00Z"));
    }
}
