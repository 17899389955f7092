//! Installing Headcount's hooks for Claude Code, and uninstalling them.
//!
//! Promises: hooks are in a person's settings or in the plugin's folder, never in both: installing them in one uninstalls them
//! from the other. A project's settings belong to every person who works on it, so they are changed only on request; local
//! and managed settings are never changed. If another program writes a file at the same moment, the change is decided again.

use std::path::Path;

use headcount_core::claude::hook_settings::hook_status::Hooks;
use headcount_core::claude::hook_settings::{Hook, Wish};

use crate::Error;
use crate::claude::hooks::change::FileChange;
use crate::claude::hooks::{DESCRIPTION, Place, Sites, description, events_elsewhere, hooks, look};
use crate::executables;
use crate::workspace::paths::Surroundings;

/// How often a change starts over because somebody else wrote in between.
const ATTEMPTS: u32 = 5;

/// Puts hooks in a place, or only says what that would change.
pub fn install_hooks(sites: &Sites, place: Place, wish: &Wish<'_>, is_dry: bool) -> Result<Vec<FileChange>, Error> {
    carried_out(sites, is_dry, || {
        match place {
            Place::User => {}
            Place::Project | Place::Local | Place::Managed => not_also(sites, Place::Plugin, place)?,
            Place::Plugin => not_also(sites, Place::Project, place)?,
        }
        let mut changes = match place {
            Place::User => without_plugin(sites)?,
            Place::Plugin => vec![FileChange::uninstall(sites, &sites.file(Place::User))?],
            Place::Project | Place::Local | Place::Managed => Vec::new(),
        };
        if place == Place::Plugin {
            changes.push(FileChange::to(&plugin_description(sites)?, Some(description()))?);
        }
        let found = look(sites, place)?;
        let missing: Vec<String> = found.missing(sites).map(|hook| hook.program.clone()).collect();
        let elsewhere = events_elsewhere(sites, place)?;
        let wish = Wish { missing: &missing, elsewhere: &elsewhere, ..*wish };
        changes.push(FileChange::install(sites, &sites.file(place), &wish)?);
        Ok(changes)
    })
    .map_err(|error| read_only(error, place != Place::Plugin))
}

/// Has the command that belongs to `program` told of a person's sessions, whatever its hooks were until now.
pub fn engage(program: &Path, around: &Surroundings) -> Result<Hooks, Error> {
    let sites = Sites::around(around)?;
    // Nothing is better than hooks that cannot start: Claude Code would complain at every event.
    let command = executables::command(program, around);
    let command = command.ok_or_else(|| Error::NoCommand { program: program.to_owned() })?;
    let mut own = Vec::new();
    for place in [Place::User, Place::Plugin] {
        own.extend(look(&sites, place)?.own().cloned());
    }
    let wish = Wish::new(&command, own.iter().any(Hook::is_of_every_tool));
    install_hooks(&sites, Place::User, &wish, false)?;
    Ok(hooks(&sites))
}

/// Has it told no longer.
pub fn disengage(around: &Surroundings) -> Result<Hooks, Error> {
    let sites = Sites::around(around)?;
    uninstall_hooks(&sites, false, false)?;
    Ok(hooks(&sites))
}

/// Takes hooks out of a person's settings and the plugin's folder, or out of a project's settings.
pub fn uninstall_hooks(sites: &Sites, of_project: bool, is_dry: bool) -> Result<Vec<FileChange>, Error> {
    carried_out(sites, is_dry, || {
        if of_project {
            return Ok(vec![FileChange::uninstall(sites, &sites.file(Place::Project))?]);
        }
        let mut changes = vec![FileChange::uninstall(sites, &sites.file(Place::User))?];
        changes.extend(without_plugin(sites)?);
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
    sites: &Sites,
    is_dry: bool,
    decide: impl Fn() -> Result<Vec<FileChange>, Error>,
) -> Result<Vec<FileChange>, Error> {
    let mut made: Vec<FileChange> = Vec::new();
    'again: for _ in 0..ATTEMPTS {
        for change in decide()?.into_iter().filter(FileChange::is_one) {
            if !is_dry && !change.make(sites)? {
                continue 'again;
            }
            made.push(change);
        }
        if !is_dry {
            tidy(&sites.plugin());
        }
        return Ok(made);
    }
    Err(Error::Restless { path: sites.file(Place::User) })
}

/// Refuses where hooks are in another place that is not Headcount's to empty.
fn not_also(sites: &Sites, other: Place, place: Place) -> Result<(), Error> {
    if sites.places().any(|place| place == other) && look(sites, other)?.runs().next().is_some() {
        return Err(Error::HooksElsewhere { path: sites.file(other), is_project: place == Place::Plugin });
    }
    Ok(())
}

fn without_plugin(sites: &Sites) -> Result<Vec<FileChange>, Error> {
    if look(sites, Place::Plugin)?.own().next().is_none() {
        return Ok(Vec::new());
    }
    let description = FileChange::to(&plugin_description(sites)?, None)?;
    Ok(vec![FileChange::uninstall(sites, &sites.file(Place::Plugin))?, description])
}

/// The file that describes the plugin, where it is Headcount's or not there.
fn plugin_description(sites: &Sites) -> Result<std::path::PathBuf, Error> {
    let path = sites.plugin().join(DESCRIPTION);
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
        let around = Surroundings {
            folder: Some(at("work")),
            claude: Some(at("claude")),
            state: Some(at("state")),
            programs: vec![at("bin")],
            ..Surroundings::default()
        };
        let app = at("app/headcount-tray");
        let error = engage(&app, &around).unwrap_err();
        assert!(error.code() == "no_command" && error.to_string().contains(app.to_str().unwrap()), "{error}");
        assert!(!at("claude").exists());

        std::fs::create_dir(at("bin")).unwrap();
        std::fs::write(at("bin/headcount"), "").unwrap();
        std::fs::set_permissions(at("bin/headcount"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let installed = engage(&app, &around).unwrap();
        assert!(installed.can_remove && !installed.can_install && installed.oddity.is_none(), "{installed:?}");
        // The command went elsewhere: they are broken, and installing them again mends them.
        std::fs::rename(at("bin"), at("app")).unwrap();
        let broken = hooks(&Sites::around(&around).unwrap());
        assert!(broken.can_remove && broken.can_install && broken.oddity.is_some(), "{broken:?}");
        assert_eq!(engage(&app, &around).unwrap(), installed);
        let removed = disengage(&around).unwrap();
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
        let around = Surroundings { claude: Some(at("claude")), state: Some(at("state")), ..Surroundings::default() };
        std::fs::write(at("headcount"), "").unwrap();
        std::fs::set_permissions(at("headcount"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let sites = Sites::around(&around).unwrap();
        let wish = Wish::new("/gone/headcount", true);
        install_hooks(&sites, Place::Plugin, &wish, false).unwrap();
        engage(&at("headcount-tray"), &around).unwrap();
        assert!(look(&sites, Place::Plugin).unwrap().hooks.is_empty());
        let hooks = look(&sites, Place::User).unwrap().hooks;
        assert!(hooks.iter().any(Hook::is_of_every_tool), "{hooks:?}");
    }
}
