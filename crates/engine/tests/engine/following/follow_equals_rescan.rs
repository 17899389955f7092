//! Compares following with a full rescan: after any sequence of file changes both give the same result.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::model::Model;

use crate::fixture::{Fixture, beat_in, registry};

const SESSIONS: u64 = 6;
const STEPS: u64 = 120;
const RUNS: u64 = 8;

fn now() -> Time {
    SystemClock.now()
}

/// A deterministic pseudo-random sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// One change to the files. A change that is currently not possible is skipped.
fn step(fixture: &Fixture, random: &mut Random) {
    let (folder, heartbeats, registry_file) =
        (fixture.folder(), &fixture.workspace.heartbeats, &fixture.workspace.registry);
    let [away, other] = ["away", "other"].map(|name| folder.join(name));
    let number = 1 + random.below(SESSIONS);
    match random.below(16) {
        0..=4 if heartbeats.exists() => {
            beat_in(heartbeats, number, now() - TimeDelta::minutes(random.below(240) as i64));
        }
        5 => drop(first(heartbeats).map(std::fs::remove_file)),
        6 => drop(std::fs::write(registry_file, registry(random.below(SESSIONS) as usize + 1))),
        7 => {
            std::fs::write(&other, registry(random.below(SESSIONS) as usize + 1)).unwrap();
            // Windows refuses this while the file is being read.
            let renamed = std::fs::rename(&other, registry_file);
            assert!(renamed.is_ok() || cfg!(windows), "{renamed:?}");
        }
        8 => drop(std::fs::remove_file(registry_file)),
        9 => drop(std::fs::write(registry_file, "{\"1\": {")),
        10 => drop(std::fs::rename(heartbeats, &away)),
        11 | 12 => drop(std::fs::rename(&away, heartbeats)),
        13 => drop(std::fs::remove_dir_all(heartbeats)),
        14 => drop(std::fs::create_dir(heartbeats)),
        _ => {
            let context = ActionContext { by: Actor::Tray, at: now() };
            // A truncated registry is skipped: waiting for it to become whole takes a second.
            if std::fs::read_to_string(registry_file).is_ok_and(|text| text.ends_with("\n}")) {
                drop(ops::cleanup(&fixture.workspace(), &Selection::All, false, context));
            }
        }
    }
}

fn first(folder: &Path) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).min()
}

/// Whether both snapshots agree on the current files. Fields about the past are ignored: only a follower knows it.
fn agrees(followed: &Snapshot, anew: &Snapshot) -> bool {
    let files = |it: &Snapshot| (it.warnings.clone(), it.trouble.clone(), it.cleanup.clone(), it.undo.clone());
    followed.rows == anew.rows && files(followed) == files(anew)
}

/// One run with a sequence from `seed`.
async fn agree(seed: u64) {
    let mut random = Random(seed);
    let fixture = Fixture::with(&[1, 1, 1, 332, 332, 332], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(3).await;
    for _ in 0..STEPS {
        step(&fixture, &mut random);
        // Sometimes without a pause, sometimes after the coalescing window, sometimes within it.
        tokio::time::sleep(Duration::from_millis([0, 0, 1, 5, 26, 40][random.below(6) as usize])).await;
    }
    fixture.write_registry(&registry(SESSIONS as usize));
    let anew = Model::look(&fixture.workspace(), now()).unwrap().snapshot(now());
    following.until(&format!("agreement with {anew:#?} (seed {seed})"), |last| agrees(last, &anew)).await;
}

#[tokio::test]
async fn following_gives_the_same_result_as_a_rescan() {
    let runs: Vec<_> = (0..RUNS).map(|seed| tokio::spawn(agree(seed))).collect();
    for run in runs {
        run.await.unwrap();
    }
}
