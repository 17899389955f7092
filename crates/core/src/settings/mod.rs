//! The user's settings: each key with its meaning, its values and its default.
//!
//! Guarantees: one list of keys for the configuration file, the window and the documentation; one validation for all of
//! them; an invalid value is refused with a description of the valid ones. Does not read or write files.

mod setting;

use std::path::PathBuf;

use chrono::TimeDelta;
use serde::Serialize;

use crate::notification::attention::Rules;
use crate::time::Timeout;

pub(crate) use setting::path;
pub use setting::{Invalid, Setting, timeout};

/// The color scheme of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// That of the desktop.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The values of all settings, defaults included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the configuration")]
pub struct Settings {
    /// The registry to use if none is named or found near the working folder.
    pub registry: Option<PathBuf>,
    /// The heartbeats folder of that registry, if it is not next to it.
    pub heartbeats: Option<PathBuf>,
    /// How long a session can be without a sign of life before it is stale.
    #[serde(rename = "timeout_minutes")]
    #[cfg_attr(feature = "wire-types", ts(as = "u32"))]
    pub timeout: Timeout,
    /// Whether the tray app shows a notification when sessions become stale.
    pub notifications: bool,
    /// How many seconds a session waits for a person before the tray app shows a notification; 0: none is shown.
    pub notify_waiting_after: u32,
    /// Whether the tray app shows a notification when a long turn has ended.
    pub notify_finished: bool,
    /// The color scheme of the window.
    pub theme: Theme,
    /// Whether sessions with a process that is proven gone are cleaned up without asking.
    pub auto_cleanup: bool,
    /// Whether runs of `claude -p` and of the SDK count as sessions.
    pub count_sdk_runs: bool,
    /// Whether Claude Code shows a session's number and role as its title.
    pub session_titles: bool,
    /// Folders in which a registry is used although it is a link or another user's.
    pub trusted_folders: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            registry: None,
            heartbeats: None,
            timeout: Timeout::default(),
            notifications: true,
            notify_waiting_after: 20,
            notify_finished: false,
            theme: Theme::default(),
            auto_cleanup: false,
            count_sdk_runs: false,
            session_titles: true,
            trusted_folders: Vec::new(),
        }
    }
}

/// The keys, each with the comment line above it in a configuration file that Headcount writes.
pub const KEYS: [(&str, &str); 11] = [
    ("registry", "The registry to use if none is specified or found: an absolute path."),
    ("heartbeats", "The heartbeats folder of that registry, if it is not next to it: an absolute path."),
    ("timeout_minutes", "Minutes without a sign of life after which a session is stale: 0 to 525600."),
    ("notifications", "Whether the tray app shows a notification when sessions become stale."),
    (
        "notify_waiting_after",
        "Seconds that a session waits for you before the tray app shows a notification: 0 to 3600; 0 disables it.",
    ),
    ("notify_finished", "Whether the tray app shows a notification when a turn of more than two minutes ends."),
    ("theme", "How the window looks: \"system\", \"light\" or \"dark\"."),
    ("auto_cleanup", "Whether sessions whose process has ended are cleaned up without asking."),
    ("count_sdk_runs", "Whether runs of `claude -p` and of the SDK count as sessions."),
    ("session_titles", "Whether Claude Code shows a session's number and role as its title."),
    (
        "trusted_folders",
        "Folders in which a registry is used even if it is a link or belongs to another user: absolute paths.",
    ),
];

impl Settings {
    /// What is announced about sessions that wait and finish.
    #[must_use]
    pub fn attention_rules(&self) -> Rules {
        let after = TimeDelta::seconds(self.notify_waiting_after.into());
        Rules {
            waiting_after: (self.notifications && self.notify_waiting_after > 0).then_some(after),
            announces_finished: self.notifications && self.notify_finished,
        }
    }

    /// Applies a setting.
    pub fn set(&mut self, setting: Setting) {
        let default = Self::default();
        match setting {
            Setting::Registry(path) => self.registry = path,
            Setting::Heartbeats(path) => self.heartbeats = path,
            Setting::Timeout(timeout) => self.timeout = timeout.unwrap_or_default(),
            Setting::Notifications(flag) => self.notifications = flag.unwrap_or(default.notifications),
            Setting::NotifyWaitingAfter(seconds) => {
                self.notify_waiting_after = seconds.unwrap_or(default.notify_waiting_after);
            }
            Setting::NotifyFinished(flag) => self.notify_finished = flag.unwrap_or(default.notify_finished),
            Setting::Theme(theme) => self.theme = theme.unwrap_or_default(),
            Setting::AutoCleanup(flag) => self.auto_cleanup = flag.unwrap_or(default.auto_cleanup),
            Setting::CountSdkRuns(flag) => self.count_sdk_runs = flag.unwrap_or(default.count_sdk_runs),
            Setting::SessionTitles(flag) => self.session_titles = flag.unwrap_or(default.session_titles),
            Setting::TrustedFolders(paths) => self.trusted_folders = paths.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn every_key_keeps_the_value_it_is_set_to() {
        let absolute = if cfg!(windows) { r"C:\r" } else { "/r" };
        for (key, value) in [
            ("registry", json!(absolute)),
            ("heartbeats", json!(absolute)),
            ("timeout_minutes", json!(30)),
            ("notifications", json!(false)),
            ("notify_waiting_after", json!(0)),
            ("notify_finished", json!(true)),
            ("theme", json!("dark")),
            ("auto_cleanup", json!(true)),
            ("count_sdk_runs", json!(true)),
            ("session_titles", json!(false)),
            ("trusted_folders", json!([absolute])),
        ] {
            let setting = Setting::new(key, Some(&value)).unwrap();
            assert_eq!((setting.key(), setting.value()), (key, Some(value)));
            let mut settings = Settings::default();
            settings.set(setting);
            assert_ne!(settings, Settings::default(), "{key}");
            settings.set(Setting::new(key, Some(&Value::Null)).unwrap());
            assert_eq!(settings, Settings::default(), "{key}");
            assert!(KEYS.iter().any(|(known, meaning)| *known == key && !meaning.is_empty()), "{key}");
        }
    }

    #[test]
    fn waiting_sessions_are_announced_unless_that_is_switched_off() {
        let rules = |change: fn(&mut Settings)| {
            let mut settings = Settings { notify_finished: true, ..Settings::default() };
            change(&mut settings);
            settings.attention_rules()
        };
        let after = Some(TimeDelta::seconds(20));
        assert_eq!(Settings::default().attention_rules(), Rules { waiting_after: after, announces_finished: false });
        assert_eq!(rules(|_| {}), Rules { waiting_after: after, announces_finished: true });
        assert_eq!(
            rules(|settings| settings.notify_waiting_after = 0),
            Rules { waiting_after: None, announces_finished: true }
        );
        assert_eq!(rules(|settings| settings.notifications = false), Rules::default());
    }

    #[test]
    fn the_documentation_has_every_key() {
        let readme = include_str!("../../../../README.md");
        for (key, _) in KEYS {
            assert!(readme.contains(&format!("    {key} = ")), "{key}");
        }
    }

    #[test]
    fn invalid_values_are_refused_with_the_valid_ones() {
        for (key, value, wanted) in [
            ("registry", json!(5), "absolute path"),
            ("registry", json!(""), "absolute path"),
            ("heartbeats", json!("relative"), "absolute path"),
            ("heartbeats", json!("/a\0b"), "absolute path"),
            ("heartbeats", json!(format!("/{}", "a".repeat(5000))), "absolute path"),
            ("timeout_minutes", json!(-1), "525600"),
            ("timeout_minutes", json!(1.5), "525600"),
            ("timeout_minutes", json!(525_601), "525600"),
            ("timeout_minutes", json!("30"), "525600"),
            ("notifications", json!("yes"), "true or false"),
            ("notify_waiting_after", json!(3601), "3600"),
            ("notify_waiting_after", json!("20"), "3600"),
            ("notify_finished", json!(1), "true or false"),
            ("theme", json!("blue"), "dark"),
            ("auto_cleanup", json!(1), "true or false"),
            ("count_sdk_runs", json!([]), "true or false"),
            ("trusted_folders", json!("/a"), "list"),
            ("trusted_folders", json!(["/a", "relative"]), "list"),
        ] {
            let refused = Setting::new(key, Some(&value)).unwrap_err();
            assert!(matches!(&refused, Invalid::Value { key: named, .. } if named == key), "{refused:?}");
            assert!(refused.to_string().contains(wanted), "{refused}");
        }
        assert_eq!(Setting::new("registri", Some(&json!("/x"))), Err(Invalid::Key("registri".into())));
    }
}
