use super::*;

fn touch(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "{}").unwrap();
}

#[test]
fn the_order_of_finding() {
    let root = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(root.path()).unwrap();
    let deep = root.join("ws/src/deep");
    std::fs::create_dir_all(&deep).unwrap();
    let mut around = Surroundings {
        folder: Some(deep.clone()),
        data: Some(root.join("data")),
        state: Some(root.join("state")),
        ..Surroundings::default()
    };
    let mut config = Config::default();
    let mut said = Said::default();
    let found = |said: &Said, config: &Config, around: &Surroundings| find(said, config, around).unwrap().registry;

    assert_eq!(found(&said, &config, &around), root.join("data").join(REGISTRY));
    config.settings.registry = Some(root.join("configured.json"));
    assert_eq!(found(&said, &config, &around), root.join("configured.json"));
    touch(&root.join("ws").join(REGISTRY));
    assert_eq!(found(&said, &config, &around), root.join("ws").join(REGISTRY));
    touch(&root.join("ws/coordination").join(REGISTRY));
    assert_eq!(found(&said, &config, &around), root.join("ws/coordination").join(REGISTRY));
    touch(&root.join("ws/docs/coordination").join(REGISTRY));
    assert_eq!(found(&said, &config, &around), root.join("ws/docs/coordination").join(REGISTRY));
    around.registry = Some("relative.json".into());
    assert_eq!(found(&said, &config, &around), deep.join("relative.json"));
    said.registry = Some("/said.json".into());
    assert_eq!(found(&said, &config, &around), Path::new("/said.json"));
}

#[test]
fn whose_session_it_is() {
    let root = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(root.path()).unwrap();
    let near = root.join("ws/coordination").join(REGISTRY);
    touch(&near);
    let around = Surroundings { data: Some(root.join("data")), state: Some(root.join("s")), ..Surroundings::default() };
    let places = |registry: &Path, around: &Surroundings| {
        let said = Said { registry: Some(registry.into()), ..Said::default() };
        find(&said, &Config::default(), around).unwrap()
    };
    let (of_near, of_rest) = (places(&near, &around), places(&root.join("data").join(REGISTRY), &around));
    let (inside, elsewhere) = (root.join("ws/src"), root.join("x"));
    assert!(of_near.are_of(Some(&inside)) && !of_near.are_of(Some(&elsewhere)) && !of_near.are_of(None));
    assert!(!of_rest.are_of(Some(&inside)) && of_rest.are_of(Some(&elsewhere)) && of_rest.are_of(None));
    let around = Surroundings { registry: Some(near.clone().into()), ..around };
    assert!(places(&near, &around).are_of(Some(&elsewhere)) && places(&near, &around).are_of(None));
}

#[test]
fn beats_are_beside_the_registry_unless_said() {
    let around = Surroundings { folder: Some("/cwd".into()), state: Some("/state".into()), ..Surroundings::default() };
    let said = Said { registry: Some("/ws/r.json".into()), ..Said::default() };
    let places = find(&said, &Config::default(), &around).unwrap();
    assert_eq!(places.heartbeats, Path::new("/ws/heartbeats"));
    assert_eq!(places.memory, Path::new("/state/registries/ws/r.json"));
    let said = Said { heartbeats: Some("b".into()), ..said };
    assert_eq!(find(&said, &Config::default(), &around).unwrap().heartbeats, Path::new("/cwd/b"));
}

#[test]
fn a_tilde_that_no_shell_expanded_is_the_home_folder() {
    let home = Some(Path::new("/home/me"));
    for (path, wanted) in
        [("~/x", "/home/me/x"), ("~", "/home/me"), ("/a/~/x", "/a/~/x"), ("~you/x", "~you/x"), ("x", "x")]
    {
        assert_eq!(without_tilde(path.into(), home), Path::new(wanted), "{path}");
    }
    assert_eq!(without_tilde("~/x".into(), None), Path::new("~/x"));
}

#[test]
fn no_home_is_said_so() {
    let error = find(&Said::default(), &Config::default(), &Surroundings::default()).unwrap_err();
    assert!(error.to_string().contains("HOME"), "{error}");
}
