//! Isolation: tests do not touch the real home, the real bus or the network of the person who runs them.
//!
//! The app performs all its functions (announcement, cleanup, autostart, window), then each of its processes is
//! inspected through the kernel.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use headcount_desktop::DesktopOptions;
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use crate::fake_services::FakeServices;
use crate::fixture::{APP, Fixture, WAIT, expect_notification, file_until, until};

/// The inodes of all network sockets that a process can see.
fn network(pid: u32) -> BTreeSet<String> {
    let tables = ["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6"];
    let lines = tables.iter().filter_map(|table| std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).ok());
    let inode = |line: &str| line.split_whitespace().nth(9).map(str::to_owned);
    lines.flat_map(|table| table.lines().skip(1).filter_map(inode).collect::<Vec<_>>()).collect()
}

/// The open files of a process: descriptor and target.
fn open(pid: u32) -> Vec<(i32, PathBuf)> {
    let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    fds.filter_map(|fd| Some((fd.file_name().to_str()?.parse().ok()?, std::fs::read_link(fd.path()).ok()?))).collect()
}

/// The flags of an open file.
fn flags(pid: u32, fd: i32) -> OFlags {
    let info = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap_or("0");
    OFlags::from_bits_retain(u32::from_str_radix(flags.trim(), 8).unwrap())
}

/// Whether a file is open for writing.
fn is_written(pid: u32, fd: i32) -> bool {
    flags(pid, fd).intersects(OFlags::WRONLY | OFlags::RDWR)
}

/// Descriptors inherited from the process that runs the tests; the app did not open them.
fn inherited() -> Vec<(i32, PathBuf)> {
    let own = std::process::id();
    let mut all = open(own);
    all.retain(|(fd, _)| !flags(own, *fd).contains(OFlags::CLOEXEC));
    all
}

/// The address of a socket's peer: a path, an abstract name (with `@`), or `None` for one end of a pair.
fn peer(pid: u32, fd: i32) -> Option<String> {
    let process = pidfd_open(Pid::from_raw(pid.cast_signed()).unwrap(), PidfdFlags::empty()).unwrap();
    let socket = match pidfd_getfd(process, fd, PidfdGetfdFlags::empty()) {
        Err(Errno::BADF) => return None,
        socket => UnixStream::from(socket.expect("may look into what the test started")),
    };
    let address = socket.peer_addr().ok()?;
    let path = address.as_pathname().map(|path| path.display().to_string());
    path.or_else(|| address.as_abstract_name().map(|name| format!("@{}", String::from_utf8_lossy(name))))
}

/// Headcount's files in the real home with their modification times. The person's own Headcount should not be running.
fn own_files() -> BTreeMap<PathBuf, std::time::SystemTime> {
    fn collect(folder: &Path, ours: bool, depth: u8, found: &mut BTreeMap<PathBuf, std::time::SystemTime>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let ours = ours || entry.file_name().to_string_lossy().to_lowercase().contains("headcount");
            if let Some(time) = entry.metadata().ok().filter(|_| ours).and_then(|about| about.modified().ok()) {
                found.insert(entry.path(), time);
            }
            if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                collect(&entry.path(), ours, depth - 1, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    let home = std::env::home_dir().unwrap();
    let usual = [".config", ".local/share", ".local/state", ".cache"].map(|folder| home.join(folder));
    let named = ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"];
    let named = named.iter().filter_map(std::env::var_os).map(PathBuf::from);
    for folder in usual.into_iter().chain(named) {
        collect(&folder, false, 3, &mut found);
    }
    found
}

#[tokio::test]
async fn the_app_uses_only_its_own_desktop_and_no_network() {
    let before = own_files();
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let mut services = FakeServices::start(&fixture).await;
    let system_bus = system_bus(&fixture);

    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    item.click("Start at login").await.unwrap();
    file_until(&fixture.desktop.home().join(".config/autostart/Headcount.desktop"), |text| text.contains("Exec="))
        .await;
    let stale = expect_notification(&mut services.log, "9 sessions look stale").await;
    services.press(&stale, "Clean up").await;
    item.wait_until(|view| view.title == "Headcount: 3 active", WAIT).await.unwrap();
    assert!(system_bus.accept().is_err(), "the tray must not use the system bus");
    drop(system_bus);

    item.activate().await.unwrap();
    let window = fixture.window_at("sessions").await;
    // The web engine's processes start after the window.
    let ours = until("the web engine", || {
        let mut processes = fixture.desktop.process_scan().processes();
        processes.retain(|process| process.command.starts_with(APP) || process.command.contains("WebKit"));
        let is_there = |part: &str| processes.iter().any(|process| process.command.contains(part));
        (is_there("WebKitWebProcess") && is_there("WebKitNetworkProcess")).then_some(processes)
    })
    .await;
    fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();

    let folder = fixture.desktop.folder();
    let bus = folder.join("bus").display().to_string();
    let display = format!("/tmp/.X11-unix/X{}", fixture.desktop.display().trim_start_matches(':'));
    let inherited = inherited();
    let mut on_the_bus = BTreeSet::new();
    for pid in ours.iter().map(|process| process.pid) {
        let network = network(pid);
        for (fd, to) in open(pid).into_iter().filter(|found| !inherited.contains(found)) {
            let name = to.to_string_lossy();
            if let Some(inode) = name.strip_prefix("socket:[") {
                assert!(!network.contains(inode.trim_end_matches(']')), "process {pid} is on the network");
                match peer(pid, fd) {
                    Some(peer) if peer == bus => drop(on_the_bus.insert(pid)),
                    // One end of a pair connects two of these processes.
                    other => {
                        let is_known = other.as_ref().is_none_or(|peer| peer.trim_start_matches('@') == display);
                        assert!(is_known, "process {pid} talks to {other:?}");
                    }
                }
            } else if to.is_absolute() && is_written(pid, fd) {
                let is_nowhere = name.starts_with("/dev/") || name.starts_with("/memfd:");
                assert!(is_nowhere || to.starts_with(folder), "process {pid} writes to {name}");
            }
        }
    }
    assert_eq!(on_the_bus, [app.pid(), window.pid].into(), "who is on the desktop's bus");
    assert_eq!(own_files(), before, "the real home was changed");
}

/// Listens at the address of the system bus on this desktop.
fn system_bus(fixture: &Fixture) -> UnixListener {
    let address = fixture.desktop.environment()[OsStr::new("DBUS_SYSTEM_BUS_ADDRESS")].to_str().unwrap();
    let listener = UnixListener::bind(address.strip_prefix("unix:path=").unwrap()).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}
