//! Nothing here touches the person whose machine it runs on: not their home, not their bus, not the network.
//!
//! The app has done everything it does (announced, cleaned up, been set to start at login, opened its window), and then
//! what it holds is looked at from outside, process by process, through the kernel.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use headcount_desktop::DesktopOptions;
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use crate::person::Person;
use crate::world::{APP, WAIT, World, file_until, said, until};

/// The inodes of everything that is a network socket, as a process sees them.
fn network(pid: u32) -> BTreeSet<String> {
    let tables = ["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6"];
    let lines = tables.iter().filter_map(|table| std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).ok());
    let inode = |line: &str| line.split_whitespace().nth(9).map(str::to_owned);
    lines.flat_map(|table| table.lines().skip(1).filter_map(inode).collect::<Vec<_>>()).collect()
}

/// What a process has open: the number, and what it leads to.
fn open(pid: u32) -> Vec<(i32, PathBuf)> {
    let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    fds.filter_map(|fd| Some((fd.file_name().to_str()?.parse().ok()?, std::fs::read_link(fd.path()).ok()?))).collect()
}

/// How a file is open.
fn flags(pid: u32, fd: i32) -> OFlags {
    let info = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap_or("0");
    OFlags::from_bits_retain(u32::from_str_radix(flags.trim(), 8).unwrap())
}

/// Whether a file is open for writing.
fn is_written(pid: u32, fd: i32) -> bool {
    flags(pid, fd).intersects(OFlags::WRONLY | OFlags::RDWR)
}

/// What whoever runs the tests left open for all that is started here, under its number: nobody here opened that.
fn handed_down() -> Vec<(i32, PathBuf)> {
    let own = std::process::id();
    let mut all = open(own);
    all.retain(|(fd, _)| !flags(own, *fd).contains(OFlags::CLOEXEC));
    all
}

/// Where a connected socket leads: a path, an abstract name (with `@`), or nothing for one end of a pair.
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

/// What is ours in the real home, with the time of its last change. The person's own Headcount should not be at work.
fn traces() -> BTreeMap<PathBuf, std::time::SystemTime> {
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
async fn it_keeps_to_its_own_desktop() {
    let before = traces();
    let world = World::of_story(DesktopOptions::default()).await;
    let mut person = Person::at(&world).await;
    let system_bus = system_bus(&world);

    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 9 stale").await;
    item.click("Start at login").await.unwrap();
    file_until(&world.desktop.home().join(".config/autostart/Headcount.desktop"), |text| text.contains("Exec=")).await;
    let stale = said(&mut person.log, "9 sessions look stale").await;
    person.press(&stale, "Clean up").await;
    item.wait_until(|view| view.title == "Headcount: 3 active", WAIT).await.unwrap();
    assert!(system_bus.accept().is_err(), "the tray has no business with the system bus");
    drop(system_bus);

    item.activate().await.unwrap();
    let window = world.window_at("sessions").await;
    // The window's own processes come after it.
    let ours = until("the web engine", || {
        let mut residents = world.desktop.census().residents();
        residents.retain(|resident| resident.command.starts_with(APP) || resident.command.contains("WebKit"));
        let is_there = |part: &str| residents.iter().any(|resident| resident.command.contains(part));
        (is_there("WebKitWebProcess") && is_there("WebKitNetworkProcess")).then_some(residents)
    })
    .await;
    world.desktop.window_titled("Headcount", WAIT).await.unwrap();

    let folder = world.desktop.folder();
    let bus = folder.join("bus").display().to_string();
    let display = format!("/tmp/.X11-unix/X{}", world.desktop.display().trim_start_matches(':'));
    let handed_down = handed_down();
    let mut on_the_bus = BTreeSet::new();
    for pid in ours.iter().map(|resident| resident.pid) {
        let network = network(pid);
        for (fd, to) in open(pid).into_iter().filter(|found| !handed_down.contains(found)) {
            let name = to.to_string_lossy();
            if let Some(inode) = name.strip_prefix("socket:[") {
                assert!(!network.contains(inode.trim_end_matches(']')), "process {pid} is on the network");
                match peer(pid, fd) {
                    Some(peer) if peer == bus => drop(on_the_bus.insert(pid)),
                    // One end of a pair is within the family.
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
    assert_eq!(traces(), before, "the real home was changed");
}

/// Listens where a program on this desktop looks for the system bus.
fn system_bus(world: &World) -> UnixListener {
    let address = world.desktop.environment()[OsStr::new("DBUS_SYSTEM_BUS_ADDRESS")].to_str().unwrap();
    let listener = UnixListener::bind(address.strip_prefix("unix:path=").unwrap()).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}
