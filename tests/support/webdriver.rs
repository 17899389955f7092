//! Control of a web view through its engine's `WebDriver`.
//!
//! Guarantees: one driver, one session, one program. The driver starts the program on the desktop, and both end with
//! the value. The engine's driver supports only one program.

use crate::desktop::Desktop;
use crate::error::{DesktopError, Result};
use crate::process::program::Program;
use fantoccini::Client;
use fantoccini::wd::Capabilities;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// A web driver with its program. Dropping it kills both.
#[derive(Debug)]
pub struct WebDriver {
    client: Client,
    driver: Program,
}

impl Desktop {
    /// Starts a program with a web view under the driver's control, with additional environment variables.
    pub async fn drive(
        &self,
        binary: &Path,
        args: &[&str],
        extra_environment: &[(&str, &OsStr)],
        wait: Duration,
    ) -> Result<WebDriver> {
        let port = free_port().await?;
        let mut environment = vec![("TAURI_WEBVIEW_AUTOMATION", OsStr::new("true"))];
        environment.extend(extra_environment);
        let mut driver = self.spawn("WebKitWebDriver", &[OsStr::new(&format!("--port={port}"))], &environment)?;
        driver.until("a web driver", wait, listening(port)).await?;
        let options = json!({ "binary": binary, "args": args });
        let wanted = Capabilities::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        let url = format!("http://127.0.0.1:{port}");
        let session = async {
            let session = Client::with_capabilities_and_connector(&url, &wanted, HttpConnector::new()).await;
            session.map_err(|error| failed("open a session")(error.into()))
        };
        let client = driver.until("a session of the web driver", wait, session).await?;
        Ok(WebDriver { client, driver })
    }
}

impl WebDriver {
    /// The session: elements, clicks, keys, scripts, screenshots.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The driver's process.
    #[must_use]
    pub fn driver(&self) -> &Program {
        &self.driver
    }

    /// Ends the session, which closes the program cleanly, and waits until the driver has exited.
    pub async fn close(mut self, wait: Duration) -> Result<()> {
        let closed = timeout(wait, self.client.clone().close()).await;
        let closed = closed.map_err(|_| DesktopError::Late {
            awaited: "the end of the web driver's session".to_owned(),
            waited: wait,
            seen: self.driver.last_output(),
        })?;
        closed.map_err(|error| failed("close the session")(error.into()))?;
        self.driver.terminate(wait).await.map(drop)
    }
}

/// A currently unused port.
async fn free_port() -> Result<u16> {
    let found = async { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr() };
    found.await.map(|address| address.port()).map_err(|error| failed("find a port")(error.into()))
}

/// Polls until the port accepts connections, because nothing reports that. The caller sets the deadline.
async fn listening(port: u16) -> Result<()> {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

fn failed(attempted: &'static str) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> DesktopError {
    move |source| DesktopError::WebDriver { attempted, source }
}
