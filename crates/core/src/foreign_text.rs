//! Sanitizes text from files and other programs for terminals, menus and notifications.
//!
//! Guarantees: [`plain`] gives one line without control characters, invisible characters and bidirectional controls;
//! [`json_escaped`] gives JSON text of the same value with these characters escaped. Joiners are kept if a script or an
//! emoji needs them.

/// Foreign text as one plain line of at most `limit` characters; an ellipsis marks a cut.
#[must_use]
pub fn plain(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut is_gap = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_joiner = !is_gap && is_required_joiner(out.chars().next_back(), c, chars.peek().copied());
        if is_invisible(c) && !is_joiner {
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            is_gap = !out.is_empty();
            continue;
        }
        for c in is_gap.then_some(' ').into_iter().chain([c]) {
            if length == limit {
                out.pop();
                out.truncate(out.trim_end_matches([ZWJ, ZWNJ]).len());
                out.push('…');
                return out;
            }
            out.push(c);
            length += 1;
        }
        is_gap = false;
    }
    out
}

/// JSON text with control and invisible characters in its strings escaped: the same value, safe to print on a terminal.
#[must_use]
pub fn json_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // JSON's syntax is ASCII, line breaks included, so the escaped characters are always inside of strings.
        let is_special = !c.is_ascii() && c.is_control() || c == '\u{7f}' || matches!(c, '\u{2028}' | '\u{2029}');
        if is_special || is_invisible(c) && c != ZWJ && c != ZWNJ {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a character is invisible and changes how others are shown: direction, joining, tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The zero-width joiner and non-joiner.
const ZWJ: char = '\u{200d}';
const ZWNJ: char = '\u{200c}';

/// Whether a joiner changes the letters or emoji around it. Persian and Indic scripts need joiners, and so do emoji of
/// families and professions. Follows Unicode's rules for identifiers, by whole scripts.
fn is_required_joiner(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (ZWJ | ZWNJ, Some(before)) = (joiner, before) else { return false };
    let is_emoji = |c: char| {
        matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}')
    };
    let joins_letters = is_joining(before) && (after.is_some_and(is_joining) || is_virama(before));
    let joins_emoji = (is_emoji(before) || before == '\u{fe0f}') && after.is_some_and(is_emoji);
    joins_letters || joiner == ZWJ && joins_emoji
}

/// Whether a character belongs to a script whose letters change by joining: Arabic, Syriac, N'Ko, Mongolian, and the
/// scripts of India and South-East Asia.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{7ff}' | '\u{840}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{a840}'..='\u{a8ff}' | '\u{a980}'..='\u{a9df}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Whether a character is a virama: a mark that joins a consonant to the next one, or ends it.
fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
            | '\u{1039}'
            | '\u{17d2}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joiners_are_kept_only_if_a_script_needs_them() {
        for kept in [
            "می\u{200c}خواهم",
            "श्री\u{200d}मान",
            "ක්\u{200d}ෂ",
            "ന്\u{200d} x",
            "👨\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}💻",
        ] {
            assert_eq!(plain(kept, 20), kept, "{kept:?}");
        }
        for (text, wanted) in [
            ("ad\u{200d}min", "admin"),
            ("ad\u{200c}min", "admin"),
            ("\u{200d}a\u{200c}", "a"),
            ("م\u{200c}a", "مa"),
            ("م\u{200c}\u{200c}\u{200d}م", "م\u{200d}م"),
            ("👨\u{200c}👩", "👨👩"),
            ("👨\u{200d}a", "👨a"),
            ("م \u{200d}م", "م م"),
        ] {
            assert_eq!(plain(text, 20), wanted, "{text:?}");
        }
    }

    #[test]
    fn escaped_json_is_safe_and_has_the_same_value() {
        let odd =
            "a\u{85}\u{9b}31m\u{202e}\u{2066}\u{200e}\u{7f}\u{2028}\u{feff}\u{e0041}é\u{1b}می\u{200c}خ日❤\u{fe0f}";
        let value = serde_json::json!({ odd: [odd, { "x": odd }] });
        let text = json_escaped(&serde_json::to_string_pretty(&value).unwrap_or_default());
        let is_harmless = |c: char| c == '\n' || !(c.is_control() || is_invisible(c) && c != ZWNJ || c == '\u{2028}');
        assert!(text.chars().all(is_harmless), "{text:?}");
        assert!(text.contains("\\u009b31m\\u202e\\u2066\\u200e\\u007f\\u2028\\ufeff\\udb40\\udc41é\\u001b"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
    }

    #[test]
    fn plain_text_is_one_line_without_control_characters() {
        assert_eq!(plain("  a\n\tb\u{7} c\r\n", 20), "a b c");
        assert_eq!(plain("\u{202e}evil\u{2066}\u{200b}", 20), "evil");
        assert_eq!(plain("abcdefgh", 8), "abcdefgh");
        assert_eq!(plain("abcdefghi", 8), "abcdefg…");
        assert_eq!(plain("\u{1b}[31mred", 20), "[31mred");
        assert_eq!(plain("", 8), "");
        assert_eq!(plain("می\u{200c}خواهم", 2), "م…");
        assert_eq!(plain("x", 0), "…");
    }
}
