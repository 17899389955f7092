//! Tests: installing and uninstalling change only Headcount's hooks, in any layout.

use super::*;
use proptest::prelude::*;

const OPTIONS: HookOptions<'_> =
    HookOptions { program: "/abs/headcount", every_tool: false, form: Form::Shell, missing: &[], elsewhere: &[] };

/// The same for systems without a common shell.
const DIRECT: HookOptions<'_> = HookOptions { form: Form::Direct, ..OPTIONS };

fn read(text: &str) -> Settings {
    Settings::read(text.as_bytes().to_vec()).unwrap()
}

fn with(text: &str, options: &HookOptions<'_>) -> String {
    read(text).with(options).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

/// Installs once; checks that installing again changes nothing and that uninstalling restores the text.
fn install_and_uninstall(text: &str) -> String {
    let installed = with(text, &OPTIONS);
    let events: Vec<String> = read(&installed).own().into_iter().map(|hook| hook.event).collect();
    let mut sorted = events.clone();
    sorted.sort();
    assert_eq!(sorted, ["SessionEnd", "SessionStart", "Stop", "UserPromptSubmit"], "{installed}");
    assert_eq!(with(&installed, &OPTIONS), installed, "twice is once");
    assert_eq!(read(&installed).without(Some(&read(text))), text, "out again: {installed}");
    let every = with(&installed, &HookOptions { every_tool: true, ..OPTIONS });
    assert_eq!(read(&every).own().len(), 5);
    assert_eq!(read(&every).without(Some(&read(text))), text);
    // A binary that moved.
    let moved = with(&installed, &HookOptions { program: "/elsewhere/headcount", ..OPTIONS });
    assert_eq!(moved, installed.replace("/abs/headcount", "/elsewhere/headcount"));
    // Changing the form and back: the same hooks, and nothing else changes.
    let direct = with(&installed, &DIRECT);
    assert_eq!(with(text, &DIRECT).parse::<Value>().ok(), direct.parse::<Value>().ok());
    assert_eq!(with(&direct, &OPTIONS).parse::<Value>().ok(), installed.parse::<Value>().ok());
    assert_eq!(read(&direct).without(Some(&read(text))), text);
    installed
}

/// The installed hook of an event, in shell form.
fn shell_hook(is_async: bool) -> Value {
    let mut hook = json!({ "type": "command", "command": "\"/abs/headcount\" hook" });
    if is_async {
        hook["async"] = json!(true);
    }
    hook["timeout"] = json!(5);
    hook
}

#[test]
fn a_missing_file_is_created_and_emptied() {
    let installed = install_and_uninstall("");
    let group = |is_async| json!([{ "hooks": [shell_hook(is_async)] }]);
    let wanted = json!({ "hooks": {
        "SessionStart": group(false), "UserPromptSubmit": group(false), "Stop": group(true), "SessionEnd": group(false),
    } });
    assert_eq!(installed, format!("{}\n", serde_json::to_string_pretty(&wanted).unwrap()));
    let every = value(&with("", &HookOptions { every_tool: true, ..OPTIONS }));
    assert_eq!(every["hooks"]["PostToolUse"], group(true));
    let direct = value(&with("", &DIRECT));
    let wanted =
        json!([{ "hooks": [{ "type": "command", "command": "/abs/headcount", "args": ["hook"], "timeout": 5 }] }]);
    assert_eq!(direct["hooks"]["SessionStart"], wanted);
}

/// Settings as programs and people write them.
const LAYOUTS: [&str; 16] = [
    "{}",
    "{ }\n",
    "\u{feff}{\r\n}\r\n",
    " \n",
    "{\n  \"model\": \"opus\"\n}\n",
    "{\n  \"model\": \"opus\",\n  \"hooks\": {}\n}\n",
    "{\n  \"hooks\": {\n  },\n  \"env\": {\"A\": \"1\"}\n}",
    "{\n\t\"hooks\": {\n\t\t\"Stop\": [],\n\t\t\"SessionEnd\": [\n\t\t]\n\t}\n}\n",
    "{\"model\":\"opus\",\"hooks\":{\"Stop\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"a\"}]}]}}",
    "{ \"hooks\": { \"Stop\": [ { \"hooks\": [ { \"type\": \"command\", \"command\": \"a\" } ] } ] } }",
    "\u{feff}{\r\n\t\"hooks\": {\r\n\t\t\"PreToolUse\": [\r\n\t\t\t{\r\n\t\t\t\t\"matcher\": \"Bash\",\r\n\t\t\t\t\"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]\r\n\t\t\t}\r\n\t\t],\r\n\t\t\"Stop\": [\r\n\t\t\t{\r\n\t\t\t\t\"hooks\": []\r\n\t\t\t}\r\n\t\t]\r\n\t}\r\n}\r\n",
    "{\n    \"hooks\": {\n        \"SessionStart\": [\n            {\n                \"matcher\": \"startup|resume\",\n                \"hooks\": [\n                    {\n                        \"type\": \"command\",\n                        \"command\": \"a\"\n                    },\n                    {\n                        \"type\": \"prompt\",\n                        \"prompt\": \"b\",\n                        \"odd\": 1e3\n                    }\n                ]\n            },\n            {\n                \"hooks\": [\n                    {\n                        \"type\": \"command\",\n                        \"command\": \"c\"\n                    }\n                ],\n                \"unknown\": null\n            }\n        ]\n    },\n    \"x\": 1.10\n}",
    "{\"hooks\": {\"Stop\": [null, 5, \"x\", [], {}, {\"hooks\": {}}, {\"hooks\": [5]}], \"Notification\": 5}}",
    "{\n  \"hooks\" : { \"Stop\"\n:\n[ {\"hooks\":[{\"type\":\"command\",\"command\":\"headcount webhook\"}]} ] ,\n\"Zoë\": [] } }",
    "{\n  \"a\": [\n    1\n  ],\n  \"hooks\": {\"SessionStart\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"headcounts\", \"args\": [\"hook\"]}]}]}\n}\n",
    "{\"hooks\": {\"Stop\": [{\"matcher\": \"\", \"hooks\": [{\"command\": \"/x/headcount\", \"args\": [\"status\"]}]}]}}\n\n",
];

#[test]
fn every_layout_is_kept() {
    for text in LAYOUTS {
        let installed = install_and_uninstall(text);
        let (before, mut after) = (if text.trim().is_empty() { json!({}) } else { value(text) }, value(&installed));
        // The existing text is a part of the new one.
        for (event, groups) in before["hooks"].as_object().into_iter().flatten() {
            if let (Some(groups), Some(now)) = (groups.as_array(), after["hooks"][event].as_array()) {
                assert_eq!(&now[..groups.len()], groups, "{installed}");
            }
        }
        after.as_object_mut().unwrap().remove("hooks");
        let mut others = before.clone();
        others.as_object_mut().unwrap().remove("hooks");
        assert_eq!(after, others);
    }
}

#[test]
fn new_hooks_have_the_layout_of_their_neighbours() {
    let tabs = install_and_uninstall(LAYOUTS[7]);
    let stop = "\t\t\"Stop\": [\n\t\t\t{\n\t\t\t\t\"hooks\": [\n\t\t\t\t\t{\n\t\t\t\t\t\t\"type\": \"command\",\n\t\t\t\t\t\t\"command\": \"\\\"/abs/headcount\\\" hook\",\n\t\t\t\t\t\t\"async\": true,\n\t\t\t\t\t\t\"timeout\": 5\n\t\t\t\t\t}\n\t\t\t\t]\n\t\t\t}\n\t\t],\n";
    assert!(tabs.contains(stop), "{tabs}");
    let compact = install_and_uninstall(LAYOUTS[8]);
    let group = r#"{"hooks":[{"type":"command","command":"\"/abs/headcount\" hook","async":true,"timeout":5}]}"#;
    assert!(compact.contains(&format!("\"command\":\"a\"}}]}},{group}]")), "{compact}");
    assert!(!compact.replace("\" hook", "").contains(' '), "{compact}");
    let windows = install_and_uninstall(LAYOUTS[10]);
    assert!(!windows.replace("\r\n", "").contains('\n'), "{windows:?}");
}

#[test]
fn changes_by_others_since_the_installation_stay() {
    let installed = with("{}", &OPTIONS);
    let theirs = installed.replace("\"Stop\": [", "\"Stop\": [\n      {\"hooks\": [{\"command\": \"theirs\"}]},");
    let left = read(&theirs).without(Some(&read("{}")));
    assert_eq!(value(&left), json!({ "hooks": { "Stop": [{ "hooks": [{ "command": "theirs" }] }] } }));
    // In one group with Headcount's hook.
    let own = "{\n            \"type\": \"command\",\n            \"command\": \"\\\"/abs/headcount\\\" hook\",\n";
    let theirs = installed.replacen(own, &format!("{{\"command\": \"theirs\"}}, {own}"), 1);
    let left = read(&theirs).without(None);
    assert_eq!(value(&left), json!({ "hooks": { "SessionStart": [{ "hooks": [{ "command": "theirs" }] }] } }));
    // Without knowledge of the text before.
    assert_eq!(read(&installed).without(None), "{}");
    assert_eq!(read("{\"a\": 1}").without(None), "{\"a\": 1}");
}

/// Settings with one hook at an event.
fn one(event: &str, handler: &str) -> String {
    format!("{{\"hooks\": {{\"{event}\": [{{\"hooks\": [{handler}]}}]}}}}")
}

#[test]
fn own_hooks_are_recognized_in_every_form() {
    for (handler, program) in [
        (r#"{"command": "/a b/headcount", "args": ["hook"]}"#, Some("/a b/headcount")),
        (r#"{"command": "C:\\x\\Headcount.EXE", "args": ["hook"]}"#, Some("C:\\x\\Headcount.EXE")),
        (r#"{"command": "headcount", "args": ["--registry", "/r", "hook"]}"#, Some("headcount")),
        (r#"{"command": "headcount", "args": ["hook", "--json"]}"#, Some("headcount")),
        (r#"{"command": "headcount hook"}"#, Some("headcount")),
        (r#"{"command": "headcount hook", "args": null}"#, Some("headcount")),
        (r#"{"command": "\"/a b/headcount\" hook "}"#, Some("/a b/headcount")),
        (r#"{"command": "\"$HOME\"/bin/headcount hook || true"}"#, Some("$HOME/bin/headcount")),
        (r#"{"command": "/x/headcount"}"#, Some("/x/headcount")),
        (r#"{"command": "/x/headcount", "args": []}"#, Some("/x/headcount")),
        (r#"{"type": "command", "command": "headcount hook"}"#, Some("headcount")),
        (r#"{"type": "prompt", "command": "headcount hook"}"#, None),
        (r#"{"command": "/x/headcount", "args": ["status"]}"#, None),
        (r#"{"command": "/x/headcount", "args": [5]}"#, None),
        (r#"{"command": "/x/other", "args": ["hook"]}"#, None),
        (r#"{"command": "headcount"}"#, None),
        (r#"{"command": "not-headcount hook"}"#, None),
        (r#"{"command": "ding; headcount hook"}"#, None),
        (r#"{"command": 5, "args": ["hook"]}"#, None),
    ] {
        let found: Vec<String> = read(&one("Stop", handler)).own().into_iter().map(|hook| hook.program).collect();
        assert_eq!(found, program.into_iter().collect::<Vec<_>>(), "{handler}");
    }
}

#[test]
fn every_installed_form_is_updated_to_the_current_one() {
    for handler in [
        r#"{"type": "command", "command": "/abs/headcount", "args": ["hook"], "timeout": 5}"#,
        r#"{"type": "command", "command": "/abs/headcount", "args": ["hook"], "async": true, "timeout": 5}"#,
        r#"{"type": "command", "command": "/abs/headcount", "timeout": 5}"#,
        r#"{"type": "command", "command": "/abs/headcount", "async": true}"#,
        r#"{"type": "command", "command": "/abs/headcount hook"}"#,
        r#"{"type": "command", "command": "\"/old/headcount\" hook", "async": true}"#,
        r#"{"type": "command", "command": "'/abs/headcount' hook", "timeout": 60}"#,
    ] {
        for (event, is_async) in
            [("SessionStart", false), ("UserPromptSubmit", false), ("Stop", true), ("SessionEnd", false)]
        {
            let text = one(event, handler);
            let repaired = value(&with(&text, &OPTIONS));
            assert_eq!(repaired["hooks"][event], json!([{ "hooks": [shell_hook(is_async)] }]), "{event}: {handler}");
            assert_eq!(read(&text).without(None), "{}", "{handler}");
        }
    }
    // Twice for one event, as after an old version lost the arguments and a new one was installed next to it.
    let twice = one(
        "Stop",
        r#"{"type": "command", "command": "/abs/headcount"}, {"type": "command", "command": "/abs/headcount", "args": ["hook"]}"#,
    );
    assert_eq!(value(&with(&twice, &OPTIONS))["hooks"]["Stop"], json!([{ "hooks": [shell_hook(true)] }]));
}

#[test]
fn a_custom_command_prevents_a_second_hook_and_stays() {
    for command in [
        "command -v headcount >/dev/null && headcount hook || true",
        "/opt/notify.sh; /usr/bin/headcount hook",
        "HEADCOUNT_REGISTRY=/r.json headcount hook",
    ] {
        let custom = json!({ "type": "command", "command": command }).to_string();
        let text = one("Stop", &custom);
        let installed = with(&text, &OPTIONS);
        assert_eq!(value(&installed)["hooks"]["Stop"], value(&text)["hooks"]["Stop"], "{command}");
        assert_eq!(read(&installed).own().len(), 3);
        assert_eq!(read(&installed).without(Some(&read(&text))), text);
        // An earlier version installed a hook next to it: the event runs once.
        let beside = one("Stop", &format!("{custom}, {}", r#"{"command": "/abs/headcount", "args": ["hook"]}"#));
        assert_eq!(value(&with(&beside, &OPTIONS))["hooks"]["Stop"], value(&text)["hooks"]["Stop"], "{command}");
        let kinds: Vec<_> = read(&beside).mentions().iter().map(|hook| hook.kind).collect();
        assert_eq!(kinds, [HookKind::Custom, HookKind::Own]);
    }
    // A command that only names Headcount does not prevent the hook.
    let mention = one("Stop", r#"{"command": "git -C ~/src/headcount hook"}"#);
    let installed = with(&mention, &OPTIONS);
    assert_eq!(value(&installed)["hooks"]["Stop"].as_array().unwrap().len(), 2);
    assert_eq!(read(&installed).without(Some(&read(&mention))), mention);
}

#[test]
fn an_event_with_a_hook_in_another_file_gets_none() {
    let elsewhere = ["Stop".to_owned()];
    let options = HookOptions { elsewhere: &elsewhere, ..OPTIONS };
    for text in ["", "{\"hooks\": {\"Stop\": [5]}}", &with("", &OPTIONS)] {
        let events: Vec<String> = read(&with(text, &options)).own().into_iter().map(|hook| hook.event).collect();
        assert!(events.len() == 3 && !events.contains(&"Stop".to_owned()), "{events:?}");
    }
}

#[test]
fn damaged_hooks_are_reported() {
    for (event, handler, wanted) in [
        ("Stop", r#"{"command": "/x/headcount"}"#, true),
        ("Stop", r#"{"command": "/x/headcount hook", "async": true}"#, false),
        ("SessionStart", r#"{"command": "/x/headcount hook", "async": true}"#, true),
        ("UserPromptSubmit", r#"{"command": "/x/headcount", "args": ["hook"], "async": true}"#, true),
        ("UserPromptSubmit", r#"{"command": "/x/headcount hook", "async": false}"#, false),
        ("Stop", r#"{"command": "/x/headcount", "args": ["hook"]}"#, !cfg!(windows)),
        ("SessionStart", r#"{"command": "ding; headcount hook", "async": true}"#, false),
    ] {
        let hooks = read(&one(event, handler)).mentions();
        assert_eq!(hooks.iter().map(|hook| hook.is_damaged).collect::<Vec<_>>(), [wanted], "{event}: {handler}");
    }
}

#[test]
fn an_older_hook_is_updated_and_duplicates_are_removed() {
    let old = r#"{"hooks": {"SessionEnd": [{"hooks": [{"type": "command", "command": "/old/headcount hook", "async": true, "statusMessage": "mine"}, {"type": "command", "command": "theirs"}]}, {"hooks": [{"command": "/older/headcount", "args": ["hook"]}]}], "PreToolUse": [{"hooks": [{"command": "headcount", "args": ["hook"]}]}]}}"#;
    let now = value(&with(old, &OPTIONS));
    let wanted = json!([{ "hooks": [
        { "type": "command", "command": "\"/abs/headcount\" hook", "statusMessage": "mine", "timeout": 5 },
        { "type": "command", "command": "theirs" },
    ] }]);
    assert_eq!(now["hooks"]["SessionEnd"], wanted);
    assert_eq!(now["hooks"].get("PreToolUse"), None);
    let registry =
        r#"{"hooks": {"Stop": [{"hooks": [{"command": "/old/headcount", "args": ["--registry", "/r", "hook"]}]}]}}"#;
    let hook = |options| value(&with(registry, options))["hooks"]["Stop"][0]["hooks"][0].clone();
    assert_eq!(hook(&OPTIONS)["command"], "\"/abs/headcount\" --registry /r hook");
    assert_eq!(hook(&DIRECT)["args"], json!(["--registry", "/r", "hook"]));
    // The hook of every use of a tool is removed.
    let every = with("{}", &HookOptions { every_tool: true, ..OPTIONS });
    assert_eq!(with(&every, &OPTIONS), with("{}", &OPTIONS));
}

#[test]
fn a_portable_command_stays_while_its_program_exists() {
    let text = one("Stop", r#"{"type": "command", "command": "~/bin/headcount hook", "async": true, "timeout": 5}"#);
    assert!(with(&text, &OPTIONS).contains("\"~/bin/headcount hook\""));
    let missing = ["~/bin/headcount".to_owned()];
    let repaired = value(&with(&text, &HookOptions { missing: &missing, ..OPTIONS }));
    assert_eq!(repaired["hooks"]["Stop"][0]["hooks"], json!([shell_hook(true)]));
}

#[test]
fn unusable_settings_are_refused_with_the_reason() {
    let refused = |text: &str| match Settings::read(text.as_bytes().to_vec()) {
        Ok(settings) => settings.with(&OPTIONS).unwrap_err().to_string(),
        Err(reason) => reason.to_string(),
    };
    for (text, wanted) in [
        ("{\n  // mine\n  \"a\": 1\n}", "it has a comment in line 2"),
        ("{\"a\": 1 /* mine */}", "it has a comment in line 1"),
        ("\u{feff}{\n\"é\": 1}\n// end", "it has a comment in line 3"),
        ("{\"a\": 1,}", "it is not JSON: trailing comma"),
        ("{\"a\": ", "it is not JSON: EOF"),
        ("[]", "it is not an object"),
        ("{\"a\": 1, \"a\": 2}", "the key \"a\" occurs twice"),
        ("{\"hooks\": []}", "`hooks` in it is not an object"),
        ("{\"hooks\": {\"Stop\": [], \"Stop\": []}}", "the key \"Stop\" occurs twice"),
        ("{\"hooks\": {\"Stop\": {}}}", "`hooks.Stop` in it is not a list"),
    ] {
        assert!(refused(text).starts_with(wanted), "{text}: {}", refused(text));
    }
    assert_eq!(Settings::read(vec![b'{', 0xff, b'}']).unwrap_err(), Unusable::NotUtf8);
}

#[test]
fn boolean_settings_are_read() {
    let switch = |text: &str| read(text).switch("disableAllHooks");
    assert_eq!(switch("{\"disableAllHooks\": true}"), Some(true));
    assert_eq!(switch("{\"disableAllHooks\": false}"), Some(false));
    assert_eq!((switch("{\"disableAllHooks\": 1}"), switch("{}"), switch("")), (None, None, None));
    assert_eq!(read("{\"a\": \"b\"}").word("a").as_deref(), Some("b"));
    assert!(Settings::absent().is_empty() && read("{ }").is_empty() && !read("{\"a\": 1}").is_empty());
}

/// Hooks that do not run Headcount.
const OTHERS: [&str; 4] = [
    r#"{"type": "command", "command": "other"}"#,
    r#"{"command":"a b","args":["hook"],"n":1.10}"#,
    r#"{"command":"echo headcount hook","type":"command"}"#,
    "{}",
];

/// Hooks that run Headcount: its own in every form, and custom ones.
const RUNS: [&str; 8] = [
    r#"{"type": "command", "command": "/abs/headcount", "args": ["hook"], "async": true, "timeout": 5}"#,
    r#"{"command":"/abs/headcount"}"#,
    r#"{"type": "command", "command": "\"/old/headcount\" hook", "timeout": 5}"#,
    r#"{"command": "headcount hook || true", "async": true}"#,
    r#"{"command": "~/bin/headcount hook", "mine": [1, {}]}"#,
    r#"{"command": "ding; headcount hook"}"#,
    r#"{"async": true, "command": "A=b headcount hook"}"#,
    r#"{"command": "sh", "args": ["-c", "headcount hook"]}"#,
];

fn any_of(handlers: Vec<&'static str>) -> BoxedStrategy<String> {
    prop::sample::select(handlers).prop_map(str::to_owned).boxed()
}

/// The handlers of all events that are not Headcount's own, as written.
fn foreign(settings: &Settings) -> Vec<(String, String)> {
    let events = settings.hooks.iter().flat_map(|hooks| &hooks.events);
    let foreign = events.flat_map(|event| {
        let foreign = event.handlers().filter(|handler| handler.own().is_none());
        foreign.map(|handler| (event.name.clone(), settings.text[handler.object.range.clone()].to_owned()))
    });
    foreign.collect()
}

/// Settings of any layout: some keys, some events, some groups, some handlers.
fn layouts(handler: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let list = |item: BoxedStrategy<String>| {
        (prop::collection::vec(item, 0..3), "[ \n\t]{0,2}", "[ \n]{0,2}")
            .prop_map(|(items, open, pad)| format!("[{open}{}{pad}]", items.join(&format!("{pad},{open}"))))
    };
    let group = (list(handler), "[ \r\n]{0,2}", any::<bool>()).prop_map(|(handlers, pad, matcher)| {
        let matcher = if matcher { "\"matcher\": \"Bash\"," } else { "" };
        format!("{{{pad}{matcher}\"hooks\"{pad}:{pad}{handlers}}}")
    });
    let names =
        prop::sample::subsequence(vec!["Stop", "SessionStart", "PostToolUse", "PreToolUse", "SessionEnd"], 0..4);
    let hooks =
        (names, prop::collection::vec(list(group.boxed()), 4), "[ \t\n]{0,2}").prop_map(|(names, lists, pad)| {
            let events: Vec<String> =
                names.iter().zip(lists).map(|(name, list)| format!("\"{name}\"{pad}:{list}")).collect();
            format!("{{{pad}{}{pad}}}", events.join(&format!(",{pad}")))
        });
    let field = prop_oneof![Just(None), hooks.prop_map(Some)];
    (field, "[ \n\t]{0,3}", prop::sample::subsequence(vec!["\"a\": 1e3", "\"Zoë\": {\"b\": []}"], 0..3), any::<bool>())
        .prop_map(|(hooks, pad, mut others, bom)| {
            let hooks = hooks.map(|hooks| format!("\"hooks\":{pad}{hooks}"));
            let at = others.len() / 2;
            if let Some(hooks) = &hooks {
                others.insert(at, hooks);
            }
            format!("{}{{{pad}{}{pad}}}{pad}", if bom { "\u{feff}" } else { "" }, others.join(&format!(",{pad}")))
        })
}

proptest! {
    #[test]
    fn installing_and_uninstalling_restores_the_text(text in layouts(any_of(OTHERS.to_vec()))) {
        install_and_uninstall(&text);
    }

    #[test]
    fn each_event_has_one_hook_and_other_hooks_stay(text in layouts(any_of([&OTHERS[..], &RUNS[..]].concat())), is_shell: bool) {
        let options = if is_shell { OPTIONS } else { DIRECT };
        let before = read(&text);
        let installed = read(&with(&text, &options));
        prop_assert_eq!(foreign(&installed), foreign(&before));
        prop_assert_eq!(with(&installed.text, &options), installed.text.clone());
        for event in options.events() {
            let of_event = |kind| installed.mentions().iter().filter(|hook| hook.event == event && hook.kind == kind).count();
            prop_assert_eq!(of_event(HookKind::Own), usize::from(of_event(HookKind::Custom) == 0), "{}", event);
        }
        let left = read(&installed.without(Some(&before)));
        prop_assert!(left.own().is_empty());
        prop_assert_eq!(foreign(&left), foreign(&before));
        prop_assert_eq!(foreign(&read(&before.without(None))), foreign(&before));
    }

    #[test]
    fn reading_near_json_does_not_panic(text in "[{}\\[\\]\":, a/\\\\]{0,40}") {
        if let Ok(settings) = Settings::read(text.into_bytes()) {
            drop(settings.with(&OPTIONS));
            let _ = settings.without(None);
        }
    }
}
