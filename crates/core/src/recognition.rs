//! Recognizes a registry by its first bytes, so that a file of another program with the same name is not taken for one.
//!
//! A registry is an empty object, an object of empty objects under numeric keys, or one in which at least one numeric key has
//! an object with one of `session_id`, `status`, `registered_at`. Programs that share the registry truncate and rewrite it, so a file that is empty or cut off
//! is recognized by what is there: no key yet, or a numeric key with an object, may become a registry.
//!
//! Reads strings by their extent only: bad escapes and raw control characters are no reason to refuse a registry here.
//! Does not check that the text is a whole or valid registry; [`crate::Registry::read`] does.

/// The keys of which an entry has at least one.
const ENTRY_KEYS: [&[u8]; 3] = [b"session_id", b"status", b"registered_at"];

/// How deep values may be nested; deeper text is not what any program writes into a registry.
const DEPTH: usize = 256;

/// What the first bytes of a file say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// It is a registry, or may be one that another program is writing at the moment.
    Registry,
    /// It ends in the middle and has only keys of another program so far: worth a second look.
    Unfinished,
    /// It belongs to another program.
    Foreign(Foreign),
}

/// Why a file is not a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// A list, a number, plain text.
    #[error("not a JSON object")]
    NotAnObject,
    /// An object without one session.
    #[error("none of its keys is the number of a session")]
    NoSession,
}

/// Recognizes a file by its first `bytes`. `is_whole` is true if there are no others.
#[must_use]
pub fn recognize(bytes: &[u8], is_whole: bool) -> Recognition {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut text = Scanner { rest: body };
    text.skip_space();
    match text.rest.first() {
        // Truncated by its writer, or never reached the disk before a power loss.
        None => return Recognition::Registry,
        Some(b'{') => {}
        Some(b'[') => return Recognition::Foreign(Foreign::NotAnObject),
        // A merge conflict in a registry is a registry that cannot be read.
        Some(_) if has_numbered_object(body) => return Recognition::Registry,
        Some(_) => return Recognition::Foreign(Foreign::NotAnObject),
    }
    let mut seen = Seen::default();
    match text.members(&mut |key, value| seen.member(key, value)) {
        Ok(Step::Found) => Recognition::Registry,
        Ok(Step::Next) if !seen.has_foreign => Recognition::Registry,
        Err(Stop::End) if seen.keys == 0 || seen.has_numbered => Recognition::Registry,
        Err(Stop::End) if is_whole => Recognition::Unfinished,
        Err(Stop::Malformed) if seen.has_numbered || has_numbered_object(text.rest) => Recognition::Registry,
        Ok(Step::Next) | Err(_) => Recognition::Foreign(Foreign::NoSession),
    }
}

/// What was seen of the members of a file.
#[derive(Default)]
struct Seen {
    keys: usize,
    /// A numeric key has an object.
    has_numbered: bool,
    /// A member is neither a session nor an empty object under a numeric key.
    has_foreign: bool,
}

impl Seen {
    fn member(&mut self, key: &[u8], value: &mut Scanner<'_>) -> Result<Step, Stop> {
        self.keys += 1;
        if !is_number(key) || value.rest.first() != Some(&b'{') {
            self.has_foreign = true;
            return value.skip_value(0).map(|()| Step::Next);
        }
        self.has_numbered = true;
        value.members(&mut |name, field| {
            self.has_foreign = true;
            if ENTRY_KEYS.contains(&name) {
                return Ok(Step::Found);
            }
            field.skip_value(0).map(|()| Step::Next)
        })
    }
}

/// A number as a key of the registry writes it.
fn is_number(key: &[u8]) -> bool {
    !key.is_empty()
        && key.len() <= 20
        && key.iter().all(u8::is_ascii_digit)
        && (key == b"0" || key.first() != Some(&b'0'))
}

/// Whether `"<number>": {` is anywhere in a text that is not JSON.
fn has_numbered_object(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        // A window of this size, so that the time stays in proportion to the text.
        let window = rest.get(at..).map(|text| text.get(..256).unwrap_or(text));
        let mut key = Scanner { rest: window.unwrap_or_default() };
        let is_numbered = matches!(key.string(), Ok(name) if is_number(name));
        if is_numbered && key.after_colon().is_ok() && key.rest.first() == Some(&b'{') {
            return true;
        }
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    false
}

/// Whether to go on with the next member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Next,
    Found,
}

/// What is called with each key, positioned at its value.
type Each<'e, 't> = dyn FnMut(&[u8], &mut Scanner<'t>) -> Result<Step, Stop> + 'e;

/// Why scanning stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// The bytes end in the middle.
    End,
    /// It is not JSON.
    Malformed,
}

/// JSON text, scanned by extent.
struct Scanner<'t> {
    rest: &'t [u8],
}

impl<'t> Scanner<'t> {
    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// Skips white space, and the zero bytes of blocks that a power loss left unwritten.
    fn skip_space(&mut self) {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0);
        self.skip(self.rest.iter().take_while(|byte| is_space(byte)).count());
    }

    fn next_byte(&mut self) -> Result<u8, Stop> {
        self.skip_space();
        self.rest.first().copied().ok_or(Stop::End)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Stop> {
        if self.next_byte()? != wanted {
            return Err(Stop::Malformed);
        }
        self.skip(1);
        Ok(())
    }

    fn after_colon(&mut self) -> Result<(), Stop> {
        self.expect(b':')?;
        self.next_byte().map(drop)
    }

    /// The bytes between the quotes of a string, escapes as they are written.
    fn string(&mut self) -> Result<&'t [u8], Stop> {
        self.expect(b'"')?;
        let text = self.rest;
        let mut end = 0;
        loop {
            match text.get(end) {
                None => return Err(Stop::End),
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        self.skip(end + 1);
        Ok(text.get(..end).unwrap_or_default())
    }

    /// Calls `each` with the key of every member, positioned at its value, which it has to skip.
    fn members(&mut self, each: &mut Each<'_, 't>) -> Result<Step, Stop> {
        self.expect(b'{')?;
        if self.next_byte()? == b'}' {
            self.skip(1);
            return Ok(Step::Next);
        }
        loop {
            let key = self.string()?;
            self.after_colon()?;
            if each(key, self)? == Step::Found {
                return Ok(Step::Found);
            }
            match self.next_byte()? {
                b',' => self.skip(1),
                b'}' => {
                    self.skip(1);
                    return Ok(Step::Next);
                }
                _ => return Err(Stop::Malformed),
            }
        }
    }

    /// Skips a value, without a check of what is in it.
    fn skip_value(&mut self, depth: usize) -> Result<(), Stop> {
        match self.next_byte()? {
            b'"' => self.string().map(drop),
            b'{' if depth < DEPTH => {
                self.members(&mut |_, value| value.skip_value(depth + 1).map(|()| Step::Next)).map(drop)
            }
            b'[' if depth < DEPTH => self.skip_list(depth),
            _ => {
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
                self.skip(length);
                if length == 0 { Err(Stop::Malformed) } else { Ok(()) }
            }
        }
    }

    fn skip_list(&mut self, depth: usize) -> Result<(), Stop> {
        self.expect(b'[')?;
        if self.next_byte()? == b']' {
            self.skip(1);
            return Ok(());
        }
        loop {
            self.skip_value(depth + 1)?;
            match self.next_byte()? {
                b',' => self.skip(1),
                b']' => {
                    self.skip(1);
                    return Ok(());
                }
                _ => return Err(Stop::Malformed),
            }
        }
    }
}

#[cfg(test)]
#[path = "recognition_tests.rs"]
mod tests;
