//! Command-line arguments of the app, and the command line for the window's process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser;
use headcount_core::Timeout;
use headcount_core::view::action::View;
use headcount_engine::Error;
use headcount_engine::autostart::Login;
use headcount_engine::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use headcount_engine::workspace::environment::Environment;

/// How many of my Claude Code sessions are really running? Shows the count in the tray.
#[derive(Clone, Debug, Parser)]
#[command(name = "headcount-tray", version, about, max_term_width = 100)]
pub(crate) struct Args {
    /// Registry file [default: the one that the `headcount` command uses]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// The folder in which the registry was found, if no person named the registry
    #[arg(long, value_name = "DIR", hide = true)]
    found_in: Option<PathBuf>,
    /// Heartbeats folder [default: heartbeats/ next to the registry]
    #[arg(long, value_name = "DIR")]
    heartbeats: Option<PathBuf>,
    /// Minutes without a sign of life after which a session is stale [default: as configured, or 120]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    timeout_minutes: Option<Timeout>,
    /// Open the window instead of the tray, at sessions, review, session-NUMBER, history or settings
    #[arg(long, value_name = "PLACE", num_args = 0..=1, require_equals = true, default_missing_value = "sessions")]
    window: Option<View>,
    /// The activation token of the click that started this process
    #[arg(long, hide = true, value_name = "TOKEN")]
    activation_token: Option<String>,
    /// Print the checks of this desktop as JSON, for `headcount doctor`
    #[arg(long, hide = true)]
    pub(crate) examine: bool,
}

/// The arguments and their resolved configuration.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    pub(crate) resolved: ResolvedConfig,
    /// This program's path. Determined at the start, because an upgrade may remove the file while the program runs.
    pub(crate) program: PathBuf,
}

/// No desktop session is available.
#[derive(Debug)]
pub(crate) struct NoDesktop;

impl std::error::Error for NoDesktop {}

impl std::fmt::Display for NoDesktop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("There is no desktop session (neither WAYLAND_DISPLAY nor DISPLAY is set): start Headcount on a desktop, or use the `headcount` command")
    }
}

/// Fails without a display server, with a clearer message than the toolkit's.
pub(crate) fn require_desktop() -> Result<(), NoDesktop> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !is_set("WAYLAND_DISPLAY") && !is_set("DISPLAY") { Err(NoDesktop) } else { Ok(()) }
}

impl Args {
    /// The place where the window opens; `None` if the tray was requested.
    pub(crate) fn place(&self) -> Option<View> {
        self.window.clone()
    }

    /// Resolves the workspace, and logs problems of the configuration.
    pub(crate) fn start(&self) -> Result<Started, Error> {
        let overrides = CliOverrides {
            registry: self.registry.clone(),
            tree: self.found_in.clone(),
            heartbeats: self.heartbeats.clone(),
            timeout: self.timeout_minutes,
        };
        let resolved = ResolvedConfig::new(overrides, Environment::of_process())?;
        for complaint in &resolved.config.complaints {
            tracing::warn!("{complaint}");
        }
        Ok(Started { resolved, program: program() })
    }
}

/// The file that starts this app. For an `AppImage` this is the image: the program inside it exists only while mounted.
fn program() -> PathBuf {
    let image = std::env::var_os("APPIMAGE").map(PathBuf::from).filter(|image| image.is_absolute() && image.is_file());
    image.or_else(|| std::env::current_exe().ok()).unwrap_or_else(|| PathBuf::from("headcount-tray"))
}

/// The autostart entry for this program.
pub(crate) fn login(program: &Path, resolved: &ResolvedConfig) -> Login {
    Login::new(program, &resolved.workspace, resolved.overrides.timeout, &Environment::at_login())
}

/// The arguments that reproduce `overrides`.
fn reproduced(overrides: &CliOverrides) -> Vec<OsString> {
    let path = |name: &str, path: &Option<PathBuf>| {
        path.iter().flat_map(|path| [OsString::from(name), path.clone().into()]).collect::<Vec<_>>()
    };
    let timeout = overrides.timeout.iter().flat_map(|timeout| ["--timeout-minutes".into(), timeout.to_string().into()]);
    let places =
        [("--registry", &overrides.registry), ("--found-in", &overrides.tree), ("--heartbeats", &overrides.heartbeats)];
    places.into_iter().flat_map(|(name, overrides)| path(name, overrides)).chain(timeout).collect()
}

/// The arguments of the window's process.
pub(crate) fn for_window(overrides: &CliOverrides, place: &View, token: Option<&str>) -> Vec<OsString> {
    let token = token.map(|token| format!("{TOKEN_ARGUMENT}={token}").into());
    [[Some(format!("--window={place}").into()), token].into_iter().flatten().collect(), reproduced(overrides)].concat()
}

/// The argument that passes an activation token to the running instance: a single instance receives the arguments of a
/// second start, but not its environment.
const TOKEN_ARGUMENT: &str = "--activation-token";

/// The environment variable in which launchers pass the token.
#[cfg(target_os = "linux")]
const TOKEN_VARIABLE: &str = "XDG_ACTIVATION_TOKEN";

/// The request of a second start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SecondStart {
    pub(crate) place: View,
    /// The registry named by the second start, as an absolute path.
    pub(crate) registry: Option<PathBuf>,
    pub(crate) token: Option<String>,
}

impl SecondStart {
    /// Parses the arguments of a second start in the working directory `folder`.
    pub(crate) fn read(args: &[String], folder: &str) -> Self {
        let args = Args::try_parse_from(args).ok();
        let registry = args.as_ref().and_then(|args| args.registry.as_ref()).map(|path| Path::new(folder).join(path));
        let token = args.as_ref().and_then(|args| args.activation_token.clone());
        Self { place: args.and_then(|args| args.window).unwrap_or(View::Sessions), registry, token }
    }
}

/// Restarts this process with the activation token of its environment as an argument, if there is one.
///
/// # Errors
/// If the program cannot be started reproduced. The caller continues without the token.
#[cfg(target_os = "linux")]
pub(crate) fn take_over_token(args: &Args) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty() && args.activation_token.is_none());
    let Some(token) = token else { return Ok(()) };
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1)).arg(format!("{TOKEN_ARGUMENT}={token}"));
    if args.window.is_none() {
        // A token can be used once, and the toolkit of the tray does not need it.
        command.env_remove(TOKEN_VARIABLE);
    }
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    Err(command.exec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_arguments_reproduce_the_overrides() {
        let overrides = CliOverrides {
            registry: Some("/ws/a b.json".into()),
            tree: Some("/ws".into()),
            heartbeats: Some("/beats".into()),
            timeout: Timeout::from_minutes(7),
        };
        let parsed = Args::try_parse_from(
            [vec!["headcount-tray".into()], for_window(&overrides, &View::History, Some("a=b"))].concat(),
        );
        let parsed = parsed.unwrap();
        assert_eq!(parsed.window, Some(View::History));
        assert_eq!(parsed.activation_token.as_deref(), Some("a=b"));
        let reproduced = CliOverrides {
            registry: parsed.registry,
            tree: parsed.found_in,
            heartbeats: parsed.heartbeats,
            timeout: parsed.timeout_minutes,
        };
        assert_eq!(reproduced, overrides);
        assert!(super::reproduced(&CliOverrides::default()).is_empty());
    }

    #[test]
    fn a_second_start_passes_place_registry_and_token() {
        let read = |args: &[&str]| {
            let args: Vec<String> = ["headcount-tray"].iter().chain(args).map(|arg| (*arg).to_owned()).collect();
            SecondStart::read(&args, "/home/me")
        };
        let nothing = SecondStart { place: View::Sessions, registry: None, token: None };
        assert_eq!(read(&[]), nothing);
        assert_eq!(read(&["--nonsense"]), nothing);
        let wanted =
            SecondStart { place: View::Review, registry: Some("/home/me/a.json".into()), token: Some("t".into()) };
        assert_eq!(read(&["--window=review", "--registry", "a.json", "--activation-token=t"]), wanted);
        assert_eq!(read(&["--registry", "/b.json"]).registry, Some("/b.json".into()));
    }

    #[test]
    fn the_window_argument_takes_an_optional_place() {
        let place = |args: &[&str]| Args::try_parse_from([&["headcount-tray"], args].concat()).map(|args| args.window);
        assert_eq!(place(&[]).unwrap(), None);
        assert_eq!(place(&["--window"]).unwrap(), Some(View::Sessions));
        assert_eq!(place(&["--window=session-5"]).unwrap(), Some(View::Session(5)));
        assert!(place(&["--window=nowhere"]).is_err());
        assert!(place(&["--timeout-minutes", "-5"]).is_err());
    }
}
