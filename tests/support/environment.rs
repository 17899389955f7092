//! The environment variables of every program on a desktop.
//!
//! Guarantees: the environment is defined here completely; only `PATH` is taken from the caller. Variables that lead to
//! services of the host (system bus, portals, accessibility bus, dconf) are redirected or disabled. File access is not
//! restricted: the tests run programs that they built themselves.

use crate::desktop::options::Appearance;
use crate::folder::Folder;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Names and values of environment variables.
pub type Environment = BTreeMap<OsString, OsString>;

/// The variable that marks a process as part of a desktop. Inherited by child processes.
pub(crate) const DESKTOP_MARK: &str = "THROWAWAY_DESKTOP";

/// The environment of the screen and bus servers, which need neither a screen nor a bus.
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

/// The environment of a program on the desktop.
pub(crate) fn whole(folder: &Folder, display: &str, bus: &str, appearance: Appearance) -> Environment {
    let mut all = bare(folder);
    if appearance == Appearance::Dark {
        // Overrides the settings file for programs that choose a theme themselves. Not set for light, so that a program
        // can still choose dark.
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
        // Without these, GTK contacts services of the host, or warns that it cannot.
        ("GSETTINGS_BACKEND", "memory"),
        ("GIO_USE_VFS", "local"),
        ("GTK_USE_PORTAL", "0"),
        ("NO_AT_BRIDGE", "1"),
        ("LIBGL_ALWAYS_SOFTWARE", "1"),
        // Xvfb has no DRI device for sharing buffers.
        ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    ] {
        all.insert(name.into(), value.into());
    }
    all
}
