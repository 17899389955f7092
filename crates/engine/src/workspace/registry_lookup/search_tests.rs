use super::*;

const REAL: &str = r#"{"1": {"session_id": "a"}}"#;

struct Tree {
    _temp: tempfile::TempDir,
    root: PathBuf,
}

impl Tree {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        Self { root: crate::files::file::real_path(temp.path()).unwrap(), _temp: temp }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    #[cfg(unix)]
    fn link(&self, target: &str, path: &str) {
        std::fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, self.path(path)).unwrap();
    }

    fn search(&self, folder: &str) -> Search {
        search(&self.path(folder), &Trust::default(), Patience::None)
    }

    #[cfg(unix)]
    fn trusting(&self, folder: &str, trusted: &str) -> Search {
        let mut config = crate::workspace::config::Config::default();
        config.settings.trusted_folders = vec![self.path(trusted)];
        let trust = Trust::new(&config, &crate::workspace::environment::Environment::default());
        search(&self.path(folder), &trust, Patience::None)
    }
}

fn registry(search: &Search) -> Option<&Path> {
    search.found.as_ref().map(|found| found.registry.as_path())
}

#[test]
fn paths_with_backslashes_are_suggested_as_literal_strings_of_toml() {
    for (path, wanted) in
        [("/home/a b", r#""/home/a b""#), (r"C:\Users\me", r"'C:\Users\me'"), (r"C:\it's", r#""C:\\it's""#)]
    {
        assert_eq!(toml_string(path), wanted);
        let line: toml_edit::DocumentMut = format!("a = {}", toml_string(path)).parse().unwrap();
        assert_eq!(line["a"].as_str(), Some(path));
    }
}

#[test]
fn files_of_other_programs_are_skipped_with_a_reason() {
    let tree = Tree::new();
    let above = tree.write("claude_sessions.json", REAL);
    let list = tree.write("a/coordination/claude_sessions.json", "[]");
    let other = tree.write("a/claude_sessions.json", r#"{"sessions": {}}"#);
    let found = tree.search("a/b");
    assert_eq!(registry(&found), Some(above.as_path()));
    let passed: Vec<_> = found.passed_over.iter().map(|passed| (passed.path.clone(), passed.reason.clone())).collect();
    assert_eq!(
        passed,
        [(list.clone(), Reason::Foreign(Foreign::NotAnObject)), (other.clone(), Reason::Foreign(Foreign::NoSession))]
    );
    // A file that another program may be writing stays the registry.
    for torn in ["", "{", "{\"1\": {"] {
        std::fs::write(&list, torn).unwrap();
        assert_eq!(registry(&tree.search("a/b")), Some(list.as_path()), "{torn:?}");
    }
}

/// A list in a registry that Headcount changed before is an unreadable registry.
#[test]
fn an_overwritten_registry_is_not_skipped() {
    let tree = Tree::new();
    let path = tree.write("ws/claude_sessions.json", "[]");
    let env = crate::workspace::environment::Environment { state: Some(tree.path("state")), ..Default::default() };
    let trust = Trust::new(&crate::workspace::config::Config::default(), &env);
    let found = || search(&tree.path("ws"), &trust, Patience::None);
    assert_eq!(registry(&found()), None);
    std::fs::create_dir_all(crate::workspace::state_folder::of_registry(&tree.path("state"), &path)).unwrap();
    assert_eq!(registry(&found()), Some(path.as_path()));
    // An object may belong to another program.
    std::fs::write(&path, r#"{"sessions": {}}"#).unwrap();
    assert_eq!(registry(&found()), None);
}

#[test]
fn search_waits_for_a_torn_file() {
    let tree = Tree::new();
    let path = tree.write("claude_sessions.json", r#"{"version": 2, "#);
    let whole = r#"{"version": 2, "1": {"session_id": "a"}}"#;
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| search(&tree.root, &Trust::default(), Patience::Torn));
        std::thread::sleep(Duration::from_millis(60));
        std::fs::write(&path, whole).unwrap();
        assert_eq!(registry(&searching.join().unwrap()), Some(path.as_path()));
    });
}

#[test]
fn a_session_after_a_long_beginning_is_recognized() {
    let tree = Tree::new();
    let far = |size: usize| format!("{{\"note\": \"{}\", \"1\": {{\"status\": \"x\"}}}}", "x".repeat(size));
    let path = tree.write("claude_sessions.json", &far(200_000));
    assert_eq!(registry(&tree.search("")), Some(path.as_path()));
    std::fs::write(&path, far(2_000_000)).unwrap();
    assert_eq!(registry(&tree.search("")), None, "reading is bounded");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_are_not_followed() {
    let tree = Tree::new();
    let target = tree.write("elsewhere/claude_sessions.json", REAL);
    tree.link("../elsewhere/claude_sessions.json", "file/claude_sessions.json");
    tree.link("../elsewhere", "folder/coordination");
    tree.link("../elsewhere", "deeper/docs/coordination");
    std::fs::remove_file(tree.path("deeper/docs/coordination")).unwrap();
    tree.link("../../elsewhere", "deeper/docs/coordination");
    tree.link("b", "chain/coordination");
    tree.link("../elsewhere", "chain/b");
    for folder in ["file", "folder", "deeper", "chain"] {
        let found = tree.search(folder);
        assert_eq!(registry(&found), None, "{folder}");
        assert_eq!(found.passed_over.len(), 1, "{folder}: {found:?}");
        assert_eq!(found.passed_over[0].reason, Reason::Link(target.clone()), "{folder}");
        assert!(found.passed_over[0].remedy().contains(tree.path(folder).to_str().unwrap()), "{folder}");
        // In a trusted folder it is used as if it were named.
        let trusted = tree.trusting(folder, folder).found.unwrap();
        assert!(trusted.registry.starts_with(tree.path(folder)) && trusted.tree.is_none(), "{trusted:?}");
        assert_eq!(tree.trusting(folder, "elsewhere").found, None, "{folder}");
    }
    // A link within the tree is followed, and the returned path has no link.
    let inside = tree.write("inside/real/claude_sessions.json", REAL);
    tree.link("real", "inside/coordination");
    assert_eq!(tree.search("inside").found, Some(Found { registry: inside, tree: Some(tree.path("inside")) }));
    for (target, name) in [("nowhere", "a"), ("/dev/null", "b"), ("claude_sessions.json", "c"), (".", "d")] {
        tree.link(target, &format!("{name}/claude_sessions.json"));
        assert_eq!(registry(&tree.search(name)), None, "{target}");
    }
}

#[cfg(unix)]
#[test]
fn a_linked_folder_is_searched_at_its_target() {
    let tree = Tree::new();
    let there = tree.write("there/claude_sessions.json", REAL);
    tree.write("here/claude_sessions.json", REAL);
    std::fs::create_dir_all(tree.path("there/sub")).unwrap();
    tree.link("../there/sub", "here/link");
    assert_eq!(registry(&tree.search("here/link")), Some(there.as_path()));
    // If the folder is gone, the search starts above it.
    assert_eq!(registry(&tree.search("there/gone/deep")), Some(there.as_path()));
}

#[cfg(unix)]
#[test]
fn other_kinds_of_files_are_skipped() {
    let tree = Tree::new();
    std::fs::create_dir_all(tree.path("folder/claude_sessions.json")).unwrap();
    std::fs::create_dir_all(tree.path("pipe")).unwrap();
    let pipe = tree.path("pipe/claude_sessions.json");
    crate::files::file::make_pipe(&pipe);
    for folder in ["folder", "pipe"] {
        let found = tree.search(folder);
        assert_eq!((registry(&found), &found.passed_over[0].reason), (None, &Reason::NotAFile), "{folder}");
    }
}

#[cfg(unix)]
#[test]
fn judge_named_checks_registries_of_untrusted_sources() {
    let tree = Tree::new();
    let real = tree.write("ws/claude_sessions.json", REAL);
    let settings = tree.write("home/settings.json", r#"{"env": {}}"#);
    tree.link("../home/settings.json", "ws/link.json");
    let judged = |path: &Path| judge_named(path, &Trust::default());
    assert_eq!(judged(&real).unwrap(), Found { registry: real, tree: Some(tree.path("ws")) });
    assert_eq!(judged(&settings).unwrap_err().reason, Reason::Foreign(Foreign::NoSession));
    assert_eq!(judged(&tree.path("ws/link.json")).unwrap_err().reason, Reason::Link(settings.clone()));
    std::fs::write(&settings, "{}").unwrap();
    assert_eq!(judged(&settings).unwrap_err().reason, Reason::Foreign(Foreign::NoSession), "an empty object");
    let empty = tree.write("empty/claude_sessions.json", "{}");
    assert_eq!(judged(&empty).unwrap().registry, empty);
    // A missing registry may be created, but only with a registry's name.
    let new = tree.path("home/claude_sessions.json");
    assert_eq!(judged(&new).unwrap().registry, new);
    assert_eq!(judged(&tree.path("home/.bash_login")).unwrap_err().reason, Reason::Missing);
}

#[test]
fn a_linked_worktree_uses_the_registry_of_the_main_one() {
    let tree = Tree::new();
    tree.write("shop/.git/HEAD", "ref: refs/heads/main\n");
    tree.write("shop/.git/worktrees/w/commondir", "../..\n");
    tree.write("shop/.git/worktrees/w/gitdir", &format!("{}\n", tree.path("w/.git").display()));
    tree.write("w/.git", &format!("gitdir: {}\n", tree.path("shop/.git/worktrees/w").display()));
    let copy = tree.write("w/docs/coordination/claude_sessions.json", REAL);
    // The main worktree has none: the copy is used.
    assert_eq!(registry(&tree.search("w/docs")), Some(copy.as_path()));
    let main = tree.write("shop/docs/coordination/claude_sessions.json", REAL);
    for folder in ["w", "w/docs", "w/src/gone"] {
        let found = tree.search(folder);
        assert_eq!(registry(&found), Some(main.as_path()), "{folder}");
        assert_eq!(found.worktree, Some(Linked { folder: tree.path("w"), main: tree.path("shop") }), "{folder}");
    }
    std::fs::create_dir_all(tree.path("w/src/deep")).unwrap();
    let nested = tree.write("shop/src/claude_sessions.json", REAL);
    assert_eq!(registry(&tree.search("w/src/deep")), Some(nested.as_path()), "the nearest in the main worktree");
}
