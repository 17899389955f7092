//! The desktop's private session bus.
//!
//! Guarantees: its socket is in the desktop's folder. The bus activates no services, neither the host's nor its own, so
//! everything on it was started by the desktop and can be counted. Waiting for a name uses the bus's owner-change
//! signals. There are no limits or policies: every client may do everything, including monitoring.

use crate::environment;
use crate::error::{DesktopError, Result, bus};
use crate::folder::{Folder, write};
use crate::process::program::{Launch, Program};
use futures_util::StreamExt;
use std::ffi::OsStr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

/// The bus daemon and the desktop's connection to it.
#[derive(Debug)]
pub(crate) struct Bus {
    // Dropped before the daemon, so that the connection does not observe its end.
    connection: Connection,
    address: String,
    _daemon: Program,
}

impl Bus {
    pub(crate) async fn start(folder: &Folder, wait: Duration) -> Result<Self> {
        let configuration = folder.path().join("bus.conf");
        write(&configuration, &configured(folder))?;
        let mut file = std::ffi::OsString::from("--config-file=");
        file.push(&configuration);
        let mut daemon = Program::start(&Launch {
            program: OsStr::new("dbus-daemon"),
            args: vec![file, "--nofork".into(), "--nopidfile".into(), "--nosyslog".into(), "--print-address=1".into()],
            environment: environment::bare(folder),
            logs: &folder.logs(),
            pipes_stdout: true,
        })?;
        let address = first_line(&mut daemon, "the address of the bus", wait).await?;
        let connection = connect(&address).await?;
        Ok(Self { connection, address, _daemon: daemon })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Opens a new connection to the bus at this address.
pub(crate) async fn connect(address: &str) -> Result<Connection> {
    let attempted = || format!("connect to {address}");
    zbus::connection::Builder::address(address)
        .map_err(bus(attempted()))?
        // A program that does not answer is an error of the test: do not wait forever.
        .method_timeout(Duration::from_secs(10))
        .build()
        .await
        .map_err(bus(attempted()))
}

/// The first line of a program's standard output, in which servers print their address.
pub(crate) async fn first_line(program: &mut Program, awaited: &str, wait: Duration) -> Result<String> {
    let Some(output) = program.take_stdout() else {
        return Err(DesktopError::Absent { what: awaited.to_owned(), present: "nothing to read it from".to_owned() });
    };
    let mut line = String::new();
    let mut reader = BufReader::new(output);
    let name = program.name().to_owned();
    let read = program
        .until(awaited, wait, async {
            // The end of the output means that the program ended, which `until` reports better.
            while reader.read_line(&mut line).await.map_err(crate::error::file("read", &name))? == 0 {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
        .await;
    read.map(|()| line.trim().to_owned())
}

/// Waits until a name on the bus has an owner, or has none.
pub(crate) async fn owned(connection: &Connection, name: &str, owned: bool) -> Result<()> {
    let attempted = || format!("watch the name {name}");
    let proxy = DBusProxy::new(connection).await.map_err(bus(attempted()))?;
    // Subscribes before querying, so that a change in between is not lost.
    let mut changes = proxy.receive_name_owner_changed_with_args(&[(0, name)]).await.map_err(bus(attempted()))?;
    let bus_name = BusName::try_from(name).map_err(|error| bus(attempted())(zbus::Error::from(error)))?;
    loop {
        if proxy.name_has_owner(bus_name.clone()).await.map_err(bus(attempted()))? == owned {
            return Ok(());
        }
        if changes.next().await.is_none() {
            return Err(bus(attempted())(zbus::Error::Failure("the bus has gone".to_owned())));
        }
    }
}

/// Like [`owned`], with a deadline.
pub(crate) async fn owned_within(connection: &Connection, name: &str, is: bool, wait: Duration) -> Result<()> {
    timeout(wait, owned(connection, name, is)).await.unwrap_or_else(|_| {
        Err(DesktopError::Late {
            awaited: format!("{} of the bus name {name}", if is { "an owner" } else { "the end" }),
            waited: wait,
            seen: if is { "nobody owns it." } else { "it is owned still." }.to_owned(),
        })
    })
}

fn configured(folder: &Folder) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        folder.socket().display()
    )
}
