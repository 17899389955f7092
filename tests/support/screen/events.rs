//! What the X server reports, as something to wait for.
//!
//! Promises: nothing that happens after [`Events::of`] is missed; where several things happened, one wait covers
//! them. Does not promise: to tell what happened. Who waits looks again, which is simpler and never out of step.

use super::Screen;
use crate::error::{DesktopError, Result, screen};
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout_at};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask};

/// The events of one connection of its own, whose requests choose what is reported.
pub(crate) struct Events {
    /// The connection the events come by, also for looking at what changed.
    pub(crate) screen: Screen,
    /// The same socket once more, only to be told when there is something to read.
    socket: UnixStream,
}

impl Events {
    /// Reports windows that come, go, move or change what they say of themselves.
    pub(crate) fn of_windows(display: &str) -> Result<Self> {
        let events = Self::of(display)?;
        events.watch(events.screen.root)?;
        Ok(events)
    }

    /// Reports everything that is drawn anywhere.
    pub(crate) fn of_drawing(display: &str) -> Result<Self> {
        let attempted = "watch what is drawn";
        let events = Self::of(display)?;
        let connection = &events.screen.connection;
        connection.damage_query_version(1, 1).map_err(screen(attempted))?.reply().map_err(screen(attempted))?;
        let damage = connection.generate_id().map_err(screen(attempted))?;
        // Raw: each drawing is reported, not only the first until somebody takes note of it.
        connection
            .damage_create(damage, events.screen.root, ReportLevel::RAW_RECTANGLES)
            .map_err(screen(attempted))?
            .check()
            .map_err(screen(attempted))?;
        Ok(events)
    }

    fn of(display: &str) -> Result<Self> {
        let connected = Screen::connect(display)?;
        let socket = connected.connection.stream().as_fd().try_clone_to_owned();
        let socket = socket.and_then(|socket| UnixStream::from_std(socket.into()));
        Ok(Self { socket: socket.map_err(screen("wait for the X server's events"))?, screen: connected })
    }

    /// Has one more window report what it says of itself.
    pub(crate) fn watch(&self, window: u32) -> Result<()> {
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE;
        let change = ChangeWindowAttributesAux::new().event_mask(mask);
        let asked = self.screen.connection.change_window_attributes(window, &change);
        // The window may have gone since it was seen; then it has nothing to report.
        asked.map(|cookie| drop(cookie.check())).map_err(screen("watch the windows"))
    }

    /// Waits for at least one event, and takes all that have come.
    pub(crate) async fn next(&self) -> Result<()> {
        let attempted = "wait for the X server's events";
        loop {
            let mut came = false;
            while let Some(event) = self.screen.connection.poll_for_event().map_err(screen(attempted))? {
                came |= !matches!(event, Event::Error(_));
            }
            if came {
                return Ok(());
            }
            self.socket.readable().await.map_err(screen(attempted))?;
            // The connection reads what is there; tokio is told to forget that there was something.
            let _ = self.socket.try_io(Interest::READABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
        }
    }

    /// Looks until something is seen: now, and after each event.
    pub(crate) async fn until<T>(
        &self,
        awaited: &str,
        wait: Duration,
        mut look: impl FnMut(&Self) -> Result<std::result::Result<T, String>>,
    ) -> Result<T> {
        let deadline = Instant::now() + wait;
        loop {
            let seen = match look(self)? {
                Ok(found) => return Ok(found),
                Err(seen) => seen,
            };
            if let Ok(next) = timeout_at(deadline, self.next()).await {
                next?;
            } else {
                return Err(DesktopError::Late { awaited: awaited.to_owned(), waited: wait, seen });
            }
        }
    }
}
