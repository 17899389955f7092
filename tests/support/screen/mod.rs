//! The desktop's screen: an Xvfb, and one connection to it that looks, points and clicks.
//!
//! Promises: the screen has the size that was asked for and survives the last window; a person's click is a click of
//! the X server's (XTEST), which programs cannot tell from a mouse's. Waiting is for the server's events.
//! Does not promise: to know what is inside a window; toolkits draw that themselves.

mod events;
pub(crate) mod picture;
mod pointer;
pub(crate) mod window;

use crate::bus::first_line;
use crate::environment;
use crate::error::{Result, screen};
use crate::folder::Folder;
use crate::program::{Launch, Program};
use std::ffi::OsStr;
use std::fmt;
use std::time::Duration;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

pub(crate) use events::Events;

x11rb::atom_manager! {
    /// The names of what windows say about themselves.
    pub(crate) Atoms: AtomsCookie {
        WM_STATE,
        UTF8_STRING,
        _NET_ACTIVE_WINDOW,
        _NET_CLOSE_WINDOW,
        _NET_FRAME_EXTENTS,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_PID,
    }
}

/// A place on the screen: pixels from its left and upper edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i16,
    /// From the top.
    pub y: i16,
}

/// A rectangle of the screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Its left edge.
    pub x: i16,
    /// Its upper edge.
    pub y: i16,
    /// Its width.
    pub width: u16,
    /// Its height.
    pub height: u16,
}

impl Area {
    /// The pixel in its middle.
    #[must_use]
    pub fn centre(&self) -> Point {
        Point { x: self.x.saturating_add_unsigned(self.width / 2), y: self.y.saturating_add_unsigned(self.height / 2) }
    }
}

/// The X server.
#[derive(Debug)]
pub(crate) struct Server {
    program: Program,
    display: String,
}

impl Server {
    pub(crate) async fn start(folder: &Folder, (width, height): (u16, u16), patience: Duration) -> Result<Self> {
        let size = format!("{width}x{height}x24");
        let args = ["-displayfd", "1", "-screen", "0", &size, "-dpi", "96", "-nolisten", "tcp", "-noreset"];
        let mut program = Program::start(&Launch {
            program: OsStr::new("Xvfb"),
            args: args.map(Into::into).to_vec(),
            environment: environment::bare(folder),
            logs: &folder.logs(),
            heard: true,
        })?;
        let number = first_line(&mut program, "the number of the display", patience).await?;
        Ok(Self { program, display: format!(":{number}") })
    }

    /// The display as programs are told it, `:7`.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is killed leaves its lock and its socket behind.
        self.program.end_gently(Duration::from_secs(2));
    }
}

/// A connection to the X server.
pub(crate) struct Screen {
    connection: RustConnection,
    root: u32,
    size: (u16, u16),
    atoms: Atoms,
}

impl Screen {
    pub(crate) fn connect(display: &str) -> Result<Self> {
        let attempted = "connect to the X server";
        let (connection, number) = x11rb::connect(Some(display)).map_err(screen(attempted))?;
        let chosen = connection.setup().roots.get(number).ok_or("it has no screen").map_err(screen(attempted))?;
        let (root, size) = (chosen.root, (chosen.width_in_pixels, chosen.height_in_pixels));
        let atoms = Atoms::new(&connection).map_err(screen(attempted))?.reply().map_err(screen(attempted))?;
        Ok(Self { connection, root, size, atoms })
    }

    /// The whole of it.
    pub(crate) fn area(&self) -> Area {
        let (width, height) = self.size;
        Area { x: 0, y: 0, width, height }
    }

    /// Paints what is behind the windows.
    pub(crate) fn paint(&self, [red, green, blue]: [u8; 3]) -> Result<()> {
        let attempted = "paint the background";
        let pixel = u32::from_be_bytes([0, red, green, blue]);
        let change = ChangeWindowAttributesAux::new().background_pixel(pixel);
        self.connection.change_window_attributes(self.root, &change).map_err(screen(attempted))?;
        self.connection.clear_area(false, self.root, 0, 0, 0, 0).map_err(screen(attempted))?;
        self.connection.sync().map_err(screen(attempted))
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Screen").field("size", &self.size).finish_non_exhaustive()
    }
}

/// To wait until the server has done everything that was asked of it.
trait Sync {
    fn sync(&self) -> std::result::Result<(), x11rb::errors::ReplyError>;
}

impl Sync for RustConnection {
    fn sync(&self) -> std::result::Result<(), x11rb::errors::ReplyError> {
        x11rb::wrapper::ConnectionExt::sync(self)
    }
}
