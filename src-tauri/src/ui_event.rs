//! What people choose, wherever they choose it, on its way to who does it.

use headcount_core::liveness::cleanup::Target;
use headcount_core::view::menu::Action;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// What a person did, or the desktop has to tell.
#[derive(Debug)]
pub(crate) enum UiEvent {
    /// Something to be done, and the activation token of the click that asked for it.
    Do(Action, Option<String>),
    /// Sessions whose processes ended are to be marked inactive, as the settings ask for.
    CleanUpEnded(Vec<Target>),
    /// There is no tray on this desktop, which only Linux has.
    #[cfg(target_os = "linux")]
    NoTray,
}

/// Where events go. That nobody takes them any more happens only while the app ends.
pub(crate) type UiEventSender = UnboundedSender<UiEvent>;

/// Where they arrive, in the order they were made.
pub(crate) type UiEventReceiver = UnboundedReceiver<UiEvent>;
