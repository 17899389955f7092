//! What can be said on the app's command line, and the workspace that follows from it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use headcount_core::Timeout;
use headcount_core::menu::Place;
use headcount_engine::login::Login;
use headcount_engine::paths::{Said, Surroundings};
use headcount_engine::{Error, Workspace};

/// How many of my Claude Code sessions are really running? Shows the count in the tray.
#[derive(Clone, Debug, Parser)]
#[command(name = "headcount-tray", version, about, max_term_width = 100)]
pub(crate) struct Args {
    /// The registry [default: as the `headcount` command finds it]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// The folder of heartbeats [default: heartbeats/ beside the registry]
    #[arg(long, value_name = "DIR")]
    heartbeats: Option<PathBuf>,
    /// Minutes without a sign of life until a session is stale [default: 120, or as configured]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    timeout_minutes: Option<Timeout>,
    /// Open the window instead of the tray: at sessions, review, session-NUMBER or history
    #[arg(long, value_name = "PLACE", num_args = 0..=1, require_equals = true, default_missing_value = "sessions")]
    window: Option<Place>,
    /// Say as JSON how this desktop is, for `headcount doctor`
    #[arg(long, hide = true)]
    pub(crate) examine: bool,
}

/// A workspace, and what a person configured for it.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) workspace: Workspace,
    pub(crate) notifications: bool,
    /// This program. Asked for at the start, because an upgrade while it runs takes the file away under it.
    pub(crate) program: PathBuf,
    /// What the system is told where it is to start at login.
    pub(crate) login: Login,
}

/// There is no desktop to show anything on.
#[derive(Debug)]
pub(crate) struct NoDesktop;

impl std::error::Error for NoDesktop {}

impl std::fmt::Display for NoDesktop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("There is no desktop session here (neither WAYLAND_DISPLAY nor DISPLAY is set): start it on a desktop, or use the `headcount` command")
    }
}

/// Refuses to start where nothing can be shown, before a toolkit does so less politely.
pub(crate) fn require_desktop() -> Result<(), NoDesktop> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !is_set("WAYLAND_DISPLAY") && !is_set("DISPLAY") { Err(NoDesktop) } else { Ok(()) }
}

impl Args {
    /// Where the window is to open, if it is the window that was asked for.
    pub(crate) fn place(&self) -> Option<Place> {
        self.window.clone()
    }

    /// Finds the workspace, and reports what is odd in the configuration.
    pub(crate) fn open(&self) -> Result<Opened, Error> {
        let said = Said { registry: self.registry.clone(), heartbeats: self.heartbeats.clone() };
        let (workspace, config) = Workspace::of_process(&said, self.timeout_minutes)?;
        for complaint in &config.complaints {
            tracing::warn!("{complaint}");
        }
        let program = program();
        let login = Login::new(&program, &workspace, self.timeout_minutes, &Surroundings::at_login());
        Ok(Opened { workspace, program, login, notifications: config.settings.notifications })
    }
}

/// The file that is started to start this app: of an `AppImage` not the program, which is gone with its mount.
fn program() -> PathBuf {
    let image = std::env::var_os("APPIMAGE").map(PathBuf::from).filter(|image| image.is_absolute() && image.is_file());
    image.or_else(|| std::env::current_exe().ok()).unwrap_or_else(|| PathBuf::from("headcount-tray"))
}

/// The command line that opens the window over a workspace.
pub(crate) fn for_window(workspace: &Workspace, place: &Place) -> Vec<OsString> {
    let places = &workspace.places;
    vec![
        format!("--window={place}").into(),
        "--registry".into(),
        places.registry.clone().into(),
        "--heartbeats".into(),
        places.heartbeats.clone().into(),
        "--timeout-minutes".into(),
        workspace.timeout.to_string().into(),
    ]
}

/// The place a second start asks for, from its arguments.
pub(crate) fn place_asked_for(args: &[String]) -> Place {
    Args::try_parse_from(args).ok().and_then(|args| args.window).unwrap_or(Place::Sessions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_has_a_place() {
        let place = |args: &[&str]| Args::try_parse_from([&["headcount-tray"], args].concat()).map(|args| args.window);
        assert_eq!(place(&[]).unwrap(), None);
        assert_eq!(place(&["--window"]).unwrap(), Some(Place::Sessions));
        assert_eq!(place(&["--window=session-5"]).unwrap(), Some(Place::Session(5)));
        assert!(place(&["--window=nowhere"]).is_err());
        assert!(place(&["--timeout-minutes", "-5"]).is_err());
    }
}
