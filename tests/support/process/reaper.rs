//! Ends a desktop if its owner cannot: a killed test, an interrupted demo.
//!
//! Guarantees: when the process that started the desktop ends in any way, every process with the desktop's mark is
//! ended and the folder is removed. The reaper is a shell that reads from a pipe; the kernel closes the other end when
//! the owner ends. Dropping it does the same and waits for it, at most a few seconds. If the reaper itself is killed,
//! nothing is cleaned up.

use crate::environment::DESKTOP_MARK;
use crate::error::{DesktopError, Result};
use crate::folder::Folder;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Terminates before it kills, because a terminated X server removes its lock and its socket.
const SCRIPT: &str = r#"
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

/// The shell that cleans up after one desktop.
#[derive(Debug)]
pub(crate) struct Reaper {
    shell: Child,
}

impl Reaper {
    /// Starts the reaper for the processes of this folder's desktop.
    pub(crate) fn start(folder: &Folder) -> Result<Self> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "reaper", DESKTOP_MARK])
            .arg(folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            // A separate process group, so that an interrupt at the caller's terminal does not interrupt the reaper.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| DesktopError::Start { program: "/bin/sh".to_owned(), source })?;
        Ok(Self { shell })
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // An error cannot be reported here; remaining processes show up in a process scan.
        let _ = self.shell.wait();
    }
}
