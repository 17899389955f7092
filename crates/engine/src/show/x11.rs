//! X11: finds the window of a process, and asks the window manager to give it the focus.
//!
//! Guarantees: the process of a window is the one that the server knows (X-Resource extension), which also covers
//! terminals that do not set `_NET_WM_PID`. Success means that the window manager has reported the window as active.

use headcount_core::terminal::Trace;
use headcount_core::terminal::desktops::x11::{XWindow, choose, display, named_window};
use headcount_core::terminal::desktops::{Window, text};
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::res::{ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, EventMask, Window as Id,
};
use x11rb::rust_connection::RustConnection;

use super::tools::{LIMIT, Tools, within};
use super::{Step, Strategy};

/// Maximum number of windows that are looked at.
const MAX_WINDOWS: u32 = 4096;

pub(super) struct X11;

impl Strategy for X11 {
    fn name(&self) -> &'static str {
        "X11"
    }

    fn show(&self, trace: &Trace, _: &dyn Tools) -> Result<Step, String> {
        let (display, trace) = (display(trace)?.to_owned(), trace.clone());
        // Nothing in this protocol has a time limit.
        within(LIMIT, move || Server::connect(&display)?.show(&trace))
    }
}

/// Whether the window of the traced terminal is the active one and shows it for certain.
pub(super) fn has_focus(trace: &Trace) -> Result<bool, String> {
    let (display, trace) = (display(trace)?.to_owned(), trace.clone());
    within(LIMIT, move || {
        let server = Server::connect(&display)?;
        let failed = |error: ReplyError| error.to_string();
        let windows = server.windows(named_window(&trace)).map_err(failed)?;
        let active = server.window_list("_NET_ACTIVE_WINDOW").map_err(failed)?;
        let chosen = choose(&trace, &windows).filter(|(.., is_exact)| *is_exact);
        Ok(chosen.is_some_and(|(_, window, ..)| active.first() == Some(&window.id)))
    })
}

/// A connection to an X server.
struct Server {
    connection: RustConnection,
    root: Id,
}

impl Server {
    fn connect(display: &str) -> Result<Self, String> {
        let (connection, screen) = RustConnection::connect(Some(display)).map_err(|error| error.to_string())?;
        let root = connection.setup().roots.get(screen).ok_or("the X display has no screen")?.root;
        Ok(Self { connection, root })
    }

    fn show(&self, trace: &Trace) -> Result<Step, String> {
        let failed = |error: ReplyError| error.to_string();
        let windows = self.windows(named_window(trace)).map_err(failed)?;
        let chosen = choose(trace, &windows).ok_or("none of its windows is of the terminal")?;
        let (name, window, count, is_exact) = chosen;
        self.activate(window.id).map_err(failed)?;
        Ok(Step::Done(text(name, count, is_exact)))
    }

    /// The top-level windows with their processes, in stacking order.
    fn windows(&self, named: Option<Id>) -> Result<Vec<Window<XWindow>>, ReplyError> {
        let mut ids = self.window_list("_NET_CLIENT_LIST_STACKING")?;
        if ids.is_empty() {
            ids = self.window_list("_NET_CLIENT_LIST")?;
        }
        let top = named.and_then(|named| self.top_level(named, &ids));
        let windows = ids.into_iter().filter_map(|id| {
            let pid = self.process(id)?;
            Some(Window { pid, id: XWindow { id, is_named: Some(id) == top } })
        });
        Ok(windows.collect())
    }

    fn window_list(&self, property: &str) -> Result<Vec<Id>, ReplyError> {
        let property = self.atom(property)?;
        let reply = self.connection.get_property(false, self.root, property, AtomEnum::WINDOW, 0, MAX_WINDOWS)?;
        Ok(reply.reply()?.value32().map(Iterator::collect).unwrap_or_default())
    }

    /// The window of the list that contains a window.
    fn top_level(&self, window: Id, list: &[Id]) -> Option<Id> {
        /// Maximum depth of windows.
        const MAX_DEPTH: usize = 32;
        let mut at = window;
        for _ in 0..MAX_DEPTH {
            if list.contains(&at) {
                return Some(at);
            }
            at = self.connection.query_tree(at).ok()?.reply().ok()?.parent;
        }
        None
    }

    /// The process that created a window; `None` if the server does not know it or the window is gone.
    fn process(&self, window: Id) -> Option<u32> {
        let spec = ClientIdSpec { client: window, mask: ClientIdMask::LOCAL_CLIENT_PID };
        let known = self.connection.res_query_client_ids(&[spec]).ok().and_then(|cookie| cookie.reply().ok());
        let known = known.and_then(|reply| reply.ids.first()?.value.first().copied());
        known.or_else(|| {
            let property = self.atom("_NET_WM_PID").ok()?;
            let reply = self.connection.get_property(false, window, property, AtomEnum::CARDINAL, 0, 1).ok()?;
            reply.reply().ok()?.value32()?.next()
        })
    }

    /// Asks the window manager to activate a window, and waits until it is the active one.
    fn activate(&self, window: Id) -> Result<(), ReplyError> {
        let active = self.atom("_NET_ACTIVE_WINDOW")?;
        // Before the request, so that the change is not missed.
        let watched = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        self.connection.change_window_attributes(self.root, &watched)?.check()?;
        // The source of the request: 2 stands for a pager, so that the window manager does not take it for an
        // application that steals the focus.
        let message = ClientMessageEvent::new(32, window, active, [2, x11rb::CURRENT_TIME, 0, 0, 0]);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, mask, message)?.check()?;
        while self.window_list("_NET_ACTIVE_WINDOW")?.first() != Some(&window) {
            loop {
                if let Event::PropertyNotify(changed) = self.connection.wait_for_event()?
                    && changed.atom == active
                {
                    break;
                }
            }
        }
        Ok(())
    }

    fn atom(&self, name: &str) -> Result<u32, ReplyError> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }
}
