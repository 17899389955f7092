//! Selects panes of tmux and windows of GNU screen.

use headcount_core::terminal::multiplexers::{screen, tmux};
use headcount_core::terminal::{Trace, resume};

use super::tools::Tools;
use super::{Step, Strategy};

pub(super) fn all() -> [Box<dyn Strategy>; 2] {
    [Box::new(Tmux), Box::new(Screen)]
}

struct Tmux;

impl Strategy for Tmux {
    fn name(&self) -> &'static str {
        "tmux"
    }

    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String> {
        let server = tmux::Server::of(trace)?;
        let panes = tmux::panes(&tools.run(&server.list_panes())?);
        let pane = tmux::pane_of(trace, &panes).ok_or("none of its panes holds the process")?;
        let clients = tmux::clients(&tools.run(&server.list_clients())?);
        let Some(client) = tmux::client_for(pane, &clients) else {
            let text = format!("tmux: {} is detached: no terminal shows it", pane.place());
            return Ok(Step::Detached(text, resume::attach_tmux(&server.socket, &pane.session)));
        };
        for command in server.show(pane, client) {
            tools.run(&command)?;
        }
        let next = tools.trace(client.pid).ok_or("the process of its client cannot be read")?;
        Ok(Step::Selected(format!("tmux: {}", pane.place()), Box::new(next)))
    }
}

struct Screen;

impl Strategy for Screen {
    fn name(&self) -> &'static str {
        "GNU screen"
    }

    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String> {
        let window = screen::Window::of(trace)?;
        tools.run(&window.select())?;
        let server: u32 = window.session.parse().map_err(|_| "its session has no pid")?;
        let text = format!("screen: window {}", window.number);
        let above = trace.processes.iter().skip_while(|process| process.pid != server).skip(1);
        let processes: Vec<_> = above.cloned().collect();
        if processes.is_empty() {
            return Ok(Step::Detached(format!("{text} is selected; the terminal that shows it is not known"), None));
        }
        Ok(Step::Selected(text, Box::new(Trace { processes, ..trace.clone() })))
    }
}
