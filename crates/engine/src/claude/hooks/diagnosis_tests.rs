//! The diagnosis of hooks in the settings of every level.

use std::path::{Path, PathBuf};

use headcount_core::claude::hook_settings::HookOptions;

use super::*;
use crate::ops;
use crate::workspace::paths::Environment;

/// A user's folders, a project, and an organisation's settings.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.program_at("bin/headcount");
        world.write("project/.git/HEAD", "");
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn program_at(&self, path: &str) {
        self.write(path, "");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(self.path(path), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    fn locations(&self) -> HookLocations {
        let env = Environment {
            folder: Some(self.path("project")),
            claude: Some(self.path("home/.claude")),
            state: Some(self.path("state")),
            managed: Some(self.path("etc")),
            home: Some(self.path("home")),
            ..Environment::default()
        };
        HookLocations::in_environment(&env).unwrap()
    }

    fn program(&self) -> String {
        self.path("bin/headcount").to_str().unwrap().to_owned()
    }

    fn install(&self, place: Place) {
        ops::install_hooks(&self.locations(), place, &HookOptions::new(&self.program(), false), false).unwrap();
    }

    fn diagnosis(&self) -> Finding {
        examine(&self.locations())
    }

    /// Settings that run a command at these events.
    fn hooks(command: &str, events: &[&str]) -> String {
        let group = serde_json::json!([{ "hooks": [{ "type": "command", "command": command }] }]);
        let hooks: serde_json::Map<_, _> = events.iter().map(|event| ((*event).to_owned(), group.clone())).collect();
        serde_json::json!({ "hooks": hooks }).to_string()
    }
}

const ALL: [&str; 4] = ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"];

fn names(finding: &Finding, path: &Path) -> bool {
    finding.message.contains(path.to_str().unwrap())
}

#[test]
fn managed_settings_override_in_their_order() {
    let world = World::new();
    world.install(Place::User);
    assert_eq!(world.diagnosis().health, Health::Fine);
    let (off, on) = ("{\"disableAllHooks\": true}", "{\"disableAllHooks\": false}");
    let is_off = |file: &str| {
        let finding = world.diagnosis();
        finding.health == Health::Odd && names(&finding, &world.path(file)) && finding.message.contains("switched off")
    };
    world.write("etc/managed-settings.json", off);
    assert!(is_off("etc/managed-settings.json"));
    // The last addition takes precedence; hidden files and other names are ignored.
    world.write("etc/managed-settings.d/10.json", on);
    assert_eq!(world.diagnosis().health, Health::Fine);
    world.write("etc/managed-settings.d/20.json", off);
    world.write("etc/managed-settings.d/.30.json", on);
    world.write("etc/managed-settings.d/40.txt", on);
    assert!(is_off("etc/managed-settings.d/20.json"));
    // Fetched settings replace the others, unless they request a merge or are empty.
    world.write("home/.claude/remote-settings.json", "{}");
    assert!(is_off("etc/managed-settings.d/20.json"));
    world.write("home/.claude/remote-settings.json", "{\"model\": \"opus\"}");
    assert_eq!(world.diagnosis().health, Health::Fine);
    world.write("home/.claude/remote-settings.json", "{\"managedSourcesBehavior\": \"merge\"}");
    assert!(is_off("etc/managed-settings.d/20.json"));
    // A setting of the user does not override one of the organisation.
    world.write("project/.claude/settings.local.json", on);
    assert!(is_off("etc/managed-settings.d/20.json"));
}

#[test]
fn managed_settings_can_allow_only_their_own_hooks() {
    let world = World::new();
    for place in [Place::User, Place::Plugin] {
        world.install(place);
        world.write("etc/managed-settings.json", "{\"allowManagedHooksOnly\": true}");
        let finding = world.diagnosis();
        assert!(
            finding.health == Health::Odd && names(&finding, &world.path("etc/managed-settings.json")),
            "{finding:?}"
        );
        assert!(hooks(&world.locations()).problem.is_some());
        std::fs::remove_file(world.path("etc/managed-settings.json")).unwrap();
    }
    world.write("etc/managed-settings.json", &World::hooks(&format!("{} hook", world.program()), &ALL));
    assert_eq!(world.diagnosis().health, Health::Wrong, "twice");
    // Installing removes the user's hooks if the organisation's already run.
    world.install(Place::User);
    let finding = world.diagnosis();
    assert!(finding.health == Health::Fine && names(&finding, &world.path("etc/managed-settings.json")), "{finding:?}");
}

#[test]
fn the_plugin_does_not_double_a_users_command() {
    let world = World::new();
    world.write("home/.claude/settings.json", &World::hooks("ding; ~/bin/headcount hook", &ALL[..2]));
    world.program_at("home/bin/headcount");
    world.install(Place::Plugin);
    assert_eq!(world.diagnosis().health, Health::Fine, "{:?}", world.diagnosis());
    let plugin = super::super::look(&world.locations(), Place::Plugin).unwrap();
    assert_eq!(plugin.own().count(), 2);
    // The program's path is relative to the home folder.
    std::fs::remove_file(world.path("home/bin/headcount")).unwrap();
    let finding = world.diagnosis();
    assert!(finding.health == Health::Odd && finding.message.contains("~/bin/headcount"), "{finding:?}");
    assert!(finding.remedy.unwrap().contains("in an editor"));
}

#[cfg(unix)]
#[test]
fn a_program_that_cannot_be_started_is_a_problem() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.install(Place::User);
    std::fs::set_permissions(world.path("bin/headcount"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(world.diagnosis().health == Health::Wrong && names(&world.diagnosis(), &world.path("bin/headcount")));
}

#[test]
fn the_same_command_in_two_files_runs_once_and_another_runs_twice() {
    let world = World::new();
    world.install(Place::User);
    world.install(Place::Project);
    assert_eq!(world.diagnosis().health, Health::Fine, "{:?}", world.diagnosis());
    world.write("project/.claude/settings.local.json", &World::hooks(&format!("{} hook", world.program()), &ALL[2..3]));
    assert_eq!(world.diagnosis().health, Health::Wrong);
}

#[test]
fn arguments_that_older_versions_lose_are_repaired_by_installing_again() {
    let world = World::new();
    let text =
        serde_json::json!({ "hooks": { "Stop": [{ "hooks": [{ "command": world.program(), "args": ["hook"] }] }] } });
    world.write("home/.claude/settings.json", &text.to_string());
    let state = hooks(&world.locations());
    assert!(state.problem.is_some() && state.can_install && state.can_remove, "{state:?}");
    world.install(Place::User);
    assert_eq!(world.diagnosis().health, Health::Fine);
    assert!(hooks(&world.locations()).problem.is_none());
}

#[test]
fn settings_that_cannot_be_parsed_are_a_problem() {
    let world = World::new();
    world.install(Place::User);
    for file in ["etc/managed-settings.json", "project/.claude/settings.local.json", "project/.claude/settings.json"] {
        world.write(file, "{ // mine");
        let finding = world.diagnosis();
        assert!(finding.health == Health::Wrong && names(&finding, &world.path(file)), "{finding:?}");
        // They do not prevent a change of the user's settings.
        world.install(Place::User);
        std::fs::remove_file(world.path(file)).unwrap();
    }
}
