//! The desktop's private session bus.
//!
//! Promises: the address is in the desktop's folder; the bus starts no service by itself, neither the host's nor its
//! own, so that everything on it was started by the desktop and can be counted. Waiting for a name is waiting for
//! the bus to say that its owner changed.
//! Does not promise: limits or policies; everyone on it may do everything, monitoring included.

use crate::environment;
use crate::error::{DesktopError, Result, bus};
use crate::folder::{Folder, write};
use crate::program::{Launch, Program};
use futures_util::StreamExt;
use std::ffi::OsStr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

/// The bus and the desktop's own connection to it.
#[derive(Debug)]
pub(crate) struct Bus {
    // Before the daemon, so that the connection does not see its end.
    connection: Connection,
    address: String,
    _daemon: Program,
}

impl Bus {
    pub(crate) async fn start(folder: &Folder, patience: Duration) -> Result<Self> {
        let configuration = folder.path().join("bus.conf");
        write(&configuration, &configured(folder))?;
        let mut file = std::ffi::OsString::from("--config-file=");
        file.push(&configuration);
        let mut daemon = Program::start(&Launch {
            program: OsStr::new("dbus-daemon"),
            args: vec![file, "--nofork".into(), "--nopidfile".into(), "--nosyslog".into(), "--print-address=1".into()],
            environment: environment::bare(folder),
            logs: &folder.logs(),
            heard: true,
        })?;
        let address = first_line(&mut daemon, "the address of the bus", patience).await?;
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

/// A new connection to the bus at this address.
pub(crate) async fn connect(address: &str) -> Result<Connection> {
    let attempted = || format!("connect to {address}");
    zbus::connection::Builder::address(address)
        .map_err(bus(attempted()))?
        // A program that does not answer is an error of the test, not a reason to wait for ever.
        .method_timeout(Duration::from_secs(10))
        .build()
        .await
        .map_err(bus(attempted()))
}

/// The first line a program writes to its standard output: how servers say where they are.
pub(crate) async fn first_line(program: &mut Program, awaited: &str, patience: Duration) -> Result<String> {
    let Some(output) = program.take_stdout() else {
        return Err(DesktopError::Absent { what: awaited.to_owned(), present: "nothing to read it from".to_owned() });
    };
    let mut line = String::new();
    let mut reader = BufReader::new(output);
    let name = program.name().to_owned();
    let read = program
        .until(awaited, patience, async {
            // The end of the output is the end of the program, which `until` reports better.
            while reader.read_line(&mut line).await.map_err(crate::error::file("read", &name))? == 0 {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
        .await;
    read.map(|()| line.trim().to_owned())
}

/// Waits until a name on the bus is owned, or is no longer.
pub(crate) async fn owned(connection: &Connection, name: &str, owned: bool) -> Result<()> {
    let attempted = || format!("watch the name {name}");
    let proxy = DBusProxy::new(connection).await.map_err(bus(attempted()))?;
    // Listening comes first: a change between asking and listening must not be lost.
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

/// The same with a deadline of its own.
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
