//! Errors of a temporary desktop, by the reader's next step.
//!
//! Guarantees: every message is a full sentence with what was awaited or attempted and what happened instead. A timeout
//! does not distinguish a slow machine from a broken program.

use crate::packages::PACKAGES;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, DesktopError>;

/// An error of another library, kept for its message.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The reasons for which a desktop operation fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DesktopError {
    /// A program of the desktop is not on this machine.
    #[error(
        "{program} is not installed; the Debian package {package} has it. The whole desktop needs: {}.",
        PACKAGES.join(" ")
    )]
    NotInstalled {
        /// The program, or the file that names it.
        program: String,
        /// The Debian package that contains it.
        package: &'static str,
    },
    /// A program could not be started.
    #[error("{program} could not be started: {source}.")]
    Start {
        /// The program as given by the caller.
        program: String,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A program ended while it was still needed.
    #[error("{program} ended ({status}) while {awaited} was awaited. Its last words: {last_output}")]
    Ended {
        /// The program's name.
        program: String,
        /// Its exit status.
        status: ExitStatus,
        /// The event that it should have caused.
        awaited: String,
        /// The end of its output.
        last_output: String,
    },
    /// A deadline passed.
    #[error("After {:.1} s still no sign of {awaited}. Seen instead: {seen}", waited.as_secs_f64())]
    Late {
        /// What was awaited.
        awaited: String,
        /// The time waited.
        waited: Duration,
        /// The last observed state.
        seen: String,
    },
    /// An unwanted event happened.
    #[error("Nothing was to happen for {:.1} s, but this did: {seen}", watched.as_secs_f64())]
    Unwanted {
        /// The time in which no event was expected.
        watched: Duration,
        /// The event.
        seen: String,
    },
    /// A requested object does not exist, or is not in a usable state.
    #[error("There is no {what}. There is: {present}")]
    Absent {
        /// The requested object.
        what: String,
        /// The existing objects.
        present: String,
    },
    /// A file of the desktop could not be read or written.
    #[error("{} could not be {attempted}: {source}.", path.display())]
    File {
        /// `read`, `written`, `made`.
        attempted: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A call on the bus failed.
    #[error("On the bus, the attempt to {attempted} failed: {source}.")]
    Bus {
        /// The attempted operation.
        attempted: String,
        /// The bus library's error.
        source: Box<zbus::Error>,
    },
    /// A request to the X server failed.
    #[error("On the screen, the attempt to {attempted} failed: {source}.")]
    Screen {
        /// The attempted operation.
        attempted: &'static str,
        /// The X library's error.
        source: Cause,
    },
    /// A request to the web driver failed.
    #[error("The web driver's attempt to {attempted} failed: {source}.")]
    WebDriver {
        /// The attempted operation.
        attempted: &'static str,
        /// The driver's error.
        source: Cause,
    },
}

/// For `map_err` after a call on the bus.
pub(crate) fn bus<E: Into<zbus::Error>>(attempted: impl Into<String>) -> impl FnOnce(E) -> DesktopError {
    let attempted = attempted.into();
    move |source| DesktopError::Bus { attempted, source: Box::new(source.into()) }
}

/// For `map_err` after a request to the X server.
pub(crate) fn screen<E: Into<Cause>>(attempted: &'static str) -> impl FnOnce(E) -> DesktopError {
    move |source| DesktopError::Screen { attempted, source: source.into() }
}

/// For `map_err` after a file operation.
pub(crate) fn file(attempted: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> DesktopError {
    let path = path.into();
    move |source| DesktopError::File { attempted, path, source }
}
