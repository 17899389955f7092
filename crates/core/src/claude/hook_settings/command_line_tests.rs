//! Tests: which commands are Headcount's own, which run it, and which only name it.

use super::*;

const PROGRAM: &str = "/abs/headcount";

/// The relation of a line to Headcount, and the program.
fn kind(line: &str) -> String {
    match of_line(line) {
        Some(CommandRole::Own(own)) => format!("own {}{}", own.program, if own.is_bare { " bare" } else { "" }),
        Some(CommandRole::Custom { program }) => format!("custom {program}"),
        Some(CommandRole::Mention) => "mention".into(),
        None => "none".into(),
    }
}

#[test]
fn a_line_that_only_runs_the_hook_is_own() {
    for (line, wanted) in [
        ("headcount hook", "own headcount"),
        ("/usr/bin/headcount hook", "own /usr/bin/headcount"),
        ("  \"/a b/headcount\"  hook\n", "own /a b/headcount"),
        ("'/a b/headcount' hook", "own /a b/headcount"),
        ("/a\\ b/headcount hook", "own /a b/headcount"),
        ("/abs/headcount", "own /abs/headcount bare"),
        ("\"/abs/headcount\"", "own /abs/headcount bare"),
        ("headcount --registry /r.json hook", "own headcount"),
        ("headcount hook --registry=/r.json", "own headcount"),
        ("headcount --timeout-minutes 5 --json hook", "own headcount"),
        ("headcount hook || true", "own headcount"),
        ("headcount hook || :", "own headcount"),
        ("headcount hook || exit 0", "own headcount"),
        ("headcount hook; exit 0", "own headcount"),
        ("headcount hook;", "own headcount"),
        ("headcount hook 2>/dev/null", "own headcount"),
        ("headcount hook >/dev/null 2>&1 || true", "own headcount"),
        ("headcount hook &>/dev/null", "own headcount"),
        ("exec headcount hook", "own headcount"),
        ("command headcount hook", "own headcount"),
        ("~/.cargo/bin/headcount hook", "own ~/.cargo/bin/headcount"),
        ("$HOME/bin/headcount hook", "own $HOME/bin/headcount"),
        ("\"$HOME\"/bin/headcount hook", "own $HOME/bin/headcount"),
        ("\"${HOME}/bin/headcount\" hook # mine", "own $HOME/bin/headcount"),
        ("\"$CLAUDE_PROJECT_DIR\"/headcount hook", "own $CLAUDE_PROJECT_DIR/headcount"),
        ("C:\\x\\Headcount.EXE hook", "own C:\\x\\Headcount.EXE"),
        ("\"C:\\a b\\headcount.exe\" hook", "own C:\\a b\\headcount.exe"),
    ] {
        assert_eq!(kind(line), wanted, "{line}");
    }
}

#[test]
fn a_line_that_does_anything_else_is_custom() {
    for line in [
        "/opt/notify.sh; headcount hook",
        "cd /ws && headcount hook",
        "headcount hook && ding",
        "headcount hook || ding",
        "headcount hook | tee -a /tmp/log",
        "tee -a /tmp/log | headcount hook",
        "HEADCOUNT_REGISTRY=/r headcount hook",
        "env HEADCOUNT_REGISTRY=/r headcount hook",
        "command -v headcount >/dev/null && headcount hook || true",
        "command -v headcount >/dev/null || exit 0; headcount hook",
        "if command -v headcount >/dev/null; then headcount hook; fi",
        "[ -x /x/headcount ] && headcount hook",
        "(headcount hook)",
        "{ headcount hook; }",
        "! headcount hook",
        "headcount hook 2>>/tmp/log",
        "headcount hook > /tmp/out",
        "nohup headcount hook",
        "timeout 5 headcount hook",
        "sh -c 'headcount hook'",
        "bash -lc \"exec headcount hook\"",
        "echo \"$(headcount hook)\"",
        "x=`headcount hook`",
        "headcount hook\nding",
        "headcount hook; headcount hook",
        "headcount --registry $(cat r) hook || ding",
        "cat | headcount hook",
        "headcount hook </dev/stdin",
        "$(command -v headcount) hook",
        "\"$(which headcount)\" hook || true",
        "eval 'headcount hook'",
        "test -x headcount && exec headcount hook",
        "export A=1; headcount hook",
    ] {
        assert_eq!(kind(line), "custom headcount", "{line}");
    }
}

#[test]
fn a_variable_named_after_the_program_runs_it() {
    assert_eq!(kind("$HEADCOUNT hook"), "custom $HEADCOUNT");
    assert_eq!(kind("\"${HEADCOUNT_BIN:-headcount}\" hook || true"), "custom $HEADCOUNT_BIN");
    assert_eq!(kind("/opt/*/headcount hook"), "custom /opt/*/headcount");
}

#[test]
fn a_line_that_only_names_the_program_is_a_mention() {
    for line in [
        "git -C ~/src/headcount hook",
        "make -C /home/me/headcount hook",
        "echo headcount hook",
        "cat /x/headcount hook",
        "headcount",
        "/x/headcount || true",
        "headcount status",
        "headcount --registry /r",
        "headcount hooks install",
        "headcount hook extra",
        "headcount --unknown hook",
        "not-headcount hook",
        "headcounts hook",
        "/x/headcount/hook",
        "headcount webhook",
        "# headcount hook",
        "ding # headcount hook",
        "'headcount hook'",
        "headcount hook &",
        "headcount hook </dev/null",
        "command -v headcount",
        "headcount \"hook",
        "~/bin/my-headcount-hook.sh",
        "headcount hook <<< {}",
        "$HEADCOUNT status",
        "$(cat headcount) hook",
    ] {
        assert_eq!(kind(line), "mention", "{line}");
    }
    for line in ["", "ding", "$PROGRAM hook", "hook"] {
        assert_eq!(kind(line), "none", "{line}");
    }
}

#[test]
fn direct_commands_are_classified_by_their_arguments() {
    let of = |program: &str, args: &[&str]| of_program(program, args.iter().map(|arg| (*arg).to_owned()).collect());
    let is_own = |role| matches!(role, Some(CommandRole::Own(_)));
    assert!(is_own(of("/a b/headcount", &["hook"])) && is_own(of("headcount", &["hook", "--json"])));
    assert!(is_own(of("headcount", &["--registry", "/r", "hook"])));
    assert!(matches!(of("/x/headcount", &[]), Some(CommandRole::Own(Own { is_bare: true, .. }))));
    assert_eq!(of("headcount", &[]), Some(CommandRole::Mention));
    assert_eq!(of("headcount", &["status"]), Some(CommandRole::Mention));
    assert_eq!(of("sh", &["-c", "headcount hook"]), Some(CommandRole::Custom { program: "headcount".into() }));
    assert_eq!(of("env", &["A=b", "headcount", "hook"]), Some(CommandRole::Custom { program: "headcount".into() }));
    assert_eq!(of("git", &["-C", "/headcount", "hook"]), Some(CommandRole::Mention));
    assert_eq!(of("headcount hook", &["hook"]), Some(CommandRole::Mention));
    assert_eq!(of("ding", &["hook"]), None);
}

#[test]
fn installed_commands_are_rewritten_and_custom_spellings_stay() {
    let shell = |line: &str, is_missing: bool| match of_line(line) {
        Some(CommandRole::Own(own)) => own.rewritten(line, PROGRAM, Form::Shell, is_missing).0,
        other => panic!("{line}: {other:?}"),
    };
    for (line, wanted) in [
        ("/abs/headcount", "\"/abs/headcount\" hook"),
        ("\"/old/headcount\"", "\"/abs/headcount\" hook"),
        ("/old/headcount hook", "\"/abs/headcount\" hook"),
        (" '/abs/headcount' hook ", "\"/abs/headcount\" hook"),
        ("headcount hook", "\"/abs/headcount\" hook"),
        ("/old/headcount --registry '/a b' hook", "\"/abs/headcount\" --registry '/a b' hook"),
        ("exec /old/headcount hook || true", "exec \"/abs/headcount\" hook || true"),
        ("/abs/headcount hook || true", "/abs/headcount hook || true"),
        ("headcount hook || true", "headcount hook || true"),
        ("~/bin/headcount hook", "~/bin/headcount hook"),
        ("\"$HOME\"/bin/headcount hook 2>/dev/null", "\"$HOME\"/bin/headcount hook 2>/dev/null"),
    ] {
        assert_eq!(shell(line, false), wanted, "{line}");
        assert_eq!(shell(wanted, false), wanted, "once more: {line}");
    }
    assert_eq!(shell("~/bin/headcount hook", true), "\"/abs/headcount\" hook");
    assert_eq!(shell("headcount hook || true", true), "\"/abs/headcount\" hook || true");

    let own = |role| match role {
        Some(CommandRole::Own(own)) => own,
        other => panic!("{other:?}"),
    };
    let args = ["--registry", "/a b", "hook"].map(str::to_owned).to_vec();
    let direct = own(of_program("/old/headcount", args.clone()));
    let line = "\"/abs/headcount\" --registry \"/a b\" hook";
    assert_eq!(direct.rewritten("/old/headcount", PROGRAM, Form::Shell, false), (line.into(), None));
    assert_eq!(direct.rewritten("/old/headcount", PROGRAM, Form::Direct, false), (PROGRAM.into(), Some(args.clone())));
    assert_eq!(
        own(of_line(line)).rewritten(line, "/x/headcount", Form::Direct, false),
        ("/x/headcount".into(), Some(args))
    );
    let bare = own(of_program("/old/headcount", Vec::new()));
    assert_eq!(bare.rewritten("/old/headcount", PROGRAM, Form::Shell, false).0, "\"/abs/headcount\" hook");
    let hook = Some(vec![COMMAND.to_owned()]);
    assert_eq!(bare.rewritten("/old/headcount", PROGRAM, Form::Direct, false), (PROGRAM.into(), hook));
    assert_eq!(super::line("/a \"$b\"/headcount", &[]), "\"/a \\\"\\$b\\\"/headcount\" hook");
}
