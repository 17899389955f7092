//! What is said of hooks in the settings of every level.

use std::path::{Path, PathBuf};

use headcount_core::claude::hook_settings::HookOptions;

use super::*;
use crate::ops;
use crate::workspace::paths::Environment;

/// A person's folders, a project, and an organisation's settings.
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

    fn said(&self) -> Finding {
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
fn an_organisations_files_count_in_their_order() {
    let world = World::new();
    world.install(Place::User);
    assert_eq!(world.said().health, Health::Fine);
    let (off, on) = ("{\"disableAllHooks\": true}", "{\"disableAllHooks\": false}");
    let is_off = |file: &str| {
        let finding = world.said();
        finding.health == Health::Odd && names(&finding, &world.path(file)) && finding.message.contains("switched off")
    };
    world.write("etc/managed-settings.json", off);
    assert!(is_off("etc/managed-settings.json"));
    // The last addition counts; hidden files and other names do not.
    world.write("etc/managed-settings.d/10.json", on);
    assert_eq!(world.said().health, Health::Fine);
    world.write("etc/managed-settings.d/20.json", off);
    world.write("etc/managed-settings.d/.30.json", on);
    world.write("etc/managed-settings.d/40.txt", on);
    assert!(is_off("etc/managed-settings.d/20.json"));
    // What was fetched counts alone, unless it says otherwise or is empty.
    world.write("home/.claude/remote-settings.json", "{}");
    assert!(is_off("etc/managed-settings.d/20.json"));
    world.write("home/.claude/remote-settings.json", "{\"model\": \"opus\"}");
    assert_eq!(world.said().health, Health::Fine);
    world.write("home/.claude/remote-settings.json", "{\"managedSourcesBehavior\": \"merge\"}");
    assert!(is_off("etc/managed-settings.d/20.json"));
    // A person's own setting does not count against an organisation's.
    world.write("project/.claude/settings.local.json", on);
    assert!(is_off("etc/managed-settings.d/20.json"));
}

#[test]
fn an_organisation_can_allow_its_own_hooks_only() {
    let world = World::new();
    for place in [Place::User, Place::Plugin] {
        world.install(place);
        world.write("etc/managed-settings.json", "{\"allowManagedHooksOnly\": true}");
        let finding = world.said();
        assert!(
            finding.health == Health::Odd && names(&finding, &world.path("etc/managed-settings.json")),
            "{finding:?}"
        );
        assert!(hooks(&world.locations()).oddity.is_some());
        std::fs::remove_file(world.path("etc/managed-settings.json")).unwrap();
    }
    world.write("etc/managed-settings.json", &World::hooks(&format!("{} hook", world.program()), &ALL));
    assert_eq!(world.said().health, Health::Wrong, "twice");
    // Installing takes its own out where the organisation's run already.
    world.install(Place::User);
    let finding = world.said();
    assert!(finding.health == Health::Fine && names(&finding, &world.path("etc/managed-settings.json")), "{finding:?}");
}

#[test]
fn a_command_of_a_person_is_not_doubled_by_the_plugin() {
    let world = World::new();
    world.write("home/.claude/settings.json", &World::hooks("ding; ~/bin/headcount hook", &ALL[..2]));
    world.program_at("home/bin/headcount");
    world.install(Place::Plugin);
    assert_eq!(world.said().health, Health::Fine, "{:?}", world.said());
    let plugin = super::super::look(&world.locations(), Place::Plugin).unwrap();
    assert_eq!(plugin.own().count(), 2);
    // Its program is looked for in the home folder.
    std::fs::remove_file(world.path("home/bin/headcount")).unwrap();
    let finding = world.said();
    assert!(finding.health == Health::Odd && finding.message.contains("~/bin/headcount"), "{finding:?}");
    assert!(finding.remedy.unwrap().contains("in an editor"));
}

#[cfg(unix)]
#[test]
fn a_program_that_cannot_be_started_is_wrong() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.install(Place::User);
    std::fs::set_permissions(world.path("bin/headcount"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(world.said().health == Health::Wrong && names(&world.said(), &world.path("bin/headcount")));
}

#[test]
fn the_same_command_of_two_files_runs_once_and_another_twice() {
    let world = World::new();
    world.install(Place::User);
    world.install(Place::Project);
    assert_eq!(world.said().health, Health::Fine, "{:?}", world.said());
    world.write("project/.claude/settings.local.json", &World::hooks(&format!("{} hook", world.program()), &ALL[2..3]));
    assert_eq!(world.said().health, Health::Wrong);
}

#[test]
fn arguments_that_an_older_version_would_lose_are_odd_until_installed_again() {
    let world = World::new();
    let text =
        serde_json::json!({ "hooks": { "Stop": [{ "hooks": [{ "command": world.program(), "args": ["hook"] }] }] } });
    world.write("home/.claude/settings.json", &text.to_string());
    let stand = hooks(&world.locations());
    assert!(stand.oddity.is_some() && stand.can_install && stand.can_remove, "{stand:?}");
    world.install(Place::User);
    assert_eq!(world.said().health, Health::Fine);
    assert!(hooks(&world.locations()).oddity.is_none());
}

#[test]
fn settings_that_cannot_be_understood_are_wrong() {
    let world = World::new();
    world.install(Place::User);
    for file in ["etc/managed-settings.json", "project/.claude/settings.local.json", "project/.claude/settings.json"] {
        world.write(file, "{ // mine");
        let finding = world.said();
        assert!(finding.health == Health::Wrong && names(&finding, &world.path(file)), "{finding:?}");
        // They do not keep a person's own from being changed.
        world.install(Place::User);
        std::fs::remove_file(world.path(file)).unwrap();
    }
}
