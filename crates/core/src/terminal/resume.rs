//! The command that resumes a session in another terminal, to be copied by a person.
//!
//! Guarantees: the text is one line of shell words without control characters, so that pasting it runs nothing before a
//! person presses Enter. `None` if the session's id or folder is not usable.

use crate::terminal::value;

/// The command that resumes a conversation of Claude Code in its folder.
#[must_use]
pub fn command(folder: Option<&str>, session_id: Option<&str>) -> Option<String> {
    let id = session_id.filter(|id| value::is_uuid(&id.to_ascii_lowercase(), '-'))?;
    let folder = folder.filter(|folder| is_pasteable(folder))?;
    Some(format!("cd {} && claude --resume {id}", quoted(folder)))
}

/// The command that attaches a terminal to a session of tmux.
#[must_use]
pub fn attach_tmux(socket: &str, session: &str) -> Option<String> {
    (is_pasteable(socket) && value::is_prefixed_number('$', session))
        .then(|| format!("tmux -S {} attach-session -t '{session}'", quoted(socket)))
}

/// A path as one word of a command to paste; `None` if it cannot be pasted safely.
#[must_use]
pub fn path_word(path: &str) -> Option<String> {
    is_pasteable(path).then(|| quoted(path))
}

/// One word for a shell. Single quotes, because interactive shells expand `!` within double quotes.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a path can be part of a line that a person pastes: absolute, and without characters that a terminal acts on
/// or that change how the line looks.
fn is_pasteable(path: &str) -> bool {
    let looks_as_it_is = crate::foreign_text::plain(path, path.chars().count()) == path;
    value::is_absolute(path) && looks_as_it_is
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "31d88d15-0a1b-4c2d-8e3f-0123456789ab";

    #[test]
    fn folders_are_quoted() {
        for (folder, word) in [
            ("/home/a/project", "/home/a/project"),
            ("/home/a b", "'/home/a b'"),
            ("/tmp/$(id);`id`", "'/tmp/$(id);`id`'"),
            ("/tmp/it's", r"'/tmp/it'\''s'"),
            ("/tmp/\"x\"&&y", "'/tmp/\"x\"&&y'"),
        ] {
            assert_eq!(command(Some(folder), Some(ID)), Some(format!("cd {word} && claude --resume {ID}")), "{folder}");
        }
    }

    #[test]
    fn a_path_is_one_word_or_none() {
        assert_eq!(path_word("/tmp/$(id)").as_deref(), Some("'/tmp/$(id)'"));
        assert_eq!(path_word("/a\u{1b}[31m"), None);
        assert_eq!(path_word("-x"), None);
    }

    #[test]
    fn unusable_values_give_no_command() {
        for folder in ["", "relative", "-x", "/a\nb", "/a\u{1b}[201~b", "/a\u{202e}b", "/a\u{7f}"] {
            assert_eq!(command(Some(folder), Some(ID)), None, "{folder:?}");
        }
        for id in ["", "--help", "session-1", "31d88d15-0a1b-4c2d-8e3f-0123456789ab; id", "$(id)"] {
            assert_eq!(command(Some("/tmp"), Some(id)), None, "{id:?}");
        }
        assert_eq!(command(None, Some(ID)), None);
        assert_eq!(command(Some("/tmp"), None), None);
        assert_eq!(attach_tmux("/tmp/a b", "$3").as_deref(), Some("tmux -S '/tmp/a b' attach-session -t '$3'"));
        assert_eq!(attach_tmux("/tmp/a", "main"), None);
        assert_eq!(attach_tmux("/tmp/a\nb", "$3"), None);
    }
}
