//! The desktop itself: how its parts come up, and what programs on it are given.
//!
//! Promises: when [`Desktop::start`] returns, every part that was asked for is ready to be used. Dropping the
//! desktop ends its parts in the opposite order, then everything else that runs on it, then removes its folder.
//! Does not promise: that two desktops share anything, or know of each other.

mod notifications;
mod panel;
mod sight;

use crate::bus::{Bus, connect, owned_within};
use crate::census::Census;
use crate::environment::{self, DESKTOP_MARK, Environment};
use crate::error::{DesktopError, Result};
use crate::folder::Folder;
use crate::guardian::Guardian;
use crate::notifications::fake_server::{Capabilities, FakeServer};
use crate::notifications::log::NotificationLog;
use crate::options::DesktopOptions;
use crate::program::{Launch, Program};
use crate::screen::{Events, Screen, Server};
use crate::theme;
use crate::tray::fake_host::FakeHost;
use crate::tray::item::TrayItem;
use crate::tray::registration;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// A private, throw-away desktop. The order of its parts is the order in which they end.
#[derive(Debug)]
pub struct Desktop {
    panel: Option<Program>,
    notifier: Option<Program>,
    settings: Option<Program>,
    window_manager: Option<Program>,
    screen: Screen,
    bus: Bus,
    server: Server,
    _guardian: Guardian,
    folder: Folder,
    environment: Environment,
    options: DesktopOptions,
}

impl Desktop {
    /// Starts a desktop and waits until all of it is ready.
    pub async fn start(options: DesktopOptions) -> Result<Self> {
        let folder = Folder::create()?;
        // Before the first process it is to watch over.
        let guardian = Guardian::post(&folder)?;
        theme::write(&folder, &options)?;
        let (server, bus) = tokio::try_join!(
            Server::start(&folder, options.size, options.patience),
            Bus::start(&folder, options.patience)
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
            _guardian: guardian,
            folder,
            environment,
            options,
        };
        if desktop.options.window_manager {
            desktop.window_manager = Some(desktop.startwindow_manager().await?);
        }
        desktop.start_panel().await?;
        desktop.start_notifications(desktop.options.notifications).await?;
        Ok(desktop)
    }

    async fn startwindow_manager(&self) -> Result<Program> {
        let configuration = theme::openbox_file(&self.folder);
        let mut program =
            self.launch("openbox", &["--sm-disable".as_ref(), "--config-file".as_ref(), configuration.as_os_str()])?;
        let events = Events::of_windows(self.display())?;
        let patience = self.options.patience;
        let ready = events.until("the window manager", patience, |events| {
            Ok(events.screen.window_manager()?.ok_or_else(|| "no window manager.".to_owned()))
        });
        program.until("the window manager", patience, ready).await?;
        Ok(program)
    }

    /// Starts one of the desktop's own programs.
    fn launch(&self, program: impl AsRef<OsStr>, args: &[&OsStr]) -> Result<Program> {
        Program::start(&Launch {
            program: program.as_ref(),
            args: args.iter().map(OsString::from).collect(),
            environment: self.environment.clone(),
            logs: &self.folder.logs(),
            heard: false,
        })
    }

    /// The whole, closed environment of a program on this desktop.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The desktop's own folder; it is removed with the desktop.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The home of the person whose desktop this is.
    #[must_use]
    pub fn home(&self) -> std::path::PathBuf {
        self.folder.home()
    }

    /// The X display, as `DISPLAY` names it.
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

    /// Waits until a name on the bus is owned (`is` true), or no longer (`is` false).
    pub async fn bus_name(&self, name: &str, is: bool, wait: Duration) -> Result<()> {
        owned_within(self.bus.connection(), name, is, wait).await
    }

    /// A command that runs on this desktop, for those who want its output; it is killed when dropped.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.environment).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts a program on this desktop, with these variables added to its environment.
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
            heard: false,
        })
    }

    /// What the desktop's own programs have written last, for the messages of tests that fail.
    #[must_use]
    pub fn last_words(&self) -> String {
        let parts = [&self.panel, &self.notifier, &self.settings, &self.window_manager];
        let words = parts.into_iter().flatten().map(|part| format!("{}: {}\n", part.name(), part.last_words()));
        words.collect()
    }

    /// To see who runs on this desktop, also after its end.
    #[must_use]
    pub fn census(&self) -> Census {
        Census::of(DESKTOP_MARK, self.folder.path().as_os_str())
    }

    /// Waits for a tray item of any program.
    pub async fn tray_item(&self, wait: Duration) -> Result<TrayItem> {
        registration::find(self.bus.connection(), None, wait).await
    }

    /// Waits for the tray item of this process.
    pub async fn tray_item_of(&self, pid: u32, wait: Duration) -> Result<TrayItem> {
        registration::find(self.bus.connection(), Some(pid), wait).await
    }

    /// Starts a tray host of our own. There must be no panel.
    pub async fn fake_host(&self) -> Result<FakeHost> {
        FakeHost::start(self.bus.address()).await
    }

    /// Starts a notification server of our own. There must be no other.
    pub async fn fake_server(&self, capabilities: Capabilities) -> Result<FakeServer> {
        FakeServer::start(self.bus.address(), capabilities).await
    }

    /// Opens the log of what passes between programs and the notification server from now on.
    pub async fn notification_log(&self) -> Result<NotificationLog> {
        NotificationLog::open(self.bus.address()).await
    }
}

/// The program that a D-Bus service file of the host names: where a distribution keeps it, only that file tells.
fn service_program(service: &str, program: &str, package: &'static str) -> Result<String> {
    let path = Path::new("/usr/share/dbus-1/services").join(service);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let named = text.lines().find_map(|line| line.strip_prefix("Exec="));
    let named = named.and_then(|command| command.split_whitespace().next());
    named.map(str::to_owned).ok_or_else(|| DesktopError::NotInstalled { program: program.to_owned(), package })
}
