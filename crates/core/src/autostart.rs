//! Texts of the autostart entries that start the app at login.
//!
//! Guarantees: each argument (a path with spaces, quotes, percent or dollar signs) reaches the program unchanged on
//! every system. Does not write files and does not know their locations. Accepted limit: desktops built on `GLib` do
//! not find a program with a percent sign in its own path.

/// The entry's name: of the file, of the registry value, and in the system's list of autostart entries.
pub const NAME: &str = "Headcount";

const COMMENT: &str = "How many of my Claude Code sessions are really running?";

/// A Linux desktop's autostart entry that runs `words`. Desktops ignore it while the program does not exist
/// (`TryExec`).
#[must_use]
pub fn desktop_entry(words: &[String]) -> String {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let exec: Vec<String> = words.iter().map(|word| value(&exec_word(word))).collect();
    format!(
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName={NAME}\nComment={COMMENT}\nIcon=headcount-tray\n\
         TryExec={}\nExec={}\nTerminal=false\nStartupNotify=false\n",
        value(program),
        exec.join(" ")
    )
}

/// Whether an autostart entry is enabled. Desktops disable one by adding a line to it.
#[must_use]
pub fn is_on(entry: &str) -> bool {
    let line = |line: &str| line.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    !entry.lines().filter_map(line).any(|(key, value)| {
        matches!((key.as_str(), value.as_str()), ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false"))
    })
}

/// A launch agent of macOS that runs `words`.
#[must_use]
pub fn launch_agent(words: &[String]) -> String {
    let line = |word: &String| format!("    <string>{}</string>\n", crate::view::text::messages::escape_markup(word));
    let words = words.iter().map(line).collect::<Vec<_>>().concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>{NAME}</string>\n  <key>ProgramArguments</key>\n  \
         <array>\n{words}  </array>\n  <key>RunAtLoad</key>\n  <true/>\n</dict>\n</plist>\n"
    )
}

/// Quotes one argument for a Windows command line.
#[must_use]
pub fn windows_word(word: &str) -> String {
    let mut out = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        // Backslashes are special only before a quote: there each must be doubled.
        match c {
            '\\' => backslashes += 1,
            '"' => {
                out.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        out.push(c);
    }
    out.extend(std::iter::repeat_n('\\', backslashes));
    out.push('"');
    out
}

/// Quotes one argument for an `Exec` line and escapes field codes.
fn exec_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.,:=@+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut out = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '`' | '$' | '\\' => out.extend(['\\', c]),
            '%' => out.push_str("%%"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Escapes a value of a desktop entry.
fn value(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str], key: &str) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let entry = desktop_entry(&words);
        entry.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned()
    }

    #[test]
    fn arguments_are_quoted_for_desktop_entries() {
        for (word, exec) in [
            ("/usr/bin/headcount-tray", "/usr/bin/headcount-tray"),
            ("/home/me/my apps/tray", r#""/home/me/my apps/tray""#),
            ("", r#""""#),
            ("100%f", r#""100%%f""#),
            ("a\"b", r#""a\\"b""#),
            ("$HOME`id`", r#""\\$HOME\\`id\\`""#),
            (r"back\slash", r#""back\\\\slash""#),
            ("a\nb", r#""a\nb""#),
            ("~;&|<>*?#()", r#""~;&|<>*?#()""#),
            ("日本", "\"日本\""),
        ] {
            assert_eq!(line(&["/tray", word], "Exec=/tray "), exec, "{word:?}");
        }
        assert_eq!(line(&[r"/my \tray"], "TryExec="), r"/my \\tray");
    }

    #[test]
    fn arguments_are_quoted_for_windows() {
        for (word, wanted) in [
            (r"C:\Program Files\Headcount\tray.exe", r#""C:\Program Files\Headcount\tray.exe""#),
            (r"C:\x\", r#""C:\x\\""#),
            ("a\"b", r#""a\"b""#),
            (r#"a\"b"#, r#""a\\\"b""#),
            ("", r#""""#),
        ] {
            assert_eq!(windows_word(word), wanted, "{word:?}");
        }
    }

    #[test]
    fn launch_agents_escape_xml() {
        let agent = launch_agent(&["/tray".into(), "<a & b>".into()]);
        assert!(agent.contains("<string>/tray</string>\n    <string>&lt;a &amp; b&gt;</string>\n"), "{agent}");
    }

    #[test]
    fn an_entry_disabled_by_the_desktop_is_off() {
        let entry = desktop_entry(&["/tray".into()]);
        assert!(is_on(&entry));
        assert!(!is_on(&format!("{entry}Hidden=true\n")));
        assert!(!is_on(&format!("{entry}X-GNOME-Autostart-enabled = false\n")));
        assert!(is_on(&format!("{entry}Hidden=false\n")));
    }
}
