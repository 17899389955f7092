//! Light or dark: what the settings say, else what the desktop prefers.
//!
//! On Linux the preference is read from the desktop portal (`org.freedesktop.appearance`), with its changes: GNOME says it
//! nowhere else. GTK draws title bar and page from it.

use headcount_core::settings;
use headcount_engine::tasks::workspace_task::ConfigUpdates;
use tauri::{AppHandle, Theme};
use tokio::sync::watch;

/// What the desktop prefers; `None` without a preference, where GTK's own theme counts.
pub(crate) type Preference = Option<Theme>;

/// The theme of the window; `None` is the toolkit's own.
pub(crate) fn look(setting: settings::Theme, preference: Preference) -> Option<Theme> {
    match setting {
        settings::Theme::System => preference,
        settings::Theme::Light => Some(Theme::Light),
        settings::Theme::Dark => Some(Theme::Dark),
    }
}

/// Applies every change of settings and preference.
pub(crate) async fn apply(app: AppHandle, mut openings: ConfigUpdates, mut preference: watch::Receiver<Preference>) {
    loop {
        tokio::select! {
            changed = openings.changed() => if changed.is_err() { return },
            // Without a portal nothing more is reported.
            Ok(()) = preference.changed() => {}
        }
        let setting = openings.borrow_and_update().settings().theme;
        app.set_theme(look(setting, *preference.borrow_and_update()));
    }
}

/// Follows the preference of the desktop. Blocks until it is known, for a bounded time.
pub(crate) fn follow() -> watch::Receiver<Preference> {
    let (sender, receiver) = watch::channel(None);
    #[cfg(target_os = "linux")]
    portal::follow(sender);
    #[cfg(not(target_os = "linux"))]
    drop(sender);
    receiver
}

#[cfg(target_os = "linux")]
mod portal {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use tauri::Theme;
    use tokio::sync::watch::Sender;
    use zbus::message::Type;
    use zbus::zvariant::{OwnedValue, Value};
    use zbus::{Connection, MatchRule, MessageStream};

    use super::Preference;

    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const SETTINGS: &str = "org.freedesktop.portal.Settings";
    const APPEARANCE: &str = "org.freedesktop.appearance";
    const COLOR_SCHEME: &str = "color-scheme";

    /// How long the portal may take before the window opens without it. It may have to be started.
    const PORTAL_TIMEOUT: Duration = Duration::from_millis(500);

    pub(super) fn follow(sender: Sender<Preference>) {
        let asked = async {
            let bus = Connection::session().await?;
            let rule = MatchRule::builder().msg_type(Type::Signal).sender(PORTAL)?.path(PATH)?.interface(SETTINGS)?;
            let changes = MessageStream::for_match_rule(rule.member("SettingChanged")?.build(), &bus, None).await?;
            let asked = (APPEARANCE, COLOR_SCHEME);
            let reply = bus.call_method(Some(PORTAL), PATH, Some(SETTINGS), "Read", &asked).await?;
            let value: OwnedValue = reply.body().deserialize()?;
            zbus::Result::Ok((changes, preference(&value)))
        };
        match tauri::async_runtime::block_on(async { tokio::time::timeout(PORTAL_TIMEOUT, asked).await }) {
            Ok(Ok((changes, preference))) => {
                sender.send_replace(preference);
                tauri::async_runtime::spawn(listen(changes, sender));
            }
            Ok(Err(error)) => tracing::debug!(%error, "no desktop portal says whether dark is preferred"),
            Err(_) => tracing::warn!("the desktop portal does not answer"),
        }
    }

    async fn listen(mut changes: MessageStream, sender: Sender<Preference>) {
        while let Some(Ok(change)) = changes.next().await {
            let body = change.body();
            let Ok((namespace, key, value)) = body.deserialize::<(&str, &str, Value<'_>)>() else { continue };
            if namespace == APPEARANCE && key == COLOR_SCHEME {
                sender.send_replace(preference(&value));
            }
        }
    }

    /// The value, which old portals put into another variant.
    fn preference(value: &Value<'_>) -> Preference {
        match value {
            Value::Value(inner) => preference(inner),
            Value::U32(1) => Some(Theme::Dark),
            Value::U32(2) => Some(Theme::Light),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_preference_is_read_in_both_forms() {
            for (value, wanted) in [(0, None), (1, Some(Theme::Dark)), (2, Some(Theme::Light)), (3, None)] {
                assert_eq!(preference(&Value::U32(value)), wanted);
                assert_eq!(preference(&Value::Value(Box::new(Value::U32(value)))), wanted);
            }
            assert_eq!(preference(&Value::from("dark")), None);
        }
    }
}
