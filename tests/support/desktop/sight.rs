//! What a person sees on the desktop, and does with the mouse.

use super::Desktop;
use crate::error::Result;
use crate::screen::picture::{Picture, seen};
use crate::screen::window::{self, Window};
use crate::screen::{Area, Point};
use std::time::Duration;

impl Desktop {
    /// The whole screen.
    #[must_use]
    pub fn screen_area(&self) -> Area {
        self.screen.area()
    }

    /// A picture of an area, windows and all.
    pub fn picture(&self, of: Area) -> Result<Picture> {
        self.screen.picture(of)
    }

    /// Waits until an area looks as wanted: now, or after the next time something is drawn.
    pub async fn seen<T>(
        &self,
        of: Area,
        awaited: &str,
        wanted: impl FnMut(&Picture) -> Option<T>,
        wait: Duration,
    ) -> Result<T> {
        seen(self.display(), of, awaited, wait, wanted).await
    }

    /// The windows that can be seen, the lowest first.
    pub fn windows(&self) -> Result<Vec<Window>> {
        self.screen.windows()
    }

    /// Waits for a window; of several, the highest.
    pub async fn window(&self, awaited: &str, wanted: impl FnMut(&Window) -> bool, wait: Duration) -> Result<Window> {
        window::find(self.display(), awaited, wait, wanted).await
    }

    /// Waits for a window with this title.
    pub async fn window_titled(&self, title: &str, wait: Duration) -> Result<Window> {
        self.window(&format!("a window {title:?}"), |window| window.title == title, wait).await
    }

    /// Waits until a window is no longer to be seen.
    pub async fn window_gone(&self, window: &Window, wait: Duration) -> Result<()> {
        window::gone(self.display(), window, wait).await
    }

    /// Closes a window as its close button does.
    pub fn close_window(&self, window: &Window) -> Result<()> {
        self.screen.close(window.id)
    }

    /// Waits until a window has the keyboard.
    pub async fn window_active(&self, window: &Window, wait: Duration) -> Result<()> {
        window::active(self.display(), window, wait).await
    }

    /// Clicks there: 1 is the left button, 2 the middle, 3 the right.
    pub fn click_at(&self, place: Point, button: u8) -> Result<()> {
        self.screen.click(place, button)
    }

    /// Moves the mouse there.
    pub fn point_at(&self, place: Point) -> Result<()> {
        self.screen.point(place)
    }
}
