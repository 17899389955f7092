//! Configuration changes while a workspace is followed.

use std::path::PathBuf;
use std::sync::Arc;

use headcount_core::Timeout;
use headcount_core::settings::Setting;
use headcount_core::view::setup::TimeoutEffect;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops;
use headcount_engine::workspace::config::resolved::CliOverrides;
use headcount_engine::workspace::config::resolved::ResolvedConfig;
use serde_json::json;

use crate::fixture::{Fixture, Following, beat_in, registry};

fn minutes(minutes: u32) -> Timeout {
    Timeout::from_minutes(minutes).unwrap()
}

impl Following {
    async fn until_opened(&mut self, what: &str, is_right: impl Fn(&ResolvedConfig) -> bool) {
        let waited = self.config_updates.wait_for(|opened| is_right(opened));
        let waited = tokio::time::timeout(crate::fixture::DEADLINE, waited).await;
        waited.unwrap_or_else(|_| panic!("not in time: {what}")).unwrap();
    }
}

/// A fixture with a configured registry.
fn configured() -> (Fixture, String) {
    let fixture = Fixture::with(&[1, 45, 332], SystemClock.now());
    // In single quotes a backslash is one.
    let line = format!("registry = '{}'\n", fixture.workspace.registry.display());
    fixture.configure(&line);
    (fixture, line)
}

#[tokio::test]
async fn a_changed_timeout_applies_immediately() {
    let (fixture, line) = configured();
    let mut following = fixture.follow_configured(CliOverrides::default(), Arc::new(SystemClock));
    assert_eq!(following.until_active(2).await.timeout, minutes(120));
    fixture.configure(&format!("{line}timeout_minutes = 30\n"));
    assert_eq!(following.until_active(1).await.timeout, minutes(30));
    fixture.configure(&format!("{line}timeout_minutes = 400\n"));
    following.until_active(3).await;
    // Through the engine's setter, as another process does.
    let setting = Setting::new("timeout_minutes", Some(&json!(30))).unwrap();
    ops::set(&fixture.resolve(CliOverrides::default()), &setting).unwrap();
    following.until_active(1).await;
    std::fs::remove_file(fixture.root().join("config/config.toml")).unwrap();
    // Without a configuration the default registry applies, and it does not exist.
    following.until_active(0).await;
}

#[tokio::test]
async fn a_changed_registry_is_followed_with_its_heartbeats() {
    let (fixture, line) = configured();
    let mut following = fixture.follow_configured(CliOverrides::default(), Arc::new(SystemClock));
    following.until_active(2).await;
    let (other, beats) = (fixture.root().join("other.json"), fixture.root().join("other-beats"));
    std::fs::create_dir(&beats).unwrap();
    std::fs::write(&other, registry(5)).unwrap();
    for number in 1..=4 {
        beat_in(&beats, number, SystemClock.now());
    }
    fixture.configure(&format!("registry = {other:?}\nheartbeats = {beats:?}\n"));
    let snapshot = following.until_active(4).await;
    assert_eq!((PathBuf::from(&snapshot.registry), PathBuf::from(&snapshot.heartbeats)), (other, beats.clone()));
    assert_eq!(following.config_updates.borrow().workspace.heartbeats, beats);
    // The folders of the new registry are watched, and those of the old one no longer shown.
    beat_in(&beats, 5, SystemClock.now());
    following.until_active(5).await;
    fixture.configure(&line);
    following.until_active(2).await;
    fixture.beat(3, SystemClock.now());
    following.until_active(3).await;
}

#[tokio::test]
async fn command_line_options_take_precedence() {
    let (fixture, _) = configured();
    let overrides = CliOverrides {
        registry: Some(fixture.workspace.registry.clone()),
        timeout: Some(minutes(120)),
        ..CliOverrides::default()
    };
    let mut following = fixture.follow_configured(overrides, Arc::new(SystemClock));
    following.until_active(2).await;
    fixture.configure("registry = \"/elsewhere.json\"\ntimeout_minutes = 1\nnotifications = false\n");
    following.until_opened("the change", |opened| !opened.settings().notifications).await;
    let opened = following.config_updates.borrow().clone();
    assert_eq!(opened.workspace.registry, fixture.workspace.registry);
    assert_eq!(opened.workspace.timeout, minutes(120));
    fixture.beat(3, SystemClock.now());
    following.until_active(3).await;
}

#[tokio::test]
async fn an_invalid_configuration_keeps_the_last_valid_values() {
    let (fixture, line) = configured();
    fixture.configure(&format!("{line}timeout_minutes = 400\n"));
    let mut following = fixture.follow_configured(CliOverrides::default(), Arc::new(SystemClock));
    following.until_active(3).await;
    fixture.configure("registry = \"/els");
    following.until_opened("the complaint", |opened| opened.config.is_lost).await;
    let opened = following.config_updates.borrow().clone();
    assert_eq!((opened.workspace.timeout, opened.config.complaints.len()), (minutes(400), 1));
    fixture.configure(&line);
    following.until_active(2).await;
    assert!(following.config_updates.borrow().config.complaints.is_empty());
}

#[tokio::test]
async fn preview_timeout_lists_affected_sessions() {
    let (fixture, _) = configured();
    let effect = |limit| ops::preview_timeout(&fixture.workspace(), minutes(limit), SystemClock.now()).unwrap();
    assert_eq!(effect(120), TimeoutEffect::default());
    assert_eq!(effect(30), TimeoutEffect { stale: vec![2], active: vec![] });
    assert_eq!(effect(400), TimeoutEffect { stale: vec![], active: vec![3] });
}
