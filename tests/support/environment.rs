//! The environment of every program on a desktop.
//!
//! Promises: closed. It is written down here in full; of the caller's environment only `PATH` is in it. What points
//! at the host (system bus, portals, accessibility bus, dconf) is pointed elsewhere or switched off.
//! Does not promise: to keep a program from the file system; the tests run what they built themselves.

use crate::folder::Folder;
use crate::options::Appearance;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Names and values, as a program gets them.
pub type Environment = BTreeMap<OsString, OsString>;

/// The variable that says to which desktop a process belongs, whatever else its environment was changed to.
pub(crate) const DESKTOP_MARK: &str = "THROWAWAY_DESKTOP";

/// What a program gets that needs neither the screen nor the bus, that is: the screen and the bus.
pub(crate) fn bare(folder: &Folder) -> Environment {
    let mut all = Environment::new();
    let mut set = |name: &str, value: &OsStr| all.insert(name.into(), value.into());
    if let Some(path) = std::env::var_os("PATH") {
        set("PATH", &path);
    }
    set(DESKTOP_MARK, folder.path().as_os_str());
    set("HOME", folder.home().as_os_str());
    set("TMPDIR", folder.temp().as_os_str());
    set("XDG_RUNTIME_DIR", folder.runtime().as_os_str());
    set("XDG_CONFIG_HOME", folder.config().as_os_str());
    set("XDG_STATE_HOME", folder.state().as_os_str());
    set("XDG_DATA_HOME", folder.data().as_os_str());
    set("XDG_CACHE_HOME", folder.cache().as_os_str());
    set("LANG", OsStr::new("C.UTF-8"));
    set("TZ", OsStr::new("UTC"));
    all
}

/// What a program on the desktop gets.
pub(crate) fn whole(folder: &Folder, display: &str, bus: &str, appearance: Appearance) -> Environment {
    let mut all = bare(folder);
    if appearance == Appearance::Dark {
        // Stronger than the settings file, which programs that choose for themselves overrule. Not set when light: then
        // a program that wants to be dark can.
        all.insert("GTK_THEME".into(), "Adwaita:dark".into());
    }
    let mut no_system_bus = OsString::from("unix:path=");
    no_system_bus.push(folder.path().join("no-system-bus"));
    all.insert("DBUS_SYSTEM_BUS_ADDRESS".into(), no_system_bus);
    for (name, value) in [
        ("DISPLAY", display),
        ("DBUS_SESSION_BUS_ADDRESS", bus),
        ("XDG_SESSION_TYPE", "x11"),
        ("XDG_CURRENT_DESKTOP", "XFCE"),
        ("GDK_BACKEND", "x11"),
        // Without these GTK asks the host's services, or warns that it cannot.
        ("GSETTINGS_BACKEND", "memory"),
        ("GIO_USE_VFS", "local"),
        ("GTK_USE_PORTAL", "0"),
        ("NO_AT_BRIDGE", "1"),
        ("LIBGL_ALWAYS_SOFTWARE", "1"),
        // Xvfb has no DRI device to share buffers with.
        ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    ] {
        all.insert(name.into(), value.into());
    }
    all
}
