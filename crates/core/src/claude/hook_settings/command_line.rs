//! Classifies a hook's command by its relation to Headcount.
//!
//! Headcount's own commands only run its program as a hook, in any spelling. A line that also runs other programs, sets
//! variables or writes files belongs to the person who wrote it, and so does a line that only mentions Headcount.

use std::ops::Range;

use super::shell_words::{Expansion, Token, Word, quoted, split};
use super::{COMMAND, is_headcount};

/// The relation of a command to Headcount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CommandRole {
    /// It runs `headcount hook` and nothing else.
    Own(Own),
    /// A command written by a person that runs `headcount hook` among other things.
    Custom {
        /// The program of Headcount that it runs.
        program: String,
    },
    /// It names Headcount and does not run it as a hook, as far as can be determined.
    Mention,
}

/// A command that only runs Headcount's hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    /// The program, with `~` and variables unexpanded.
    pub(super) program: String,
    /// No `hook` follows: the arguments were lost.
    pub(super) is_bare: bool,
    spelling: Spelling,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Spelling {
    /// Run directly, with these arguments.
    Direct { args: Vec<String> },
    /// A line for a shell.
    Line {
        /// The range of the program in the line.
        program: Range<usize>,
        /// The arguments, if all of them are plain words.
        args: Option<Vec<String>>,
        /// The program's word is a path or name without expansions.
        is_literal: bool,
        /// The line has more than the program and its arguments: `exec`, `|| true`, `2>/dev/null`.
        is_decorated: bool,
    },
}

/// The form in which a hook's command is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One line for a shell, which every version of Claude Code supports.
    Shell,
    /// A program and its arguments, for systems without a common shell.
    Direct,
}

/// A command to write, and its arguments if it is run directly.
pub(super) type Written = (String, Option<Vec<String>>);

impl Own {
    /// The command in the current form. A spelling chosen by a person stays, unless its program `is_missing`.
    pub(super) fn rewritten(&self, command: &str, program: &str, form: Form, is_missing: bool) -> Written {
        let direct = |args: &[String]| {
            (program.to_owned(), Some(if args.is_empty() { vec![COMMAND.into()] } else { args.to_vec() }))
        };
        match (&self.spelling, form) {
            (Spelling::Direct { args }, Form::Direct) => direct(args),
            (Spelling::Direct { args }, Form::Shell) => (line(program, if self.is_bare { &[] } else { args }), None),
            (Spelling::Line { args: Some(args), is_literal: true, is_decorated: false, .. }, Form::Direct) => {
                direct(args)
            }
            (Spelling::Line { program: at, is_literal, is_decorated, .. }, _) => {
                let is_name = !self.program.contains(['/', '\\', '$', '~']);
                let is_portable = !is_literal || *is_decorated && is_name;
                if is_portable && !is_missing || *is_decorated && self.program == program {
                    return (command.to_owned(), None);
                }
                let part = |range: Range<usize>| command.get(range).unwrap_or_default();
                let (before, after) = (part(0..at.start), part(at.end..command.len()));
                let (before, after) =
                    if *is_decorated { (before, after) } else { (before.trim_start(), after.trim_end()) };
                let word = if self.is_bare { format!(" {COMMAND}") } else { String::new() };
                (format!("{before}{}{word}{after}", quoted(program)), None)
            }
        }
    }
}

/// A shell line that runs the program as a hook.
pub(super) fn line(program: &str, args: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.,:=@+".contains(c);
    let word = |arg: &String| if !arg.is_empty() && arg.chars().all(is_plain) { arg.clone() } else { quoted(arg) };
    let args = if args.is_empty() { COMMAND.to_owned() } else { args.iter().map(word).collect::<Vec<_>>().join(" ") };
    format!("{} {args}", quoted(program))
}

/// Classifies a program that is run directly, without a shell.
pub(super) fn of_program(program: &str, args: Vec<String>) -> Option<CommandRole> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let kind = is_headcount(program).then(|| run_kind(&words)).flatten();
    if let Some(kind) = kind.filter(|kind| *kind == Run::Hook || is_path(program)) {
        let spelling = Spelling::Direct { args };
        return Some(CommandRole::Own(Own { program: program.to_owned(), is_bare: kind == Run::Bare, spelling }));
    }
    let command: Vec<&str> = std::iter::once(program).chain(words).collect();
    if let Some(program) = run_by(&command, MAX_DEPTH) {
        return Some(CommandRole::Custom { program });
    }
    (mentions(program) || args.iter().any(|arg| mentions(arg))).then_some(CommandRole::Mention)
}

/// Classifies a shell command line; `None` if it is unrelated to Headcount.
pub(super) fn of_line(line: &str) -> Option<CommandRole> {
    if let Some(own) = split(line).and_then(own) {
        return Some(CommandRole::Own(own));
    }
    let custom = runs(line, MAX_DEPTH).map(|program| CommandRole::Custom { program });
    custom.or_else(|| mentions(line).then_some(CommandRole::Mention))
}

fn mentions(text: &str) -> bool {
    text.to_ascii_lowercase().contains("headcount")
}

/// Parses a command line that runs the hook and nothing else; `None` for any other line.
fn own(tokens: Vec<Token>) -> Option<Own> {
    let is_break = |token: &Token| matches!(token, Token::Operator(operator) if operator == ";" || operator == "\n");
    let mut tokens = tokens;
    let mut is_decorated = false;
    while tokens.first().is_some_and(|token| *token == Token::Operator("\n".into())) {
        tokens.remove(0);
    }
    while tokens.last().is_some_and(is_break) {
        is_decorated |= tokens.pop() == Some(Token::Operator(";".into()));
    }
    if let Some(at) = tokens.iter().position(|token| matches!(token, Token::Operator(_))) {
        let (operator, rest) = (tokens.get(at).cloned()?, tokens.split_off(at));
        let is_or = operator == Token::Operator("||".into());
        if !((is_or || is_break(&operator)) && does_nothing(rest.get(1..)?)) {
            return None;
        }
        is_decorated = true;
    }
    let mut words = Vec::new();
    for token in tokens {
        match token {
            Token::Word(word) => words.push(word),
            Token::Redirection { operator, target } if writes_no_file(&operator, &target) => is_decorated = true,
            _ => return None,
        }
    }
    while words.len() > 1 && words.first().is_some_and(|word| matches!(word.text.as_str(), "exec" | "command")) {
        words.remove(0);
        is_decorated = true;
    }
    if words.iter().any(|word| word.expansion == Expansion::Other) {
        return None;
    }
    let (program, rest) = words.split_first()?;
    let args: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let kind = run_kind(&args).filter(|_| is_headcount(&program.text))?;
    if kind == Run::Bare && (is_decorated || !is_path(&program.text)) {
        return None;
    }
    let is_plain = rest.iter().all(|word| word.expansion == Expansion::None);
    Some(Own {
        program: program.text.clone(),
        is_bare: kind == Run::Bare,
        spelling: Spelling::Line {
            program: program.range.clone(),
            args: is_plain.then(|| args.into_iter().map(str::to_owned).collect()),
            is_literal: program.expansion == Expansion::None,
            is_decorated,
        },
    })
}

/// Whether a command only sets the exit code: `true`, `:`, `exit 0`.
fn does_nothing(tokens: &[Token]) -> bool {
    let words: Option<Vec<&str>> = tokens
        .iter()
        .map(|token| if let Token::Word(word) = token { Some(word.text.as_str()) } else { None })
        .collect();
    matches!(words.as_deref(), Some(["true" | ":" | "exit"] | ["exit", "0"]))
}

/// Whether output is dropped or merged with other output, so that no file is written.
fn writes_no_file(operator: &str, target: &Word) -> bool {
    let is_output = operator.contains('>') && !operator.contains('<');
    let is_descriptor = operator.ends_with(">&") && matches!(target.text.as_str(), "1" | "2" | "-");
    is_output && (target.text == "/dev/null" || is_descriptor)
}

/// How Headcount's program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// As a hook.
    Hook,
    /// Without a command.
    Bare,
}

/// How these arguments run the program; `None` if not as a hook. Options can precede and follow `hook`.
fn run_kind(args: &[&str]) -> Option<Run> {
    let mut commands = Vec::new();
    let mut left = args.iter();
    while let Some(arg) = left.next() {
        match *arg {
            "--registry" | "--heartbeats" | "--timeout-minutes" | "--color" => {
                left.next()?;
            }
            "--json" => {}
            option if option.starts_with("--") && option.contains('=') => {}
            option if option.starts_with('-') => return None,
            command => commands.push(command),
        }
    }
    match commands.as_slice() {
        [COMMAND] => Some(Run::Hook),
        // With options it was written by a person, to print the table.
        [] if args.is_empty() => Some(Run::Bare),
        _ => None,
    }
}

/// Maximum depth of nested command lines.
const MAX_DEPTH: u32 = 4;

/// The program of Headcount that a command line runs as a hook, with the hook's input on its standard input.
fn runs(line: &str, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let mut words: Vec<Word> = Vec::new();
    let mut has_input = true;
    let mut found = None;
    // The last command has no operator after it.
    for token in split(line)?.into_iter().chain([Token::Operator("\n".into())]) {
        let substituted = match &token {
            Token::Word(word) | Token::Redirection { target: word, .. } => word.substitutions.as_slice(),
            Token::Operator(_) => &[],
        };
        found = found.or_else(|| substituted.iter().find_map(|line| runs(line, depth)));
        match token {
            Token::Word(word) => words.push(word),
            Token::Redirection { operator, target } => has_input &= keeps_input(&operator, &target),
            Token::Operator(operator) => {
                // A shell gives a background command no input.
                if has_input && operator != "&" {
                    let texts: Vec<&str> = words.iter().map(text).collect();
                    found = found.or_else(|| run_by(&texts, depth));
                }
                words.clear();
                has_input = true;
            }
        }
    }
    found
}

/// Whether a command still reads the hook's input after a redirection.
fn keeps_input(operator: &str, target: &Word) -> bool {
    !operator.contains('<') || matches!(target.text.as_str(), "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0" | "0")
}

/// The text of a word. For a substitution that looks up a program (`$(command -v …)`), the program.
fn text(word: &Word) -> &str {
    let ("", [line]) = (word.text.as_str(), word.substitutions.as_slice()) else { return &word.text };
    match line.trim().rsplit_once(' ') {
        Some(("command -v" | "which" | "type -p" | "type -P", program)) => program,
        _ => "",
    }
}

/// Shell keywords that precede a command.
const KEYWORDS: [&str; 9] = ["if", "then", "else", "elif", "while", "until", "do", "!", "{"];

/// Programs that run the command in their arguments.
const WRAPPERS: [&str; 13] = [
    "exec", "command", "env", "nohup", "timeout", "nice", "ionice", "setsid", "stdbuf", "time", "sudo", "doas",
    "chronic",
];

/// The program of Headcount that a simple command runs as a hook.
fn run_by(words: &[&str], depth: u32) -> Option<String> {
    let is_assignment = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let start = words.iter().position(|word| !(KEYWORDS.contains(word) || is_assignment(word)))?;
    let (program, args) = words.get(start..)?.split_first()?;
    // A variable named after the program is assumed to contain its path.
    let is_variable = program.starts_with('$') && !program.contains('/') && mentions(program);
    if is_headcount(program) || is_variable {
        return (run_kind(args) == Some(Run::Hook)).then(|| (*program).to_owned());
    }
    if *program == "eval" {
        return runs(&args.join(" "), depth);
    }
    if WRAPPERS.contains(&base(program)) && !args.iter().any(|arg| matches!(*arg, "-v" | "-V")) {
        let at = args.iter().position(|arg| is_headcount(arg) || is_shell(arg))?;
        return run_by(args.get(at..)?, depth);
    }
    interpreted(program, args).and_then(|line| runs(line, depth))
}

/// The command line in a shell's arguments.
fn interpreted<'a>(program: &str, args: &[&'a str]) -> Option<&'a str> {
    let at = args.iter().position(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.ends_with('c'))?;
    is_shell(program).then(|| args.get(at + 1).copied()).flatten()
}

/// Whether a program is given by its path, like in installed hooks.
fn is_path(program: &str) -> bool {
    program.contains(['/', '\\'])
}

fn is_shell(program: &str) -> bool {
    matches!(base(program), "sh" | "bash" | "dash" | "zsh" | "ksh" | "fish")
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or_default()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

#[cfg(test)]
#[path = "command_line_tests.rs"]
mod tests;
