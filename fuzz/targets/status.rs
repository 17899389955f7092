//! From bytes to the display: registry, heartbeats and records in real files, read by the engine, shown as a snapshot
//! in JSON, as the tray's texts, and as details.
#![no_main]

mod parts;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use chrono::Utc;
use headcount_core::liveness::keepalive;
use headcount_core::notification::announcement::Announcer;
use headcount_core::view::session::details::Details;
use headcount_core::view::snapshot::delta::DeltaEncoder;
use headcount_core::view::tray::{badge, menu};
use headcount_engine::Workspace;
use headcount_engine::tasks::model::Model;
use libfuzzer_sys::fuzz_target;
use parts::Input;

/// A temporary folder of this process, in memory if possible.
static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    parent.join(format!("headcount-fuzz-{}", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    let Some(Input { now, timeout, parts, .. }) = Input::read(bytes) else { return };
    let root = &*ROOT;
    let _ = std::fs::remove_dir_all(root);
    let (heartbeats, records) = (root.join("heartbeats"), root.join("sessions"));
    for folder in [&heartbeats, &records] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let registry = root.join("claude_sessions.json");
    for (at, part) in parts.iter().take(12).enumerate() {
        match part {
            _ if at == 0 => write(&registry, part),
            // A record: its pid, a line break, its contents.
            [b'r', rest @ ..] => {
                if let Some((pid, contents)) = line(rest)
                    && let Ok(pid) = pid.parse::<u32>()
                {
                    write(&records.join(format!("{pid}.json")), contents);
                }
            }
            [b'b', rest @ ..] => {
                let Some((modified, rest)) = rest.split_at_checked(8) else { continue };
                if let Some((name, contents)) = line(rest).filter(|(name, _)| is_plain(name)) {
                    let path = heartbeats.join(name);
                    write(&path, contents);
                    let seconds = modified.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
                    let modified = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds));
                    if let (Some(modified), Ok(file)) = (modified, File::options().write(true).open(&path)) {
                        let _ = file.set_modified(modified);
                    }
                }
            }
            _ => {}
        }
    }
    let workspace = Workspace {
        registry,
        heartbeats,
        memory: root.join("state"),
        state: root.join("state"),
        records: vec![records],
        timeout,
        ..Workspace::default()
    };
    let Ok(registry) = workspace.store().read() else { return };
    let numbers: Vec<u64> = registry.entries().iter().map(|entry| entry.number).collect();
    let mut model = Model::of(&workspace, registry, now);
    for at in [now].into_iter().chain(parts::probes(now)) {
        model.advance(at);
        let snapshot = Arc::new(model.snapshot(at));
        let json = serde_json::to_value(&*snapshot).expect("JSON");
        assert_eq!(json["sessions"].as_array().map(Vec::len), Some(numbers.len()));
        assert!(snapshot.next_change.is_none_or(|next| next > at));
        let counts = snapshot.counts;
        assert_eq!(counts.active + counts.stale + counts.inactive + counts.unknown, numbers.len());
        let _ = (badge::title(&snapshot), badge::tooltip(&snapshot), menu::menu(&snapshot, Some(true)));
        let _ = keepalive::periodic_work(&snapshot, at);
        let _ = Announcer::default().observe(&snapshot, at, &Utc);
        let _ = serde_json::to_vec(&DeltaEncoder::default().whole(&snapshot, at)).expect("JSON");
    }
    for number in numbers {
        let _ = Details::of(model.table().registry(), number, vec![now], Vec::new());
    }
});

fn write(path: &Path, contents: &[u8]) {
    std::fs::write(path, contents).expect("a file");
}

/// Splits a text after its first line.
fn line(text: &[u8]) -> Option<(&str, &[u8])> {
    let (line, rest) = text.split_at(text.iter().position(|byte| *byte == b'\n')?);
    Some((std::str::from_utf8(line).ok()?, rest))
}

/// Whether a name is a plain file name.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() < 200 && !name.contains(['/', '\0']) && !name.starts_with('.')
}
