//! The environment of a process, read once at its start into values.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};
use headcount_core::autostart;

use crate::Error;

/// The parts of the environment that Headcount uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The current folder.
    pub folder: Option<PathBuf>,
    /// Whether the current folder is unavailable: it was deleted, or may not be read.
    pub is_folder_gone: bool,
    /// `$HEADCOUNT_REGISTRY`.
    pub registry: Option<OsString>,
    /// Whether this process is a hook. A project's settings can set a hook's environment, so a registry in it counts as
    /// found, not as named.
    pub is_hook: bool,
    /// `$SUDO_UID`: the user who ran this process with `sudo`.
    pub sudo_user: Option<u32>,
    /// The folder of Headcount's configuration.
    pub config: Option<PathBuf>,
    /// The folder of Headcount's data: the default registry.
    pub data: Option<PathBuf>,
    /// The folder of Headcount's state: journals, the snooze.
    pub state: Option<PathBuf>,
    /// Claude Code's own folder: `$CLAUDE_CONFIG_DIR`, else `.claude` in the home folder.
    pub claude: Option<PathBuf>,
    /// The file that tells the desktop to start the app at login.
    pub login: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The folder of the settings by which an organisation manages Claude Code on this machine.
    pub managed: Option<PathBuf>,
    /// The folders of `$PATH`, without those of an `AppImage`, which are gone when it ends.
    pub programs: Vec<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let folders = ProjectDirs::from("", "", "headcount");
        let folders = folders.as_ref();
        let home = BaseDirs::new().map(|folders| folders.home_dir().to_owned());
        let claude = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
        let claude = claude.map(|claude| without_tilde(claude, home.as_deref()));
        let folder = std::env::current_dir();
        Self {
            is_folder_gone: folder.is_err(),
            folder: folder.ok(),
            registry: std::env::var_os("HEADCOUNT_REGISTRY").filter(|value| !value.is_empty()),
            is_hook: false,
            sudo_user: std::env::var("SUDO_UID").ok().and_then(|user| user.parse().ok()),
            config: folders.map(|folders| folders.config_dir().to_owned()),
            data: folders.map(|folders| folders.data_dir().to_owned()),
            state: folders.map(|folders| folders.state_dir().unwrap_or(folders.data_local_dir()).to_owned()),
            claude: claude.or_else(|| home.as_ref().map(|home| home.join(".claude"))),
            login: BaseDirs::new().and_then(|folders| login_entry(&folders)),
            programs: program_folders(),
            managed: Some(managed_folder()),
            home,
        }
    }

    /// The environment of a hook.
    #[must_use]
    pub fn of_hook() -> Self {
        Self { is_hook: true, ..Self::of_process() }
    }

    /// Those of a process that the desktop starts at login: in the home folder, and nothing said in the environment.
    #[must_use]
    pub fn at_login() -> Self {
        let home = BaseDirs::new().map(|folders| folders.home_dir().to_owned());
        Self { is_folder_gone: false, folder: home, registry: None, ..Self::of_process() }
    }

    /// The path of the configuration file.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|folder| folder.join("config.toml"))
    }

    /// Makes a path absolute, relative to the current folder.
    ///
    /// # Errors
    ///
    /// [`Error::FolderGone`] if the path is relative and the current folder is gone.
    pub(crate) fn absolute(&self, path: PathBuf) -> Result<PathBuf, Error> {
        match &self.folder {
            _ if path.is_absolute() => Ok(path),
            Some(folder) => Ok(folder.join(path)),
            None if self.is_folder_gone => Err(Error::FolderGone),
            None => Ok(path),
        }
    }
}

/// Replaces a leading tilde, which no shell has expanded, by the home folder.
fn without_tilde(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// The folder in which Claude Code looks for an organisation's settings.
fn managed_folder() -> PathBuf {
    if cfg!(windows) {
        let programs = std::env::var_os("ProgramFiles").unwrap_or_else(|| "C:\\Program Files".into());
        return PathBuf::from(programs).join("ClaudeCode");
    }
    let path = if cfg!(target_os = "macos") { "/Library/Application Support/ClaudeCode" } else { "/etc/claude-code" };
    PathBuf::from(path)
}

fn program_folders() -> Vec<PathBuf> {
    let mount = std::env::var_os("APPDIR").filter(|mount| !mount.is_empty()).map(PathBuf::from);
    let stays =
        |folder: &PathBuf| folder.is_absolute() && !mount.as_ref().is_some_and(|mount| folder.starts_with(mount));
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(stays).collect()
}

fn login_entry(folders: &BaseDirs) -> Option<PathBuf> {
    if cfg!(windows) {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some(folders.home_dir().join("Library/LaunchAgents").join(format!("{}.plist", autostart::NAME)));
    }
    Some(folders.config_dir().join("autostart").join(format!("{}.desktop", autostart::NAME)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_tilde_is_the_home_folder() {
        let home = Some(Path::new("/home/me"));
        for (path, wanted) in
            [("~/x", "/home/me/x"), ("~", "/home/me"), ("/a/~/x", "/a/~/x"), ("~you/x", "~you/x"), ("x", "x")]
        {
            assert_eq!(without_tilde(path.into(), home), Path::new(wanted), "{path}");
        }
        assert_eq!(without_tilde("~/x".into(), None), Path::new("~/x"));
    }
}
