//! The name and contents of a heartbeat to write (protocol §4 "Beat").
//!
//! Guarantees: an id that is not a plain file name never becomes part of a path. Does not write files.

use chrono::TimeZone;

use crate::heartbeat::{BeatName, Content, Stamp};
use crate::json::quote;
use crate::registry::Number;
use crate::time::local_time;
use crate::time::{self, Time};

/// The kind of a heartbeat, written as its `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeatKind {
    /// A session identified itself.
    Identity,
    /// A person or a script requested it.
    Manual,
    /// A session is working.
    Activity,
    /// Written on behalf of a session that is proven alive.
    Background,
    /// A session's last heartbeat, copied to its new number.
    Reassigned,
}

impl BeatKind {
    fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity_heartbeat",
            Self::Manual => "manual_heartbeat",
            Self::Activity => "activity_heartbeat",
            Self::Background => "background_heartbeat",
            Self::Reassigned => "reassigned",
        }
    }
}

/// A heartbeat to write.
#[derive(Clone, Copy, Debug)]
pub struct NewBeat<'a> {
    /// The session's number.
    pub number: Number,
    /// The session's id: foreign text, not validated.
    pub session_id: &'a str,
    /// Its kind.
    pub kind: BeatKind,
    /// Its time, used in the name and in the contents.
    pub at: Time,
}

impl NewBeat<'_> {
    /// The file name, in the local time of `zone`. Activity heartbeats are named by the minute, so that there is at
    /// most one file per minute.
    pub fn file_name<Z: TimeZone>(&self, zone: &Z) -> String {
        let wall = local_time::wall_seconds(self.at, zone);
        let wall = if self.is_once_a_minute() { wall - wall.rem_euclid(60) } else { wall };
        BeatName { stamp: Stamp::Second(wall), id: &self.id() }.file_name()
    }

    /// Whether one heartbeat of this kind per minute is enough.
    #[must_use]
    pub fn is_once_a_minute(&self) -> bool {
        self.kind == BeatKind::Activity
    }

    /// Whether an existing file of the same name makes this heartbeat redundant: it is newer, or of the same minute if
    /// one per minute is enough. A file from an earlier pass through a repeated hour has the same name, but is older.
    /// `modified` is used if the contents have no usable time.
    #[must_use]
    pub fn is_covered_by(&self, content: &Content, modified: Option<Time>) -> bool {
        let written = content.time().or_else(|| modified.filter(|time| time::usable(*time, self.at)));
        let minute = self.at.timestamp().div_euclid(60);
        written.is_some_and(|written| {
            written > self.at || self.is_once_a_minute() && written.timestamp().div_euclid(60) >= minute
        })
    }

    /// The file's contents.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_with(&[])
    }

    /// The file's contents, with additional string fields.
    #[must_use]
    pub fn text_with(&self, more: &[(&str, &str)]) -> String {
        let more = more.iter().map(|(name, value)| (*name, quote(value)));
        let fields = [
            ("session_number", self.number.to_string()),
            ("session_id", quote(&self.id())),
            ("timestamp", quote(&time::python(time::whole_seconds(self.at)))),
            ("type", quote(self.kind.word())),
            ("source", quote("headcount")),
        ];
        let lines: Vec<String> =
            fields.into_iter().chain(more).map(|(name, value)| format!("  \"{name}\": {value}")).collect();
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }

    /// The id in the name and contents. An id that would leave the folder or hide the file is replaced by
    /// `session-<number>`.
    fn id(&self) -> String {
        let is_odd = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control();
        let id = self.session_id;
        let is_plain = !id.is_empty() && !id.starts_with('.') && id.len() <= 200 && !id.contains(is_odd);
        if is_plain { id.to_owned() } else { format!("session-{}", self.number) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, TimeDelta};

    #[test]
    fn written_heartbeats_are_read_back() {
        let zone = FixedOffset::west_opt(8 * 3600).unwrap();
        let at = time::parse("2025-11-17T20:00:01.5Z").unwrap();
        let beat = |session_id| NewBeat { number: 8, session_id, kind: BeatKind::Manual, at };
        assert_eq!(beat("own-id").file_name(&zone), "2025-11-17_12-00-01-own-id.json");
        let text = beat("own-id").text();
        assert_eq!(
            text,
            "{\n  \"session_number\": 8,\n  \"session_id\": \"own-id\",\n  \"timestamp\": \"2025-11-17T20:00:01Z\",\n  \"type\": \"manual_heartbeat\",\n  \"source\": \"headcount\"\n}\n"
        );
        let content = Content::read(text.as_bytes(), true);
        assert_eq!((content.time(), content.is_broken), (Some(time::whole_seconds(at)), false));
        let at_work = NewBeat { kind: BeatKind::Activity, at: at + chrono::TimeDelta::seconds(48), ..beat("a") };
        assert_eq!(at_work.file_name(&zone), "2025-11-17_12-00-00-a.json");
        let long = "x".repeat(201);
        for odd in ["../../etc/passwd", "a/b", "a\\b", ".hidden", "", "a\0b", "a\nb", "C:x", long.as_str()] {
            assert_eq!(beat(odd).file_name(&zone), "2025-11-17_12-00-01-session-8.json", "{odd:?}");
        }
    }
    #[test]
    fn an_existing_file_covers_its_own_minute_and_older_heartbeats() {
        let at = time::parse("2025-11-02T06:30:20Z").unwrap();
        let covered = |kind, seconds: i64, modified: Option<i64>| {
            let beat = NewBeat { number: 1, session_id: "a", kind, at };
            let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(at + TimeDelta::seconds(seconds)));
            let content = Content::read(content.as_bytes(), modified.is_none());
            beat.is_covered_by(&content, modified.map(|seconds| at + TimeDelta::seconds(seconds)))
        };
        for (seconds, activity, manual) in [
            (-3600, false, false),
            (-21, false, false),
            (-20, true, false),
            (0, true, false),
            (1, true, true),
            (120, true, true),
        ] {
            assert_eq!(covered(BeatKind::Activity, seconds, None), activity, "{seconds}");
            assert_eq!(covered(BeatKind::Manual, seconds, None), manual, "{seconds}");
            // Without a time in the contents the file's time counts.
            assert_eq!(covered(BeatKind::Activity, 0, Some(seconds)), activity, "{seconds}");
        }
        // A newer file covers at any distance; a file time in the future does not count.
        assert!(covered(BeatKind::Activity, 121, None) && covered(BeatKind::Manual, 86_400_000, None));
        assert!(!covered(BeatKind::Activity, 0, Some(121)) && !covered(BeatKind::Manual, 0, Some(86_400_000)));
    }
}
