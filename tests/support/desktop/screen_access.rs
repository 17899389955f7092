//! Screenshots, windows and mouse actions of a desktop.

use super::Desktop;
use crate::error::Result;
use crate::screen::screenshot::{Screenshot, wait_for_pixels};
use crate::screen::window::{self, Window};
use crate::screen::{Area, Point};
use std::time::Duration;

impl Desktop {
    /// The area of the whole screen.
    #[must_use]
    pub fn screen_area(&self) -> Area {
        self.screen.area()
    }

    /// A screenshot of an area, including windows.
    pub fn screenshot(&self, of: Area) -> Result<Screenshot> {
        self.screen.screenshot(of)
    }

    /// Waits until an area satisfies a condition: checks now and after each drawing.
    pub async fn wait_for_pixels<T>(
        &self,
        of: Area,
        awaited: &str,
        wanted: impl FnMut(&Screenshot) -> Option<T>,
        wait: Duration,
    ) -> Result<T> {
        wait_for_pixels(self.display(), of, awaited, wait, wanted).await
    }

    /// The visible windows, from bottom to top.
    pub fn windows(&self) -> Result<Vec<Window>> {
        self.screen.windows()
    }

    /// Waits for a window; of several, returns the topmost.
    pub async fn window(&self, awaited: &str, wanted: impl FnMut(&Window) -> bool, wait: Duration) -> Result<Window> {
        window::find(self.display(), awaited, wait, wanted).await
    }

    /// Waits for a window with this title.
    pub async fn window_titled(&self, title: &str, wait: Duration) -> Result<Window> {
        self.window(&format!("a window {title:?}"), |window| window.title == title, wait).await
    }

    /// Waits until a window is no longer visible.
    pub async fn window_gone(&self, window: &Window, wait: Duration) -> Result<()> {
        window::gone(self.display(), window, wait).await
    }

    /// Closes a window like its close button.
    pub fn close_window(&self, window: &Window) -> Result<()> {
        self.screen.close(window.id)
    }

    /// Waits until a window has the keyboard focus.
    pub async fn window_active(&self, window: &Window, wait: Duration) -> Result<()> {
        window::active(self.display(), window, wait).await
    }

    /// Clicks at a point: 1 is the left button, 2 the middle, 3 the right.
    pub fn click_at(&self, place: Point, button: u8) -> Result<()> {
        self.screen.click(place, button)
    }

    /// Moves the mouse to a point.
    pub fn point_at(&self, place: Point) -> Result<()> {
        self.screen.point(place)
    }
}
