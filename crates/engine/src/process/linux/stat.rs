//! `/proc/<pid>/stat`: a process as the kernel describes it.

use std::path::Path;

/// The fields of `/proc/<pid>/stat` that are used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) name: String,
    pub(super) has_ended: bool,
    pub(super) parent: u32,
    pub(super) session: u32,
    pub(super) has_terminal: bool,
    pub(super) terminal: Option<String>,
    pub(super) threads: u32,
    pub(super) started: String,
}

impl Stat {
    pub(super) fn of(pid: u32) -> Option<Self> {
        Self::read(Path::new(&format!("/proc/{pid}/stat")))
    }

    pub(super) fn read(path: &Path) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Parses a line (`proc_pid_stat(5)`). The name is in parentheses and may contain any character, parentheses
    /// included.
    fn parse(text: &str) -> Option<Self> {
        let (head, tail) = text.rsplit_once(')')?;
        let name = head.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            name,
            has_ended: matches!(field(3)?, "Z" | "X" | "x"),
            parent: field(4)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            has_terminal: field(7)? != "0",
            terminal: terminal(field(7)?.parse().ok()?),
            threads: field(20)?.parse().ok()?,
            started: field(22)?.to_owned(),
        })
    }
}

/// The name of a terminal device, such as `pts/3` or `tty2`.
fn terminal(device: i64) -> Option<String> {
    let device = u32::try_from(device).ok()?;
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xf_ff00));
    match major {
        4 if minor < 64 => Some(format!("tty{minor}")),
        136..=143 => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_any_name() {
        let line = "767 (a) b ((c) S 1 767 767 34818 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 123456 99 0";
        let stat = Stat::parse(line).unwrap();
        let wanted = Stat {
            name: "a) b ((c".into(),
            has_ended: false,
            parent: 1,
            session: 767,
            has_terminal: true,
            terminal: Some("pts/2".into()),
            threads: 11,
            started: "123456".into(),
        };
        assert_eq!(stat, wanted);
        assert!(Stat::parse(&line.replace(" S ", " Z ")).unwrap().has_ended);
        for torn in ["", "767 (x", "767 (x)", "767 (x) S 1", "767 (x) S a b c d"] {
            assert_eq!(Stat::parse(torn), None, "{torn}");
        }
        assert_eq!(terminal(0), None);
        assert_eq!(terminal(0x402).as_deref(), Some("tty2"));
    }
}
