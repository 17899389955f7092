//! Waiting for events of the X server.
//!
//! Guarantees: no event after [`Events::of`] is missed; one wait covers several events. The events are not interpreted:
//! the caller checks the state again, which is simpler and always current.

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

/// The events of a dedicated connection; its requests select what is reported.
pub(crate) struct Events {
    /// The connection, also used to inspect the state.
    pub(crate) screen: Screen,
    /// A duplicate of its socket, used only to wait for readability.
    socket: UnixStream,
}

impl Events {
    /// Reports windows that appear, disappear, move or change their properties.
    pub(crate) fn of_windows(display: &str) -> Result<Self> {
        let events = Self::of(display)?;
        events.watch(events.screen.root)?;
        Ok(events)
    }

    /// Reports everything that is drawn.
    pub(crate) fn of_drawing(display: &str) -> Result<Self> {
        let attempted = "watch what is drawn";
        let events = Self::of(display)?;
        let connection = &events.screen.connection;
        connection.damage_query_version(1, 1).map_err(screen(attempted))?.reply().map_err(screen(attempted))?;
        let damage = connection.generate_id().map_err(screen(attempted))?;
        // Raw mode reports each drawing, not only the first one until it is acknowledged.
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

    /// Also reports property changes of this window.
    pub(crate) fn watch(&self, window: u32) -> Result<()> {
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE;
        let change = ChangeWindowAttributesAux::new().event_mask(mask);
        let asked = self.screen.connection.change_window_attributes(window, &change);
        // The window may have disappeared since; then it has nothing to report.
        asked.map(|cookie| drop(cookie.check())).map_err(screen("watch the windows"))
    }

    /// Waits for at least one event, and consumes all pending ones.
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
            // The connection reads the data; this clears tokio's readiness flag.
            let _ = self.socket.try_io(Interest::READABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
        }
    }

    /// Evaluates `look` now and after each event, until it returns a value.
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
