//! What can go wrong with a throw-away desktop, split by what the reader has to do about it.
//!
//! Promises: every message is a whole sentence that says what was awaited or attempted, and what was there instead.
//! Does not promise: to tell a slow machine from a broken program; a deadline that passed is all that is known.

use crate::packages::PACKAGES;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, DesktopError>;

/// Any error of another library; only its words are of use.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the desktop could not do what was asked.
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
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The system refused to start a program.
    #[error("{program} could not be started: {source}.")]
    Start {
        /// The program as it was asked for.
        program: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A program ended although it was still needed.
    #[error("{program} ended ({status}) while {awaited} was awaited. Its last words: {last_words}")]
    Ended {
        /// The program's name.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it should have brought about.
        awaited: String,
        /// The end of its standard error.
        last_words: String,
    },
    /// A deadline passed.
    #[error("After {:.1} s still no sign of {awaited}. Seen instead: {seen}", waited.as_secs_f64())]
    Late {
        /// What was awaited.
        awaited: String,
        /// How long.
        waited: Duration,
        /// What was there instead.
        seen: String,
    },
    /// Something happened that was not to happen.
    #[error("Nothing was to happen for {:.1} s, but this did: {seen}", watched.as_secs_f64())]
    Unwanted {
        /// How long nothing was to happen.
        watched: Duration,
        /// What happened.
        seen: String,
    },
    /// Something asked for by name is not there, or not in a state to be used.
    #[error("There is no {what}. There is: {present}")]
    Absent {
        /// What was asked for.
        what: String,
        /// What there is.
        present: String,
    },
    /// A file of the desktop could not be read or written.
    #[error("{} could not be {attempted}: {source}.", path.display())]
    File {
        /// `read`, `written`, `made`.
        attempted: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The bus, or a program on it, refused.
    #[error("On the bus, the attempt to {attempted} failed: {source}.")]
    Bus {
        /// What was attempted.
        attempted: String,
        /// The bus library's reason.
        source: Box<zbus::Error>,
    },
    /// The X server refused.
    #[error("On the screen, the attempt to {attempted} failed: {source}.")]
    Screen {
        /// What was attempted.
        attempted: &'static str,
        /// The X library's reason.
        source: Cause,
    },
    /// The web driver refused.
    #[error("The web driver's attempt to {attempted} failed: {source}.")]
    WebDriver {
        /// What was attempted.
        attempted: &'static str,
        /// The driver's reason.
        source: Cause,
    },
}

/// To be given to `map_err` beside a call on the bus.
pub(crate) fn bus<E: Into<zbus::Error>>(attempted: impl Into<String>) -> impl FnOnce(E) -> DesktopError {
    let attempted = attempted.into();
    move |source| DesktopError::Bus { attempted, source: Box::new(source.into()) }
}

/// To be given to `map_err` beside a request to the X server.
pub(crate) fn screen<E: Into<Cause>>(attempted: &'static str) -> impl FnOnce(E) -> DesktopError {
    move |source| DesktopError::Screen { attempted, source: source.into() }
}

/// To be given to `map_err` beside work on a file.
pub(crate) fn file(attempted: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> DesktopError {
    let path = path.into();
    move |source| DesktopError::File { attempted, path, source }
}
