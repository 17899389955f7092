//! The order of precedence, and what follows a changed configuration.

use super::*;
use crate::workspace::registry_lookup::REGISTRY;

fn env(root: &Path) -> Environment {
    Environment {
        folder: Some(root.join("here")),
        config: Some(root.join("config")),
        data: Some(root.join("data")),
        state: Some(root.join("state")),
        ..Environment::default()
    }
}

fn configure(root: &Path, text: &str) {
    std::fs::create_dir_all(root.join("config")).unwrap();
    std::fs::write(root.join("config/config.toml"), text).unwrap();
}

#[test]
fn settings_without_an_override_follow_the_configuration() {
    let root = tempfile::tempdir().unwrap();
    let (root, configured) = (root.path(), root.path().join("c.json"));
    let first = ResolvedConfig::new(CliOverrides::default(), env(root)).unwrap();
    assert_eq!(first.workspace.registry, root.join("data/claude_sessions.json"));
    let beats = root.join("beats");
    configure(root, &format!("registry = {configured:?}\nheartbeats = {beats:?}\ntimeout_minutes = 7\n"));
    let opened = first.read_again().unwrap();
    assert_eq!(opened.workspace.registry, configured);
    assert_eq!(opened.workspace.heartbeats, beats);
    assert_eq!(opened.workspace.timeout, Timeout::from_minutes(7).unwrap());
    assert_eq!(opened.setup().overruled, Vec::<String>::new());
    // A line that is half written changes nothing.
    configure(root, "registry = ");
    let again = opened.read_again().unwrap();
    assert_eq!((&again.workspace, again.config.complaints.len()), (&opened.workspace, 1));
}

#[test]
fn overrides_take_precedence() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let overrides = CliOverrides {
        registry: Some("r.json".into()),
        tree: None,
        heartbeats: Some("b".into()),
        timeout: Timeout::from_minutes(1),
    };
    configure(root, "registry = \"/c.json\"\nheartbeats = \"/beats\"\ntimeout_minutes = 7\n");
    let opened = ResolvedConfig::new(overrides, env(root)).unwrap();
    assert_eq!(opened.workspace.registry, root.join("here/r.json"));
    assert_eq!(opened.workspace.heartbeats, root.join("here/b"));
    assert_eq!(opened.workspace.timeout.minutes(), 1);
    assert_eq!(opened.setup().overruled, ["registry", "heartbeats", "timeout_minutes"]);
    assert_eq!(opened.setup().settings.timeout.minutes(), 7);
}

#[test]
fn a_near_registry_is_searched_for_once() {
    let root = tempfile::tempdir().unwrap();
    let root = &crate::files::file::real_path(root.path()).unwrap();
    let near = root.join("here/claude_sessions.json");
    std::fs::create_dir_all(near.parent().unwrap()).unwrap();
    std::fs::write(&near, "{}").unwrap();
    let first = ResolvedConfig::new(CliOverrides::default(), env(root)).unwrap();
    std::fs::remove_file(&near).unwrap();
    assert_eq!(first.read_again().unwrap().workspace.registry, near);
    assert_eq!(first.overrides.registry.as_ref(), Some(&near));
    assert_eq!(first.overrides.tree, Some(root.join("here")));
    // The window's process gets the same overrides and finds the same workspace.
    let window = ResolvedConfig::new(first.overrides.clone(), Environment { folder: None, ..env(root) }).unwrap();
    assert_eq!(window.workspace, first.workspace);
}

fn touch(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "{}").unwrap();
}

#[test]
fn registries_are_found_in_the_specified_order() {
    let root = tempfile::tempdir().unwrap();
    let root = crate::files::file::real_path(root.path()).unwrap();
    let deep = root.join("ws/src/deep");
    std::fs::create_dir_all(&deep).unwrap();
    let mut env = Environment {
        folder: Some(deep.clone()),
        data: Some(root.join("data")),
        state: Some(root.join("state")),
        ..Environment::default()
    };
    let mut config = Config::default();
    let mut overrides = CliOverrides::default();
    let found = |overrides: &CliOverrides, config: &Config, env: &Environment| {
        resolve(overrides, config, env).unwrap().0.registry
    };

    assert_eq!(found(&overrides, &config, &env), root.join("data").join(REGISTRY));
    config.settings.registry = Some(root.join("configured.json"));
    assert_eq!(found(&overrides, &config, &env), root.join("configured.json"));
    touch(&root.join("ws").join(REGISTRY));
    assert_eq!(found(&overrides, &config, &env), root.join("ws").join(REGISTRY));
    touch(&root.join("ws/coordination").join(REGISTRY));
    assert_eq!(found(&overrides, &config, &env), root.join("ws/coordination").join(REGISTRY));
    touch(&root.join("ws/docs/coordination").join(REGISTRY));
    assert_eq!(found(&overrides, &config, &env), root.join("ws/docs/coordination").join(REGISTRY));
    env.registry = Some("relative.json".into());
    assert_eq!(found(&overrides, &config, &env), deep.join("relative.json"));
    overrides.registry = Some(root.join("named.json"));
    assert_eq!(found(&overrides, &config, &env), root.join("named.json"));
}

#[test]
fn heartbeats_are_next_to_the_registry_unless_named() {
    let env = Environment { folder: Some("/cwd".into()), state: Some("/state".into()), ..Environment::default() };
    let overrides = CliOverrides { registry: Some("/ws/r.json".into()), ..CliOverrides::default() };
    let (workspace, _) = resolve(&overrides, &Config::default(), &env).unwrap();
    assert_eq!(workspace.heartbeats, Path::new("/ws/heartbeats"));
    assert_eq!(workspace.memory, Path::new("/state/registries/ws/r.json"));
    let overrides = CliOverrides { heartbeats: Some("b".into()), ..overrides };
    assert_eq!(resolve(&overrides, &Config::default(), &env).unwrap().0.heartbeats, Path::new("/cwd/b"));
}

#[test]
fn a_missing_home_folder_is_reported() {
    let error = resolve(&CliOverrides::default(), &Config::default(), &Environment::default()).unwrap_err();
    assert!(error.to_string().contains("HOME"), "{error}");
}
