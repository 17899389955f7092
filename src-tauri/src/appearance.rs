//! Light or dark: the theme from the settings, else the desktop's preference.
//!
//! On Linux the preference and its changes are read from the desktop portal (`org.freedesktop.appearance`), because
//! GNOME publishes it nowhere else. GTK draws the title bar and the page in the resulting theme.

use headcount_core::settings;
use headcount_engine::tasks::workspace_task::ConfigUpdates;
use tauri::{AppHandle, Theme};
use tokio::sync::watch;

/// The desktop's preference; `None` without one: then GTK's own theme is used.
pub(crate) type Preference = Option<Theme>;

/// The theme of the window; `None` selects the toolkit's own.
pub(crate) fn theme_of(setting: settings::Theme, preference: Preference) -> Option<Theme> {
    match setting {
        settings::Theme::System => preference,
        settings::Theme::Light => Some(Theme::Light),
        settings::Theme::Dark => Some(Theme::Dark),
    }
}

/// Applies each change of the settings or the preference.
pub(crate) async fn apply(app: AppHandle, mut openings: ConfigUpdates, mut preference: watch::Receiver<Preference>) {
    loop {
        tokio::select! {
            changed = openings.changed() => if changed.is_err() { return },
            // Without a portal the sender is dropped, and this branch is disabled.
            Ok(()) = preference.changed() => {}
        }
        let setting = openings.borrow_and_update().settings().theme;
        app.set_theme(theme_of(setting, *preference.borrow_and_update()));
    }
}

/// Follows the desktop's preference. Blocks until it is known or the portal times out.
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

    /// Maximum time to wait for the portal before the window opens without it. The portal may have to be started.
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

    /// The preference in a portal value. Old portals wrap the value in another variant.
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
        fn preference_is_read_plain_and_nested() {
            for (value, wanted) in [(0, None), (1, Some(Theme::Dark)), (2, Some(Theme::Light)), (3, None)] {
                assert_eq!(preference(&Value::U32(value)), wanted);
                assert_eq!(preference(&Value::Value(Box::new(Value::U32(value)))), wanted);
            }
            assert_eq!(preference(&Value::from("dark")), None);
        }
    }
}
