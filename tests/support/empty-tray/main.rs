//! A minimal Tauri tray app: an icon of one colour and a menu with one item, over D-Bus like Headcount's.
//!
//! Guarantees: runs only what Tauri and the tray start by themselves. With `--window` it shows a page of one colour
//! instead, for measuring the time to open a window. Used by `make bench`, not shipped.

use tauri::RunEvent;

/// A square of one colour.
#[cfg(target_os = "linux")]
struct Square;

#[cfg(target_os = "linux")]
impl ksni::Tray for Square {
    fn id(&self) -> String {
        "empty".into()
    }

    fn title(&self) -> String {
        "Empty".into()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        vec![ksni::Icon { width: 22, height: 22, data: [0xff, 0x0f, 0x7b, 0x52].repeat(22 * 22) }]
    }

    fn menu(&self) -> Vec<ksni::MenuItem<Self>> {
        let quit = Box::new(|_: &mut Self| std::process::exit(0));
        vec![ksni::menu::StandardItem { label: "Quit".into(), activate: quit, ..Default::default() }.into()]
    }
}

#[cfg(target_os = "linux")]
fn show() -> Result<(), Box<dyn std::error::Error>> {
    use ksni::TrayMethods as _;
    let handle = tauri::async_runtime::block_on(Square.assume_sni_available(true).spawn())?;
    // The icon lives as long as the app.
    std::mem::forget(handle);
    Ok(())
}

/// Measured on Linux only.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn show() -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wants_window = std::env::args().any(|arg| arg == "--window");
    let app = tauri::Builder::default()
        .setup(move |app| {
            if wants_window {
                tauri::WebviewWindowBuilder::new(app, "main", tauri::WebviewUrl::default())
                    .title("Empty")
                    .inner_size(880.0, 720.0)
                    .build()?;
                return Ok(());
            }
            show()
        })
        .build(tauri::generate_context!())?;
    app.run(move |_, event| match event {
        RunEvent::ExitRequested { code: None, api, .. } if !wants_window => api.prevent_exit(),
        _ => {}
    });
    Ok(())
}
