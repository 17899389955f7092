//! The forms in which hooks are, or were, installed.

use serde_json::{Value, json};

use crate::claude::{Claude, Home};
use crate::hooks::sessions::{entries, env};

/// Changes every hook in the settings of a home.
fn change_hooks(home: &Home, change: impl Fn(&str, &mut Value)) {
    let path = home.config.join("settings.json");
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for (event, groups) in settings["hooks"].as_object_mut().unwrap() {
        for hook in groups.as_array_mut().unwrap().iter_mut().flat_map(|group| group["hooks"].as_array_mut().unwrap()) {
            change(event, hook);
        }
    }
    std::fs::write(path, settings.to_string()).unwrap();
}

#[test]
fn every_installed_form_of_a_hook_works() {
    let program = env!("CARGO_BIN_EXE_headcount");
    for (command, args) in [(program, Some(json!(["hook"]))), (&*format!("'{program}' hook"), None), (program, None)] {
        let (env, home) = env();
        change_hooks(&home, |_, hook| {
            hook["command"] = json!(command);
            hook.as_object_mut().unwrap().remove("args");
            if let Some(args) = &args {
                hook["args"] = args.clone();
            }
        });
        let (claude, told) = Claude::start(&home, &env.workspace(), "a");
        assert!(told.contains("has the number 1."), "{command} {args:?}: {told}");
        assert_eq!(claude.turn(), "");
        claude.exit();
        assert_eq!(entries(&env), [(1, "inactive".into())], "{command} {args:?}");
    }
}

#[test]
fn an_asynchronous_hook_announces_with_the_following_prompt() {
    let (env, home) = env();
    change_hooks(&home, |event, hook| {
        if event == "UserPromptSubmit" {
            hook["async"] = json!(true);
        }
    });
    let (claude, _) = Claude::start(&home, &env.workspace(), "a");
    assert_eq!(env.run(&["reassign", "1", "7"]).code, 0);
    assert_eq!(claude.turn(), "");
    assert_eq!(claude.turn(), "Headcount: this Claude Code session has the number 7 now; it was 1 before.\n");
    assert_eq!(claude.turn(), "");
}
