//! What the scenarios share: a home with hooks, and what Headcount says about it.

use std::path::PathBuf;
use std::time::Duration;

use headcount_claude::{Client, Home, within};
use serde_json::{Value, json};

/// The folder that most sessions work in.
pub(crate) const WORK: &str = "work";

/// How soon after the end of a session its number has to be free.
pub(crate) const SOON: Duration = Duration::from_secs(2);

/// A home with an empty registry in [`WORK`] and no hooks.
pub(crate) fn bare() -> Option<Home> {
    let home = Home::new(&[WORK])?;
    add_registry(&home, WORK);
    Some(home)
}

/// A home with an empty registry in [`WORK`] and Headcount's hooks in the person's settings.
pub(crate) fn installed() -> Option<Home> {
    let home = bare()?;
    home.succeed(WORK, &["hooks", "install"]);
    Some(home)
}

/// Creates an empty registry in a folder.
pub(crate) fn add_registry(home: &Home, folder: &str) {
    let path = registry_path(home, folder);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "{}").unwrap();
}

/// The registry of a folder.
pub(crate) fn registry_path(home: &Home, folder: &str) -> PathBuf {
    home.at(folder).join("docs/coordination/claude_sessions.json")
}

/// The registry of a folder, read.
pub(crate) fn registry(home: &Home, folder: &str) -> Value {
    serde_json::from_slice(&std::fs::read(registry_path(home, folder)).unwrap()).unwrap()
}

/// Number and state of every session of [`WORK`] that is registered, by number.
pub(crate) fn states(home: &Home) -> Vec<(u64, String)> {
    let status = home.status(WORK);
    let rows = status["sessions"].as_array().unwrap();
    rows.iter().map(|row| (row["number"].as_u64().unwrap(), row["state"].as_str().unwrap().to_owned())).collect()
}

/// The same, with all of them active.
pub(crate) fn active(numbers: impl IntoIterator<Item = u64>) -> Vec<(u64, String)> {
    numbers.into_iter().map(|number| (number, "active".to_owned())).collect()
}

/// The numbers that are registered in [`WORK`] for a process, in the order of the file.
pub(crate) fn numbers_of(home: &Home, pid: u32) -> Vec<u64> {
    let registry = registry(home, WORK);
    let entries = registry.as_object().unwrap().iter().filter(|(_, entry)| entry["claude"]["pid"] == json!(pid));
    entries.map(|(number, _)| number.parse().unwrap()).collect()
}

/// What Headcount said to the model, in the newest request with `prompt`. It stays in the conversation, so this is everything
/// since its beginning.
pub(crate) fn told(home: &Home, prompt: &str) -> Vec<String> {
    let messages = home.api.turns(prompt).pop().unwrap_or_default();
    messages.split("Headcount: ").skip(1).map(|said| said.split("\\n").next().unwrap().to_owned()).collect()
}

/// Asserts that the model was told a number by its newest request with `prompt`, and that it was the last that it was told.
#[track_caller]
pub(crate) fn assert_told(home: &Home, prompt: &str, number: u64) {
    let told = told(home, prompt);
    let wanted = format!("has the number {number}");
    assert!(told.last().is_some_and(|last| last.contains(&wanted)), "{wanted:?} with {prompt:?}: {told:?}");
}

/// A client in [`WORK`] that asks before it uses a tool.
pub(crate) fn start(home: &Home, args: &[&str]) -> Client {
    let mut all = vec!["--permission-mode", "default"];
    all.extend(args);
    Client::ready(home, WORK, &all)
}

/// Waits for these states of [`WORK`] for as long as a person does.
#[track_caller]
pub(crate) fn soon(home: &Home, wanted: &[(u64, &str)]) {
    let wanted: Vec<_> = wanted.iter().map(|(number, state)| (*number, (*state).to_owned())).collect();
    let is_right = within(SOON, || (states(home) == wanted).then_some(())).is_some();
    assert!(is_right, "{wanted:?} within {SOON:?}, but there is {:?}: {}", states(home), registry(home, WORK));
}

/// Claude Code's records, those left over by a kill included.
pub(crate) fn records(home: &Home) -> Vec<Value> {
    let files = std::fs::read_dir(home.at(".claude/sessions")).into_iter().flatten().flatten();
    files.filter_map(|file| serde_json::from_slice(&std::fs::read(file.path()).ok()?).ok()).collect()
}

/// The record of the background process that is a job.
pub(crate) fn record_of_job(home: &Home, job: &str) -> Option<Value> {
    records(home).into_iter().find(|record| record["jobId"] == job)
}

/// The beats in the folder of [`WORK`].
pub(crate) fn beats(home: &Home) -> usize {
    let folder = registry_path(home, WORK).with_file_name("heartbeats");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}
