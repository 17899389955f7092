//! The mouse pointer.
//!
//! Guarantees: the X server itself moves the pointer and presses the button, and has done so when the call returns. The
//! reaction of the program under the pointer has to be awaited separately.

use super::{Point, Screen, Sync as _};
use crate::error::{Result, screen};
use x11rb::protocol::xproto::{BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, MOTION_NOTIFY_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;

impl Screen {
    /// Moves the pointer to a point.
    pub(crate) fn point(&self, at: Point) -> Result<()> {
        self.event(MOTION_NOTIFY_EVENT, 0, at)?;
        self.connection.sync().map_err(screen("move the pointer"))
    }

    /// Moves the pointer to a point and clicks: 1 is the left button, 2 the middle, 3 the right.
    pub(crate) fn click(&self, at: Point, button: u8) -> Result<()> {
        self.point(at)?;
        self.event(BUTTON_PRESS_EVENT, button, at)?;
        self.event(BUTTON_RELEASE_EVENT, button, at)?;
        self.connection.sync().map_err(screen("click"))
    }

    fn event(&self, kind: u8, button: u8, at: Point) -> Result<()> {
        self.connection
            .xtest_fake_input(kind, button, 0, self.root, at.x, at.y, 0)
            .map(drop)
            .map_err(screen("use the mouse"))
    }
}
