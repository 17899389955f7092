//! What a person can do about an error.

use std::io;

use headcount_core::registry::Unreadable;

/// What to do about a registry that cannot be parsed.
pub(super) fn of_unreadable(reason: &Unreadable) -> &'static str {
    match reason {
        Unreadable::Empty | Unreadable::Truncated { .. } => {
            "Another program may be writing it, or stopped while writing; Headcount does not change the file until it is complete"
        }
        Unreadable::DuplicateKey { .. } => {
            "Remove one of the two in an editor; Headcount does not change the file until then"
        }
        _ => "Correct it in an editor or restore a copy; Headcount does not change the file until then",
    }
}

/// What to do about a failed system call. `doing` is what was tried, in the infinitive.
pub(super) fn of_io(doing: &str, source: &io::Error) -> &'static str {
    match source.kind() {
        _ if doing == "lock" && is_lock_refused(source) => {
            "Files cannot be locked there (flock), and Headcount changes nothing without a lock: on a network file system such as NFS, enable locking; otherwise keep the registry on a local file system"
        }
        io::ErrorKind::PermissionDenied => "Check that you can read and write it and its folder, then try again",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Free some space there, then try again",
        io::ErrorKind::ReadOnlyFilesystem => "That file system is read-only",
        io::ErrorKind::FileTooLarge => {
            "The limit for the size of files is too low (ulimit -f): raise it, then try again"
        }
        io::ErrorKind::ResourceBusy => "If the file itself is a mount point, mount its folder instead, then try again",
        _ => "Check what is there, then try again",
    }
}

/// Whether the file system or the system does not support locks, or has none left.
fn is_lock_refused(source: &io::Error) -> bool {
    // ENOLCK has no kind of its own: 37 on Linux, 77 on macOS and the BSDs.
    let no_locks = if cfg!(target_os = "linux") { 37 } else { 77 };
    source.kind() == io::ErrorKind::Unsupported || cfg!(unix) && source.raw_os_error() == Some(no_locks)
}

/// Which workspaces there are, or how to add one.
pub(super) fn of_unknown_workspace(known: &[String]) -> String {
    if known.is_empty() {
        "Add one with `headcount workspaces add NAME REGISTRY`".into()
    } else {
        format!("The configuration has {}", known.join(", "))
    }
}

// The error numbers are those of Linux.
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Error;

    #[test]
    fn missing_lock_support_has_its_own_advice() {
        let message = |doing, code| Error::io(doing, Path::new("/r"), io::Error::from_raw_os_error(code)).to_string();
        let (no_locks, not_supported, not_there, denied) = (37, 95, 2, 13);
        for code in [no_locks, not_supported] {
            assert!(message("lock", code).contains("flock"), "{}", message("lock", code));
            assert!(!message("read", code).contains("flock"));
        }
        assert!(
            !message("lock", not_there).contains("flock") && message("lock", denied).contains("Check that you can")
        );
    }
}
