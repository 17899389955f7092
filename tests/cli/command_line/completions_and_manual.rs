//! Completions and manual pages, checked by their readers: bash, zsh, fish and a manual formatter.
//!
//! A missing program is reported on standard error, and its test is skipped.

use std::path::{Path, PathBuf};

use crate::environment::{Environment, Run, run, skipped};

/// The file with a shell's completions, generated without a home; `None` if the shell is not installed.
fn completions(env: &Environment, shell: &str) -> Option<PathBuf> {
    if run(env.program("which").arg(shell)).code != 0 {
        skipped(&format!("{shell} is not installed"));
        return None;
    }
    let printed = run(env.command().env_remove("HOME").args(["completions", shell]));
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""), "{printed:?}");
    let path = env.root().join(format!("completions.{shell}"));
    std::fs::write(&path, printed.stdout).unwrap();
    Some(path)
}

/// The output of a script in a shell that loaded the completions.
fn asked(env: &Environment, shell: &[&str], completions: &Path, script: &str) -> Run {
    let name = completions.to_str().unwrap();
    let (program, options) = shell.split_first().unwrap();
    let asked = run(env.program(program).args(options).args(["-c", &script.replace("FILE", &format!("'{name}'"))]));
    assert_eq!((asked.code, asked.stderr.as_str()), (0, ""), "{asked:?}");
    asked
}

#[test]
fn bash_completes_commands_and_options() {
    let env = Environment::new();
    let Some(file) = completions(&env, "bash") else { return };
    let completed = |words: &str| {
        let script = format!(
            "source FILE; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _headcount headcount \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[*]}}\""
        );
        asked(&env, &["bash", "--noprofile", "--norc"], &file, &script).stdout
    };
    assert_eq!(completed("headcount cle"), "cleanup\n");
    assert_eq!(completed("headcount cleanup --dr"), "--dry-run\n");
    assert_eq!(completed("headcount --color ''"), "auto always never\n");
}

#[test]
fn zsh_loads_the_completions() {
    let env = Environment::new();
    let Some(file) = completions(&env, "zsh") else { return };
    // A widget cannot complete outside of the line editor; the test checks that the file loads and registers.
    let script = "autoload -Uz compinit && compinit -u -D && source FILE && print $_comps[headcount] && functions _headcount | grep -c cleanup >/dev/null && print ok";
    let said = asked(&env, &["zsh", "-f"], &file, script).stdout;
    assert_eq!(said, "_headcount\nok\n");
}

#[test]
fn fish_completes_commands_and_options() {
    let env = Environment::new();
    let Some(file) = completions(&env, "fish") else { return };
    let completed = |line: &str| {
        let script = format!("source FILE; complete -C '{line}'");
        asked(&env, &["fish", "--no-config"], &file, &script).stdout
    };
    assert!(completed("headcount cle").starts_with("cleanup\tMark stale sessions"), "{}", completed("headcount cle"));
    assert!(completed("headcount cleanup --dr").starts_with("--dry-run\t"));
    assert!(completed("headcount --col").starts_with("--color\t"));
}

#[test]
fn the_manual_has_a_page_per_command() {
    let env = Environment::new();
    let pages = env.root().join("pages");
    std::fs::create_dir(&pages).unwrap();
    let written = run(env.command().env_remove("HOME").args(["man", "--into"]).arg(&pages));
    assert_eq!((written.code, written.stdout.as_str(), written.stderr.as_str()), (0, "", ""));
    let printed = run(env.command().env_remove("HOME").arg("man"));
    assert_eq!(printed.stdout, std::fs::read_to_string(pages.join("headcount.1")).unwrap());
    for section in ["EXIT STATUS", "ENVIRONMENT", "FILES", "cleanup"] {
        assert!(printed.stdout.contains(section), "{section}");
    }
    // One page for each command in the help.
    let help = env.run(&["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Continuation lines are indented further.
    let listed = listed.filter(|line| !line.starts_with("   "));
    let listed: Vec<_> =
        listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(listed.len() > 10, "{help}");
    for name in listed {
        assert!(pages.join(format!("headcount-{name}.1")).is_file(), "{name}");
    }
    if run(env.program("which").arg("mandoc")).code != 0 {
        return skipped("mandoc is not installed");
    }
    let files: Vec<_> = std::fs::read_dir(&pages).unwrap().map(|entry| entry.unwrap().path()).collect();
    let checked = run(env.program("mandoc").args(["-T", "lint", "-W", "error"]).args(files));
    assert_eq!((checked.code, checked.stdout.as_str()), (0, ""), "{checked:?}");
    let nowhere = run(env.command().args(["man", "--into", "/nowhere/at/all"]));
    assert!(nowhere.code == 1 && nowhere.stderr.contains("/nowhere/at/all"), "{nowhere:?}");
}
