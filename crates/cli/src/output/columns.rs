//! Text measured in terminal columns.
//!
//! Guarantees: truncating and padding use the same measure, so columns line up in any script. A character is never
//! separated from its combining marks, variation selectors or joined characters.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Marks the place where text was cut off.
const ELLIPSIS: char = '…';

/// The number of columns that a text occupies.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text, padded on the right to `columns`.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text, padded on the left to `columns`.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text in at most `columns` columns, cut at the end.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut out = String::new();
    for cluster in clusters(text) {
        match left.checked_sub(width(cluster)) {
            Some(rest) => left = rest,
            None => break,
        }
        out.push_str(cluster);
    }
    out.truncate(out.trim_end().len());
    out.extend((columns > 0).then_some(ELLIPSIS));
    out
}

/// The text in at most `columns` columns, cut at the beginning. For paths: their ends carry more information.
pub(crate) fn cut_start(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut start = text.len();
    for cluster in clusters(text).collect::<Vec<_>>().into_iter().rev() {
        match left.checked_sub(width(cluster)) {
            Some(rest) => left = rest,
            None => break,
        }
        start -= cluster.len();
    }
    let ellipsis = (columns > 0).then_some(ELLIPSIS);
    ellipsis.into_iter().chain(text.get(start..).unwrap_or_default().chars()).collect()
}

/// Splits a line with SGR escape sequences into segments: the style that starts a segment, and its text.
fn styled_segments(line: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    line.split("\x1b[").enumerate().map(|(at, piece)| match piece.split_once('m') {
        Some((style, text)) if at > 0 => (Some(style), text),
        _ => (None, piece),
    })
}

/// The visible text of a line with styles.
fn visible_text(line: &str) -> String {
    styled_segments(line).map(|(_, text)| text).collect()
}

/// Whether a line with styles has at most `columns` columns.
pub(crate) fn fits(line: &str, columns: usize) -> bool {
    width(&visible_text(line)) <= columns
}

/// A line with styles, cut to at most `columns` columns. Keeps all escape sequences.
pub(crate) fn cut_styled(line: &str, columns: usize) -> String {
    let plain = visible_text(line);
    if width(&plain) <= columns {
        return line.to_owned();
    }
    let cut = cut(&plain, columns);
    let mut kept = cut.trim_end_matches(ELLIPSIS);
    let mut out = String::new();
    for (style, text) in styled_segments(line) {
        if let Some(style) = style {
            out.extend(["\x1b[", style, "m"]);
        }
        let count = kept.len().min(text.len());
        out.push_str(kept.get(..count).unwrap_or_default());
        let was_left = !kept.is_empty();
        kept = kept.get(count..).unwrap_or_default();
        if was_left && kept.is_empty() {
            out.push(ELLIPSIS);
        }
    }
    out
}

/// The grapheme clusters of a text, as far as terminals combine them: a character and what is shown as part of it.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = cluster_end(rest)?;
        let (cluster, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(cluster)
    })
}

fn cluster_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, mut before) = chars.next()?;
    // A flag is a pair of regional indicators.
    let mut is_half_flag = is_flag_letter(before);
    for (at, c) in chars {
        let is_modifier = matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
        let ends_flag = is_half_flag && is_flag_letter(c);
        let belongs = c.width().unwrap_or_default() == 0 || is_modifier || before == '\u{200d}' || ends_flag;
        if !belongs {
            return Some(at);
        }
        is_half_flag &= !ends_flag;
        before = c;
    }
    Some(text.len())
}

fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_padded_to_terminal_columns() {
        assert_eq!(cut("日本語です", 7), "日本語…");
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("abc defg", 5), "abc…");
        assert_eq!((cut("ab", 1), cut("ab", 0)), ("…".into(), String::new()));
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(pad_left("7", 3), "  7");
        assert_eq!(cut_start("/a/b/c.json", 7), "…c.json");
        assert_eq!((cut_start("日本語", 4), cut_start("abc", 3)), ("…語".into(), "abc".into()));
    }

    #[test]
    fn clusters_keep_marks_joiners_and_flags_together() {
        let parts = |text| clusters(text).collect::<Vec<_>>();
        assert_eq!(parts("e\u{301}a"), ["e\u{301}", "a"]);
        assert_eq!(parts("❤\u{fe0f}x1\u{fe0f}\u{20e3}"), ["❤\u{fe0f}", "x", "1\u{fe0f}\u{20e3}"]);
        assert_eq!(parts("👨\u{200d}👩\u{200d}👧👍🏽"), ["👨\u{200d}👩\u{200d}👧", "👍🏽"]);
        assert_eq!(parts("🇩🇪🇫🇷🇩"), ["🇩🇪", "🇫🇷", "🇩"]);
    }

    #[test]
    fn cut_and_padded_text_has_the_exact_width() {
        let hearts = "❤\u{fe0f}".repeat(12);
        for text in [hearts.as_str(), "👨\u{200d}👩\u{200d}👧 ok 👍🏽👍🏽", "日本e\u{301}語です", "🇩🇪🇫🇷 x", "سلام لا لا لا"]
        {
            for columns in 0..30 {
                let row = pad(&cut(text, columns), columns);
                assert_eq!(width(&row), columns, "{text:?} in {columns}: {row:?}");
                assert!(width(&cut_start(text, columns)) <= columns);
            }
        }
    }

    #[test]
    fn a_styled_line_is_cut_by_its_visible_width() {
        let line = "  \x1b[32mactive\x1b[0m  \x1b[2mreason\x1b[0m";
        assert_eq!(cut_styled(line, 16), line);
        assert_eq!(cut_styled(line, 12), "  \x1b[32mactive\x1b[0m  \x1b[2mr…\x1b[0m");
        assert_eq!(cut_styled(line, 6), "  \x1b[32mact…\x1b[0m\x1b[2m\x1b[0m");
        assert_eq!(cut_styled("plain text", 6), "plain…");
        for columns in 0..20 {
            let cut = cut_styled(line, columns);
            assert!(fits(&cut, columns), "{columns}: {cut:?}");
        }
    }
}
