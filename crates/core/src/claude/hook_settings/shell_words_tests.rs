//! Tests: command lines are split like a shell does.

use super::*;
use proptest::prelude::*;

/// The words, operators and redirections, one string each.
fn shown(line: &str) -> Vec<String> {
    let show = |token| match token {
        Token::Word(word) => match word.expansion {
            Expansion::None => word.text,
            Expansion::Variables => format!("v:{}", word.text),
            Expansion::Other => format!("x:{}", word.text),
        },
        Token::Operator(operator) => format!("op {operator}"),
        Token::Redirection { operator, target } => format!("{operator} {}", target.text),
    };
    split(line).unwrap().into_iter().map(show).collect()
}

#[test]
fn lines_are_split_into_words_and_operators() {
    for (line, wanted) in [
        ("a b", &["a", "b"][..]),
        ("'a b'\"c d\"\\ e", &["a bc d e"]),
        (r#""a\"b\$c\d""#, &[r#"a"b$c\d"#]),
        ("a;b&&c||d|e|&f&g", &["a", "op ;", "b", "op &&", "c", "op ||", "d", "op |", "e", "op |&", "f", "op &", "g"]),
        ("a # b", &["a"]),
        ("a#b", &["a#b"]),
        ("a\nb", &["a", "op \n", "b"]),
        ("a \\\n b", &["a", "b"]),
        ("a 2>/dev/null >b 2>&1 &>c", &["a", "2> /dev/null", "> b", "2>& 1", "&> c"]),
        ("a2>b", &["a2", "> b"]),
        ("a <b", &["a", "< b"]),
        ("$HOME/a ${X}b \"$HOME\"/c '$HOME'", &["v:$HOME/a", "v:$Xb", "v:$HOME/c", "$HOME"]),
        ("~/a a~b", &["v:~/a", "a~b"]),
        ("${X:-a} $1 $(b c) `d` a*", &["x:$X", "x:$1", "x:", "x:", "x:a*"]),
        ("C:\\a\\b.exe c", &["C:\\a\\b.exe", "c"]),
        ("(a)", &["op (", "a", "op )"]),
    ] {
        assert_eq!(shown(line), wanted, "{line}");
    }
    for line in ["'a", "\"a", "a\\", "$(a", "`a", "a <<E\nb\nE", "a <<< b", "<(a)", "a >", "a > ;"] {
        assert_eq!(split(line), None, "{line}");
    }
    let substituted = |line: &str| match split(line).unwrap().remove(0) {
        Token::Word(word) => word.substitutions,
        other => panic!("{other:?}"),
    };
    assert_eq!(substituted("\"$(a ')' \"b\" (c))`d`\""), ["a ')' \"b\" (c)", "d"]);
}

proptest! {
    #[test]
    fn quoted_text_is_one_word(text in any::<String>()) {
        let tokens = split(&quoted(&text)).unwrap();
        let word = |token: &Token| match token { Token::Word(word) => Some((word.text.clone(), word.expansion)), _ => None };
        prop_assert_eq!(tokens.iter().map(word).collect::<Vec<_>>(), vec![Some((text, Expansion::None))]);
    }

    #[test]
    fn any_line_is_split_or_refused(line in "[a\\\\'\"$`(){}<>&|;# \n~*1]{0,24}") {
        for token in split(&line).unwrap_or_default() {
            if let Token::Word(word) = token {
                prop_assert!(line.get(word.range).is_some());
            }
        }
    }
}
