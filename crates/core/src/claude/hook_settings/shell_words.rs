//! Splits a shell command line into words, operators and redirections.
//!
//! Covers what POSIX shells and bash have in common: quotes, backslashes, variables, command substitution, comments,
//! operators. A line with an unterminated quote, a here-document or a process substitution is refused. Expands nothing.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// A word, with its quotes removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes in the line, quotes included.
    pub(super) range: Range<usize>,
    /// Its text. A variable is kept as `$NAME`, a leading tilde as `~`.
    pub(super) text: String,
    /// The kind of expansion in it.
    pub(super) expansion: Expansion,
    /// Whether any part of it is quoted or escaped.
    pub(super) is_quoted: bool,
    /// The command lines of its command substitutions.
    pub(super) substitutions: Vec<String>,
}

/// The kind of expansion that the shell does in a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expansion {
    /// Nothing: the text is the word.
    #[default]
    None,
    /// Only variables and a leading tilde.
    Variables,
    /// Patterns, substitutions, arithmetic.
    Other,
}

/// A part of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word.
    Word(Word),
    /// `;`, `&&`, `||`, `|`, `&`, `(`, `)`, a line break.
    Operator(String),
    /// A redirection and its target.
    Redirection {
        /// `>`, `2>>`, `&>`, `2>&`, `<`, …
        operator: String,
        /// The file or the file descriptor.
        target: Word,
    },
}

/// Splits a command line; `None` if it is incomplete or not supported.
pub(super) fn split(line: &str) -> Option<Vec<Token>> {
    Lexer { line, chars: line.char_indices().peekable() }.tokens()
}

/// Quotes a text with double quotes for a shell.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

struct Lexer<'l> {
    line: &'l str,
    chars: Peekable<CharIndices<'l>>,
}

impl Lexer<'_> {
    fn tokens(mut self) -> Option<Vec<Token>> {
        let mut tokens = Vec::new();
        while let Some(&(start, c)) = self.chars.peek() {
            match c {
                ' ' | '\t' | '\r' => self.skip(),
                '\\' if self.rest(start + 1).starts_with('\n') => {
                    self.skip();
                    self.skip();
                }
                '#' => while self.chars.next_if(|(_, c)| *c != '\n').is_some() {},
                '<' | '>' => tokens.push(self.redirection(String::new())?),
                '&' if self.rest(start).starts_with("&>") => {
                    self.skip();
                    tokens.push(self.redirection("&".into())?);
                }
                '\n' | ';' | '&' | '|' | '(' | ')' => tokens.push(Token::Operator(self.operator())),
                _ => {
                    let word = self.word()?;
                    let next = self.chars.peek().map(|(_, c)| *c);
                    let is_descriptor = !word.is_quoted && word.text.bytes().all(|byte| byte.is_ascii_digit());
                    if is_descriptor && matches!(next, Some('<' | '>')) {
                        tokens.push(self.redirection(word.text)?);
                    } else {
                        tokens.push(Token::Word(word));
                    }
                }
            }
        }
        Some(tokens)
    }

    fn skip(&mut self) {
        self.chars.next();
    }

    fn rest(&self, at: usize) -> &str {
        self.line.get(at..).unwrap_or_default()
    }

    fn position(&mut self) -> usize {
        self.chars.peek().map_or(self.line.len(), |(at, _)| *at)
    }

    fn operator(&mut self) -> String {
        let first = self.chars.next().map(|(_, c)| c).unwrap_or_default();
        let mut operator = String::from(first);
        // `&&`, `||`, `;;`, and `|&`, which is a pipe.
        let second =
            self.chars.next_if(|(_, c)| matches!(first, '&' | '|' | ';') && (*c == first || first == '|' && *c == '&'));
        operator.extend(second.map(|(_, c)| c));
        operator
    }

    /// Parses a redirection. `operator` has its file descriptor or `&`, already consumed.
    fn redirection(&mut self, mut operator: String) -> Option<Token> {
        let start = self.position();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| matches!(c, '<' | '>' | '&' | '|')) {
            operator.push(c);
        }
        if self.rest(start).starts_with("<<") || self.rest(self.line.len().min(start + 1)).starts_with('(') {
            return None;
        }
        while self.chars.next_if(|(_, c)| matches!(c, ' ' | '\t')).is_some() {}
        match self.chars.peek() {
            None | Some((_, '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')) => None,
            Some(_) => Some(Token::Redirection { operator, target: self.word()? }),
        }
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.position();
        let is_windows_path = is_drive(self.rest(start));
        let mut word = Word {
            range: start..start,
            text: String::new(),
            expansion: Expansion::None,
            is_quoted: false,
            substitutions: Vec::new(),
        };
        while let Some(&(at, c)) = self.chars.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    self.skip();
                    word.is_quoted = true;
                    loop {
                        match self.chars.next()? {
                            (_, '\'') => break,
                            (_, c) => word.text.push(c),
                        }
                    }
                }
                '"' => self.double_quoted(&mut word)?,
                // A Windows path written by another program: a shell would not find it otherwise.
                '\\' if is_windows_path => {
                    self.skip();
                    word.text.push('\\');
                }
                '\\' => {
                    self.skip();
                    word.is_quoted = true;
                    match self.chars.next()? {
                        (_, '\n') => {}
                        (_, c) => word.text.push(c),
                    }
                }
                '$' | '`' => self.expansion(&mut word)?,
                _ => {
                    self.skip();
                    let expansion = match c {
                        '*' | '?' | '[' | '{' => Expansion::Other,
                        '~' if at == start => Expansion::Variables,
                        _ => Expansion::None,
                    };
                    word.expansion = word.expansion.max(expansion);
                    word.text.push(c);
                }
            }
        }
        word.range.end = self.position();
        Some(word)
    }

    fn double_quoted(&mut self, word: &mut Word) -> Option<()> {
        self.skip();
        word.is_quoted = true;
        loop {
            match self.chars.peek()?.1 {
                '"' => {
                    self.skip();
                    return Some(());
                }
                '$' | '`' => self.expansion(word)?,
                '\\' => {
                    self.skip();
                    match self.chars.next()? {
                        (_, '\n') => {}
                        (_, c @ ('"' | '\\' | '$' | '`')) => word.text.push(c),
                        (_, c) => word.text.extend(['\\', c]),
                    }
                }
                c => {
                    self.skip();
                    word.text.push(c);
                }
            }
        }
    }

    /// Parses an expansion that begins with `$` or a backtick.
    fn expansion(&mut self, word: &mut Word) -> Option<()> {
        if self.chars.next()?.1 == '`' {
            let inside = self.until_backtick()?;
            word.substitutions.push(inside);
            word.expansion = Expansion::Other;
            return Some(());
        }
        match self.chars.peek().map(|(_, c)| *c) {
            Some('(') => {
                let inside = self.parenthesised()?;
                word.substitutions.push(inside);
                word.expansion = Expansion::Other;
            }
            Some('{') => {
                self.skip();
                let name = self.name();
                word.text.push('$');
                word.text.push_str(&name);
                if self.chars.next_if(|(_, c)| *c == '}').is_some() && !name.is_empty() {
                    word.expansion = word.expansion.max(Expansion::Variables);
                } else {
                    // A default or a pattern, up to its end.
                    while self.chars.next()?.1 != '}' {}
                    word.expansion = Expansion::Other;
                }
            }
            Some(c) if c == '_' || c.is_ascii_alphabetic() => {
                word.text.push('$');
                let name = self.name();
                word.text.push_str(&name);
                word.expansion = word.expansion.max(Expansion::Variables);
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-'\"".contains(c) => {
                word.text.push('$');
                word.expansion = Expansion::Other;
            }
            _ => word.text.push('$'),
        }
        Some(())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| *c == '_' || c.is_ascii_alphanumeric()) {
            name.push(c);
        }
        name
    }

    fn until_backtick(&mut self) -> Option<String> {
        let mut inside = String::new();
        loop {
            match self.chars.next()?.1 {
                '`' => return Some(inside),
                '\\' => inside.push(self.chars.next()?.1),
                c => inside.push(c),
            }
        }
    }

    /// Parses a parenthesis. Returns its inside.
    fn parenthesised(&mut self) -> Option<String> {
        self.skip();
        let (mut inside, mut depth, mut quote) = (String::new(), 1, None);
        loop {
            let (_, c) = self.chars.next()?;
            match (c, quote) {
                ('\\', None | Some('"')) => {
                    inside.push(c);
                    inside.push(self.chars.next()?.1);
                    continue;
                }
                ('\'' | '"', None) => quote = Some(c),
                (_, Some(open)) if open == c => quote = None,
                ('(', None) => depth += 1,
                (')', None) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(inside);
            }
            inside.push(c);
        }
    }
}

/// Whether a text begins like an absolute Windows path: a drive letter, a colon and a backslash.
fn is_drive(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.as_str().starts_with(":\\")
}

#[cfg(test)]
#[path = "shell_words_tests.rs"]
mod tests;
