//! The windows on the screen.
//!
//! Guarantees: lists visible windows that have a class: windows of programs (without their frames), menus,
//! notifications and panels. Invisible helper windows are not listed.

use super::{Area, Events, Screen};
use crate::error::{Result, screen};
use std::time::Duration;
use x11rb::connection::Connection as _;
use x11rb::properties::WmClass;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window as WindowId,
};

/// A visible window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its X window id.
    pub id: u32,
    /// The class of its program, for example `Xfce4-panel`.
    pub class: String,
    /// Its title, or empty.
    pub title: String,
    /// The process that it declares.
    pub pid: Option<u32>,
    /// Its position, without its frame.
    pub area: Area,
    /// Its position, with the frame added by the window manager.
    pub frame: Area,
}

impl Screen {
    /// The visible windows, from bottom to top.
    pub(crate) fn windows(&self) -> Result<Vec<Window>> {
        let mut found = Vec::new();
        self.collect(self.root, &mut found)?;
        Ok(found)
    }

    /// Collects the topmost window with a class on each branch, without its children.
    fn collect(&self, above: WindowId, found: &mut Vec<Window>) -> Result<()> {
        let attempted = "list the windows";
        let children = self.connection.query_tree(above).map_err(screen(attempted))?.reply();
        // Windows may disappear during the listing; requests to them fail.
        for id in children.map(|tree| tree.children).unwrap_or_default() {
            let attributes = self.connection.get_window_attributes(id).map_err(screen(attempted))?.reply();
            if !attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE) {
                continue;
            }
            match self.describe(id)? {
                Some(window) => found.push(window),
                None => self.collect(id, found)?,
            }
        }
        Ok(())
    }

    fn describe(&self, id: WindowId) -> Result<Option<Window>> {
        let attempted = "read what a window says of itself";
        let class = WmClass::get(&self.connection, id).map_err(screen(attempted))?.reply();
        let Ok(Some(class)) = class else { return Ok(None) };
        let shape = self.connection.get_geometry(id).map_err(screen(attempted))?.reply();
        let place = self.connection.translate_coordinates(id, self.root, 0, 0).map_err(screen(attempted))?.reply();
        let (Ok(shape), Ok(place)) = (shape, place) else { return Ok(None) };
        let mut title = self.text(id, self.atoms._NET_WM_NAME, self.atoms.UTF8_STRING)?;
        if title.is_empty() {
            title = self.text(id, AtomEnum::WM_NAME.into(), AtomEnum::STRING.into())?;
        }
        let area = Area { x: place.dst_x, y: place.dst_y, width: shape.width, height: shape.height };
        let edges = self.numbers(id, self.atoms._NET_FRAME_EXTENTS, AtomEnum::CARDINAL)?;
        Ok(Some(Window {
            id,
            class: String::from_utf8_lossy(class.class()).into_owned(),
            title,
            pid: self.number(id, self.atoms._NET_WM_PID, AtomEnum::CARDINAL)?,
            area,
            frame: framed(area, &edges),
        }))
    }

    /// The window manager's window, if a window manager runs.
    pub(crate) fn window_manager(&self) -> Result<Option<WindowId>> {
        self.number(self.root, self.atoms._NET_SUPPORTING_WM_CHECK, AtomEnum::WINDOW)
    }

    /// The window with the keyboard focus.
    pub(crate) fn active(&self) -> Result<Option<WindowId>> {
        let active = self.number(self.root, self.atoms._NET_ACTIVE_WINDOW, AtomEnum::WINDOW)?;
        Ok(active.filter(|id| *id != x11rb::NONE))
    }

    /// Closes a window like its close button.
    pub(crate) fn close(&self, id: WindowId) -> Result<()> {
        let attempted = "close a window";
        let request = ClientMessageEvent::new(32, id, self.atoms._NET_CLOSE_WINDOW, [0, 2, 0, 0, 0]);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, mask, request).map_err(screen(attempted))?;
        self.connection.flush().map_err(screen(attempted))
    }

    fn text(&self, id: WindowId, property: u32, kind: u32) -> Result<String> {
        let attempted = "read the title of a window";
        let asked = self.connection.get_property(false, id, property, kind, 0, 1024).map_err(screen(attempted))?;
        Ok(asked.reply().map(|reply| String::from_utf8_lossy(&reply.value).into_owned()).unwrap_or_default())
    }

    fn number(&self, id: WindowId, property: u32, kind: AtomEnum) -> Result<Option<u32>> {
        Ok(self.numbers(id, property, kind)?.first().copied())
    }

    fn numbers(&self, id: WindowId, property: u32, kind: AtomEnum) -> Result<Vec<u32>> {
        let attempted = "read a property of a window";
        let asked = self.connection.get_property(false, id, property, kind, 0, 4).map_err(screen(attempted))?;
        Ok(asked.reply().ok().and_then(|reply| reply.value32().map(Iterator::collect)).unwrap_or_default())
    }
}

/// An area enlarged by a frame: left, right, top, bottom.
fn framed(area: Area, edges: &[u32]) -> Area {
    let &[left, right, top, bottom] = edges else { return area };
    Area {
        x: area.x.saturating_sub_unsigned(left as u16),
        y: area.y.saturating_sub_unsigned(top as u16),
        width: area.width.saturating_add((left + right) as u16),
        height: area.height.saturating_add((top + bottom) as u16),
    }
}

/// Waits for a window that satisfies a condition.
pub(crate) async fn find(
    display: &str,
    awaited: &str,
    wait: Duration,
    mut wanted: impl FnMut(&Window) -> bool,
) -> Result<Window> {
    let events = Events::of_windows(display)?;
    events
        .until(awaited, wait, |events| {
            let windows = look(events)?;
            // The topmost match, which is the visible one.
            Ok(windows.iter().rev().find(|window| wanted(window)).cloned().ok_or_else(|| listed(&windows)))
        })
        .await
}

/// Waits until a window is no longer visible.
pub(crate) async fn gone(display: &str, window: &Window, wait: Duration) -> Result<()> {
    let events = Events::of_windows(display)?;
    let awaited = format!("the end of the window \"{}\"", window.title);
    events
        .until(&awaited, wait, |events| {
            let windows = look(events)?;
            Ok(if windows.iter().any(|other| other.id == window.id) { Err(listed(&windows)) } else { Ok(()) })
        })
        .await
}

/// Waits until a window has the keyboard focus.
pub(crate) async fn active(display: &str, window: &Window, wait: Duration) -> Result<()> {
    let events = Events::of_windows(display)?;
    let awaited = format!("the keyboard in the window \"{}\"", window.title);
    events
        .until(&awaited, wait, |events| {
            let active = events.screen.active()?;
            Ok(if active == Some(window.id) { Ok(()) } else { Err(format!("it is in the window {active:?}.")) })
        })
        .await
}

/// Lists the windows, and subscribes to the property changes of each.
fn look(events: &Events) -> Result<Vec<Window>> {
    let windows = events.screen.windows()?;
    for window in &windows {
        events.watch(window.id)?;
    }
    // Listed again, because a title may have changed before its window was watched.
    events.screen.windows()
}

fn listed(windows: &[Window]) -> String {
    let all: Vec<String> = windows.iter().map(|window| format!("{} \"{}\"", window.class, window.title)).collect();
    if all.is_empty() { "no windows.".to_owned() } else { format!("the windows {}.", all.join(", ")) }
}
