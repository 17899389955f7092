//! The Debian packages required by a desktop.
//!
//! Guarantees: the list is complete, and each started program is looked up in it, so that an error can name the
//! package. Package names of other distributions are not known.

/// The Debian packages of a complete desktop. A desktop without panel, notification server or web driver needs only
/// those of its parts.
pub const PACKAGES: [&str; 9] = [
    "xvfb",
    "dbus",
    "openbox",
    "xfce4-panel",
    "xfconf",
    "xfce4-notifyd",
    "dunst",
    "webkit2gtk-driver",
    "libglib2.0-bin",
];

/// The Debian packages of a complete desktop, for an install command.
#[must_use]
pub fn packages() -> &'static [&'static str] {
    &PACKAGES
}

/// The package that contains one of the desktop's programs; `None` for other programs.
pub(crate) fn package_of(program: &str) -> Option<&'static str> {
    Some(match program {
        "Xvfb" => "xvfb",
        "dbus-daemon" => "dbus",
        "openbox" => "openbox",
        "xfce4-panel" => "xfce4-panel",
        "xfconfd" => "xfconf",
        "xfce4-notifyd" => "xfce4-notifyd",
        "dunst" => "dunst",
        "WebKitWebDriver" => "webkit2gtk-driver",
        "gio" => "libglib2.0-bin",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_is_in_a_package_of_the_list() {
        let programs = ["Xvfb", "dbus-daemon", "openbox", "xfce4-panel", "xfconfd", "xfce4-notifyd", "dunst"];
        for program in programs.into_iter().chain(["WebKitWebDriver", "gio"]) {
            assert!(package_of(program).is_some_and(|package| PACKAGES.contains(&package)), "{program}");
        }
        assert_eq!(package_of("headcount"), None);
    }
}
