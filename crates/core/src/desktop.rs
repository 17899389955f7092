//! Kinds of Linux desktops, and advice for those without a tray or without autostart entries.

/// The kind of a desktop, derived from `XDG_CURRENT_DESKTOP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopKind {
    /// GNOME without an extension for tray icons.
    Gnome,
    /// A Wayland compositor that starts its own programs: sway, Hyprland, river.
    Compositor,
    /// A window manager with only an `XEmbed` tray in its bar: i3, awesome.
    WindowManager,
    /// Any other.
    Other,
}

impl DesktopKind {
    /// The kind of a desktop. `name` is a list of names separated by colons.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let is = |known: &[&str]| name.split(':').any(|part| known.iter().any(|one| part.eq_ignore_ascii_case(one)));
        if is(&["GNOME", "GNOME-Classic", "ubuntu"]) {
            Self::Gnome
        } else if is(&["sway", "Hyprland", "river", "niri", "labwc", "wlroots"]) {
            Self::Compositor
        } else if is(&["i3", "awesome", "openbox", "bspwm", "dwm", "herbstluftwm", "qtile", "xmonad"]) {
            Self::WindowManager
        } else {
            Self::Other
        }
    }

    /// How to make tray icons visible.
    #[must_use]
    pub fn tray_remedy(self) -> &'static str {
        match self {
            Self::Gnome => "Install the AppIndicator extension and log in again.",
            Self::Compositor => "Add the tray module to your bar, for example to waybar.",
            Self::WindowManager => "Run snixembed in addition to your bar.",
            Self::Other => "Add a system tray (status notifier) to your panel.",
        }
    }

    /// Where to add a line that starts the app at login; `None` if the desktop reads autostart entries.
    #[must_use]
    pub fn autostart_remedy(self) -> Option<&'static str> {
        match self {
            Self::Compositor => {
                Some("Add `exec headcount-tray` to the compositor's configuration, for example ~/.config/sway/config.")
            }
            Self::WindowManager => Some(
                "Add `exec --no-startup-id headcount-tray` to ~/.config/i3/config or to your window manager's startup file.",
            ),
            Self::Gnome | Self::Other => None,
        }
    }
}

/// Height of a title bar, in logical pixels.
const TITLE_BAR: f64 = 40.0;

/// The size of a window's contents that fits into a screen's work area; width and height in logical pixels. The work
/// area is the limit even if it is very small, because parts outside of the screen cannot be reached.
#[must_use]
pub fn fitting(wanted: (f64, f64), work_area: (f64, f64)) -> (f64, f64) {
    let height = (work_area.1 - TITLE_BAR).max(1.0);
    (wanted.0.min(work_area.0.max(1.0)), wanted.1.min(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_no_larger_than_its_work_area() {
        assert_eq!(fitting((880.0, 720.0), (1920.0, 1050.0)), (880.0, 720.0));
        assert_eq!(fitting((880.0, 720.0), (880.0, 760.0)), (880.0, 720.0));
        assert_eq!(fitting((880.0, 720.0), (879.0, 759.0)), (879.0, 719.0));
        assert_eq!(fitting((880.0, 720.0), (640.0, 360.0)), (640.0, 320.0));
        assert_eq!(fitting((880.0, 720.0), (0.0, 0.0)), (1.0, 1.0));
    }

    #[test]
    fn desktops_are_recognized_by_any_of_their_names() {
        for (name, kind) in [
            ("GNOME", DesktopKind::Gnome),
            ("ubuntu:GNOME", DesktopKind::Gnome),
            ("KDE", DesktopKind::Other),
            ("XFCE", DesktopKind::Other),
            ("sway", DesktopKind::Compositor),
            ("sway:wlroots", DesktopKind::Compositor),
            ("Hyprland", DesktopKind::Compositor),
            ("i3", DesktopKind::WindowManager),
            ("", DesktopKind::Other),
            ("Budgie:GNOME-Flashback", DesktopKind::Other),
        ] {
            assert_eq!(DesktopKind::of(name), kind, "{name}");
        }
        assert!(DesktopKind::WindowManager.tray_remedy().contains("snixembed"));
        assert!(
            DesktopKind::of("sway").autostart_remedy().is_some() && DesktopKind::of("KDE").autostart_remedy().is_none()
        );
    }
}
