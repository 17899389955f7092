//! Light and dark as the desktop prefers, read from a fake desktop portal.

use std::collections::HashMap;

use headcount_desktop::DesktopOptions;
use zbus::zvariant::Value;

use crate::fixture::{Fixture, WAIT};
use crate::page::Page;

const PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";

/// Readable on dark surfaces without a change.
const ORANGE: (f64, f64, f64) = (1.0, 0.4706, 0.0);
const APPEARANCE: &str = "org.freedesktop.appearance";

/// The settings interface of a desktop portal, with this `color-scheme`, an orange accent and high contrast.
struct Portal(u32);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    #[expect(clippy::needless_pass_by_value, reason = "arguments of a D-Bus method are owned")]
    fn read_all(&self, namespaces: Vec<String>) -> HashMap<String, HashMap<String, Value<'static>>> {
        assert_eq!(namespaces, [APPEARANCE]);
        // One in a nested variant, the form of some portals.
        let scheme = Value::Value(Box::new(Value::U32(self.0)));
        let all = [("color-scheme", scheme), ("contrast", Value::U32(1)), ("accent-color", Value::from(ORANGE))];
        HashMap::from([(APPEARANCE.to_owned(), all.map(|(key, value)| (key.to_owned(), value)).into())])
    }
}

#[tokio::test]
async fn the_window_fits_a_small_screen() {
    let fixture = Fixture::of_main_scenario(DesktopOptions {
        size: (800, 480),
        window_manager: false,
        ..DesktopOptions::default()
    })
    .await;
    let _app = fixture.start(&["--window"]);
    let window = fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    assert!(window.area.width <= 800 && window.area.height <= 480, "{window:?}");
}

#[tokio::test]
async fn dark_accent_and_contrast_are_read_from_the_portal() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let portal = fixture.desktop.connect().await.unwrap();
    portal.object_server().at(PATH, Portal(1)).await.unwrap();
    portal.request_name("org.freedesktop.portal.Desktop").await.unwrap();
    let page = Page::open(&fixture, "--window").await;
    page.until("matchMedia('(prefers-color-scheme: dark)').matches").await;
    let accent = page.value("getComputedStyle(document.documentElement).getPropertyValue('--accent')").await;
    assert!(accent.as_str().is_some_and(|accent| accent.contains("#ff7800")), "{accent}");
    assert_eq!(page.value("document.documentElement.dataset.contrast").await, "more");
    let none = (APPEARANCE, "contrast", Value::U32(0));
    portal.emit_signal(None::<&str>, PATH, SETTINGS, "SettingChanged", &none).await.unwrap();
    page.until("document.documentElement.dataset.contrast === ''").await;
    page.close().await;
}

#[tokio::test]
async fn a_change_of_the_preference_is_followed_while_the_window_is_open() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let portal = fixture.desktop.connect().await.unwrap();
    portal.object_server().at(PATH, Portal(0)).await.unwrap();
    portal.request_name("org.freedesktop.portal.Desktop").await.unwrap();
    let page = Page::open(&fixture, "--window").await;
    for (preference, dark) in [(1_u32, true), (0, false), (1, true), (2, false)] {
        let change = (APPEARANCE, "color-scheme", Value::U32(preference));
        portal.emit_signal(None::<&str>, PATH, SETTINGS, "SettingChanged", &change).await.unwrap();
        page.until(&format!("matchMedia('(prefers-color-scheme: dark)').matches === {dark}")).await;
    }
    page.close().await;
}
