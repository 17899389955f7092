use super::*;

fn touch(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "{}").unwrap();
}

#[test]
fn registries_are_found_in_the_specified_order() {
    let root = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(root.path()).unwrap();
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
    let found =
        |overrides: &CliOverrides, config: &Config, env: &Environment| find(overrides, config, env).unwrap().registry;

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
    overrides.registry = Some("/named.json".into());
    assert_eq!(found(&overrides, &config, &env), Path::new("/named.json"));
}

#[test]
fn sessions_belong_to_the_nearest_registry() {
    let root = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(root.path()).unwrap();
    let near = root.join("ws/coordination").join(REGISTRY);
    touch(&near);
    let env = Environment { data: Some(root.join("data")), state: Some(root.join("s")), ..Environment::default() };
    let places = |registry: &Path, env: &Environment| {
        let overrides = CliOverrides { registry: Some(registry.into()), ..CliOverrides::default() };
        find(&overrides, &Config::default(), env).unwrap()
    };
    let (of_near, of_rest) = (places(&near, &env), places(&root.join("data").join(REGISTRY), &env));
    let (inside, elsewhere) = (root.join("ws/src"), root.join("x"));
    assert!(of_near.are_of(Some(&inside)) && !of_near.are_of(Some(&elsewhere)) && !of_near.are_of(None));
    assert!(!of_rest.are_of(Some(&inside)) && of_rest.are_of(Some(&elsewhere)) && of_rest.are_of(None));
    let env = Environment { registry: Some(near.clone().into()), ..env };
    assert!(places(&near, &env).are_of(Some(&elsewhere)) && places(&near, &env).are_of(None));
}

#[test]
fn heartbeats_are_next_to_the_registry_unless_named() {
    let env = Environment { folder: Some("/cwd".into()), state: Some("/state".into()), ..Environment::default() };
    let overrides = CliOverrides { registry: Some("/ws/r.json".into()), ..CliOverrides::default() };
    let places = find(&overrides, &Config::default(), &env).unwrap();
    assert_eq!(places.heartbeats, Path::new("/ws/heartbeats"));
    assert_eq!(places.memory, Path::new("/state/registries/ws/r.json"));
    let overrides = CliOverrides { heartbeats: Some("b".into()), ..overrides };
    assert_eq!(find(&overrides, &Config::default(), &env).unwrap().heartbeats, Path::new("/cwd/b"));
}

#[test]
fn a_missing_home_folder_is_reported() {
    let error = find(&CliOverrides::default(), &Config::default(), &Environment::default()).unwrap_err();
    assert!(error.to_string().contains("HOME"), "{error}");
}
