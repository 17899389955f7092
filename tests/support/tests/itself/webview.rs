//! Controlling a web view, and finding its window on the screen.

use crate::{WAIT, save_screenshot};
use headcount_desktop::fantoccini::Locator;
use headcount_desktop::{Appearance, Desktop, DesktopOptions};
use std::path::{Path, PathBuf};

/// The test browser of the web engine, which distributions install in different places.
fn browser() -> PathBuf {
    let libraries = std::fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path());
    let browsers = libraries.map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"));
    browsers.chain([Path::new("/usr/libexec/webkit2gtk-4.1/MiniBrowser").into()]).find(|path| path.exists()).unwrap()
}

#[tokio::test]
async fn a_web_view_is_controlled() {
    let dark = DesktopOptions { appearance: Appearance::Dark, ..DesktopOptions::default() };
    let desktop = Desktop::start(dark).await.unwrap();
    let page = desktop.home().join("page.html");
    std::fs::write(
        &page,
        "<!doctype html><title>A page</title><button onclick='document.title=\"Pressed\"'>Go</button>",
    )
    .unwrap();
    let driver = desktop.drive(&browser(), &["--automation"], &[], WAIT).await.unwrap();
    driver.client().goto(&format!("file://{}", page.display())).await.unwrap();
    driver.client().find(Locator::Css("button")).await.unwrap().click().await.unwrap();
    assert_eq!(driver.client().title().await.unwrap(), "Pressed");

    for query in ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"] {
        let script = format!("return matchMedia('{query}').matches");
        assert_eq!(driver.client().execute(&script, vec![]).await.unwrap(), true, "{query}");
    }

    let window = desktop.window("the browser", |window| window.title.contains("Pressed"), WAIT).await.unwrap();
    desktop.window_active(&window, WAIT).await.unwrap();
    assert!(window.frame.height > window.area.height + 10, "{window:?}");
    save_screenshot(&desktop, "webview.png");
    let pid = driver.driver().pid();
    driver.close(WAIT).await.unwrap();
    desktop.window_gone(&window, WAIT).await.unwrap();
    let left: Vec<_> = desktop.process_scan().processes();
    assert!(left.iter().all(|process| process.pid != pid && !process.command.contains("WebKit")), "{left:?}");

    // Dropping the driver kills its browser.
    let driver = desktop.drive(&browser(), &["--automation"], &[], WAIT).await.unwrap();
    drop(driver);
    let left = desktop.process_scan().processes();
    assert!(left.iter().all(|process| !process.command.contains("WebKit")), "{left:?}");
}
