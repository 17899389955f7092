//! The desktop: starting its parts, and running programs on it.
//!
//! Guarantees: when [`Desktop::start`] returns, every requested part is ready. Dropping the desktop ends its parts in
//! reverse order, then everything else that runs on it, then removes its folder. Desktops share nothing.

pub(crate) mod bus;
mod notifications;
pub(crate) mod options;
mod panel;
mod screen_access;
pub(crate) mod theme;

use crate::desktop::bus::{Bus, connect, owned_within};
use crate::desktop::options::DesktopOptions;
use crate::environment::{self, DESKTOP_MARK, Environment};
use crate::error::{DesktopError, Result};
use crate::folder::Folder;
use crate::notifications::fake_server::{Capabilities, FakeServer};
use crate::notifications::log::NotificationLog;
use crate::process::process_scan::ProcessScan;
use crate::process::program::{Launch, Program};
use crate::process::reaper::Reaper;
use crate::screen::{Events, Screen, Server};
use crate::tray::fake_host::FakeHost;
use crate::tray::item::TrayItem;
use crate::tray::registration;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// A private, temporary desktop. The fields are in the order in which the parts are ended.
#[derive(Debug)]
pub struct Desktop {
    panel: Option<Program>,
    notifier: Option<Program>,
    settings: Option<Program>,
    window_manager: Option<Program>,
    screen: Screen,
    bus: Bus,
    server: Server,
    _reaper: Reaper,
    folder: Folder,
    environment: Environment,
    options: DesktopOptions,
}

impl Desktop {
    /// Starts a desktop and waits until all of it is ready.
    pub async fn start(options: DesktopOptions) -> Result<Self> {
        let folder = Folder::create()?;
        // Started before the first process that it has to end.
        let reaper = Reaper::start(&folder)?;
        theme::write(&folder, &options)?;
        let (server, bus) = tokio::try_join!(
            Server::start(&folder, options.size, options.timeout),
            Bus::start(&folder, options.timeout)
        )?;
        let screen = Screen::connect(server.display())?;
        screen.paint(options.background)?;
        let environment = environment::whole(&folder, server.display(), bus.address(), options.appearance);
        let mut desktop = Self {
            panel: None,
            notifier: None,
            settings: None,
            window_manager: None,
            screen,
            bus,
            server,
            _reaper: reaper,
            folder,
            environment,
            options,
        };
        if desktop.options.window_manager {
            desktop.window_manager = Some(desktop.start_window_manager().await?);
        }
        desktop.start_panel().await?;
        desktop.start_notifications(desktop.options.notifications).await?;
        Ok(desktop)
    }

    async fn start_window_manager(&self) -> Result<Program> {
        let configuration = theme::openbox_file(&self.folder);
        let mut program =
            self.launch("openbox", &["--sm-disable".as_ref(), "--config-file".as_ref(), configuration.as_os_str()])?;
        let events = Events::of_windows(self.display())?;
        let timeout = self.options.timeout;
        let ready = events.until("the window manager", timeout, |events| {
            Ok(events.screen.window_manager()?.ok_or_else(|| "no window manager.".to_owned()))
        });
        program.until("the window manager", timeout, ready).await?;
        Ok(program)
    }

    /// Starts one of the desktop's own programs.
    fn launch(&self, program: impl AsRef<OsStr>, args: &[&OsStr]) -> Result<Program> {
        Program::start(&Launch {
            program: program.as_ref(),
            args: args.iter().map(OsString::from).collect(),
            environment: self.environment.clone(),
            logs: &self.folder.logs(),
            pipes_stdout: false,
        })
    }

    /// The complete environment of a program on this desktop.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The desktop's folder. It is removed with the desktop.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The home folder of the desktop's user.
    #[must_use]
    pub fn home(&self) -> std::path::PathBuf {
        self.folder.home()
    }

    /// The X display, in the form of `DISPLAY`.
    #[must_use]
    pub fn display(&self) -> &str {
        self.server.display()
    }

    /// The address of the session bus.
    #[must_use]
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// A new connection to the session bus.
    pub async fn connect(&self) -> Result<zbus::Connection> {
        connect(self.bus.address()).await
    }

    /// Waits until a name on the bus has an owner (`is` true), or has none (`is` false).
    pub async fn bus_name(&self, name: &str, is: bool, wait: Duration) -> Result<()> {
        owned_within(self.bus.connection(), name, is, wait).await
    }

    /// A command on this desktop, for callers that need its output. It is killed when dropped.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.environment).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts a program on this desktop with additional environment variables.
    pub fn spawn(
        &self,
        program: impl AsRef<OsStr>,
        args: &[&OsStr],
        extra_environment: &[(&str, &OsStr)],
    ) -> Result<Program> {
        let mut environment = self.environment.clone();
        environment.extend(extra_environment.iter().map(|(name, value)| (name.into(), value.into())));
        Program::start(&Launch {
            program: program.as_ref(),
            args: args.iter().map(OsString::from).collect(),
            environment,
            logs: &self.folder.logs(),
            pipes_stdout: false,
        })
    }

    /// The last output of the desktop's own programs, for failure messages.
    #[must_use]
    pub fn last_output(&self) -> String {
        let parts = [&self.panel, &self.notifier, &self.settings, &self.window_manager];
        let words = parts.into_iter().flatten().map(|part| format!("{}: {}\n", part.name(), part.last_output()));
        words.collect()
    }

    /// A scan for the processes of this desktop. It also works after the desktop's end.
    #[must_use]
    pub fn process_scan(&self) -> ProcessScan {
        ProcessScan::of(DESKTOP_MARK, self.folder.path().as_os_str())
    }

    /// Waits for a tray item of any program.
    pub async fn tray_item(&self, wait: Duration) -> Result<TrayItem> {
        registration::find(self.bus.connection(), None, wait).await
    }

    /// Waits for the tray item of this process.
    pub async fn tray_item_of(&self, pid: u32, wait: Duration) -> Result<TrayItem> {
        registration::find(self.bus.connection(), Some(pid), wait).await
    }

    /// Starts a fake tray host. There must be no panel.
    pub async fn fake_host(&self) -> Result<FakeHost> {
        FakeHost::start(self.bus.address()).await
    }

    /// Starts a fake notification server. There must be no other.
    pub async fn fake_server(&self, capabilities: Capabilities) -> Result<FakeServer> {
        FakeServer::start(self.bus.address(), capabilities).await
    }

    /// Records the messages between programs and the notification server from now on.
    pub async fn notification_log(&self) -> Result<NotificationLog> {
        NotificationLog::open(self.bus.address()).await
    }
}

/// The program named in a D-Bus service file of the host. Distributions install it in different places.
fn service_program(service: &str, program: &str, package: &'static str) -> Result<String> {
    let path = Path::new("/usr/share/dbus-1/services").join(service);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let named = text.lines().find_map(|line| line.strip_prefix("Exec="));
    let named = named.and_then(|command| command.split_whitespace().next());
    named.map(str::to_owned).ok_or_else(|| DesktopError::NotInstalled { program: program.to_owned(), package })
}
