//! One setting: a key with its new value, checked.
//!
//! Guarantees: one validation for the file, the window and the command; an invalid value is refused with a description of
//! the valid ones.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::settings::Theme;
use crate::time::Timeout;

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

/// The key of the timeout, and its values.
const TIMEOUT: &str = "timeout_minutes";
const TIMEOUT_RANGE: &str = "a whole number from 0 to 525600";

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
            TIMEOUT => Self::Timeout(checked(key, value, TIMEOUT_RANGE, |value| {
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
            Self::Timeout(_) => TIMEOUT,
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

/// A timeout of `minutes`, of all sessions or of one.
///
/// # Errors
///
/// [`Invalid::Value`] if that is too long.
pub fn timeout(minutes: u32) -> Result<Timeout, Invalid> {
    Timeout::from_minutes(minutes).ok_or_else(|| Invalid::Value { key: TIMEOUT.into(), wanted: TIMEOUT_RANGE })
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
