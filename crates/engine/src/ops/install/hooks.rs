//! Installing and uninstalling Headcount's hooks for Claude Code.
//!
//! Guarantees: hooks are in the user's settings or in the plugin's folder, never in both: installing in one uninstalls
//! from the other. A project's settings are shared with others, so they are changed only on request; local and managed
//! settings are never changed. If another program writes a file at the same moment, the change is decided again.

use std::path::Path;

use headcount_core::claude::hook_settings::hook_status::Hooks;
use headcount_core::claude::hook_settings::{Hook, HookOptions};

use crate::Error;
use crate::claude::hooks::change::FileChange;
use crate::claude::hooks::{DESCRIPTION, HookLocations, HooksPlace, description, events_elsewhere, hooks, look};
use crate::executables;
use crate::workspace::environment::Environment;

/// Maximum number of attempts if other programs write during a change.
const ATTEMPTS: u32 = 5;

/// Installs hooks in a place. With `is_dry` only returns the changes.
///
/// # Errors
///
/// [`Error::HooksElsewhere`] if hooks would run twice, [`Error::ForeignPlugin`], [`Error::Settings`],
/// [`Error::ReadOnlySettings`], [`Error::ConcurrentModification`] or [`Error::Io`].
pub fn install_hooks(
    locations: &HookLocations,
    place: HooksPlace,
    options: &HookOptions<'_>,
    is_dry: bool,
) -> Result<Vec<FileChange>, Error> {
    apply(locations, is_dry, || {
        match place {
            HooksPlace::User => {}
            HooksPlace::Project | HooksPlace::Local | HooksPlace::Managed => {
                refuse_second_place(locations, HooksPlace::Plugin, place)?;
            }
            HooksPlace::Plugin => refuse_second_place(locations, HooksPlace::Project, place)?,
        }
        let mut changes = match place {
            HooksPlace::User => plugin_removal(locations)?,
            HooksPlace::Plugin => vec![FileChange::uninstall(locations, &locations.file(HooksPlace::User))?],
            HooksPlace::Project | HooksPlace::Local | HooksPlace::Managed => Vec::new(),
        };
        if place == HooksPlace::Plugin {
            changes.push(FileChange::to(&plugin_description(locations)?, Some(description()))?);
        }
        let found = look(locations, place)?;
        let missing: Vec<String> = found.missing(locations).map(|hook| hook.program.clone()).collect();
        let elsewhere = events_elsewhere(locations, place)?;
        let options = HookOptions { missing: &missing, elsewhere: &elsewhere, ..*options };
        changes.push(FileChange::install(locations, &locations.file(place), &options)?);
        Ok(changes)
    })
    .map_err(|error| read_only(error, place != HooksPlace::Plugin))
}

/// Installs hooks in the user's settings that run the command of `program`, in place of earlier ones.
///
/// # Errors
///
/// [`Error::NoCommand`] if there is no command, or as [`install_hooks`].
pub fn install_own_hooks(program: &Path, env: &Environment) -> Result<Hooks, Error> {
    let locations = HookLocations::in_environment(env)?;
    // Without a command Claude Code would report an error at every event.
    let command = executables::command(program, env);
    let command = command.ok_or_else(|| Error::NoCommand { program: program.to_owned() })?;
    let mut own = Vec::new();
    for place in [HooksPlace::User, HooksPlace::Plugin] {
        own.extend(look(&locations, place)?.own().cloned());
    }
    let options = HookOptions::new(&command, own.iter().any(Hook::is_of_every_tool));
    install_hooks(&locations, HooksPlace::User, &options, false)?;
    Ok(hooks(&locations))
}

/// Uninstalls the hooks from the user's settings and the plugin's folder.
///
/// # Errors
///
/// As [`uninstall_hooks`].
pub fn uninstall_own_hooks(env: &Environment) -> Result<Hooks, Error> {
    let locations = HookLocations::in_environment(env)?;
    uninstall_hooks(&locations, false, false)?;
    Ok(hooks(&locations))
}

/// Uninstalls hooks from the user's settings and the plugin's folder, or from a project's settings. With `is_dry` only
/// returns the changes.
///
/// # Errors
///
/// As [`install_hooks`].
pub fn uninstall_hooks(locations: &HookLocations, of_project: bool, is_dry: bool) -> Result<Vec<FileChange>, Error> {
    apply(locations, is_dry, || {
        if of_project {
            return Ok(vec![FileChange::uninstall(locations, &locations.file(HooksPlace::Project))?]);
        }
        let mut changes = vec![FileChange::uninstall(locations, &locations.file(HooksPlace::User))?];
        changes.extend(plugin_removal(locations)?);
        Ok(changes)
    })
    .map_err(|error| read_only(error, false))
}

/// Replaces a permission error by one with a remedy.
fn read_only(error: Error, can_be_plugin: bool) -> Error {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match error {
        Error::Io { path, source, .. } if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) => {
            Error::ReadOnlySettings { path, source, can_be_plugin }
        }
        error => error,
    }
}

/// Decides and makes the changes. Starts over if a file changed meanwhile.
fn apply(
    locations: &HookLocations,
    is_dry: bool,
    decide: impl Fn() -> Result<Vec<FileChange>, Error>,
) -> Result<Vec<FileChange>, Error> {
    let mut made: Vec<FileChange> = Vec::new();
    'again: for _ in 0..ATTEMPTS {
        for change in decide()?.into_iter().filter(FileChange::is_one) {
            if !is_dry && !change.make(locations)? {
                continue 'again;
            }
            made.push(change);
        }
        if !is_dry {
            tidy(&locations.plugin());
        }
        return Ok(made);
    }
    Err(Error::ConcurrentModification { path: locations.file(HooksPlace::User) })
}

/// Refuses if another place, which Headcount must not empty by itself, has hooks.
fn refuse_second_place(locations: &HookLocations, other: HooksPlace, place: HooksPlace) -> Result<(), Error> {
    if locations.places().any(|place| place == other) && look(locations, other)?.runs().next().is_some() {
        return Err(Error::HooksElsewhere { path: locations.file(other), is_project: place == HooksPlace::Plugin });
    }
    Ok(())
}

fn plugin_removal(locations: &HookLocations) -> Result<Vec<FileChange>, Error> {
    if look(locations, HooksPlace::Plugin)?.own().next().is_none() {
        return Ok(Vec::new());
    }
    let description = FileChange::to(&plugin_description(locations)?, None)?;
    Ok(vec![FileChange::uninstall(locations, &locations.file(HooksPlace::Plugin))?, description])
}

/// The path of the plugin's description, if it is Headcount's or does not exist.
fn plugin_description(locations: &HookLocations) -> Result<std::path::PathBuf, Error> {
    let path = locations.plugin().join(DESCRIPTION);
    let found = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(path),
        Err(source) => return Err(Error::io("read", &path, source)),
    };
    let value: Option<serde_json::Value> = serde_json::from_slice(&found).ok();
    if value.is_some_and(|value| value.get("name").and_then(|name| name.as_str()) == Some("headcount")) {
        return Ok(path);
    }
    Err(Error::ForeignPlugin { path })
}

/// Removes the plugin's folders if they are empty.
fn tidy(plugin: &Path) {
    for folder in [plugin.join("hooks"), plugin.join(".claude-plugin"), plugin.to_owned()] {
        // This fails if the folder is not empty.
        let _ = std::fs::remove_dir(folder);
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn hooks_without_a_command_are_not_installed() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let env = Environment {
            folder: Some(at("work")),
            claude: Some(at("claude")),
            state: Some(at("state")),
            programs: vec![at("bin")],
            ..Environment::default()
        };
        let app = at("app/headcount-tray");
        let error = install_own_hooks(&app, &env).unwrap_err();
        assert!(error.code() == "no_command" && error.to_string().contains(app.to_str().unwrap()), "{error}");
        assert!(!at("claude").exists());

        std::fs::create_dir(at("bin")).unwrap();
        std::fs::write(at("bin/headcount"), "").unwrap();
        std::fs::set_permissions(at("bin/headcount"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let installed = install_own_hooks(&app, &env).unwrap();
        assert!(installed.can_remove && !installed.can_install && installed.problem.is_none(), "{installed:?}");
        // The command was moved: the hooks are broken, and installing them again repairs them.
        std::fs::rename(at("bin"), at("app")).unwrap();
        let broken = hooks(&HookLocations::in_environment(&env).unwrap());
        assert!(broken.can_remove && broken.can_install && broken.problem.is_some(), "{broken:?}");
        assert_eq!(install_own_hooks(&app, &env).unwrap(), installed);
        let removed = uninstall_own_hooks(&env).unwrap();
        assert!(
            removed.can_install && removed.places.is_empty() && !at("claude/settings.json").exists(),
            "{removed:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn hooks_of_every_tool_stay_so_when_they_move() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let env = Environment { claude: Some(at("claude")), state: Some(at("state")), ..Environment::default() };
        std::fs::write(at("headcount"), "").unwrap();
        std::fs::set_permissions(at("headcount"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let locations = HookLocations::in_environment(&env).unwrap();
        let options = HookOptions::new("/gone/headcount", true);
        install_hooks(&locations, HooksPlace::Plugin, &options, false).unwrap();
        install_own_hooks(&at("headcount-tray"), &env).unwrap();
        assert!(look(&locations, HooksPlace::Plugin).unwrap().hooks.is_empty());
        let hooks = look(&locations, HooksPlace::User).unwrap().hooks;
        assert!(hooks.iter().any(Hook::is_of_every_tool), "{hooks:?}");
    }
}
