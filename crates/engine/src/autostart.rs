//! Starting the app at login, through the entry that each system reads.
//!
//! Guarantees: the started app opens the workspace that was active when autostart was enabled: its command line names
//! every path and setting that discovery would not find. Paths that discovery finds are not named, so that a changed
//! configuration takes effect. Enabling again rewrites the entry. Accepted limit: a path that is not Unicode cannot be
//! written into an entry.

use std::ffi::OsString;
use std::io;
use std::path::Path;
#[cfg(not(windows))]
use std::path::PathBuf;

use headcount_core::Timeout;
#[cfg(not(windows))]
use headcount_core::autostart;

use crate::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use crate::workspace::environment::Environment;
use crate::{Error, Workspace};

/// The login entry of a program.
#[derive(Clone, Debug)]
pub struct Login {
    /// The program and its arguments.
    words: Vec<OsString>,
    /// The file of the entry; `None` without a home folder.
    #[cfg(not(windows))]
    file: Option<PathBuf>,
}

impl Login {
    /// The login entry of `program` for a workspace, with the timeout from its command line. Reads the configuration.
    #[must_use]
    pub fn new(program: &Path, workspace: &Workspace, timeout: Option<Timeout>, at_login: &Environment) -> Self {
        let arguments = arguments(workspace, timeout, at_login);
        Self {
            words: std::iter::once(program.into()).chain(arguments).collect(),
            #[cfg(not(windows))]
            file: at_login.login.clone(),
        }
    }

    /// Whether the system starts the program at login.
    #[must_use]
    pub fn is_on(&self) -> bool {
        system::is_on(self)
    }

    /// Writes the entry, or removes it.
    pub(crate) fn set(&self, is_wanted: bool) -> Result<(), Error> {
        if is_wanted { system::switch_on(self) } else { system::switch_off(self) }
    }

    fn words(&self) -> Result<Vec<String>, Error> {
        let text = |word: &OsString| {
            let text = word.to_str().map(str::to_owned);
            text.ok_or_else(|| {
                let reason = io::Error::new(io::ErrorKind::InvalidInput, "its name is not Unicode");
                Error::io("create the autostart entry", Path::new(word), reason)
            })
        };
        self.words.iter().map(text).collect()
    }

    #[cfg(not(windows))]
    fn file(&self) -> Result<&Path, Error> {
        self.file.as_deref().ok_or(Error::Homeless { what: "entry for the start at login" })
    }
}

/// The arguments without which a start at login would not find this workspace.
fn arguments(workspace: &Workspace, timeout: Option<Timeout>, at_login: &Environment) -> Vec<OsString> {
    let found = ResolvedConfig::new(CliOverrides::default(), at_login.clone()).map(|found| found.workspace);
    let is_found = |found: &Workspace| found.registry == workspace.registry && found.heartbeats == workspace.heartbeats;
    let mut arguments = Vec::new();
    if !found.as_ref().is_ok_and(is_found) {
        arguments.extend(["--registry".into(), workspace.registry.clone().into()]);
        match &workspace.tree {
            // The default folder next to the registry, which must not be reached through a link at login either.
            Some(tree) if !workspace.are_heartbeats_named => {
                arguments.extend(["--found-in".into(), tree.clone().into()]);
            }
            _ => arguments.extend(["--heartbeats".into(), workspace.heartbeats.clone().into()]),
        }
    }
    if let Some(timeout) = timeout {
        arguments.extend(["--timeout-minutes".into(), timeout.to_string().into()]);
    }
    arguments
}

#[cfg(not(windows))]
mod system {
    use super::{Error, Login, autostart, io};
    use crate::files::{atomic, file};

    /// Maximum size of an entry in bytes.
    const LIMIT: u64 = 64 * 1024;

    pub(super) fn is_on(login: &Login) -> bool {
        let contents = login.file.as_deref().and_then(|path| file::read(path, LIMIT).ok()?);
        contents.is_some_and(|contents| autostart::is_on(&String::from_utf8_lossy(&contents.bytes)))
    }

    pub(super) fn switch_on(login: &Login) -> Result<(), Error> {
        let words = login.words()?;
        let text =
            if cfg!(target_os = "macos") { autostart::launch_agent(&words) } else { autostart::desktop_entry(&words) };
        atomic::replace_private(login.file()?, text.as_bytes())
    }

    pub(super) fn switch_off(login: &Login) -> Result<(), Error> {
        let path = login.file()?;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
            _ => Ok(()),
        }
    }
}

#[cfg(windows)]
mod system {
    use auto_launch::{AutoLaunch, AutoLaunchBuilder, WindowsEnableMode};
    use headcount_core::autostart;

    use super::{Error, Login, Path, io};

    /// The value under the user's `Run` key. The crate joins words with spaces, so they are quoted here.
    fn entry(login: &Login) -> Result<AutoLaunch, Error> {
        let words: Vec<String> = login.words()?.iter().map(|word| autostart::windows_word(word)).collect();
        let (program, arguments) = words.split_first().map(|(first, rest)| (first.clone(), rest)).unwrap_or_default();
        AutoLaunchBuilder::new()
            .set_app_name(autostart::NAME)
            .set_app_path(&program)
            .set_args(arguments)
            .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
            .build()
            .map_err(|error| failed(login, error))
    }

    fn failed(login: &Login, error: auto_launch::Error) -> Error {
        let program = login.words.first().map_or(Path::new(""), Path::new);
        Error::io("change the autostart entry of", program, io::Error::other(error))
    }

    pub(super) fn is_on(login: &Login) -> bool {
        entry(login).is_ok_and(|entry| entry.is_enabled().unwrap_or_default())
    }

    pub(super) fn switch_on(login: &Login) -> Result<(), Error> {
        entry(login)?.enable().map_err(|error| failed(login, error))
    }

    pub(super) fn switch_off(login: &Login) -> Result<(), Error> {
        if !is_on(login) {
            return Ok(());
        }
        entry(login)?.disable().map_err(|error| failed(login, error))
    }
}

#[cfg(not(windows))]
#[cfg(test)]
mod tests {
    use super::*;

    /// The environment of a process with this home folder.
    fn env(home: &Path) -> Environment {
        Environment {
            folder: Some(home.to_owned()),
            config: Some(home.join("config")),
            data: Some(home.join("data")),
            state: Some(home.join("state")),
            login: Some(home.join("autostart/Headcount.desktop")),
            ..Environment::default()
        }
    }

    fn workspace(registry: Option<&Path>, env: &Environment) -> Workspace {
        let overrides = CliOverrides { registry: registry.map(Path::to_owned), ..CliOverrides::default() };
        ResolvedConfig::new(overrides, env.clone()).unwrap().workspace
    }

    #[test]
    fn arguments_name_only_what_discovery_would_not_find() {
        let home = tempfile::tempdir().unwrap();
        let env = env(home.path());
        assert_eq!(arguments(&workspace(None, &env), None, &env), Vec::<OsString>::new());
        let named = home.path().join("w s/r.json");
        let workspace_of_path = workspace(Some(&named), &env);
        let heartbeats = named.with_file_name("heartbeats");
        let expected: [OsString; 6] = [
            "--registry".into(),
            named.clone().into(),
            "--heartbeats".into(),
            heartbeats.into(),
            "--timeout-minutes".into(),
            "30".into(),
        ];
        assert_eq!(arguments(&workspace_of_path, "30".parse().ok(), &env), expected);
        // A configured registry is found.
        let config = format!("registry = {named:?}\n");
        std::fs::create_dir(home.path().join("config")).unwrap();
        std::fs::write(home.path().join("config/config.toml"), config).unwrap();
        assert_eq!(arguments(&workspace_of_path, None, &env), Vec::<OsString>::new());
        // Discovery finds a registry in the home folder first, so the configured one has to be named.
        std::fs::write(home.path().join("claude_sessions.json"), "{}").unwrap();
        assert_eq!(arguments(&workspace_of_path, None, &env).len(), 4);
        // A registry that was found in a tree is passed with that tree.
        let near = home.path().join("ws/claude_sessions.json");
        let near_workspace = Workspace {
            tree: Some(home.path().join("ws")),
            heartbeats: near.with_file_name("heartbeats"),
            registry: near.clone(),
            ..Workspace::default()
        };
        let found = arguments(&near_workspace, None, &env);
        let expected: [OsString; 4] =
            ["--registry".into(), near.into(), "--found-in".into(), home.path().join("ws").into()];
        assert_eq!(found, expected);
    }

    #[test]
    fn set_writes_and_removes_the_entry() {
        let home = tempfile::tempdir().unwrap();
        let env = env(home.path());
        let login = Login::new(Path::new("/my apps/tray"), &workspace(None, &env), None, &env);
        assert!(!login.is_on());
        login.set(false).unwrap();
        login.set(true).unwrap();
        assert!(login.is_on());
        login.set(false).unwrap();
        assert!(!login.is_on() && !home.path().join("autostart/Headcount.desktop").exists());
    }

    #[cfg(unix)]
    #[test]
    fn set_refuses_a_path_that_is_not_unicode() {
        use std::os::unix::ffi::OsStrExt as _;
        let home = tempfile::tempdir().unwrap();
        let env = env(home.path());
        let program = Path::new(std::ffi::OsStr::from_bytes(b"/tray\xff"));
        let error = Login::new(program, &workspace(None, &env), None, &env).set(true).unwrap_err();
        assert!(error.to_string().contains("not Unicode"), "{error}");
    }
}
