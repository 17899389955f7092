//! What ends a desktop when nobody is left to drop it: a test that was killed, an interrupted demo.
//!
//! Promises: when the process that started the desktop ends, however it ends, every process with the desktop's mark
//! is ended and the folder removed. The guardian is a shell that reads from a pipe of which only that process has
//! the other end; the kernel closes it. Dropping it does the same and waits for it, for some seconds at most.
//! Does not promise: to survive a kill of its own.

use crate::environment::DESKTOP_MARK;
use crate::error::{DesktopError, Result};
use crate::folder::Folder;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Asks first, because an X server that is asked removes its lock and its socket.
const DUTY: &str = r#"
trap '' HUP INT TERM
cat >/dev/null
for signal in TERM KILL; do
    tries=0
    while [ "$tries" -lt 40 ]; do
        found=$(grep -lzxsF -- "$1=$2" /proc/[0-9]*/environ)
        [ -n "$found" ] || break 2
        for process in $found; do
            process=${process#/proc/}
            kill -"$signal" "${process%/environ}" 2>/dev/null
        done
        sleep 0.025
        tries=$((tries + 1))
    done
done
rm -rf -- "${2:?}"
"#;

/// The shell that keeps watch over one desktop.
#[derive(Debug)]
pub(crate) struct Guardian {
    shell: Child,
}

impl Guardian {
    /// Starts the watch over the processes of this folder's desktop.
    pub(crate) fn post(folder: &Folder) -> Result<Self> {
        let shell = Command::new("/bin/sh")
            .args(["-c", DUTY, "guardian", DESKTOP_MARK])
            .arg(folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            // A group of its own: what interrupts the caller at its terminal must not interrupt the guardian.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| DesktopError::Start { program: "/bin/sh".to_owned(), source })?;
        Ok(Self { shell })
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // There is nobody to tell; what it could not end shows in a census.
        let _ = self.shell.wait();
    }
}
