//! Resource use of the app in counts, which are the same on any machine.

use std::path::Path;
use std::time::{Duration, Instant};

use headcount_desktop::NotificationEvent;

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, bare, expect_notification, until};

/// The maximum number of threads of an idle app: its main thread, one for async tasks, and those of the toolkit.
const THREADS: usize = 8;

/// The duration of the load.
const LOAD_DURATION: Duration = Duration::from_secs(3);

#[tokio::test]
async fn many_heartbeats_give_few_icons_and_notifications() {
    let fixture = Fixture::of(bare(), &["Worker"; 40]).await;
    let mut services = FakeServices::start(&fixture).await;
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "0 active · 40 stale").await;
    expect_notification(&mut services.log, "All 40 sessions look stale").await;
    let (drawn, start) = (services.host.signals("NewIcon"), Instant::now());
    let beats = fixture.workspace_files.heartbeats();
    tokio::task::spawn_blocking(move || make_load(&beats)).await.unwrap();
    for number in 1..=7 {
        fixture.beat(number);
    }
    item.wait_until(|view| view.title == "Headcount: 7 active · 33 stale", WAIT).await.unwrap();
    let (icons, most) = (services.host.signals("NewIcon") - drawn, start.elapsed().as_millis() / 100 + 2);
    // Each heartbeat changed the count. The icon was updated throughout, but not more often than the throttle permits.
    assert!((5..=most).contains(&u128::from(icons)), "{icons} icons, at most {most}");
    let mut told = 0;
    let count = |event| {
        told += usize::from(matches!(event, NotificationEvent::Sent(_)));
        None::<()>
    };
    assert!(services.log.wait_for("an end of notifications", count, Duration::from_millis(300)).await.is_err());
    assert!(told <= 2, "{told} notifications");
}

/// Sessions become active and stale, one change every two milliseconds. In the end none is active.
fn make_load(beats: &Path) {
    let start = Instant::now();
    let path = |number: u64| beats.join(format!("session-{number}.json"));
    for turn in 0.. {
        let number = 1 + turn % 40;
        if turn / 40 % 2 == 1 {
            std::fs::remove_file(path(number)).unwrap();
        } else if start.elapsed() < LOAD_DURATION || number > 1 {
            std::fs::write(path(number), "{}").unwrap();
        } else {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test]
async fn an_idle_app_has_few_threads() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _services = FakeServices::start(&fixture).await;
    let app = fixture.start(&[]);
    fixture.item(&app, "3 active · 9 stale").await;
    // Waits until threads needed only for the start have ended.
    let names = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", app.pid())).unwrap();
        let names: Vec<String> =
            tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok()).collect();
        (names.len() <= THREADS).then_some(names)
    };
    let names = until("few threads", names).await;
    assert!(names.len() >= 2, "{names:?}");
}
