//! What a person can set, each key with its meaning, its values and its default.
//!
//! Promises: one list of keys for the configuration file, the window and the documentation; one check for all of them; a
//! value that makes no sense is refused with what would. Does not read or write: where settings are kept is the engine's.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::registry::Number;
use crate::time::Timeout;

/// Whether the window is light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the rest of the desktop.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Everything that is set, defaults included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the configuration")]
pub struct Settings {
    /// The registry where none is said or near.
    pub registry: Option<PathBuf>,
    /// The beats of that registry where they are not beside it.
    pub heartbeats: Option<PathBuf>,
    /// How long a session may be quiet.
    #[serde(rename = "timeout_minutes")]
    #[cfg_attr(feature = "wire-types", ts(as = "u32"))]
    pub timeout: Timeout,
    /// Whether the tray app says when sessions go stale.
    pub notifications: bool,
    /// Whether the window is light or dark.
    pub theme: Theme,
    /// Whether sessions whose process is proven gone are cleaned up without asking.
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
            theme: Theme::default(),
            auto_cleanup: false,
            count_sdk_runs: false,
            session_titles: true,
            trusted_folders: Vec::new(),
        }
    }
}

/// The settings with what became of them where a person looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Setup {
    /// The file they are kept in; null where there is no place for one.
    pub file: Option<String>,
    /// What the file says.
    pub settings: Settings,
    /// The registry that is watched.
    pub registry: String,
    /// The heartbeats folder that is watched.
    pub heartbeats: String,
    /// The timeout that counts.
    #[serde(rename = "timeout_minutes")]
    #[cfg_attr(feature = "wire-types", ts(as = "u32"))]
    pub timeout: Timeout,
    /// The keys that were said otherwise when Headcount was started, which goes before the file.
    pub overruled: Vec<String>,
    /// What in the file could not be understood, as whole sentences.
    pub complaints: Vec<String>,
}

/// What another timeout would change now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct TimeoutEffect {
    /// The sessions that would be stale.
    pub stale: Vec<Number>,
    /// The sessions that would be active again.
    pub active: Vec<Number>,
}

/// The keys, each with the line that stands above it in a file Headcount wrote.
pub const KEYS: [(&str, &str); 9] = [
    ("registry", "The registry to watch where none is named or near: a whole path."),
    ("heartbeats", "The folder of that registry's heartbeats where it is not beside it: a whole path."),
    ("timeout_minutes", "Minutes without a sign of life until a session is stale: 0 to 525600."),
    ("notifications", "Whether the tray app says when sessions go stale."),
    ("theme", "How the window looks: \"system\", \"light\" or \"dark\"."),
    ("auto_cleanup", "Whether sessions whose process is proven gone are cleaned up without asking."),
    ("count_sdk_runs", "Whether runs of `claude -p` and of the SDK count as sessions."),
    ("session_titles", "Whether Claude Code shows a session's number and role as its title."),
    ("trusted_folders", "Folders in which a registry is used although it is a link or another user's: whole paths."),
];

/// One key set to one value, or back to its default.
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

/// Why a key cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nobody knows the key.
    #[error("the key {0:?} is unknown")]
    Key(String),
    /// The value is of no use.
    #[error("the value of {key:?} makes no sense: it takes {wanted}")]
    Value {
        /// The key.
        key: String,
        /// What it takes.
        wanted: &'static str,
    },
}

/// A path is written into a file of one line a key and shown in a window; no system has a longer one.
const LONGEST_PATH: usize = 4096;

impl Setting {
    /// The setting that a key and a value mean; without a value (or `null`) the key's default.
    pub fn new(key: &str, value: Option<&Value>) -> Result<Self, Invalid> {
        let value = value.filter(|value| !value.is_null());
        let flag = || checked(key, value, "true or false", Value::as_bool);
        Ok(match key {
            "registry" => Self::Registry(checked(key, value, "a whole path to a file", path)?),
            "heartbeats" => Self::Heartbeats(checked(key, value, "a whole path to a folder", path)?),
            "timeout_minutes" => Self::Timeout(checked(key, value, "a whole number from 0 to 525600", |value| {
                value.as_u64().and_then(|minutes| u32::try_from(minutes).ok()).and_then(Timeout::from_minutes)
            })?),
            "notifications" => Self::Notifications(flag()?),
            "theme" => Self::Theme(checked(key, value, "\"system\", \"light\" or \"dark\"", theme)?),
            "auto_cleanup" => Self::AutoCleanup(flag()?),
            "count_sdk_runs" => Self::CountSdkRuns(flag()?),
            "session_titles" => Self::SessionTitles(flag()?),
            "trusted_folders" => Self::TrustedFolders(checked(key, value, "a list of whole paths to folders", paths)?),
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
            Self::Theme(_) => "theme",
            Self::AutoCleanup(_) => "auto_cleanup",
            Self::CountSdkRuns(_) => "count_sdk_runs",
            Self::SessionTitles(_) => "session_titles",
            Self::TrustedFolders(_) => "trusted_folders",
        }
    }

    /// Its value as it is written down; nothing where the key is not.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Registry(path) | Self::Heartbeats(path) => path.as_deref().and_then(Path::to_str).map(Value::from),
            Self::Timeout(timeout) => timeout.map(|timeout| timeout.minutes().into()),
            Self::Theme(theme) => theme.and_then(|theme| serde_json::to_value(theme).ok()),
            Self::TrustedFolders(paths) => {
                paths.as_deref().map(|paths| paths.iter().filter_map(|path| path.to_str()).collect())
            }
            Self::Notifications(flag)
            | Self::AutoCleanup(flag)
            | Self::CountSdkRuns(flag)
            | Self::SessionTitles(flag) => flag.map(Value::from),
        }
    }

    /// The keys that make no sense any more when this one changes: beats belong to one registry, and under another they
    /// would make every session there look gone.
    #[must_use]
    pub fn dependent_keys(&self) -> &'static [&'static str] {
        if matches!(self, Self::Registry(_)) { &["heartbeats"] } else { &[] }
    }
}

impl Settings {
    /// Takes a setting over.
    pub fn set(&mut self, setting: Setting) {
        let default = Self::default();
        match setting {
            Setting::Registry(path) => self.registry = path,
            Setting::Heartbeats(path) => self.heartbeats = path,
            Setting::Timeout(timeout) => self.timeout = timeout.unwrap_or_default(),
            Setting::Notifications(flag) => self.notifications = flag.unwrap_or(default.notifications),
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

fn path(value: &Value) -> Option<PathBuf> {
    let text = value.as_str().filter(|text| text.len() <= LONGEST_PATH && !text.contains('\0'))?;
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
    fn every_key_comes_back_as_it_was_set() {
        let absolute = if cfg!(windows) { r"C:\r" } else { "/r" };
        for (key, value) in [
            ("registry", json!(absolute)),
            ("heartbeats", json!(absolute)),
            ("timeout_minutes", json!(30)),
            ("notifications", json!(false)),
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
    fn the_documentation_has_every_key() {
        let readme = include_str!("../../../README.md");
        for (key, _) in KEYS {
            assert!(readme.contains(&format!("    {key} = ")), "{key}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do() {
        for (key, value, wanted) in [
            ("registry", json!(5), "whole path"),
            ("registry", json!(""), "whole path"),
            ("heartbeats", json!("relative"), "whole path"),
            ("heartbeats", json!("/a\0b"), "whole path"),
            ("heartbeats", json!(format!("/{}", "a".repeat(5000))), "whole path"),
            ("timeout_minutes", json!(-1), "525600"),
            ("timeout_minutes", json!(1.5), "525600"),
            ("timeout_minutes", json!(525_601), "525600"),
            ("timeout_minutes", json!("30"), "525600"),
            ("notifications", json!("yes"), "true or false"),
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
