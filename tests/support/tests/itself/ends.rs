//! A desktop leaves no processes or files, however it ends, and isolates programs from the caller.

use crate::{WAIT, is_sample};
use headcount_desktop::{Desktop, DesktopError, DesktopOptions, Notifications};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn with_everything() -> DesktopOptions {
    DesktopOptions::full()
}

#[tokio::test]
async fn dropping_a_desktop_removes_everything() {
    let mut desktop = Desktop::start(with_everything()).await.unwrap();
    // A process that leaves its process group and is reparented.
    let stray = desktop.spawn("sh", &["-c", "setsid sleep 1000 & exit"].map(OsStr::new), &[]).unwrap();
    std::mem::forget(stray);
    desktop.start_notifications(Notifications::Dunst).await.unwrap();
    let scan = desktop.process_scan();
    let folder = desktop.folder().to_owned();
    let number = desktop.display().trim_start_matches(':').to_owned();
    let commands: Vec<String> = scan.processes().into_iter().map(|process| process.command).collect();
    for part in ["Xvfb", "dbus-daemon", "openbox", "xfconfd", "xfce4-panel", "dunst", "sleep 1000"] {
        assert!(commands.iter().any(|command| command.contains(part)), "{part} is missing: {commands:?}");
    }
    assert!(!commands.iter().any(|command| command.contains("at-spi") || command.contains("dconf")), "{commands:?}");

    let started = Instant::now();
    drop(desktop);
    eprintln!("dropped in {:?}", started.elapsed());
    assert_eq!(scan.processes(), []);
    assert!(!folder.exists());
    assert!(!PathBuf::from(format!("/tmp/.X{number}-lock")).exists());
}

#[test]
fn a_panic_removes_everything() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desktop = Desktop::start(with_everything()).await.unwrap();
            sender.send((desktop.process_scan(), desktop.folder().to_owned())).unwrap();
            panic!("as a failing test does");
        });
    })
    .join();
    assert!(panicked.is_err());
    let (scan, folder) = receiver.recv().unwrap();
    assert_eq!(scan.processes(), []);
    assert!(!folder.exists());
}

#[tokio::test]
#[ignore = "the program that the other tests start"]
async fn sample_owner() {
    if is_sample() {
        let desktop = Desktop::start(with_everything()).await.unwrap();
        println!("DESKTOP {}", desktop.folder().display());
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn killing_the_owner_removes_everything() {
    let outer = Desktop::start(DesktopOptions { window_manager: false, ..DesktopOptions::default() }).await.unwrap();
    let mut owner = crate::start_sample(&outer, "ends::sample_owner");
    let deadline = Instant::now() + WAIT;
    let folder = loop {
        let out = owner.stdout();
        if let Some(line) = out.lines().find_map(|line| line.split_once("DESKTOP ")) {
            break PathBuf::from(line.1);
        }
        assert!(Instant::now() < deadline, "{}", owner.last_output());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let inner = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let of_inner = || {
        let marked = |pid: &String| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable.starts_with(b"THROWAWAY_DESKTOP=") && variable.ends_with(inner.as_bytes()))
        };
        let names = std::fs::read_dir("/proc").unwrap().flatten();
        names.filter_map(|entry| entry.file_name().into_string().ok()).filter(marked).count()
    };
    assert!(of_inner() >= 6);
    owner.signal(headcount_desktop::Signal::KILL);
    while of_inner() > 0 || folder.exists() {
        assert!(Instant::now() < deadline, "{} processes are left", of_inner());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn programs_get_only_the_desktops_environment() {
    let desktop = Desktop::start(DesktopOptions { window_manager: false, ..DesktopOptions::default() }).await.unwrap();
    let output = desktop.command("env").output().await.unwrap();
    let seen = String::from_utf8(output.stdout).unwrap();
    let mut names: Vec<&str> = seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    names.sort_unstable();
    let mut expected: Vec<&str> = desktop.environment().keys().map(|name| name.to_str().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    let folder = desktop.folder().to_str().unwrap();
    for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        let value = desktop.environment()[OsStr::new(name)].to_str().unwrap();
        assert!(value.starts_with(folder), "{name}={value}");
    }
}

#[tokio::test]
async fn errors_name_what_is_missing() {
    let desktop = Desktop::start(DesktopOptions { window_manager: false, ..DesktopOptions::default() }).await.unwrap();
    let missing = desktop.spawn("no-such-program", &[], &[]).unwrap_err();
    assert!(matches!(missing, DesktopError::Start { .. }), "{missing}");
    let late = desktop.window_titled("nobody", Duration::from_millis(50)).await.unwrap_err().to_string();
    assert_eq!(late, "After 0.1 s still no sign of a window \"nobody\". Seen instead: no windows.");
    let mut program =
        desktop.spawn("sh", &["-c", "echo said; echo complained >&2; exit 3"].map(OsStr::new), &[]).unwrap();
    assert_eq!(program.exited(WAIT).await.unwrap().code(), Some(3));
    assert!(!program.is_running());
    assert_eq!((program.stdout().as_str(), program.stderr().as_str()), ("said\n", "complained\n"));
}
