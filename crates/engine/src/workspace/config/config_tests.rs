//! Reading invalid files, and writing between the user's lines.

use std::path::PathBuf;

use headcount_core::Timeout;
use headcount_core::settings::Theme;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The beginning of an absolute path.
const ROOT: &str = if cfg!(windows) { "C:/" } else { "/" };

fn setting(key: &str, value: &Value) -> Setting {
    Setting::new(key, Some(value)).unwrap()
}

#[test]
fn parse_reads_every_key_and_reports_invalid_ones() {
    let config = Config::parse(&format!(
        "registry = \"{ROOT}r\"\nheartbeats = \"{ROOT}h\"\ntimeout_minutes = 30\nnotifications = false\ntheme = \"dark\"\n\
         auto_cleanup = true\nnotify_waiting_after = 60\nnotify_finished = true\ncount_sdk_runs = true\n\
         session_titles = false\ntrusted_folders = [\"{ROOT}a\", \"{ROOT}b\"]\n"
    ));
    let path = |name: &str| PathBuf::from(format!("{ROOT}{name}"));
    let settings = Settings {
        registry: Some(path("r")),
        heartbeats: Some(path("h")),
        timeout: Timeout::from_minutes(30).unwrap(),
        notifications: false,
        theme: Theme::Dark,
        auto_cleanup: true,
        count_sdk_runs: true,
        notify_waiting_after: 60,
        notify_finished: true,
        session_titles: false,
        trusted_folders: vec![path("a"), path("b")],
    };
    assert_eq!(config, Ok(Config { settings, ..Config::default() }));
    let invalid = "registry = 5\ntimeout_minutes = -1\nnotifications = 1\nregistri = \"x\"\nheartbeats = \"relative\"\n\
                    theme = { dark = true }\n[auto_cleanup]\nx = 1\n";
    let invalid = Config::parse(invalid).unwrap();
    assert_eq!(invalid.complaints.len(), 7);
    assert_eq!(invalid.settings, Settings::default());
    assert!(Config::parse("notifications = true\n= oops").unwrap_err().starts_with("line 2: "));
}

#[test]
fn a_missing_file_gives_the_defaults() {
    assert_eq!(Config::read(None), Config::default());
    assert_eq!(Config::read(Some(Path::new("/nonexistent/config.toml"))), Config::default());
    let folder = Config::read(Some(Path::new("/")));
    assert_eq!((folder.complaints.len(), folder.is_lost), (1, true));
}

#[test]
fn edited_changes_only_one_key() {
    let before = "# mine\n\n  timeout_minutes   =  400   # long days\n\n# and this\ntheme = 'dark'\n\n# the end\n";
    let after = edited(before, &setting("timeout_minutes", &json!(30))).unwrap();
    assert_eq!(after, before.replace("400", "30"));
    assert_eq!(edited(&after, &setting("timeout_minutes", &json!(400))).unwrap(), before);
    assert_eq!(edited(before, &setting("theme", &json!("dark"))).unwrap(), before, "it has this value already");
    let windows = before.replace('\n', "\r\n");
    let after = edited(&windows, &setting("timeout_minutes", &json!(30))).unwrap();
    assert_eq!(after, windows.replace("400", "30"));
}

#[test]
fn a_new_key_gets_a_comment_with_its_meaning() {
    let meaning = meaning("timeout_minutes").unwrap();
    let new = setting("timeout_minutes", &json!(30));
    assert_eq!(edited("", &new).unwrap(), format!("# {meaning}\ntimeout_minutes = 30\n"));
    assert_eq!(edited("# mine\n", &new).unwrap(), format!("# mine\n\n# {meaning}\ntimeout_minutes = 30\n"));
    let before = "theme = \"dark\" # at night\n";
    assert_eq!(edited(before, &new).unwrap(), format!("{before}\n# {meaning}\ntimeout_minutes = 30\n"));
    // The key is inserted before the tables, because it would belong to a table otherwise.
    let tables = "theme = \"dark\"\n\n[other]\nx = 1\n";
    let after = edited(tables, &new).unwrap();
    assert_eq!(Config::parse(&after).unwrap().settings.timeout.minutes(), 30);
    assert!(after.ends_with("[other]\nx = 1\n"), "{after}");
}

#[test]
fn a_removed_key_leaves_the_users_comments() {
    let before = "# ours\nregistry = \"/ws/r.json\" # the team's\ntheme = \"dark\"\n";
    let after = edited(before, &setting("registry", &Value::Null)).unwrap();
    assert_eq!(after, "theme = \"dark\"\n# ours\n# the team's\n");
    let made = edited("", &setting("registry", &json!(format!("{ROOT}r")))).unwrap();
    assert_eq!(edited(&made, &setting("registry", &Value::Null)).unwrap(), "");
}

#[test]
fn heartbeats_are_removed_when_the_registry_changes() {
    let before = format!("registry = \"{ROOT}a/r.json\"\nheartbeats = \"{ROOT}a/beats\"\n");
    let edited = |registry: &str| edited(&before, &setting("registry", &json!(format!("{ROOT}{registry}")))).unwrap();
    assert_eq!(edited("b/r.json"), format!("registry = \"{ROOT}b/r.json\"\n"));
    assert_eq!(edited("a/r.json"), before, "the same registry");
}

#[test]
fn a_value_of_the_wrong_kind_is_replaced() {
    for before in ["theme = [1]\n", "[theme]\nx = 1\n", "theme = 5\n"] {
        let after = edited(before, &setting("theme", &json!("dark"))).unwrap();
        assert_eq!(Config::parse(&after).unwrap().settings.theme, Theme::Dark, "{after}");
    }
}

#[test]
fn set_creates_a_file_follows_a_link_and_refuses_invalid_toml() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headcount").join("config.toml");
    set(&path, &setting("theme", &json!("dark"))).unwrap();
    assert_eq!(Config::read(Some(&path)).settings.theme, Theme::Dark);

    std::fs::write(&path, "= oops\n").unwrap();
    let refused = set(&path, &setting("theme", &json!("light"))).unwrap_err();
    assert_eq!(refused.code(), "misconfigured");
    assert!(refused.to_string().contains(path.to_str().unwrap()), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "= oops\n");

    #[cfg(unix)]
    {
        let (real, link) = (folder.path().join("dotfiles.toml"), folder.path().join("linked.toml"));
        std::fs::write(&real, "# mine\n").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        set(&link, &setting("theme", &json!("light"))).unwrap();
        assert!(link.is_symlink());
        assert!(std::fs::read_to_string(&real).unwrap().starts_with("# mine\n"));
        assert_eq!(Config::read(Some(&link)).settings.theme, Theme::Light);
    }
}

#[test]
fn concurrent_writers_lose_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::thread::scope(|scope| {
        for (key, value) in [
            ("theme", json!("dark")),
            ("timeout_minutes", json!(7)),
            ("auto_cleanup", json!(true)),
            ("registry", json!(format!("{ROOT}r"))),
        ] {
            let path = &path;
            scope.spawn(move || set(path, &setting(key, &value)).unwrap());
        }
    });
    let settings = Config::read(Some(&path)).settings;
    assert_eq!((settings.theme, settings.timeout.minutes(), settings.auto_cleanup), (Theme::Dark, 7, true));
    assert_eq!(settings.registry.as_deref(), Some(Path::new(ROOT).join("r").as_path()));
}

proptest! {
    #[test]
    fn a_written_key_can_be_read_and_comments_are_kept(
        text in "(#[ a-z]*|theme = \"[a-z]{4}\"|notifications = (true|false)|x = [0-9]|\\[t\\]|\n| ){0,12}",
        minutes in 0..525_600_u32,
    ) {
        let wanted = setting("timeout_minutes", &json!(minutes));
        if let Ok(after) = edited(&text, &wanted) {
            prop_assert_eq!(Config::parse(&after).unwrap().settings.timeout.minutes(), minutes);
            for comment in text.lines().filter(|line| line.starts_with('#')) {
                prop_assert!(after.lines().any(|line| line == comment), "{:?} lost from {:?}", comment, after);
            }
        }
    }
}
