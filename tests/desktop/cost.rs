//! What the app costs, counted, so that it holds on any machine.

use std::path::Path;
use std::time::{Duration, Instant};

use headcount_desktop::NotificationEvent;

use crate::person::Person;
use crate::world::{WAIT, World, bare, said, until};

/// How many threads an idle app has at most: its own, one that serves all that waits here, and those of the toolkit.
const THREADS: usize = 8;

/// How long it storms.
const STORM: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_storm_is_few_icons_few_words_and_nothing_is_missed() {
    let world = World::of(bare(), &["Worker"; 40]).await;
    let mut person = Person::at(&world).await;
    let app = world.start(&[]);
    let mut item = world.item(&app, "0 active · 40 stale").await;
    said(&mut person.log, "All 40 sessions look stale").await;
    let (drawn, start) = (person.host.signals("NewIcon"), Instant::now());
    let beats = world.story.heartbeats();
    tokio::task::spawn_blocking(move || storm(&beats)).await.unwrap();
    for number in 1..=7 {
        world.beat(number);
    }
    item.wait_until(|view| view.title == "Headcount: 7 active · 33 stale", WAIT).await.unwrap();
    let (icons, most) = (person.host.signals("NewIcon") - drawn, start.elapsed().as_millis() / 100 + 2);
    // Each beat changed the count; a person saw it change all the time, and no more often than an eye follows.
    assert!((5..=most).contains(&u128::from(icons)), "{icons} icons, at most {most}");
    let mut told = 0;
    let count = |event| {
        told += usize::from(matches!(event, NotificationEvent::Sent(_)));
        None::<()>
    };
    assert!(person.log.wait_for("an end of notifications", count, Duration::from_millis(300)).await.is_err());
    assert!(told <= 2, "{told} notifications");
}

/// Sessions come and go, one every two milliseconds. In the end none is there.
fn storm(beats: &Path) {
    let start = Instant::now();
    let path = |number: u64| beats.join(format!("session-{number}.json"));
    for turn in 0.. {
        let number = 1 + turn % 40;
        if turn / 40 % 2 == 1 {
            std::fs::remove_file(path(number)).unwrap();
        } else if start.elapsed() < STORM || number > 1 {
            std::fs::write(path(number), "{}").unwrap();
        } else {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test]
async fn an_idle_app_has_few_threads() {
    let world = World::of_story(bare()).await;
    let _person = Person::at(&world).await;
    let app = world.start(&[]);
    world.item(&app, "3 active · 9 stale").await;
    // What a start needs for a while is gone by then.
    let names = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", app.pid())).unwrap();
        let names: Vec<String> =
            tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok()).collect();
        (names.len() <= THREADS).then_some(names)
    };
    let names = until("few threads", names).await;
    assert!(names.len() >= 2, "{names:?}");
}
