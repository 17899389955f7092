//! A log of the messages between programs and the notification server, recorded by monitoring the bus.
//!
//! Guarantees: contains everything since the log was opened, in the order of the bus, each message once. A notification
//! is reported when the server has answered, with its id; notifications that no server accepted are not reported.

use super::NOTIFICATIONS;
use super::event::{CloseReason, Notification, NotificationEvent, Sent};
use crate::desktop::bus::connect;
use crate::error::{DesktopError, Result, bus};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;
use zbus::fdo::MonitoringProxy;
use zbus::message::{Message, Type};
use zbus::{MatchRule, MessageStream};

/// The notification log of a desktop. Reading consumes it from the front.
#[derive(Debug)]
pub struct NotificationLog {
    events: UnboundedReceiver<NotificationEvent>,
    listening: JoinHandle<()>,
}

impl NotificationLog {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let attempted = || "monitor the bus".to_owned();
        // A separate connection, because a monitoring connection can do nothing else.
        let connection = connect(address).await?;
        let mut messages = MessageStream::from(&connection);
        let both_ways = MatchRule::builder().interface(NOTIFICATIONS).map_err(bus(attempted()))?.build();
        // Replies have no interface; they are matched with the recorded calls.
        let answers = MatchRule::builder().msg_type(Type::MethodReturn).build();
        let proxy = MonitoringProxy::new(&connection).await.map_err(bus(attempted()))?;
        proxy.become_monitor(&[both_ways, answers], 0).await.map_err(bus(attempted()))?;
        let (sender, events) = unbounded_channel();
        let listening = tokio::spawn(async move {
            let mut unanswered = HashMap::new();
            while let Some(Ok(message)) = messages.next().await {
                if let Some(event) = read(&message, &mut unanswered)
                    && sender.send(event).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { events, listening })
    }

    /// The next event, waiting at most `wait`.
    pub async fn next(&mut self, wait: Duration) -> Result<NotificationEvent> {
        self.wait_for("anything about notifications", Some, wait).await
    }

    /// The next sent notification, skipping other events.
    pub async fn sent(&mut self, wait: Duration) -> Result<Notification> {
        let sent = |event| if let NotificationEvent::Sent(sent) = event { Some(sent) } else { None };
        self.wait_for("a notification", sent, wait).await
    }

    /// The key of the next reported action of this notification.
    pub async fn action_of(&mut self, notification: u32, wait: Duration) -> Result<String> {
        let chosen = |event| match event {
            NotificationEvent::ActionInvoked { id, key } if id == notification => Some(key),
            _ => None,
        };
        self.wait_for("the choice of an action", chosen, wait).await
    }

    /// The reason why the server closed this notification; waits for it.
    pub async fn closed(&mut self, notification: u32, wait: Duration) -> Result<CloseReason> {
        let closed = |event| match event {
            NotificationEvent::Closed { id, reason } if id == notification => Some(reason),
            _ => None,
        };
        self.wait_for("the end of the notification", closed, wait).await
    }

    /// The first event that satisfies `wanted`, skipping others.
    pub async fn wait_for<T>(
        &mut self,
        awaited: &str,
        mut wanted: impl FnMut(NotificationEvent) -> Option<T>,
        wait: Duration,
    ) -> Result<T> {
        let deadline = Instant::now() + wait;
        let mut passed_over = Vec::new();
        while let Ok(Some(event)) = timeout_at(deadline.into(), self.events.recv()).await {
            passed_over.push(format!("{event:?}"));
            if let Some(found) = wanted(event) {
                return Ok(found);
            }
        }
        let seen = if passed_over.is_empty() { "silence.".to_owned() } else { passed_over.join("; ") };
        Err(DesktopError::Late { awaited: awaited.to_owned(), waited: wait, seen })
    }

    /// Succeeds if there is no unread event, and none arrives in this time.
    pub async fn none_for(&mut self, watched: Duration) -> Result<()> {
        match timeout_at((Instant::now() + watched).into(), self.events.recv()).await {
            Ok(Some(event)) => Err(DesktopError::Unwanted { watched, seen: format!("{event:?}") }),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// The unread events, oldest first.
    pub fn pending(&mut self) -> Vec<NotificationEvent> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}

impl Drop for NotificationLog {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A call without a reply yet: the sender and the serial number.
type Call = (String, u32);

fn read(message: &Message, unanswered: &mut HashMap<Call, Sent>) -> Option<NotificationEvent> {
    let header = message.header();
    let member = header.member().map(zbus::names::MemberName::as_str);
    match (header.message_type(), member) {
        (Type::MethodCall, Some("Notify")) => {
            let call = (header.sender()?.to_string(), header.primary().serial_num().get());
            unanswered.insert(call, message.body().deserialize().ok()?);
            None
        }
        (Type::MethodCall, Some("CloseNotification")) => {
            Some(NotificationEvent::WithdrawalAsked { id: message.body().deserialize().ok()? })
        }
        (Type::MethodReturn, _) => {
            let call = (header.destination()?.to_string(), header.reply_serial()?.get());
            let sent = unanswered.remove(&call)?;
            let id = message.body().deserialize().ok()?;
            Some(NotificationEvent::Sent(Notification::new(id, sent, Instant::now())))
        }
        (Type::Signal, Some("NotificationClosed")) => {
            let (id, reason): (u32, u32) = message.body().deserialize().ok()?;
            Some(NotificationEvent::Closed { id, reason: reason.into() })
        }
        (Type::Signal, Some("ActionInvoked")) => {
            let (id, key) = message.body().deserialize().ok()?;
            Some(NotificationEvent::ActionInvoked { id, key })
        }
        _ => None,
    }
}
