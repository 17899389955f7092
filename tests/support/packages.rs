//! What has to be installed for a desktop, by the names Debian gives it.
//!
//! Promises: the list is all there is, and each program that is started is looked up here, so that an error can say
//! what to install. Does not promise: the names other distributions use.

/// The Debian packages a whole desktop needs. A desktop without panel, notification server or web driver needs only
/// those of the parts that it has.
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

/// The Debian packages a whole desktop needs, as an install line takes them.
#[must_use]
pub fn packages() -> &'static [&'static str] {
    &PACKAGES
}

/// The package that has one of the desktop's own programs; none for any other program.
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
