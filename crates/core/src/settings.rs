//! The user's settings: each key with its meaning, its values and its default.
//!
//! Guarantees: one list of keys for the configuration file, the window and the documentation; one validation for all of
//! them; an invalid value is refused with a description of the valid ones. Does not read or write files.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::Value;

use crate::notification::attention::Rules;
use crate::registry::Number;
use crate::time::Timeout;

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

/// The settings and the values in effect, as the window shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Setup {
    /// The configuration file; null if there is no location for one.
    pub file: Option<String>,
    /// The settings in the file.
    pub settings: Settings,
    /// The registry that is watched.
    pub registry: String,
    /// The heartbeats folder that is watched.
    pub heartbeats: String,
    /// The timeout in effect.
    #[serde(rename = "timeout_minutes")]
    #[cfg_attr(feature = "wire-types", ts(as = "u32"))]
    pub timeout: Timeout,
    /// The keys overridden on the command line or by the environment, which take precedence over the file.
    pub overruled: Vec<String>,
    /// Problems found in the file, as whole sentences.
    pub complaints: Vec<String>,
}

/// The effect that another timeout would have now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct TimeoutEffect {
    /// The sessions that would become stale.
    pub stale: Vec<Number>,
    /// The sessions that would become active.
    pub active: Vec<Number>,
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

/// One key and its new value; `None` resets it to its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `registry`
    Registry(Option<PathBuf>),
    /// `heartbeats`
    Heartbeats(Option<PathBuf>),
    /// `timeout_minutes`
    Timeout(Option<Timeout>),
    /// `notifications`
    Notifications(Option<bool>),
    /// `notify_waiting_after`
    NotifyWaitingAfter(Option<u32>),
    /// `notify_finished`
    NotifyFinished(Option<bool>),
    /// `theme`
    Theme(Option<Theme>),
    /// `auto_cleanup`
    AutoCleanup(Option<bool>),
    /// `count_sdk_runs`
    CountSdkRuns(Option<bool>),
    /// `session_titles`
    SessionTitles(Option<bool>),
    /// `trusted_folders`
    TrustedFolders(Option<Vec<PathBuf>>),
}

/// Why a setting is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The key does not exist.
    #[error("the key {0:?} is unknown")]
    Key(String),
    /// The value is not valid for the key.
    #[error("the value of {key:?} is invalid: expected {wanted}")]
    Value {
        /// The key.
        key: String,
        /// The valid values.
        wanted: &'static str,
    },
}

/// Maximum length of a path. Paths are stored in one line per key and shown in a window; no system has longer ones.
const MAX_PATH_LENGTH: usize = 4096;

impl Setting {
    /// The setting for a key and a value; no value (or `null`) resets the key to its default.
    ///
    /// # Errors
    /// If the key is unknown or the value is not valid for it.
    pub fn new(key: &str, value: Option<&Value>) -> Result<Self, Invalid> {
        let value = value.filter(|value| !value.is_null());
        let flag = || checked(key, value, "true or false", Value::as_bool);
        Ok(match key {
            "registry" => Self::Registry(checked(key, value, "an absolute path to a file", path)?),
            "heartbeats" => Self::Heartbeats(checked(key, value, "an absolute path to a folder", path)?),
            "timeout_minutes" => Self::Timeout(checked(key, value, "a whole number from 0 to 525600", |value| {
                value.as_u64().and_then(|minutes| u32::try_from(minutes).ok()).and_then(Timeout::from_minutes)
            })?),
            "notifications" => Self::Notifications(flag()?),
            "notify_waiting_after" => {
                Self::NotifyWaitingAfter(checked(key, value, "a whole number of seconds from 0 to 3600", |value| {
                    value.as_u64().and_then(|seconds| u32::try_from(seconds).ok()).filter(|seconds| *seconds <= 3600)
                })?)
            }
            "notify_finished" => Self::NotifyFinished(flag()?),
            "theme" => Self::Theme(checked(key, value, "\"system\", \"light\" or \"dark\"", theme)?),
            "auto_cleanup" => Self::AutoCleanup(flag()?),
            "count_sdk_runs" => Self::CountSdkRuns(flag()?),
            "session_titles" => Self::SessionTitles(flag()?),
            "trusted_folders" => {
                Self::TrustedFolders(checked(key, value, "a list of absolute paths to folders", paths)?)
            }
            _ => return Err(Invalid::Key(key.to_owned())),
        })
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Registry(_) => "registry",
            Self::Heartbeats(_) => "heartbeats",
            Self::Timeout(_) => "timeout_minutes",
            Self::Notifications(_) => "notifications",
            Self::NotifyWaitingAfter(_) => "notify_waiting_after",
            Self::NotifyFinished(_) => "notify_finished",
            Self::Theme(_) => "theme",
            Self::AutoCleanup(_) => "auto_cleanup",
            Self::CountSdkRuns(_) => "count_sdk_runs",
            Self::SessionTitles(_) => "session_titles",
            Self::TrustedFolders(_) => "trusted_folders",
        }
    }

    /// Its value as it is stored; `None` if the key is not.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Registry(path) | Self::Heartbeats(path) => path.as_deref().and_then(Path::to_str).map(Value::from),
            Self::Timeout(timeout) => timeout.map(|timeout| timeout.minutes().into()),
            Self::NotifyWaitingAfter(seconds) => seconds.map(Value::from),
            Self::Theme(theme) => theme.and_then(|theme| serde_json::to_value(theme).ok()),
            Self::TrustedFolders(paths) => {
                paths.as_deref().map(|paths| paths.iter().filter_map(|path| path.to_str()).collect())
            }
            Self::Notifications(flag)
            | Self::NotifyFinished(flag)
            | Self::AutoCleanup(flag)
            | Self::CountSdkRuns(flag)
            | Self::SessionTitles(flag) => flag.map(Value::from),
        }
    }

    /// The keys to reset when this one changes. Heartbeats belong to one registry: with another one, all of its
    /// sessions would look stale.
    #[must_use]
    pub fn dependent_keys(&self) -> &'static [&'static str] {
        if matches!(self, Self::Registry(_)) { &["heartbeats"] } else { &[] }
    }
}

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

fn checked<T>(
    key: &str,
    value: Option<&Value>,
    wanted: &'static str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    let Some(value) = value else { return Ok(None) };
    read(value).map(Some).ok_or_else(|| Invalid::Value { key: key.to_owned(), wanted })
}

pub(crate) fn path(value: &Value) -> Option<PathBuf> {
    let text = value.as_str().filter(|text| text.len() <= MAX_PATH_LENGTH && !text.contains('\0'))?;
    Some(PathBuf::from(text)).filter(|path| path.is_absolute())
}

fn paths(value: &Value) -> Option<Vec<PathBuf>> {
    value.as_array()?.iter().map(path).collect()
}

fn theme(value: &Value) -> Option<Theme> {
    match value.as_str()? {
        "system" => Some(Theme::System),
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        let readme = include_str!("../../../README.md");
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
