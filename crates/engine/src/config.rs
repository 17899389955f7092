//! The configuration: a TOML file a person writes.
//!
//! Promises: every key is documented here; a key that is unknown or makes no sense is reported and the rest counts; a file
//! that cannot be read is reported and everything has its default. Never writes.

use std::path::{Path, PathBuf};

use headcount_core::Timeout;

use crate::file;

/// No configuration is this large.
const LIMIT: u64 = 1024 * 1024;

/// What a person configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `registry = "/path"`: the registry, where none is said or near.
    pub registry: Option<PathBuf>,
    /// `heartbeats = "/path"`: the beats of that registry, where they are not beside it.
    pub heartbeats: Option<PathBuf>,
    /// `timeout_minutes = 120`: minutes without a sign of life until a session is stale.
    pub timeout: Timeout,
    /// `notifications = true`: whether the tray app says when sessions go stale.
    pub notifications: bool,
    /// What could not be understood, as whole sentences.
    pub complaints: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            registry: None,
            heartbeats: None,
            timeout: Timeout::default(),
            notifications: true,
            complaints: Vec::new(),
        }
    }
}

impl Config {
    /// Reads a configuration file; one that does not exist configures nothing.
    #[must_use]
    pub fn read(path: Option<&Path>) -> Self {
        let Some(path) = path else { return Self::default() };
        let text = match file::read(path, LIMIT) {
            Ok(Some(contents)) if contents.is_whole => {
                String::from_utf8(contents.bytes).map_err(|error| error.to_string())
            }
            Ok(_) => Err("it is not a small text file".into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(error) => Err(error.to_string()),
        };
        let config = text.map(|text| Self::parse(&text));
        let mut config = config.unwrap_or_else(|reason| Self { complaints: vec![reason], ..Self::default() });
        for complaint in &mut config.complaints {
            *complaint = format!("The configuration {}: {complaint}.", path.display());
        }
        config
    }

    fn parse(text: &str) -> Self {
        let mut config = Self::default();
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                config.complaints.push(error.message().to_owned());
                return config;
            }
        };
        for (key, value) in table {
            let is_fine = match key.as_str() {
                "registry" => path(&value).map(|path| config.registry = Some(path)),
                "heartbeats" => path(&value).map(|path| config.heartbeats = Some(path)),
                "timeout_minutes" => {
                    let minutes = value.as_integer().and_then(|minutes| u32::try_from(minutes).ok());
                    minutes.and_then(Timeout::from_minutes).map(|timeout| config.timeout = timeout)
                }
                "notifications" => value.as_bool().map(|is_on| config.notifications = is_on),
                _ => {
                    config.complaints.push(format!("the key {key:?} is unknown"));
                    continue;
                }
            };
            if is_fine.is_none() {
                config.complaints.push(format!("the value of {key:?} makes no sense"));
            }
        }
        config
    }
}

fn path(value: &toml::Value) -> Option<PathBuf> {
    value.as_str().map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_and_every_nonsense() {
        let config =
            Config::parse("registry = \"/r\"\nheartbeats = \"/h\"\ntimeout_minutes = 30\nnotifications = false\n");
        let wanted = Config {
            registry: Some("/r".into()),
            heartbeats: Some("/h".into()),
            timeout: Timeout::from_minutes(30).unwrap(),
            notifications: false,
            complaints: vec![],
        };
        assert_eq!(config, wanted);
        let nonsense = Config::parse(
            "registry = 5\ntimeout_minutes = -1\nnotifications = 1\nregistri = \"x\"\nheartbeats = \"relative\"\n",
        );
        assert_eq!(nonsense.complaints.len(), 5);
        assert_eq!(Config { complaints: vec![], ..nonsense }, Config::default());
        assert_eq!(Config::parse("= oops").complaints.len(), 1);
    }

    #[test]
    fn a_missing_file_configures_nothing() {
        assert_eq!(Config::read(None), Config::default());
        assert_eq!(Config::read(Some(Path::new("/nonexistent/config.toml"))), Config::default());
        assert_eq!(Config::read(Some(Path::new("/"))).complaints.len(), 1);
    }
}
