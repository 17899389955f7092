//! Light and dark as the desktop prefers, read from a fake desktop portal.

use headcount_desktop::DesktopOptions;
use zbus::zvariant::Value;

use crate::page::Page;
use crate::world::{WAIT, World};

const PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";

/// The settings interface of a desktop portal, with this `color-scheme`.
struct Portal(u32);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    /// The value in a nested variant, the form that portals return.
    fn read(&self, namespace: &str, key: &str) -> zbus::fdo::Result<Value<'static>> {
        if (namespace, key) == ("org.freedesktop.appearance", "color-scheme") {
            return Ok(Value::Value(Box::new(Value::U32(self.0))));
        }
        Err(zbus::fdo::Error::Failed("no such setting".to_owned()))
    }
}

#[tokio::test]
async fn the_window_fits_a_small_screen() {
    let world =
        World::of_story(DesktopOptions { size: (800, 480), window_manager: false, ..DesktopOptions::default() }).await;
    let _app = world.start(&["--window"]);
    let window = world.desktop.window_titled("Headcount", WAIT).await.unwrap();
    assert!(window.area.width <= 800 && window.area.height <= 480, "{window:?}");
}

#[tokio::test]
async fn dark_is_read_from_the_portal() {
    let world = World::of_story(DesktopOptions::default()).await;
    let portal = world.desktop.connect().await.unwrap();
    portal.object_server().at(PATH, Portal(1)).await.unwrap();
    portal.request_name("org.freedesktop.portal.Desktop").await.unwrap();
    let page = Page::open(&world, "--window").await;
    page.until("matchMedia('(prefers-color-scheme: dark)').matches").await;
    page.close().await;
}

#[tokio::test]
async fn a_change_of_the_preference_is_followed_while_the_window_is_open() {
    let world = World::of_story(DesktopOptions::default()).await;
    let portal = world.desktop.connect().await.unwrap();
    portal.object_server().at(PATH, Portal(0)).await.unwrap();
    portal.request_name("org.freedesktop.portal.Desktop").await.unwrap();
    let page = Page::open(&world, "--window").await;
    for (preference, dark) in [(1_u32, true), (0, false), (1, true), (2, false)] {
        let change = ("org.freedesktop.appearance", "color-scheme", Value::U32(preference));
        portal.emit_signal(None::<&str>, PATH, SETTINGS, "SettingChanged", &change).await.unwrap();
        page.until(&format!("matchMedia('(prefers-color-scheme: dark)').matches === {dark}")).await;
    }
    page.close().await;
}
