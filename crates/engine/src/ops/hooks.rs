//! Installing Headcount's hooks for Claude Code, and uninstalling them.
//!
//! Promises: hooks are in a person's settings or in the plugin's folder, never in both: installing them in one uninstalls them
//! from the other. A project's settings belong to every person who works on it, so they are changed only on request; local
//! and managed settings are never changed. If another program writes a file at the same moment, the change is decided again.

use std::path::Path;

use headcount_core::claude::hook_settings::hook_status::Hooks;
use headcount_core::claude::hook_settings::{Hook, HookOptions};

use crate::Error;
use crate::claude::hooks::change::FileChange;
use crate::claude::hooks::{DESCRIPTION, HookLocations, Place, description, events_elsewhere, hooks, look};
use crate::executables;
use crate::workspace::paths::Environment;

/// How often a change starts over because somebody else wrote in between.
const ATTEMPTS: u32 = 5;

/// Puts hooks in a place, or only says what that would change.
pub fn install_hooks(
    locations: &HookLocations,
    place: Place,
    options: &HookOptions<'_>,
    is_dry: bool,
) -> Result<Vec<FileChange>, Error> {
    carried_out(locations, is_dry, || {
        match place {
            Place::User => {}
            Place::Project | Place::Local | Place::Managed => not_also(locations, Place::Plugin, place)?,
            Place::Plugin => not_also(locations, Place::Project, place)?,
        }
        let mut changes = match place {
            Place::User => without_plugin(locations)?,
            Place::Plugin => vec![FileChange::uninstall(locations, &locations.file(Place::User))?],
            Place::Project | Place::Local | Place::Managed => Vec::new(),
        };
        if place == Place::Plugin {
            changes.push(FileChange::to(&plugin_description(locations)?, Some(description()))?);
        }
        let found = look(locations, place)?;
        let missing: Vec<String> = found.missing(locations).map(|hook| hook.program.clone()).collect();
        let elsewhere = events_elsewhere(locations, place)?;
        let options = HookOptions { missing: &missing, elsewhere: &elsewhere, ..*options };
        changes.push(FileChange::install(locations, &locations.file(place), &options)?);
        Ok(changes)
    })
    .map_err(|error| read_only(error, place != Place::Plugin))
}

/// Has the command that belongs to `program` told of a person's sessions, whatever its hooks were until now.
pub fn install_own_hooks(program: &Path, env: &Environment) -> Result<Hooks, Error> {
    let locations = HookLocations::in_environment(env)?;
    // Nothing is better than hooks that cannot start: Claude Code would complain at every event.
    let command = executables::command(program, env);
    let command = command.ok_or_else(|| Error::NoCommand { program: program.to_owned() })?;
    let mut own = Vec::new();
    for place in [Place::User, Place::Plugin] {
        own.extend(look(&locations, place)?.own().cloned());
    }
    let options = HookOptions::new(&command, own.iter().any(Hook::is_of_every_tool));
    install_hooks(&locations, Place::User, &options, false)?;
    Ok(hooks(&locations))
}

/// Has it told no longer.
pub fn uninstall_own_hooks(env: &Environment) -> Result<Hooks, Error> {
    let locations = HookLocations::in_environment(env)?;
    uninstall_hooks(&locations, false, false)?;
    Ok(hooks(&locations))
}

/// Takes hooks out of a person's settings and the plugin's folder, or out of a project's settings.
pub fn uninstall_hooks(locations: &HookLocations, of_project: bool, is_dry: bool) -> Result<Vec<FileChange>, Error> {
    carried_out(locations, is_dry, || {
        if of_project {
            return Ok(vec![FileChange::uninstall(locations, &locations.file(Place::Project))?]);
        }
        let mut changes = vec![FileChange::uninstall(locations, &locations.file(Place::User))?];
        changes.extend(without_plugin(locations)?);
        Ok(changes)
    })
    .map_err(|error| read_only(error, false))
}

/// Names the way out where settings cannot be written.
fn read_only(error: Error, can_be_plugin: bool) -> Error {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match error {
        Error::Io { path, source, .. } if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) => {
            Error::ReadOnlySettings { path, source, can_be_plugin }
        }
        error => error,
    }
}

/// Decides, and makes the changes, over again where a file changed in between.
fn carried_out(
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
    Err(Error::ConcurrentModification { path: locations.file(Place::User) })
}

/// Refuses where hooks are in another place that is not Headcount's to empty.
fn not_also(locations: &HookLocations, other: Place, place: Place) -> Result<(), Error> {
    if locations.places().any(|place| place == other) && look(locations, other)?.runs().next().is_some() {
        return Err(Error::HooksElsewhere { path: locations.file(other), is_project: place == Place::Plugin });
    }
    Ok(())
}

fn without_plugin(locations: &HookLocations) -> Result<Vec<FileChange>, Error> {
    if look(locations, Place::Plugin)?.own().next().is_none() {
        return Ok(Vec::new());
    }
    let description = FileChange::to(&plugin_description(locations)?, None)?;
    Ok(vec![FileChange::uninstall(locations, &locations.file(Place::Plugin))?, description])
}

/// The file that describes the plugin, where it is Headcount's or not there.
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

/// Removes the plugin's folders as far as they are empty.
fn tidy(plugin: &Path) {
    for folder in [plugin.join("hooks"), plugin.join(".claude-plugin"), plugin.to_owned()] {
        // Only an empty folder can be removed so.
        let _ = std::fs::remove_dir(folder);
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn hooks_that_could_not_start_are_not_installed() {
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
        assert!(installed.can_remove && !installed.can_install && installed.oddity.is_none(), "{installed:?}");
        // The command went elsewhere: they are broken, and installing them again mends them.
        std::fs::rename(at("bin"), at("app")).unwrap();
        let broken = hooks(&HookLocations::in_environment(&env).unwrap());
        assert!(broken.can_remove && broken.can_install && broken.oddity.is_some(), "{broken:?}");
        assert_eq!(install_own_hooks(&app, &env).unwrap(), installed);
        let removed = uninstall_own_hooks(&env).unwrap();
        assert!(
            removed.can_install && removed.places.is_empty() && !at("claude/settings.json").exists(),
            "{removed:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_was_wished_for_at_every_tool_stays() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let env = Environment { claude: Some(at("claude")), state: Some(at("state")), ..Environment::default() };
        std::fs::write(at("headcount"), "").unwrap();
        std::fs::set_permissions(at("headcount"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let locations = HookLocations::in_environment(&env).unwrap();
        let options = HookOptions::new("/gone/headcount", true);
        install_hooks(&locations, Place::Plugin, &options, false).unwrap();
        install_own_hooks(&at("headcount-tray"), &env).unwrap();
        assert!(look(&locations, Place::Plugin).unwrap().hooks.is_empty());
        let hooks = look(&locations, Place::User).unwrap().hooks;
        assert!(hooks.iter().any(Hook::is_of_every_tool), "{hooks:?}");
    }
}
