//! Files that another program has open on Windows, where it can keep others from reading or replacing them.
//!
//! Guarantees: a rename is repeated for up to two seconds while another program has the target open, and only as long as
//! the caller permits it. On other systems nothing is repeated: open files can be read and replaced there.

use std::io;
use std::time::{Duration, Instant};

use crate::Error;

/// How long a rename is repeated. Programs that read a small file have it open for milliseconds, virus scanners longer.
const RETRY_TIMEOUT: Duration = Duration::from_secs(2);

/// The pause between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Whether a file cannot be read at this moment, because another program has opened it for itself alone.
pub(crate) fn is_sharing_violation(error: &io::Error) -> bool {
    // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33))
}

/// Whether a file may not have been replaced only because another program has it open.
fn may_be_in_use(error: &io::Error) -> bool {
    // ERROR_ACCESS_DENIED, which a missing permission is as well.
    is_sharing_violation(error) || cfg!(windows) && error.raw_os_error() == Some(5)
}

/// Renames a file as soon as no other program has the target open. Returns false if `may_replace` did, which is called
/// before each attempt.
///
/// # Errors
///
/// That of `may_replace`, or the last one of `rename`, as `io_error` describes it.
pub(crate) fn rename(
    may_replace: impl FnMut() -> Result<bool, Error>,
    rename: impl FnMut() -> io::Result<()>,
    io_error: impl FnOnce(io::Error) -> Error,
) -> Result<bool, Error> {
    rename_while(may_be_in_use, RETRY_TIMEOUT, may_replace, rename).map_err(|failed| match failed {
        Failed::MayReplace(error) => error,
        Failed::Rename(error) => io_error(error),
    })
}

#[derive(Debug)]
enum Failed {
    MayReplace(Error),
    Rename(io::Error),
}

fn rename_while(
    is_in_use: impl Fn(&io::Error) -> bool,
    timeout: Duration,
    mut may_replace: impl FnMut() -> Result<bool, Error>,
    mut rename: impl FnMut() -> io::Result<()>,
) -> Result<bool, Failed> {
    let start = Instant::now();
    loop {
        if !may_replace().map_err(Failed::MayReplace)? {
            return Ok(false);
        }
        match rename() {
            Ok(()) => return Ok(true),
            Err(error) if is_in_use(&error) && start.elapsed() < timeout => std::thread::sleep(RETRY_INTERVAL),
            Err(error) => return Err(Failed::Rename(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in_use(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::ResourceBusy
    }

    /// A rename that fails this many times because the target is in use, and the number of its calls.
    fn busy_for(times: u32, calls: &mut u32) -> impl FnMut() -> io::Result<()> {
        move || {
            *calls += 1;
            if *calls <= times { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(()) }
        }
    }

    #[test]
    fn a_rename_is_repeated_while_the_target_is_in_use() {
        let mut calls = 0;
        let renamed = rename_while(is_in_use, RETRY_TIMEOUT, || Ok(true), busy_for(3, &mut calls));
        assert!(renamed.unwrap());
        assert_eq!(calls, 4);
    }

    #[test]
    fn a_rename_is_not_repeated_once_the_target_has_changed() {
        let (mut calls, mut looks) = (0, 0);
        let may_replace = || {
            looks += 1;
            Ok(looks < 3)
        };
        let renamed = rename_while(is_in_use, RETRY_TIMEOUT, may_replace, busy_for(u32::MAX, &mut calls));
        assert!(!renamed.unwrap());
        assert_eq!(calls, 2);
    }

    #[test]
    fn other_errors_and_the_timeout_end_a_rename() {
        let denied = || Err(io::ErrorKind::NotFound.into());
        assert!(rename_while(is_in_use, RETRY_TIMEOUT, || Ok(true), denied).is_err());
        let mut calls = 0;
        assert!(rename_while(is_in_use, Duration::ZERO, || Ok(true), busy_for(u32::MAX, &mut calls)).is_err());
        assert_eq!(calls, 1);
    }

    #[cfg(windows)]
    #[test]
    fn a_file_is_replaced_when_its_reader_closes_it() {
        use std::cell::RefCell;
        use std::os::windows::fs::OpenOptionsExt as _;

        use crate::files::atomic::{Durability, OtherNames, prepare};

        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        std::fs::write(&target, "old").unwrap();
        // As other languages open files: others may read and write it, and not replace it.
        let open = || std::fs::File::options().read(true).share_mode(3).open(&target).unwrap();
        let reader = RefCell::new(Some(open()));
        let looks = RefCell::new(0);
        let may_replace = || {
            *looks.borrow_mut() += 1;
            if *looks.borrow() == 3 {
                reader.borrow_mut().take();
            }
            Ok(true)
        };
        let prepared = prepare(&target, b"new", OtherNames::Follow).unwrap();
        assert!(prepared.put_if(Durability::Safe, may_replace).unwrap());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(*looks.borrow(), 3);
        let alone = std::fs::File::options().read(true).share_mode(0).open(&target).unwrap();
        assert!(is_sharing_violation(&std::fs::read(&target).unwrap_err()));
        drop(alone);
    }
}
