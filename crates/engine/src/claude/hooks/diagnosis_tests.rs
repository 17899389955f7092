//! The diagnosis of hooks in the settings of every level.

use std::path::{Path, PathBuf};

use headcount_core::claude::hook_settings::HookOptions;

use super::*;
use crate::ops;
use crate::workspace::environment::Environment;

/// A user's folders, a project, and an organisation's settings.
struct Fixture(tempfile::TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        fixture.program_at("bin/headcount");
        fixture.write("project/.git/HEAD", "");
        fixture
    }

    fn path(&self, path: &str) -> PathBuf {
        // Collected from its components, so that it has one kind of separator on Windows.
        self.0.path().join(path).components().collect()
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

    fn install(&self, place: HooksPlace) {
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
    let fixture = Fixture::new();
    fixture.install(HooksPlace::User);
    assert_eq!(fixture.diagnosis().health, Health::Fine);
    let (off, on) = ("{\"disableAllHooks\": true}", "{\"disableAllHooks\": false}");
    let is_off = |file: &str| {
        let finding = fixture.diagnosis();
        finding.health == Health::Odd
            && names(&finding, &fixture.path(file))
            && finding.message.contains("switched off")
    };
    fixture.write("etc/managed-settings.json", off);
    assert!(is_off("etc/managed-settings.json"));
    // The last addition takes precedence; hidden files and other names are ignored.
    fixture.write("etc/managed-settings.d/10.json", on);
    assert_eq!(fixture.diagnosis().health, Health::Fine);
    fixture.write("etc/managed-settings.d/20.json", off);
    fixture.write("etc/managed-settings.d/.30.json", on);
    fixture.write("etc/managed-settings.d/40.txt", on);
    assert!(is_off("etc/managed-settings.d/20.json"));
    // Fetched settings replace the others, unless they request a merge or are empty.
    fixture.write("home/.claude/remote-settings.json", "{}");
    assert!(is_off("etc/managed-settings.d/20.json"));
    fixture.write("home/.claude/remote-settings.json", "{\"model\": \"opus\"}");
    assert_eq!(fixture.diagnosis().health, Health::Fine);
    fixture.write("home/.claude/remote-settings.json", "{\"managedSourcesBehavior\": \"merge\"}");
    assert!(is_off("etc/managed-settings.d/20.json"));
    // A setting of the user does not override one of the organisation.
    fixture.write("project/.claude/settings.local.json", on);
    assert!(is_off("etc/managed-settings.d/20.json"));
}

#[test]
fn managed_settings_can_allow_only_their_own_hooks() {
    let fixture = Fixture::new();
    for place in [HooksPlace::User, HooksPlace::Plugin] {
        fixture.install(place);
        fixture.write("etc/managed-settings.json", "{\"allowManagedHooksOnly\": true}");
        let finding = fixture.diagnosis();
        assert!(
            finding.health == Health::Odd && names(&finding, &fixture.path("etc/managed-settings.json")),
            "{finding:?}"
        );
        assert!(hooks(&fixture.locations()).problem.is_some());
        std::fs::remove_file(fixture.path("etc/managed-settings.json")).unwrap();
    }
    fixture.write("etc/managed-settings.json", &Fixture::hooks(&format!("{} hook", fixture.program()), &ALL));
    assert_eq!(fixture.diagnosis().health, Health::Wrong, "twice");
    // Installing removes the user's hooks if the organisation's already run.
    fixture.install(HooksPlace::User);
    let finding = fixture.diagnosis();
    assert!(
        finding.health == Health::Fine && names(&finding, &fixture.path("etc/managed-settings.json")),
        "{finding:?}"
    );
}

#[test]
fn the_plugin_does_not_double_a_users_command() {
    let fixture = Fixture::new();
    fixture.write("home/.claude/settings.json", &Fixture::hooks("ding; ~/bin/headcount hook", &ALL[..2]));
    fixture.program_at("home/bin/headcount");
    fixture.install(HooksPlace::Plugin);
    assert_eq!(fixture.diagnosis().health, Health::Fine, "{:?}", fixture.diagnosis());
    let plugin = super::super::look(&fixture.locations(), HooksPlace::Plugin).unwrap();
    assert_eq!(plugin.own().count(), 2);
    // The program's path is relative to the home folder.
    std::fs::remove_file(fixture.path("home/bin/headcount")).unwrap();
    let finding = fixture.diagnosis();
    assert!(finding.health == Health::Odd && finding.message.contains("~/bin/headcount"), "{finding:?}");
    assert!(finding.remedy.unwrap().contains("in an editor"));
}

#[cfg(unix)]
#[test]
fn a_program_that_cannot_be_started_is_a_problem() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    fixture.install(HooksPlace::User);
    std::fs::set_permissions(fixture.path("bin/headcount"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(fixture.diagnosis().health == Health::Wrong && names(&fixture.diagnosis(), &fixture.path("bin/headcount")));
}

// Unquoted, a path of Windows is not a word of a shell.
#[cfg(unix)]
#[test]
fn the_same_command_in_two_files_runs_once_and_another_runs_twice() {
    let fixture = Fixture::new();
    fixture.install(HooksPlace::User);
    fixture.install(HooksPlace::Project);
    assert_eq!(fixture.diagnosis().health, Health::Fine, "{:?}", fixture.diagnosis());
    fixture.write(
        "project/.claude/settings.local.json",
        &Fixture::hooks(&format!("{} hook", fixture.program()), &ALL[2..3]),
    );
    assert_eq!(fixture.diagnosis().health, Health::Wrong);
}

#[test]
fn arguments_that_older_versions_lose_are_repaired_by_installing_again() {
    let fixture = Fixture::new();
    let text =
        serde_json::json!({ "hooks": { "Stop": [{ "hooks": [{ "command": fixture.program(), "args": ["hook"] }] }] } });
    fixture.write("home/.claude/settings.json", &text.to_string());
    let state = hooks(&fixture.locations());
    assert!(state.problem.is_some() && state.can_install && state.can_remove, "{state:?}");
    fixture.install(HooksPlace::User);
    assert_eq!(fixture.diagnosis().health, Health::Fine);
    assert!(hooks(&fixture.locations()).problem.is_none());
}

#[test]
fn settings_that_cannot_be_parsed_are_a_problem() {
    let fixture = Fixture::new();
    fixture.install(HooksPlace::User);
    for file in ["etc/managed-settings.json", "project/.claude/settings.local.json", "project/.claude/settings.json"] {
        fixture.write(file, "{ // mine");
        let finding = fixture.diagnosis();
        assert!(finding.health == Health::Wrong && names(&finding, &fixture.path(file)), "{finding:?}");
        // They do not prevent a change of the user's settings.
        fixture.install(HooksPlace::User);
        std::fs::remove_file(fixture.path(file)).unwrap();
    }
}
