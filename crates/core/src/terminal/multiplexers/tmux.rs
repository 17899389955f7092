//! tmux: the pane of a session, and the client that shows it.
//!
//! Guarantees: the server is one of the session's ancestors, so that an inherited `TMUX` of another server is never
//! used. Panes, windows and sessions are addressed by their ids; names are only displayed. A client that shows the
//! pane's session already is preferred, then the one that was used last.

use crate::terminal::{Invocation, Trace, value};
use crate::view::text::messages;

/// The program.
const TMUX: &[&str] = &["tmux"];

/// Maximum length of a session's name in a text.
const MAX_NAME: usize = 40;

/// The formats of the lists. Fields that can contain spaces are last.
const PANES: &str = "#{pane_pid} #{pane_id} #{window_id} #{session_id} #{window_index} #{pane_index} #{session_attached} #{session_name}";
const CLIENTS: &str = "#{client_pid} #{session_id} #{client_activity} #{client_control_mode} #{client_tty}";

/// The server of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The path of its socket.
    pub socket: String,
}

impl Server {
    /// The tmux server that is an ancestor of the traced process.
    ///
    /// # Errors
    ///
    /// Why there is none, or why its socket is not known.
    pub fn of(trace: &Trace) -> Result<Self, String> {
        let mut is_in_tmux = false;
        for process in &trace.processes {
            let Some(variable) = process.variables.get("TMUX") else { continue };
            // `<socket>,<pid of the server>,<session>`; the socket's path can contain commas.
            let mut parts = variable.rsplitn(3, ',');
            let (_, pid, socket) = (parts.next(), parts.next(), parts.next());
            let Some((pid, socket)) = pid.and_then(|pid| pid.parse::<u32>().ok()).zip(socket) else { continue };
            if !trace.contains(pid) {
                continue;
            }
            is_in_tmux = true;
            if value::is_absolute(socket) {
                return Ok(Self { socket: socket.to_owned() });
            }
        }
        let is_in_tmux = is_in_tmux || trace.processes.iter().any(|process| process.name.starts_with("tmux"));
        Err(if is_in_tmux { "the socket of its tmux server is not known" } else { "it does not run in tmux" }.into())
    }

    /// Lists the panes of all sessions.
    #[must_use]
    pub fn list_panes(&self) -> Invocation {
        self.command(&["list-panes", "-a", "-F", PANES])
    }

    /// Lists the attached clients.
    #[must_use]
    pub fn list_clients(&self) -> Invocation {
        self.command(&["list-clients", "-F", CLIENTS])
    }

    /// The commands that make a client show a pane.
    #[must_use]
    pub fn show(&self, pane: &Pane, client: &Client) -> Vec<Invocation> {
        let window = format!("{}:{}", pane.session, pane.window);
        let mut commands =
            vec![self.command(&["select-window", "-t", &window]), self.command(&["select-pane", "-t", &pane.id])];
        if client.session != pane.session {
            commands.push(self.command(&["switch-client", "-c", &client.device, "-t", &pane.session]));
        }
        commands
    }

    /// `-u`: names are printed as UTF-8 in every locale.
    fn command(&self, args: &[&str]) -> Invocation {
        Invocation::new(TMUX, ["-u", "-S", &self.socket].into_iter().chain(args.iter().copied()))
    }
}

/// A pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pane {
    /// The first process in it.
    pub pid: u32,
    /// Its id: `%5`.
    pub id: String,
    /// The id of its window: `@3`.
    pub window: String,
    /// The id of its session: `$1`.
    pub session: String,
    /// The number of the window in the session.
    pub window_index: String,
    /// The number of the pane in the window.
    pub index: String,
    /// Whether a client shows its session.
    pub is_attached: bool,
    /// The name of its session, as one plain line.
    pub name: String,
}

impl Pane {
    /// Where the pane is: "session main, window 2, pane 1".
    #[must_use]
    pub fn place(&self) -> String {
        format!("session {}, window {}, pane {}", self.name, self.window_index, self.index)
    }
}

/// Parses a list of panes. Lines of another form are skipped.
#[must_use]
pub fn panes(output: &str) -> Vec<Pane> {
    output.lines().filter_map(pane).collect()
}

fn pane(line: &str) -> Option<Pane> {
    let mut fields = line.splitn(8, ' ');
    let pid = fields.next()?.parse().ok()?;
    let mut id = |prefix| fields.next().filter(|text| value::is_prefixed_number(prefix, text)).map(str::to_owned);
    let (id, window, session) = (id('%')?, id('@')?, id('$')?);
    let mut number = || fields.next().filter(|text| value::is_number(text)).map(str::to_owned);
    let (window_index, index, attached) = (number()?, number()?, number()?);
    let name = messages::plain(fields.next()?, MAX_NAME);
    Some(Pane { pid, id, window, session, window_index, index, is_attached: attached != "0", name })
}

/// An attached client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its process.
    pub pid: u32,
    /// The id of the session that it shows.
    pub session: String,
    /// When it was used last, in seconds since 1970.
    pub activity: u64,
    /// Its terminal device.
    pub device: String,
}

/// Parses a list of clients. Lines of another form are skipped, and clients in control mode, which are programs.
#[must_use]
pub fn clients(output: &str) -> Vec<Client> {
    output.lines().filter_map(client).collect()
}

fn client(line: &str) -> Option<Client> {
    let mut fields = line.splitn(5, ' ');
    let pid = fields.next()?.parse().ok()?;
    let session = fields.next().filter(|text| value::is_prefixed_number('$', text))?.to_owned();
    let activity = fields.next()?.parse().ok()?;
    let is_program = fields.next()? == "1";
    let device = fields.next().filter(|device| value::is_device(device))?.to_owned();
    (!is_program).then_some(Client { pid, session, activity, device })
}

/// The pane of the traced process. A window can be in several sessions: one that a client shows is preferred.
#[must_use]
pub fn pane_of<'p>(trace: &Trace, panes: &'p [Pane]) -> Option<&'p Pane> {
    let of = |pid| panes.iter().filter(move |pane| pane.pid == pid).max_by_key(|pane| pane.is_attached);
    trace.processes.iter().find_map(|process| of(process.pid))
}

/// The client that is to show a pane.
#[must_use]
pub fn client_for<'c>(pane: &Pane, clients: &'c [Client]) -> Option<&'c Client> {
    clients.iter().max_by_key(|client| (client.session == pane.session, client.activity))
}

#[cfg(test)]
#[path = "tmux_tests.rs"]
mod tests;
