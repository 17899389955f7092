//! Snoozing: until when notifications stay quiet.
//!
//! Promises: turns a person's choice into a moment. Does not keep it.

use chrono::{Days, NaiveTime, TimeDelta, TimeZone};
use serde::Deserialize;

use crate::time::local_time;
use crate::time::{self, Time};

/// What a person may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Snooze {
    /// For an hour.
    Hour,
    /// Until tomorrow morning, at eight.
    Tomorrow,
    /// Not any more.
    Off,
}

impl Snooze {
    /// The moment notifications come back; nothing where they are on.
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
    fn tomorrow_is_eight_oclock_where_the_person_is() {
        let now = time::parse("2025-11-17T20:00:00Z").unwrap();
        let until = |snooze: Snooze, hours: i32| {
            snooze.until(now, &FixedOffset::east_opt(hours * 3600).unwrap()).map(time::wire)
        };
        assert_eq!(until(Snooze::Tomorrow, -8).as_deref(), Some("2025-11-18T16:00:00Z"));
        assert_eq!(until(Snooze::Tomorrow, 9).as_deref(), Some("2025-11-18T23:00:00Z"));
        assert_eq!(until(Snooze::Hour, 0).as_deref(), Some("2025-11-17T21:00:00Z"));
        assert_eq!(until(Snooze::Off, 0), None);
        // A morning that does not exist ends when the zone has skipped it.
        let zone = Zone::new(-36_000, &[("2011-12-30T10:00:00Z", 50_400)]);
        let until = Snooze::Tomorrow.until(time::parse("2011-12-29T20:00:00Z").unwrap(), &zone).map(time::wire);
        assert_eq!(until.as_deref(), Some("2011-12-30T10:00:00Z"));
    }
}
