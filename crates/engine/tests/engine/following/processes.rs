//! Evidence from processes: real processes, real records, and a virtual clock.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{SubsecRound as _, TimeDelta};
use headcount_core::Time;
use headcount_core::claude::hook::payload::HookEvent;
use headcount_core::claude::hook::transition::HookSession;
use headcount_core::claude::{Claude, ProcessKey};
use headcount_core::liveness::boot::Boot;
use headcount_core::liveness::{Process, Reason, State};
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::process::{Ancestor, Processes as _, SystemProcesses};
use headcount_engine::tasks::background;
use headcount_engine::workspace::config::resolved::CliOverrides;
use headcount_engine::{Workspace, doctor};

use crate::clocks::Virtual;
use crate::fixture::{Fixture, Following, eventually};

/// A process that is killed when dropped.
pub(crate) struct Session(Child);

impl Session {
    pub(crate) fn start() -> Self {
        if cfg!(windows) {
            // It reads commands until its input ends, and the handle of the child holds the input open.
            return Self(Command::new("cmd").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap());
        }
        Self(Command::new("sleep").arg("100000").spawn().unwrap())
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    /// The `claude` object of its registry entry.
    fn object(&self) -> String {
        let key = SystemProcesses::new().key(self.pid()).unwrap();
        let (domain, started) = (key.domain.unwrap(), key.started);
        // Only Linux has an id of the boot.
        let boot = key.boot.map(|boot| format!(r#", "boot": "{boot}""#)).unwrap_or_default();
        format!(r#"{{"pid": {}, "proc_start": "{started}", "pid_domain": "{domain}"{boot}}}"#, self.pid())
    }

    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn now() -> Time {
    SystemClock.now().trunc_subsecs(0)
}

/// Sessions 1, 2, … with these processes, registered long ago and without heartbeats.
pub(crate) fn fixture(sessions: &[&Session]) -> Fixture {
    let fixture = Fixture::with(&[], now());
    let entries: Vec<String> = (1..)
        .zip(sessions)
        .map(|(number, session)| format!("\"{number}\": {{\"status\": \"active\", \"claude\": {}}}", session.object()))
        .collect();
    fixture.write_registry(&format!("{{{}}}", entries.join(", ")));
    fixture
}

fn reason(snapshot: &Snapshot, number: u64) -> (State, Reason) {
    let row = snapshot.row(number).unwrap();
    (row.state, row.reason)
}

/// Writes a session's record.
pub(crate) fn record(fixture: &Fixture, session: &Session, more: &str) -> PathBuf {
    record_in(&fixture.workspace.records[0], session, more)
}

fn record_in(folder: &Path, session: &Session, more: &str) -> PathBuf {
    let key = SystemProcesses::new().key(session.pid()).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(format!("{}.json", session.pid()));
    let text = format!(
        r#"{{"pid": {}, "procStart": "{}", "pidDomain": "{}", "sessionId": "c{0}", "kind": "interactive"{more}}}"#,
        session.pid(),
        key.started,
        key.domain.unwrap(),
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn the_end_of_a_process_is_detected_immediately() {
    let (mut first, mut second, third) = (Session::start(), Session::start(), Session::start());
    let fixture = fixture(&[&first, &second, &third]);
    let mut following = fixture.follow(Arc::new(SystemClock));
    let all = following.until_active(3).await;
    assert_eq!(reason(&all, 1), (State::Active, Reason::Process));
    for (at, (number, session)) in (1..).zip([(1, &mut first), (2, &mut second)]) {
        let start = Instant::now();
        session.kill();
        let snapshot = following.until("one ended", |snapshot| snapshot.counts.stale == at).await;
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        assert_eq!(reason(&snapshot, number), (State::Stale, Reason::Ended));
    }
    let last = following.until_active(1).await;
    assert_eq!(reason(&last, 3), (State::Active, Reason::Process));
}

#[tokio::test]
async fn cleanup_keeps_running_sessions_and_reactivation_clears_ended_processes() {
    let (runs, mut ended) = (Session::start(), Session::start());
    let fixture = fixture(&[&runs, &ended]);
    ended.kill();
    let context = ActionContext { by: Actor::Command, at: now() };
    let all = headcount_core::liveness::cleanup::Selection::All;
    let done = ops::cleanup(&fixture.workspace(), &all, false, context).unwrap().done;
    assert_eq!(done.marked, [2], "a session with a running process is not stale");
    ops::reactivate(&fixture.workspace(), 2, context).unwrap();
    assert!(!fixture.read_registry().contains(&format!("\"pid\": {}", ended.pid())), "{}", fixture.read_registry());
    let model = headcount_engine::tasks::model::Model::look(&fixture.workspace(), now()).unwrap();
    assert_eq!(model.rows()[1].state, State::Active);
    // A session with a running process keeps it across release and reactivation.
    ops::release(&fixture.workspace(), 1, context).unwrap();
    ops::reactivate(&fixture.workspace(), 1, context).unwrap();
    assert!(fixture.read_registry().contains(&format!("\"pid\": {}", runs.pid())));
}

#[tokio::test]
async fn a_long_turn_stays_active_with_background_heartbeats() {
    let session = Session::start();
    let fixture = fixture(&[&session]);
    let start = now();
    fixture.beat(1, start);
    let clock = Virtual::at(start);
    let mut following = fixture.follow(clock.view());
    let view = clock.view();
    let beating =
        tokio::spawn(background::run(following.config_updates.clone(), view.clone(), following.snapshots.clone()));
    following.until_active(1).await;
    for halves in 1..=6 {
        let due = start + TimeDelta::minutes(30 * halves);
        eventually("the next beat is waited for", || view.alarm() == Some(due)).await;
        clock.pass_until(due);
        following.until("a beat on its behalf", |snapshot| snapshot.row(1).unwrap().last_heartbeat == Some(due)).await;
    }
    assert!(following.seen().iter().all(|snapshot| snapshot.counts.stale == 0), "three hours, and never stale");
    let names = std::fs::read_dir(&fixture.workspace.heartbeats).unwrap().count();
    assert_eq!(names, 7, "one beat each half hour");
    // Without the background task there are no heartbeats for it, and it stays active.
    beating.abort();
    clock.pass(TimeDelta::hours(5));
    let quiet = following.until("quiet", |snapshot| reason(snapshot, 1).1 == Reason::Process).await;
    assert_eq!(quiet.row(1).unwrap().process, Process::Alive);
}

#[tokio::test]
async fn no_background_heartbeats_without_proof_of_life() {
    let fixture = Fixture::with(&[1, 1], now());
    let clock = Virtual::at(now());
    let mut following = fixture.follow(clock.view());
    let view = clock.view();
    let beating =
        tokio::spawn(background::run(following.config_updates.clone(), view.clone(), following.snapshots.clone()));
    following.until_active(2).await;
    eventually("it waits for nothing", || view.alarm().is_none()).await;
    beating.abort();
}

#[tokio::test]
async fn a_session_that_ended_unused_is_signed_off_without_being_stale() {
    let (mut unused, runs) = (Session::start(), Session::start());
    let fixture = fixture(&[&unused, &runs]);
    let object = unused.object();
    let marked = format!(r#"{}, "unused": true}}"#, object.trim_end_matches('}'));
    fixture.write_registry(&fixture.read_registry().replace(&object, &marked));
    let mut following = fixture.follow(Arc::new(SystemClock));
    let (config_updates, snapshots) = (following.config_updates.clone(), following.snapshots.clone());
    let keeping_up = tokio::spawn(background::run(config_updates, Arc::new(SystemClock), snapshots));
    following.until_active(2).await;
    unused.kill();
    following.until("signed off", |snapshot| reason(snapshot, 1) == (State::Inactive, Reason::Marked)).await;
    keeping_up.abort();
    assert!(following.seen().iter().all(|snapshot| snapshot.counts.stale == 0), "it was shown as stale");
    let history = ops::history(&fixture.workspace(), 9).unwrap();
    assert_eq!(
        history.iter().map(|line| (line.what.as_str(), &*line.numbers)).collect::<Vec<_>>(),
        [("release", &[1][..])]
    );
    // A running session is not signed off, even if a screen showed it as ended.
    let context = ActionContext { by: Actor::Tray, at: now() };
    assert_eq!(ops::release_unused(&fixture.workspace(), &[1, 2], context).unwrap(), None);
}

#[test]
fn cleanup_of_all_signs_off_sessions_that_ended_unused() {
    let (mut unused, mut used) = (Session::start(), Session::start());
    let fixture = fixture(&[&unused, &used]);
    let object = unused.object();
    let marked = format!(r#"{}, "unused": true}}"#, object.trim_end_matches('}'));
    fixture.write_registry(&fixture.read_registry().replace(&object, &marked));
    unused.kill();
    used.kill();
    let context = ActionContext { by: Actor::Command, at: now() };
    let all = headcount_core::liveness::cleanup::Selection::All;
    let done = ops::cleanup(&fixture.workspace(), &all, true, context).unwrap().done;
    assert_eq!(done.marked, [2], "an unused session is not stale and not listed");
    assert_eq!(fixture.read_registry().matches("\"inactive\"").count(), 2, "{}", fixture.read_registry());
}

/// Asserts that sessions of another Claude configuration folder are seen once it is remembered, with nothing shown less
/// meanwhile.
async fn assert_another_folder_is_followed(fixture: &Fixture, mut following: Following) {
    let (one, two) = (Session::start(), Session::start());
    following.until_active(1).await;
    let other = fixture.root().join("other");
    record_in(&other.join("sessions"), &one, "");
    std::fs::create_dir_all(&fixture.workspace.state).unwrap();
    std::fs::write(fixture.workspace.state.join("new"), format!("{}\n", other.display())).unwrap();
    std::fs::rename(fixture.workspace.state.join("new"), fixture.workspace.state.join("claude_folders")).unwrap();
    following.until("the session of the folder", |snapshot| snapshot.counts.running == 2).await;
    record_in(&other.join("sessions"), &two, "");
    following.until("one that comes later", |snapshot| snapshot.counts.running == 3).await;
    assert!(following.seen().iter().all(|snapshot| snapshot.counts.active == 1), "{:#?}", following.seen());
}

#[tokio::test]
async fn a_claude_folder_that_is_remembered_later_is_followed() {
    let session = Session::start();
    let fixture = fixture(&[&session]);
    let following = fixture.follow(Arc::new(SystemClock));
    assert_another_folder_is_followed(&fixture, following).await;
}

#[tokio::test]
async fn a_claude_folder_that_is_remembered_later_is_followed_beside_the_configuration() {
    let session = Session::start();
    let fixture = fixture(&[&session]);
    let overrides = CliOverrides { registry: Some(fixture.workspace.registry.clone()), ..CliOverrides::default() };
    let following = fixture.follow_configured(overrides, Arc::new(SystemClock));
    assert_another_folder_is_followed(&fixture, following).await;
}

#[tokio::test]
async fn session_records_are_followed() {
    let (mut one, two) = (Session::start(), Session::start());
    let fixture = fixture(&[&two]);
    // Neither the folder nor its parent exists yet.
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    let pids = |snapshot: &Snapshot| snapshot.unregistered.iter().map(|found| found.pid).collect::<Vec<_>>();
    let path = record(&fixture, &one, r#", "name": "Builder""#);
    record(&fixture, &two, "");
    let found = following.until("one of two", |snapshot| pids(snapshot) == [one.pid()]).await;
    assert_eq!(found.unregistered[0].name, "Builder");
    // A truncated record, then a valid one: the last known state of the process is kept in between.
    std::fs::write(&path, "{\"pid\": ").unwrap();
    record(&fixture, &one, r#", "status": "busy", "unheard": {"of": [1]}"#);
    following.until("whole", |snapshot| pids(snapshot) == [one.pid()]).await;
    // A record of another machine that shares the folder.
    let domain = SystemProcesses::new().pid_space().domain.unwrap();
    let foreign = std::fs::read_to_string(&path).unwrap().replace(&domain, "another");
    std::fs::write(&path, foreign).unwrap();
    following.until("foreign", |snapshot| snapshot.unregistered.is_empty()).await;
    record(&fixture, &one, "");
    following.until("here again", |snapshot| pids(snapshot) == [one.pid()]).await;
    // Registered from its record alone.
    let (number, _) =
        ops::register_running(&fixture.workspace(), one.pid(), ActionContext { by: Actor::Window, at: now() }).unwrap();
    assert_eq!(number, 2);
    following.until("registered", |snapshot| snapshot.unregistered.is_empty() && snapshot.counts.active == 2).await;
    // Killed: the record stays, but is no evidence.
    one.kill();
    let ended = following.until("ended", |snapshot| snapshot.counts.stale == 1).await;
    assert_eq!(reason(&ended, 2), (State::Stale, Reason::Ended));
    assert!(path.exists() && ended.unregistered.is_empty());
}

#[cfg(all(target_os = "linux", not(feature = "portable")))]
#[tokio::test]
async fn a_folder_of_a_session_that_starts_later_is_found_when_another_one_comes() {
    let fixture = fixture(&[]);
    let home = fixture.workspace.registry.parent().unwrap().join("home");
    let workspace = Workspace { home: Some(home.clone()), ..fixture.workspace() };
    std::fs::create_dir_all(&workspace.records[0]).unwrap();
    let mut following = Following::start(workspace, Arc::new(SystemClock));
    following.until("nobody", |snapshot| snapshot.counts.running == 0).await;
    let folder = home.join("second account");
    let mut command = Command::new("sleep");
    let second = Session(command.arg("100000").env("HOME", &home).env("CLAUDE_CONFIG_DIR", &folder).spawn().unwrap());
    record_in(&folder.join("sessions"), &second, "");
    let first = Session::start();
    record(&fixture, &first, "");
    following.until("both", |snapshot| snapshot.counts.unregistered == 2).await;
    // Both folders are followed from here on.
    drop(second);
    following.until("one", |snapshot| snapshot.counts.unregistered == 1).await;
}

/// Processes that all run. The registry is emptied when the first of them is checked.
#[derive(Debug)]
struct EmptiesRegistry {
    registry: PathBuf,
    is_done: std::sync::atomic::AtomicBool,
}

impl headcount_engine::process::Processes for EmptiesRegistry {
    fn look(&self, _: &ProcessKey) -> Process {
        if !self.is_done.swap(true, std::sync::atomic::Ordering::SeqCst) {
            std::fs::write(&self.registry, "{}").unwrap();
        }
        Process::Alive
    }

    fn ended(&self, _: &ProcessKey) -> Option<headcount_engine::clock::Wait<'static>> {
        Some(Box::pin(std::future::pending()))
    }

    fn reports_ends(&self) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn the_journal_records_what_was_actually_done() {
    let session = Session::start();
    let fixture = fixture(&[&session]);
    let process = SystemProcesses::new().key(session.pid());
    let (is_done, registry) = (false.into(), fixture.workspace.registry.clone());
    let workspace = Workspace { processes: Arc::new(EmptiesRegistry { registry, is_done }), ..fixture.workspace() };
    // Registered when first read, with a new id to store; removed by the time the lock is held.
    let claude = Claude { process, session_id: Some("new".into()), ..Claude::default() };
    let session_of_hook = HookSession { claude, role: "r".into(), may_register: true, ..HookSession::default() };
    let context = ActionContext { by: Actor::Hook, at: now() };
    ops::handle_event(&workspace, &session_of_hook, &HookEvent::Stop, context).unwrap();
    let history = ops::history(&workspace, 9).unwrap();
    assert_eq!(history.iter().map(|line| line.what.as_str()).collect::<Vec<_>>(), ["register"]);
    assert!(history[0].can_be_undone && fixture.read_registry().contains("\"new\""));
}

/// The system's processes, without notification of their ends.
#[derive(Debug, Default)]
struct WithoutExitEvents {
    system: SystemProcesses,
    boot: Option<Boot>,
}

impl headcount_engine::process::Processes for WithoutExitEvents {
    fn look(&self, key: &ProcessKey) -> Process {
        self.system.look(key)
    }

    fn ended(&self, _: &ProcessKey) -> Option<headcount_engine::clock::Wait<'static>> {
        None
    }

    fn reports_ends(&self) -> Result<(), String> {
        Err("pidfd_open: Operation not permitted (os error 1)".into())
    }

    fn boot(&self) -> Option<Boot> {
        self.boot.clone()
    }

    fn key(&self, pid: u32) -> Option<ProcessKey> {
        self.system.key(pid)
    }

    fn ancestors(&self, pid: u32) -> Vec<Ancestor> {
        self.system.ancestors(pid)
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        self.system.variable(pid, name)
    }

    fn terminal(&self, pid: u32) -> Option<String> {
        self.system.terminal(pid)
    }
}

#[tokio::test]
async fn processes_are_polled_if_their_end_is_not_reported() {
    let (mut first, second) = (Session::start(), Session::start());
    let fixture = fixture(&[&first, &second]);
    let workspace = Workspace { processes: Arc::new(WithoutExitEvents::default()), ..fixture.workspace() };
    let clock = Virtual::at(now());
    let view = clock.view();
    let mut following = Following::start(workspace.clone(), view.clone());
    following.until_active(2).await;
    first.kill();
    let every = TimeDelta::seconds(5);
    eventually("the next look is waited for", || view.alarm() == Some(clock.now() + every)).await;
    clock.pass(every);
    let snapshot = following.until("the end", |snapshot| snapshot.counts.stale == 1).await;
    assert_eq!(reason(&snapshot, 1), (State::Stale, Reason::Ended));
    // No heartbeat is written for it, even if an older snapshot showed it as running.
    let target = headcount_core::liveness::cleanup::Target::number(1);
    let context = ActionContext { by: Actor::Tray, at: now() };
    ops::heartbeat(&workspace, target, headcount_core::heartbeat::heartbeat_file::BeatKind::Background, context)
        .unwrap();
    assert_eq!(std::fs::read_dir(&fixture.workspace.heartbeats).unwrap().count(), 0);
    // The other process is polled while it is registered.
    eventually("it goes on", || view.alarm() == Some(clock.now() + every)).await;
    fixture.write_registry("{}");
    following.until("no sessions", |snapshot| snapshot.rows.is_empty()).await;
    eventually("nothing is looked at", || view.alarm().is_none()).await;
    let opened = following.config_updates.borrow().clone();
    let findings = doctor::examine(&workspace, &opened.config, &opened.search, now());
    let finding = findings.iter().find(|finding| finding.subject == "processes").unwrap();
    assert!(finding.message.contains("not permitted") && finding.remedy.is_some(), "{finding:?}");
}

#[tokio::test]
async fn another_boot_id_is_no_proof_of_an_end_if_a_heartbeat_is_newer_than_this_boot() {
    let started = now() - TimeDelta::hours(1);
    let boot = Boot { domain: "linux:m:pid:[1]".into(), id: "this".into(), started };
    let system = WithoutExitEvents { boot: Some(boot), ..WithoutExitEvents::default() };
    let fixture = Fixture::with(&[], now());
    let entry = r#"{"status": "active", "claude": {"pid": 1, "proc_start": "1", "pid_domain": "linux:m:pid:[1]", "boot": "other"}}"#;
    fixture.write_registry(&format!(r#"{{"1": {entry}, "2": {entry}}}"#));
    fixture.beat(1, started - TimeDelta::seconds(1));
    fixture.beat(2, started + TimeDelta::seconds(1));
    let workspace = Workspace { processes: Arc::new(system), ..fixture.workspace() };
    let rows = headcount_engine::tasks::model::Model::look(&workspace, now()).unwrap().rows();
    assert_eq!((rows[0].state, rows[0].reason, rows[0].process), (State::Stale, Reason::Ended, Process::Gone));
    assert_eq!(
        (rows[1].state, rows[1].process),
        (State::Active, Process::Unknown),
        "it runs on a clone of this machine"
    );
}
