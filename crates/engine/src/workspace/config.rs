//! The configuration: a TOML file that a person writes, and Headcount for them.
//!
//! Promises: what the keys mean is `core::settings`; a key that is unknown or makes no sense is reported and the rest
//! counts; a file that cannot be read is reported and everything has its default. Writing changes one key and leaves every
//! comment and all layout as they are, in one step; a file that cannot be understood is not written over. Accepted limit:
//! an editor that saves in the same instant wins or loses whole, as it would against another editor.

use std::path::Path;

use headcount_core::settings::{KEYS, Setting, Settings};
use serde_json::Value;
use toml_edit::{DocumentMut, Item};

use crate::Error;
use crate::files::atomic::OtherNames;
use crate::files::folder::Place;
use crate::files::{atomic, file, temp_files};
use crate::store::lock::{self, Lock};

/// No configuration is this large.
const LIMIT: u64 = 1024 * 1024;

/// How often a file that somebody else keeps writing is read again.
const ATTEMPTS: usize = 5;

/// What a person configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Everything that is set.
    pub settings: Settings,
    /// What could not be understood, as whole sentences.
    pub complaints: Vec<String>,
    /// Nothing of the file could be understood, and the settings are the defaults.
    pub is_lost: bool,
}

impl Config {
    /// Reads a configuration file; one that does not exist configures nothing.
    #[must_use]
    pub fn read(path: Option<&Path>) -> Self {
        let Some(path) = path else { return Self::default() };
        let parsed = match text(path) {
            Ok(None) => return Self::default(),
            Ok(Some(text)) => Self::parse(&text),
            Err(reason) => Err(reason),
        };
        let lost = |reason| Self { complaints: vec![reason], is_lost: true, ..Self::default() };
        let mut config = parsed.unwrap_or_else(lost);
        for complaint in &mut config.complaints {
            *complaint = format!("The configuration {}: {complaint}.", path.display());
        }
        config
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut config = Self::default();
        for (key, item) in document(text)?.iter() {
            match Setting::new(key, Some(&plain(item))) {
                Ok(setting) => config.settings.set(setting),
                Err(invalid) => config.complaints.push(invalid.to_string()),
            }
        }
        Ok(config)
    }
}

/// Sets one key in a configuration file, which is made if it does not exist.
pub fn set(path: &Path, setting: &Setting) -> Result<(), Error> {
    // A link is written through: people keep their configuration elsewhere and link it here.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    atomic::create_private_folder(target.parent().unwrap_or(Path::new(".")))?;
    let _lock = Lock::take(&lock::path(&target), lock::LOCK_TIMEOUT)?;
    temp_files::sweep(&Place::of(&target, None)?, |_| {});
    let misconfigured = |reason| Error::Misconfigured { path: target.clone(), reason };
    for _ in 0..ATTEMPTS {
        let before = text(&target).map_err(misconfigured)?;
        let after = edited(before.as_deref().unwrap_or_default(), setting).map_err(misconfigured)?;
        if before.as_ref() == Some(&after) {
            return Ok(());
        }
        if before.is_none() {
            return atomic::replace_private(&target, after.as_bytes());
        }
        let prepared = atomic::prepare(&target, after.as_bytes(), OtherNames::Follow)?;
        if text(&target).map_err(misconfigured)? == before {
            return prepared.put();
        }
    }
    Err(Error::ConcurrentModification { path: target })
}

/// A file's text; nothing where there is no file, and the reason where it cannot be read.
fn text(path: &Path) -> Result<Option<String>, String> {
    match file::read(path, LIMIT) {
        Ok(Some(contents)) if contents.is_whole => {
            String::from_utf8(contents.bytes).map(Some).map_err(|error| error.to_string())
        }
        Ok(_) => Err("it is not a small text file".into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn document(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        let message = error.message().trim_end_matches('.').replace('\n', ", ");
        line.map_or_else(|| message.clone(), |line| format!("line {line}: {message}"))
    })
}

/// A value as the check in core takes it.
fn plain(item: &Item) -> Value {
    match item {
        Item::Value(toml_edit::Value::String(text)) => text.value().as_str().into(),
        Item::Value(toml_edit::Value::Integer(number)) => (*number.value()).into(),
        Item::Value(toml_edit::Value::Boolean(flag)) => (*flag.value()).into(),
        Item::Value(toml_edit::Value::Array(list)) => {
            list.iter().map(|item| item.as_str().map_or(Value::Null, Value::from)).collect()
        }
        // No key takes any other kind.
        _ => Value::Object(serde_json::Map::new()),
    }
}

/// A configuration's text with one key set otherwise.
fn edited(text: &str, setting: &Setting) -> Result<String, String> {
    let mut document = document(text)?;
    let was = document.get(setting.key()).map(plain);
    match setting.value() {
        Some(value) if was.as_ref() == Some(&value) => {}
        Some(value) => put(&mut document, setting.key(), &value),
        None => take(&mut document, setting.key()),
    }
    if was != setting.value() {
        setting.dependent_keys().iter().for_each(|key| take(&mut document, key));
    }
    let edited = document.to_string();
    Ok(if text.contains("\r\n") { edited.replace("\r\n", "\n").replace('\n', "\r\n") } else { edited })
}

fn put(document: &mut DocumentMut, key: &str, value: &Value) {
    let mut new: toml_edit::Value = match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => number.as_i64().unwrap_or_default().into(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().into(),
    };
    if let Some(old) = document.get_mut(key).and_then(Item::as_value_mut) {
        // With the space before it and the comment behind it.
        *new.decor_mut() = old.decor().clone();
        *old = new;
        return;
    }
    take(document, key);
    // Above the first key a comment belongs to the file, so it stays above.
    let head =
        if document.is_empty() { document.trailing().as_str().unwrap_or_default().to_owned() } else { String::new() };
    if document.is_empty() {
        document.set_trailing("");
    }
    let gap = if head.is_empty() && document.is_empty() || head.ends_with("\n\n") { "" } else { "\n" };
    let meaning = meaning(key).map(|meaning| format!("# {meaning}\n")).unwrap_or_default();
    document.insert(key, Item::Value(new));
    if let Some(mut key) = document.key_mut(key) {
        key.leaf_decor_mut().set_prefix(format!("{head}{gap}{meaning}"));
    }
}

/// Takes a key out. What a person wrote around it stays, at the end.
fn take(document: &mut DocumentMut, key: &str) {
    let env = document.key(key).and_then(|key| key.leaf_decor().prefix()?.as_str().map(str::to_owned));
    let Some(removed) = document.remove(key) else { return };
    let behind = removed.as_value().and_then(|value| value.decor().suffix()?.as_str()).unwrap_or_default();
    let ours = meaning(key).map(|meaning| format!("# {meaning}")).unwrap_or_default();
    let env = env.unwrap_or_default();
    let kept = env.lines().chain([behind.trim()]).filter(|line| line.contains('#') && line.trim() != ours);
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    let kept = kept.fold(String::new(), |kept, line| kept + line + "\n");
    document.set_trailing(kept + &trailing);
}

fn meaning(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
