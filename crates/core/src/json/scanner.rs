//! A scanner that finds the extent of JSON values without building them.
//!
//! Guarantees: one pass, no recursion, memory proportional to the nesting (one bit per level) and to the captured
//! bytes; reads no byte beyond the requested value. Accepts all of JSON and, because Python and other programs write
//! them: raw control characters, unpaired surrogates, invalid UTF-8 and unknown escapes in strings, and any bare word as
//! a value (`NaN`, `-Infinity`, `None`, `undefined`, `0x1f`, `.5`, `007`): its end is certain even if its meaning is not.

use std::io::BufRead;

use super::captured::Captured;
use super::fault::Fault;
use super::nesting::Nesting;

/// A scanner over an input; [`Scanner::offset`] is the offset of the next byte.
pub(crate) struct Scanner<R> {
    input: R,
    offset: usize,
    /// Maximum number of bytes that are read.
    limit: usize,
    captured: Option<Captured>,
    nesting: Nesting,
    has_bad_escape: bool,
    /// Whether zero bytes count as white space.
    takes_zeros: bool,
}

impl<R: BufRead> Scanner<R> {
    pub(crate) fn new(input: R) -> Self {
        Self::with_limit(input, usize::MAX)
    }

    /// A scanner that fails with [`Fault::TooLong`] after `limit` bytes.
    pub(crate) fn with_limit(input: R, limit: usize) -> Self {
        let nesting = Nesting::default();
        Self { input, offset: 0, limit, captured: None, nesting, has_bad_escape: false, takes_zeros: false }
    }

    /// The same scanner, which treats zero bytes as white space.
    pub(crate) fn with_zeros_as_space(self) -> Self {
        Self { takes_zeros: true, ..self }
    }

    /// The offset of the next byte.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Whether a string scanned so far contains an escape that JSON does not define.
    pub(crate) fn has_bad_escape(&self) -> bool {
        self.has_bad_escape
    }

    /// Runs `scan` and returns the bytes it advanced past, at most `limit` of them.
    pub(crate) fn capture(
        &mut self,
        limit: usize,
        scan: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<Captured, Fault> {
        self.captured = Some(Captured::up_to(limit));
        let scanned = scan(self);
        let captured = self.captured.take();
        scanned.and_then(|()| captured.ok_or(Fault::End))
    }

    /// Skips a byte order mark, if there is one.
    pub(crate) fn byte_order_mark(&mut self) -> Result<(), Fault> {
        if self.peek()? == 0xef {
            for byte in [0xef, 0xbb, 0xbf] {
                self.expect(byte, "a value")?;
            }
        }
        Ok(())
    }

    /// Skips white space and the opening brace of an object.
    pub(crate) fn open_object(&mut self) -> Result<(), Fault> {
        match self.space()? {
            b'{' => {
                self.consume(1);
                Ok(())
            }
            b'[' | b'"' | b'-' | b'0'..=b'9' => Err(Fault::NotAnObject),
            _ => self.value().and(Err(Fault::NotAnObject)),
        }
    }

    /// Skips white space and the opening bracket of a list.
    pub(crate) fn open_list(&mut self) -> Result<(), Fault> {
        self.space()?;
        self.expect(b'[', "`[`")
    }

    /// Advances to the key of the object's next member, or past the closing brace. Returns whether there is a member.
    pub(crate) fn next_member(&mut self, is_first: bool) -> Result<bool, Fault> {
        match self.space()? {
            b'}' => {
                self.consume(1);
                return Ok(false);
            }
            b',' if !is_first => {
                self.consume(1);
                self.space()?;
            }
            _ if !is_first => return self.unexpected("`,` or `}`"),
            _ => {}
        }
        if self.peek()? == b'"' { Ok(true) } else { self.unexpected("a key in double quotes") }
    }

    /// Advances to the next item of a list, or past the closing bracket. Returns whether there is an item.
    pub(crate) fn next_item(&mut self, is_first: bool) -> Result<bool, Fault> {
        match self.space()? {
            b']' => {
                self.consume(1);
                return Ok(false);
            }
            b',' if !is_first => {
                self.consume(1);
                self.space()?;
            }
            _ if !is_first => return self.unexpected("`,` or `]`"),
            _ => {}
        }
        Ok(true)
    }

    /// Skips the colon after a key and the white space around it.
    pub(crate) fn colon(&mut self) -> Result<(), Fault> {
        self.space()?;
        self.expect(b':', "`:`")?;
        self.space().map(drop)
    }

    /// Skips white space. Fails if any other byte follows.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.space() {
            Err(Fault::End) => Ok(()),
            Ok(_) => self.unexpected("nothing more"),
            Err(fault) => Err(fault),
        }
    }

    /// Skips a value.
    pub(crate) fn value(&mut self) -> Result<(), Fault> {
        let outside = self.nesting.depth;
        loop {
            let mut is_opened = false;
            match self.space()? {
                b'"' => self.string()?,
                byte @ (b'{' | b'[') => {
                    self.consume(1);
                    let is_list = byte == b'[';
                    if !self.nesting.push(is_list) {
                        return Err(Fault::TooDeep { offset: self.offset });
                    }
                    is_opened = true;
                }
                _ => self.word()?,
            }
            // Advance to the next value of the innermost open container, closing those that end here.
            loop {
                if self.nesting.depth == outside {
                    return Ok(());
                }
                let is_list = self.nesting.is_list();
                let has_next = if is_list { self.next_item(is_opened)? } else { self.next_member(is_opened)? };
                if has_next {
                    if !is_list {
                        self.string()?;
                        self.colon()?;
                    }
                    break;
                }
                is_opened = false;
                self.nesting.pop();
            }
        }
    }

    /// Skips a string. The next byte must be its opening quote.
    pub(crate) fn string(&mut self) -> Result<(), Fault> {
        self.expect(b'"', "a string")?;
        loop {
            let chunk = self.chunk()?;
            let length = chunk.len();
            let Some(at) = chunk.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
                self.consume(length);
                continue;
            };
            let is_escape = chunk.get(at) == Some(&b'\\');
            self.consume(at + 1);
            if !is_escape {
                return Ok(());
            }
            self.escape()?;
        }
    }

    /// Skips an escape. Its backslash has been consumed.
    fn escape(&mut self) -> Result<(), Fault> {
        let escaped = self.peek()?;
        self.consume(1);
        match escaped {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
            b'u' => {
                for _ in 0..4 {
                    if !self.peek()?.is_ascii_hexdigit() {
                        self.has_bad_escape = true;
                        break;
                    }
                    self.consume(1);
                }
            }
            _ => self.has_bad_escape = true,
        }
        Ok(())
    }

    /// Skips a number, a literal or any other bare word.
    fn word(&mut self) -> Result<(), Fault> {
        let start = self.offset;
        loop {
            let chunk = match self.chunk() {
                Ok(chunk) => chunk,
                // Whether the word is complete shows the container that encloses it.
                Err(Fault::End) => break,
                Err(fault) => return Err(fault),
            };
            let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
            let end = chunk.iter().position(|byte| !of_word(byte));
            let count = end.unwrap_or(chunk.len());
            self.consume(count);
            if end.is_some() {
                break;
            }
        }
        if self.offset == start { self.unexpected("a value") } else { Ok(()) }
    }

    /// Skips white space and returns the byte after it, without consuming that.
    #[inline]
    pub(crate) fn space(&mut self) -> Result<u8, Fault> {
        match self.peek()? {
            b' ' | b'\n' | b'\t' | b'\r' | 0 => self.long_space(),
            byte => Ok(byte),
        }
    }

    fn long_space(&mut self) -> Result<u8, Fault> {
        loop {
            let takes_zeros = self.takes_zeros;
            let chunk = self.chunk()?;
            let is_space = |byte: u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r') || byte == 0 && takes_zeros;
            let next = chunk.iter().position(|byte| !is_space(*byte));
            let (count, byte) = next.map_or((chunk.len(), None), |at| (at, chunk.get(at).copied()));
            self.consume(count);
            if let Some(byte) = byte {
                return Ok(byte);
            }
        }
    }

    #[inline]
    fn expect(&mut self, wanted: u8, name: &'static str) -> Result<(), Fault> {
        if self.peek()? != wanted {
            return self.unexpected(name);
        }
        self.consume(1);
        Ok(())
    }

    fn unexpected<T>(&self, wanted: &'static str) -> Result<T, Fault> {
        Err(Fault::Unexpected { offset: self.offset, wanted })
    }

    #[inline]
    fn peek(&mut self) -> Result<u8, Fault> {
        self.chunk()?.first().copied().ok_or(Fault::End)
    }

    /// The bytes available, at least one.
    #[inline]
    fn chunk(&mut self) -> Result<&[u8], Fault> {
        if self.offset >= self.limit {
            return Err(Fault::TooLong);
        }
        while self.input.fill_buf().is_err_and(|error| error.kind() == std::io::ErrorKind::Interrupted) {}
        match self.input.fill_buf() {
            Ok(chunk) if !chunk.is_empty() => Ok(chunk),
            _ => Err(Fault::End),
        }
    }

    /// Consumes `count` of the available bytes.
    #[inline]
    fn consume(&mut self, count: usize) {
        if self.captured.is_some() {
            self.keep(count);
        }
        self.input.consume(count);
        self.offset += count;
    }

    fn keep(&mut self, count: usize) {
        if let (Some(captured), Ok(chunk)) = (&mut self.captured, self.input.fill_buf()) {
            captured.extend(chunk.get(..count).unwrap_or_default());
        }
    }
}

#[cfg(test)]
#[path = "scanner_tests.rs"]
mod tests;
