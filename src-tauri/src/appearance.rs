//! Theme, accent colour and contrast of the window: the theme from the settings, else the desktop's.
//!
//! On Linux the desktop's preferences and their changes are read from the desktop portal (`org.freedesktop.appearance`),
//! because GNOME publishes them nowhere else. GTK draws the title bar and the page in the resulting theme, and itself scales
//! text as the desktop wishes. Accent and contrast are set in the page as style variables and an attribute. On macOS and
//! Windows the web engine follows the system.

use std::fmt::Write as _;

use headcount_core::settings;
use headcount_core::view::accent::{self, Rgb};
use headcount_engine::tasks::workspace_task::ConfigUpdates;
use tauri::{AppHandle, Manager as _, Theme};
use tokio::sync::watch;

use crate::window::MAIN;

/// What the desktop prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Preferences {
    /// `None` without a preference: then GTK's own theme is used.
    theme: Option<Theme>,
    /// Red, green and blue from 0 to 1; outside of it: no preference.
    accent: Option<[f64; 3]>,
    high_contrast: bool,
}

impl Preferences {
    /// The theme of the window; `None` selects the toolkit's own.
    pub(crate) fn theme(&self, setting: settings::Theme) -> Option<Theme> {
        match setting {
            settings::Theme::System => self.theme,
            settings::Theme::Light => Some(Theme::Light),
            settings::Theme::Dark => Some(Theme::Dark),
        }
    }

    /// A script that sets accent and contrast in the page.
    pub(crate) fn script(&self) -> String {
        let contrast = if self.high_contrast { "more" } else { "" };
        let mut script = format!("{{const root = document.documentElement; root.dataset.contrast = '{contrast}';");
        let accents = self.accent.and_then(accent::accents);
        // An empty value removes the property, so that the page's own colour is used.
        let [color, text] = accents.map_or_else(Default::default, |(light, dark)| {
            [light_dark(light.color, dark.color), light_dark(light.text, dark.text)]
        });
        for (name, value) in [("--accent", color), ("--on-accent", text)] {
            // Writing to a string cannot fail.
            let _ = write!(script, "root.style.setProperty('{name}', '{value}');");
        }
        script + "}"
    }
}

/// A CSS colour for both themes.
fn light_dark(light: Rgb, dark: Rgb) -> String {
    let hex = |[red, green, blue]: Rgb| format!("#{red:02x}{green:02x}{blue:02x}");
    format!("light-dark({}, {})", hex(light), hex(dark))
}

/// Applies each change of the settings or the preferences.
pub(crate) async fn apply(app: AppHandle, mut openings: ConfigUpdates, mut preferences: watch::Receiver<Preferences>) {
    loop {
        tokio::select! {
            changed = openings.changed() => if changed.is_err() { return },
            // Without a portal the sender is dropped, and this branch is disabled.
            Ok(()) = preferences.changed() => {}
        }
        let setting = openings.borrow_and_update().settings().theme;
        let preferences = *preferences.borrow_and_update();
        app.set_theme(preferences.theme(setting));
        let Some(window) = app.get_webview_window(MAIN) else { continue };
        if let Err(error) = window.eval(preferences.script()) {
            tracing::warn!(%error, "cannot set the page's accent and contrast");
        }
    }
}

/// Follows the desktop's preferences. Blocks until they are known or the portal times out.
pub(crate) fn follow() -> watch::Receiver<Preferences> {
    let (sender, receiver) = watch::channel(Preferences::default());
    #[cfg(target_os = "linux")]
    portal::follow(sender);
    #[cfg(not(target_os = "linux"))]
    drop(sender);
    receiver
}

#[cfg(target_os = "linux")]
mod portal {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use headcount_engine::tasks::supervisor::shared;
    use tauri::Theme;
    use tokio::sync::watch::Sender;
    use zbus::message::Type;
    use zbus::zvariant::{OwnedValue, Value};
    use zbus::{Connection, MatchRule, MessageStream};

    use super::Preferences;
    use crate::tasks;

    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const SETTINGS: &str = "org.freedesktop.portal.Settings";
    const APPEARANCE: &str = "org.freedesktop.appearance";

    /// Maximum time to wait for the portal before the window opens without it. The portal may have to be started.
    const PORTAL_TIMEOUT: Duration = Duration::from_millis(500);

    pub(super) fn follow(sender: Sender<Preferences>) {
        let asked = async {
            let bus = Connection::session().await?;
            let rule = MatchRule::builder().msg_type(Type::Signal).sender(PORTAL)?.path(PATH)?.interface(SETTINGS)?;
            let changes = MessageStream::for_match_rule(rule.member("SettingChanged")?.build(), &bus, None).await?;
            let asked = vec![APPEARANCE];
            let reply = bus.call_method(Some(PORTAL), PATH, Some(SETTINGS), "ReadAll", &asked).await?;
            let all: HashMap<String, HashMap<String, OwnedValue>> = reply.body().deserialize()?;
            let mut preferences = Preferences::default();
            for (key, value) in all.get(APPEARANCE).into_iter().flatten() {
                set(&mut preferences, key, value);
            }
            zbus::Result::Ok((changes, preferences))
        };
        match tauri::async_runtime::block_on(async { tokio::time::timeout(PORTAL_TIMEOUT, asked).await }) {
            Ok(Ok((changes, preferences))) => {
                sender.send_replace(preferences);
                let kept = shared((changes, sender));
                tasks::supervised("desktop portal", move || {
                    let kept = Arc::clone(&kept);
                    async move {
                        let (changes, sender) = &mut *kept.lock().await;
                        listen(changes, sender).await;
                    }
                });
            }
            Ok(Err(error)) => tracing::debug!(%error, "no desktop portal says what is preferred"),
            Err(_) => tracing::warn!("the desktop portal does not answer"),
        }
    }

    async fn listen(changes: &mut MessageStream, sender: &Sender<Preferences>) {
        while let Some(Ok(change)) = changes.next().await {
            let body = change.body();
            let Ok((namespace, key, value)) = body.deserialize::<(&str, &str, Value<'_>)>() else { continue };
            if namespace == APPEARANCE {
                sender.send_modify(|preferences| set(preferences, key, &value));
            }
        }
    }

    /// Sets one preference from a portal value. Some portals wrap the value in another variant.
    fn set(preferences: &mut Preferences, key: &str, value: &Value<'_>) {
        match (key, value) {
            (_, Value::Value(inner)) => set(preferences, key, inner),
            ("color-scheme", Value::U32(1)) => preferences.theme = Some(Theme::Dark),
            ("color-scheme", Value::U32(2)) => preferences.theme = Some(Theme::Light),
            ("color-scheme", _) => preferences.theme = None,
            ("contrast", value) => preferences.high_contrast = *value == Value::U32(1),
            ("accent-color", value) => preferences.accent = accent(value),
            _ => {}
        }
    }

    /// The three parts of a colour.
    fn accent(value: &Value<'_>) -> Option<[f64; 3]> {
        let Value::Structure(parts) = value else { return None };
        match parts.fields() {
            [Value::F64(red), Value::F64(green), Value::F64(blue)] => Some([*red, *green, *blue]),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn read(key: &str, value: impl Into<Value<'static>>) -> Preferences {
            let mut preferences = Preferences::default();
            set(&mut preferences, key, &value.into());
            preferences
        }

        #[test]
        fn theme_is_read_plain_and_nested() {
            for (value, wanted) in [(0, None), (1, Some(Theme::Dark)), (2, Some(Theme::Light)), (3, None)] {
                assert_eq!(read("color-scheme", Value::U32(value)).theme, wanted);
                assert_eq!(read("color-scheme", Value::Value(Box::new(Value::U32(value)))).theme, wanted);
            }
            assert_eq!(read("color-scheme", Value::from("dark")).theme, None);
        }

        #[test]
        fn contrast_and_accent_are_read_and_odd_values_ignored() {
            assert!(read("contrast", Value::U32(1)).high_contrast);
            assert!(!read("contrast", Value::U32(2)).high_contrast);
            let accent = |value: Value<'static>| read("accent-color", value).accent;
            assert_eq!(accent(Value::from((0.5, 0.25, 1.0))), Some([0.5, 0.25, 1.0]));
            assert_eq!(accent(Value::from((0.5, 0.25))), None);
            assert_eq!(accent(Value::from("red")), None);
        }

        #[test]
        fn script_sets_and_removes() {
            let set = read("accent-color", Value::from((0.1, 0.37, 0.7))).script();
            assert!(set.contains("'--accent', 'light-dark(#1a5eb3, "), "{set}");
            assert!(Preferences::default().script().contains("'--accent', ''"));
        }
    }
}
