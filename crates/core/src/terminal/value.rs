//! Checks of values that become arguments of programs.
//!
//! Guarantees: a value that passes has no control character, and cannot be taken for an option: it does not start with
//! a dash. Arguments never reach a shell, so quotes, spaces and `;` in paths are allowed.

/// Whether a text is a decimal number without sign and leading zeros, below 2³¹.
#[must_use]
pub fn is_number(text: &str) -> bool {
    text.parse::<i32>().is_ok_and(|number| number >= 0 && number.to_string() == text)
}

/// Whether a text is an id with this prefix, such as `%12` of tmux.
#[must_use]
pub fn is_prefixed_number(prefix: char, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(is_number)
}

/// Whether a text is an absolute path on Unix.
#[must_use]
pub fn is_absolute(text: &str) -> bool {
    text.starts_with('/') && !text.chars().any(char::is_control)
}

/// Whether a text is one part of a path that is not hidden and has plain characters only.
#[must_use]
pub fn is_file_name(text: &str) -> bool {
    has_only(text, "-_.") && !text.starts_with(['-', '.'])
}

/// Whether a text is a terminal device, such as `/dev/pts/3`.
#[must_use]
pub fn is_device(text: &str) -> bool {
    text.strip_prefix("/dev/").is_some_and(|rest| has_only(rest, "/") && !rest.starts_with('/'))
}

/// Whether a text names an X display of this machine, such as `:0` or `:0.1`.
#[must_use]
pub fn is_local_display(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(':') else { return false };
    let (display, screen) = rest.split_once('.').unwrap_or((rest, "0"));
    is_number(display) && is_number(screen)
}

/// Whether a text is a host name or an address.
#[must_use]
pub fn is_host(text: &str) -> bool {
    has_only(text, "-_.:%") && !text.starts_with(['-', '.']) && text.len() <= 253
}

/// Whether a text is a name on the bus, unique (`:1.53`) or well known (`org.kde.konsole-123`).
#[must_use]
pub fn is_bus_name(text: &str) -> bool {
    has_only(text.strip_prefix(':').unwrap_or(text), "-_.") && !text.starts_with(['-', '.']) && text.len() <= 255
}

/// Whether a text is a UUID in lower case, with this character between its parts.
#[must_use]
pub fn is_uuid(text: &str, between: char) -> bool {
    let is_hex = |part: &str| part.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let parts: Vec<&str> = text.split(between).collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.into_iter().all(is_hex)
}

/// Whether a text is a hexadecimal number with the prefix `0x`.
#[must_use]
pub fn is_hex(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|rest| (1..=16).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Whether a text is not empty and has only ASCII letters, digits and these characters.
fn has_only(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that no check accepts.
    const HOSTILE: [&str; 14] =
        ["", "-t", "--help", "a b", "1;reboot", "$(id)", "`id`", "\n", "1\n2", "a\u{0}", "'", "\"", "\u{202e}1", ".."];

    #[test]
    fn every_check_refuses_hostile_values() {
        type Check<'a> = &'a dyn Fn(&str) -> bool;
        let checks: [(&str, Check<'_>); 10] = [
            ("number", &is_number),
            ("pane", &|text| is_prefixed_number('%', text)),
            ("absolute", &is_absolute),
            ("file name", &is_file_name),
            ("device", &is_device),
            ("display", &is_local_display),
            ("uuid", &|text| is_uuid(text, '_')),
            ("hex", &is_hex),
            ("host", &is_host),
            ("bus name", &is_bus_name),
        ];
        for (name, check) in checks {
            for text in HOSTILE {
                assert!(!check(text), "{name}: {text:?}");
            }
        }
    }

    #[test]
    fn usual_values_pass() {
        assert!(is_number("0") && is_number("12") && !is_number("012") && !is_number("+1") && !is_number("4294967296"));
        assert!(is_prefixed_number('%', "%0") && !is_prefixed_number('%', "0") && !is_prefixed_number('@', "%0"));
        assert!(is_absolute("/tmp/tmux-0/a b;$(id)'") && !is_absolute("tmp") && !is_absolute("/a\nb"));
        assert!(
            is_device("/dev/pts/3") && is_device("/dev/ttys003") && !is_device("/dev/../etc") && !is_device("/dev//a")
        );
        assert!(
            is_local_display(":0")
                && is_local_display(":99.0")
                && !is_local_display("host:0")
                && !is_local_display(":x")
        );
        assert!(is_host("10.0.0.5") && is_host("fe80::1%eth0") && is_host("a-b.example"));
        assert!(is_bus_name(":1.53") && is_bus_name("org.kde.konsole-12"));
        assert!(
            is_uuid("0f5d0a9c_1c1b_4a0e_9a57_aaaaaaaaaaaa", '_')
                && !is_uuid("0f5d0a9c-1c1b-4a0e-9a57-aaaaaaaaaaaa", '_')
        );
        assert!(is_hex("0x55d5f0a1b2c0") && !is_hex("0x") && !is_hex("55"));
    }
}
