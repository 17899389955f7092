//! The environment of a test: a temporary desktop, a workspace on it, and the built app.
//!
//! Guarantees: everything is in the desktop's folder and ends with it. At most two desktops run at a time, because a
//! third one would slow the others down. The app is not started automatically: some tests are about its start.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use headcount_core::{Time, time};
use headcount_desktop::main_scenario::MainScenario;
use headcount_desktop::{Desktop, DesktopOptions, Notification, NotificationLog, ProcessInfo, Program, TrayItem};
use headcount_engine::Workspace;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use headcount_engine::workspace::environment::Environment;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The built app's executable.
pub(crate) const APP: &str = env!("CARGO_BIN_EXE_headcount-tray");

/// A timeout for slow machines; no successful wait takes that long.
pub(crate) const WAIT: Duration = Duration::from_secs(25);

/// The timeout after which a session is stale.
pub(crate) const TIMEOUT: Duration = Duration::from_hours(2);

static DESKTOPS: Semaphore = Semaphore::const_new(2);

/// A desktop with a workspace.
pub(crate) struct Fixture {
    pub(crate) desktop: Desktop,
    pub(crate) workspace_files: MainScenario,
    // The last field, so that the next desktop starts after this one has ended.
    _turn: SemaphorePermit<'static>,
}

/// The minimum for a tray app; the test provides tray host and notification server.
pub(crate) fn bare() -> DesktopOptions {
    DesktopOptions { window_manager: false, ..DesktopOptions::default() }
}

impl Fixture {
    /// A desktop with the scenario: twelve sessions, of which three beat.
    pub(crate) async fn of_main_scenario(options: DesktopOptions) -> Self {
        let turn = DESKTOPS.acquire().await.unwrap();
        let desktop = Desktop::start(options).await.unwrap();
        let workspace_files = MainScenario::create(&desktop.home()).unwrap();
        Self { desktop, workspace_files, _turn: turn }
    }

    /// A desktop with sessions 1, 2, … with these roles and no heartbeats.
    pub(crate) async fn of(options: DesktopOptions, roles: &[&str]) -> Self {
        let fixture = Self::of_main_scenario(options).await;
        std::fs::remove_dir_all(fixture.workspace_files.heartbeats()).unwrap();
        std::fs::create_dir(fixture.workspace_files.heartbeats()).unwrap();
        fixture.register(roles);
        fixture
    }

    /// Writes a registry of sessions 1, 2, … with these roles, registered long ago.
    pub(crate) fn register(&self, roles: &[&str]) {
        let entries: serde_json::Map<String, Value> = (1..)
            .zip(roles)
            .map(|(number, role)| {
                let entry = json!({ "session_id": format!("session-{number}"), "number": number, "role": role, "goal": "",
                    "status": "active", "registered_at": "2025-11-15T22:15:00Z", "terminal": "s001" });
                (number.to_string(), entry)
            })
            .collect();
        self.write(&serde_json::to_string_pretty(&entries).unwrap());
    }

    /// Overwrites the registry in place, as its other writers do.
    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.workspace_files.registry(), text).unwrap();
    }

    /// The registry's text.
    pub(crate) fn text(&self) -> String {
        self.workspace_files.text().unwrap()
    }

    /// Writes a current heartbeat of a session.
    pub(crate) fn beat(&self, number: u64) {
        self.workspace_files.beat(number, Duration::ZERO).unwrap();
    }

    /// Writes a heartbeat so old that the session goes stale within `seconds`.
    pub(crate) fn beat_stale_in(&self, number: u64, seconds: u64) {
        self.workspace_files.beat(number, TIMEOUT.saturating_sub(Duration::from_secs(seconds))).unwrap();
    }

    /// Makes a session stale: removes its heartbeats.
    pub(crate) fn remove_beats(&self, number: u64) {
        let end = format!("-session-{number}.json");
        for beat in std::fs::read_dir(self.workspace_files.heartbeats()).unwrap().flatten() {
            if beat.file_name().to_string_lossy().ends_with(&end) {
                std::fs::remove_file(beat.path()).unwrap();
            }
        }
    }

    /// Headcount's state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.desktop.home().join(".local/state/headcount")
    }

    /// This workspace, for actions of another process of Headcount.
    pub(crate) fn workspace(&self) -> Workspace {
        let overrides = CliOverrides { registry: Some(self.workspace_files.registry()), ..CliOverrides::default() };
        let around = Environment { state: Some(self.state()), ..Environment::default() };
        ResolvedConfig::new(overrides, around).unwrap().workspace
    }

    /// The arguments that select this workspace.
    pub(crate) fn named(&self) -> [OsString; 2] {
        ["--registry".into(), self.workspace_files.registry().into()]
    }

    /// Starts the app for this workspace.
    pub(crate) fn start(&self, args: &[&str]) -> Program {
        let named = self.named();
        let args: Vec<_> = named.iter().map(OsString::as_os_str).chain(args.iter().map(AsRef::as_ref)).collect();
        self.desktop.spawn(APP, &args, &[]).unwrap()
    }

    /// The tray item of a started app, once it has this title.
    pub(crate) async fn item(&self, app: &Program, title: &str) -> TrayItem {
        let mut item = self.desktop.tray_item_of(app.pid(), WAIT).await.unwrap();
        item.wait_until(|view| view.title == format!("Headcount: {title}"), WAIT).await.unwrap();
        item
    }

    /// Records notifications from now on.
    pub(crate) async fn log(&self) -> NotificationLog {
        self.desktop.notification_log().await.unwrap()
    }

    /// Saves a screenshot in the folder named by `PICTURES`, for a visual check.
    pub(crate) fn save_screenshot(&self, name: &str) {
        if let Some(folder) = std::env::var_os("PICTURES") {
            let picture = self.desktop.screenshot(self.desktop.screen_area()).unwrap();
            picture.save(&Path::new(&folder).join(name)).unwrap();
        }
    }

    /// The processes that show the window.
    pub(crate) fn windows(&self) -> Vec<ProcessInfo> {
        let mut processes = self.desktop.process_scan().processes();
        processes.retain(|process| process.command.starts_with(APP) && process.command.contains(" --window="));
        processes
    }

    /// Waits for a window process started with this place. Polls, because process starts are not reported.
    pub(crate) async fn window_at(&self, place: &str) -> ProcessInfo {
        let wanted = format!("--window={place}");
        let is_wanted = |process: &ProcessInfo| process.command.split(' ').any(|arg| arg == wanted);
        until(&wanted, || self.windows().into_iter().find(is_wanted)).await
    }

    /// Waits until a process has ended, also one not started by the test.
    pub(crate) async fn ended(&self, pid: u32) {
        let is_there = || self.desktop.process_scan().processes().iter().any(|process| process.pid == pid);
        until("the end of a process", || (!is_there()).then_some(())).await;
    }
}

/// The current time, as the app reads it.
pub(crate) fn now() -> Time {
    SystemClock.now()
}

/// The next notification. Fails if it has a different title.
pub(crate) async fn expect_notification(log: &mut NotificationLog, summary: &str) -> Notification {
    let sent = log.sent(WAIT).await.unwrap();
    assert_eq!(sent.summary, summary, "{sent:?}");
    check_common_properties(&sent);
    sent
}

/// Checks the properties that all notifications of the app have.
pub(crate) fn check_common_properties(sent: &Notification) {
    assert_eq!(sent.faults(), [""; 0], "{sent:?}");
    assert_eq!((sent.app_name.as_str(), sent.icon.as_str()), ("Headcount", "headcount-tray"));
    let text = |hint: &str| String::try_from(sent.hints[hint].clone()).unwrap();
    assert_eq!(text("desktop-entry"), "headcount-tray");
    let picture = text("image-path");
    assert!(Path::new(picture.strip_prefix("file://").unwrap()).is_file(), "{picture}");
    // A notification with buttons stays in the server's history.
    let offers = sent.actions.iter().any(|action| action.key != "default");
    assert_eq!(bool::try_from(&sent.hints["resident"]), Ok(offers), "{sent:?}");
}

/// The buttons of a notification, without the default action.
pub(crate) fn buttons(notification: &Notification) -> Vec<&str> {
    let buttons = notification.actions.iter().filter(|action| action.key != "default");
    buttons.map(|action| action.label.as_str()).collect()
}

/// Polls until there is a value, for conditions without a notification.
pub(crate) async fn until<T>(awaited: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + WAIT;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "no sign of {awaited}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// The text of a file, once it satisfies a condition.
pub(crate) async fn file_until(path: &Path, wanted: impl Fn(&str) -> bool) -> String {
    let awaited = path.display().to_string();
    until(&awaited, || std::fs::read_to_string(path).ok().filter(|text| wanted(text))).await
}

/// The text of a registry in Python's layout after these sessions were marked inactive at the same time.
pub(crate) fn marked(before: &str, after: &str, numbers: &[u64]) -> String {
    let at = after.split("\"marked_inactive_at\": \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let ago = now() - time::parse(at).unwrap();
    assert!((0..60).contains(&ago.num_seconds()) && at.ends_with('Z'), "{at}");
    let mut expected = String::new();
    let mut is_marked = false;
    for line in before.split_inclusive('\n') {
        if let Some(key) = line.strip_prefix("  \"").and_then(|rest| rest.split('"').next()) {
            is_marked = numbers.iter().any(|number| number.to_string() == key);
        }
        match line.trim_end() {
            "    \"status\": \"active\"," if is_marked => expected.push_str("    \"status\": \"inactive\",\n"),
            last if is_marked && last.starts_with("    \"terminal\": ") => {
                expected.extend([last, ",\n    \"marked_inactive_at\": \"", at, "\"\n"]);
            }
            _ => expected.push_str(line),
        }
    }
    expected
}
