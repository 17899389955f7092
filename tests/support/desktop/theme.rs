//! The settings files of the desktop's programs.
//!
//! Guarantees: each program finds a complete configuration and asks no first-run questions. Light and dark differ in
//! colours only. Each button of xfce4-notifyd has its own colour, which differs in the lowest bits of blue: invisible
//! to people, but detectable in a screenshot.

use crate::desktop::options::{Appearance, DesktopOptions, Panel};
use crate::error::{Result, file};
use crate::folder::{self, Folder};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const OPENBOX: &str = include_str!("../config/openbox.xml");
const FRAMES: &str = include_str!("../config/openbox-theme");
const PANEL: &str = include_str!("../config/xfce4-panel.xml");
const NOTIFYD: &str = include_str!("../config/xfce4-notifyd.xml");
const DUNST: &str = include_str!("../config/dunstrc");

/// dunst selects an action with a program that reads lines and prints the chosen one.
const CHOOSER: &str =
    "#!/bin/sh\n# Chooses the line with the text in the file beside this one.\nexec grep -F -m 1 -f \"$0.choice\"\n";

/// The number of distinguishable notification buttons.
pub(crate) const BUTTONS: u8 = 6;

/// The colour of a notification's button; the first is 0.
pub(crate) fn button_colour(appearance: Appearance, index: u8) -> [u8; 3] {
    match appearance {
        Appearance::Light => [246, 245, 240 + index],
        Appearance::Dark => [60, 60, 64 + index],
    }
}

/// The configuration of openbox.
pub(crate) fn openbox_file(folder: &Folder) -> PathBuf {
    folder.config().join("openbox/desktop.xml")
}

/// The configuration of dunst.
pub(crate) fn dunst_file(folder: &Folder) -> PathBuf {
    folder.config().join("dunst/dunstrc")
}

/// The file from which dunst's chooser reads the line to choose.
pub(crate) fn dunst_choice(folder: &Folder) -> PathBuf {
    folder.path().join("choose.choice")
}

/// Writes all settings files.
pub(crate) fn write(folder: &Folder, options: &DesktopOptions) -> Result<()> {
    let dark = options.appearance == Appearance::Dark;
    folder::write(
        &folder.config().join("gtk-3.0/settings.ini"),
        &format!(
            "[Settings]\ngtk-theme-name=Adwaita\ngtk-icon-theme-name=Adwaita\ngtk-font-name=Sans 10\n\
             gtk-application-prefer-dark-theme={dark}\ngtk-enable-animations={}\n",
            options.animations
        ),
    )?;
    folder::write(&folder.config().join("gtk-3.0/gtk.css"), &notification_css(options.appearance))?;
    folder::write(&openbox_file(folder), OPENBOX)?;
    let [back, front, edge, faint] =
        if dark { ["#2b2d30", "#eeeeec", "#17181a", "#8a8c8e"] } else { ["#f6f5f4", "#2e3436", "#b8b4af", "#929595"] };
    let frames =
        FRAMES.replace("@BACK@", back).replace("@FRONT@", front).replace("@EDGE@", edge).replace("@FAINT@", faint);
    folder::write(&folder.data().join("themes/Throwaway/openbox-3/themerc"), &frames)?;
    let channels = folder.config().join("xfce4/xfconf/xfce-perchannel-xml");
    folder::write(&channels.join("xfce4-notifyd.xml"), NOTIFYD)?;
    let (height, clock) = match options.panel {
        Panel::Xfce { height, clock } => (height, clock),
        Panel::None => (30, false),
    };
    let panel = PANEL
        .replace("@DARK@", &dark.to_string())
        .replace("@HEIGHT@", &height.to_string())
        .replace("@CLOCK@", if clock { "<value type=\"int\" value=\"4\"/>" } else { "" });
    folder::write(&channels.join("xfce4-panel.xml"), &panel)?;
    let chooser = folder.path().join("choose");
    folder::write(&chooser, CHOOSER)?;
    std::fs::set_permissions(&chooser, std::fs::Permissions::from_mode(0o700)).map_err(file("made", &chooser))?;
    let (back, front) = if dark { ("#26282b", "#eeeeec") } else { ("#fbfbfa", "#2e3436") };
    let dunst =
        DUNST.replace("@CHOOSER@", &chooser.display().to_string()).replace("@BACK@", back).replace("@FRONT@", front);
    folder::write(&dunst_file(folder), &dunst)
}

fn notification_css(appearance: Appearance) -> String {
    let (back, front, edge) = match appearance {
        Appearance::Light => ("#ffffff", "#2e3436", "#c9c6c2"),
        Appearance::Dark => ("#26282b", "#eeeeec", "#17181a"),
    };
    let mut css = format!("#XfceNotifyWindow {{ background-color: {back}; color: {front}; border-color: {edge}; }}\n");
    for index in 0..BUTTONS {
        let [red, green, blue] = button_colour(appearance, index);
        let number = index + 1;
        // Writing to a string cannot fail.
        let _ = writeln!(
            css,
            "#XfceNotifyWindow button:nth-child({number}) {{ background: rgb({red},{green},{blue}); color: {front}; \
             border-color: {edge}; box-shadow: none; text-shadow: none; }}"
        );
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_buttons_have_the_same_colour() {
        for appearance in [Appearance::Light, Appearance::Dark] {
            let mut colours: Vec<_> = (0..BUTTONS).map(|index| button_colour(appearance, index)).collect();
            colours.dedup();
            assert_eq!(colours.len(), usize::from(BUTTONS));
        }
    }
}
