//! Events from tray, notifications and desktop, handled by `app`.

use headcount_core::liveness::cleanup::Target;
use headcount_core::view::action::Action;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// An action of a person, or an event of the desktop.
#[derive(Debug)]
pub(crate) enum UiEvent {
    /// Perform an action. The second field is the activation token of the click.
    Do(Action, Option<String>),
    /// Mark sessions with ended processes inactive (setting: automatic cleanup).
    CleanUpEnded(Vec<Target>),
    /// There is no tray on this desktop. Linux only.
    #[cfg(target_os = "linux")]
    NoTray,
}

/// Sends events. Sending fails only while the app exits.
pub(crate) type UiEventSender = UnboundedSender<UiEvent>;

/// Receives events in the order in which they were sent.
pub(crate) type UiEventReceiver = UnboundedReceiver<UiEvent>;
