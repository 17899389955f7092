//! Reading and clicking a tray item: with the fake host, and on the real panel.

use crate::{WAIT, is_sample, save_screenshot, start_sample};
use headcount_desktop::{Area, Desktop, DesktopOptions, MenuEntry, Toggle};
use ksni::TrayMethods;
use ksni::menu::{CheckmarkItem, MenuItem, StandardItem, SubMenu};
use std::time::{Duration, Instant};

const SAMPLE: &str = "tray::sample_tray";
const RED: [u8; 3] = [220, 30, 40];
const GREEN: [u8; 3] = [30, 180, 60];

/// A tray program that counts its clicks, and turns from red to green with the first.
struct Sample {
    clicks: u32,
    snoozed: bool,
}

impl ksni::Tray for Sample {
    fn id(&self) -> String {
        "sample".to_owned()
    }

    fn title(&self) -> String {
        format!("{} clicks", self.clicks)
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        ksni::ToolTip { title: self.title(), description: "a sample".to_owned(), ..Default::default() }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let [red, green, blue] = if self.clicks == 0 { RED } else { GREEN };
        let icon = |size: i32| ksni::Icon {
            width: size,
            height: size,
            data: [255, red, green, blue].repeat((size * size) as usize),
        };
        vec![icon(22), icon(44)]
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.clicks += 1;
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        vec![
            StandardItem {
                label: "_Count".to_owned(),
                activate: Box::new(|this: &mut Self| this.clicks += 10),
                ..Default::default()
            }
            .into(),
            MenuItem::Separator,
            SubMenu {
                label: "More".to_owned(),
                submenu: vec![
                    CheckmarkItem {
                        label: "Snooze".to_owned(),
                        checked: self.snoozed,
                        activate: Box::new(|this: &mut Self| this.snoozed = !this.snoozed),
                        ..Default::default()
                    }
                    .into(),
                ],
                ..Default::default()
            }
            .into(),
            StandardItem { label: "Undo".to_owned(), enabled: false, ..Default::default() }.into(),
        ]
    }
}

#[tokio::test]
#[ignore = "the program that the other tests start"]
async fn sample_tray() {
    if is_sample() {
        let _tray = Sample { clicks: 0, snoozed: false }.spawn().await.unwrap();
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn an_item_is_read_and_clicked_with_the_fake_host() {
    let desktop = Desktop::start(DesktopOptions { window_manager: false, ..DesktopOptions::default() }).await.unwrap();
    let mut host = desktop.fake_host().await.unwrap();
    let program = start_sample(&desktop, SAMPLE);
    let mut item = desktop.tray_item_of(program.pid(), WAIT).await.unwrap();

    let view = item.view().await.unwrap();
    assert_eq!((view.id.as_str(), view.title.as_str(), view.status.as_str()), ("sample", "0 clicks", "Active"));
    assert_eq!((view.tool_tip.title.as_str(), view.tool_tip.text.as_str()), ("0 clicks", "a sample"));
    assert_eq!(view.icon.iter().map(|icon| icon.width).collect::<Vec<_>>(), [22, 44]);
    assert!(view.icon.iter().all(headcount_desktop::Pixmap::is_whole));
    assert_eq!(view.icon[0].pixel(3, 4), Some([255, RED[0], RED[1], RED[2]]));

    item.activate().await.unwrap();
    item.wait_until(|view| view.title == "1 clicks", WAIT).await.unwrap();

    let menu = item.menu().await.unwrap();
    assert_eq!(menu.labels(), ["Count", "More", "Snooze", "Undo"]);
    assert!(menu.walk().any(|entry| entry.separator));
    item.click("Count").await.unwrap();
    item.wait_until(|view| view.title == "11 clicks", WAIT).await.unwrap();
    item.click("Snooze").await.unwrap();
    let snoozed = |menu: &MenuEntry| menu.find("Snooze").and_then(|entry| entry.toggle) == Some(Toggle::Check(true));
    item.wait_for_menu(snoozed, WAIT).await.unwrap();
    let refused = item.click("Undo").await.unwrap_err().to_string();
    assert!(refused.contains("\"Undo\" (disabled)"), "{refused}");

    let late = item.wait_until(|view| view.title == "never", Duration::from_millis(50)).await.unwrap_err();
    assert!(late.to_string().contains("11 clicks"), "{late}");
    assert_eq!(host.signals("NewIcon"), 1);

    // A host that stops and restarts: the program registers again.
    host.leave().await.unwrap();
    assert!(host.items().is_empty());
    desktop.bus_name("org.kde.StatusNotifierWatcher", false, WAIT).await.unwrap();
    host.come().await.unwrap();
    desktop.tray_item_of(program.pid(), WAIT).await.unwrap();

    // When a program ends, its item is removed.
    drop(program);
    let gone = desktop.tray_item(Duration::from_millis(300)).await.unwrap_err();
    assert!(gone.to_string().contains("still no sign of a tray item"), "{gone}");
    assert!(host.items().is_empty());
}

#[tokio::test]
async fn an_item_is_shown_and_clicked_on_the_real_panel() {
    let mut desktop = Desktop::start(DesktopOptions::full()).await.unwrap();
    let panel = desktop.panel_area(WAIT).await.unwrap();
    assert_eq!((panel.x, panel.y, panel.width), (0, 0, 1280));

    let started = Instant::now();
    let program = start_sample(&desktop, SAMPLE);
    let mut item = desktop.tray_item_of(program.pid(), WAIT).await.unwrap();
    let place = icon_area(&desktop, panel, RED).await;
    eprintln!("icon_area at {place:?} after {:?}", started.elapsed());
    save_screenshot(&desktop, "panel.png");
    assert!(place.x > 1000, "the tray is at the right end: {place:?}");
    desktop.click_at(place.centre(), 1).unwrap();
    item.wait_until(|view| view.title == "1 clicks", WAIT).await.unwrap();
    icon_area(&desktop, panel, GREEN).await;

    desktop.crash_panel().await.unwrap();
    desktop.start_panel().await.unwrap();
    let item = desktop.tray_item_of(program.pid(), WAIT).await.unwrap();
    assert_eq!(item.view().await.unwrap().title, "1 clicks");
    desktop.stop_panel().await.unwrap();
    assert!(desktop.tray_item(Duration::from_millis(50)).await.is_err());
}

/// Waits until the panel shows this colour; returns its position.
async fn icon_area(desktop: &Desktop, panel: Area, colour: [u8; 3]) -> Area {
    let icon = |picture: &headcount_desktop::Screenshot| {
        picture.extent(|pixel| pixel == colour).filter(|(_, count)| *count > 100).map(|(area, _)| area)
    };
    desktop.wait_for_pixels(panel, "the icon on the panel", icon, WAIT).await.unwrap()
}
