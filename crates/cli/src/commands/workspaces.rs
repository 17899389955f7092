//! `headcount workspaces`: lists the workspaces of the configuration, adds and removes them, and offers those in which
//! sessions run.

use std::io::Write as _;
use std::path::PathBuf;

use clap::ValueHint;
use headcount_core::terminal::resume;
use headcount_core::view::overview::{Overview, line};
use headcount_core::view::text::messages;
use headcount_engine::ops;
use headcount_engine::workspace::environment::Environment;

use crate::Failure;
use crate::args::Global;
use crate::command_context::CommandContext;
use crate::commands::status::all::look;
use crate::output::Output;

/// `headcount workspaces`
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Workspaces {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, clap::Subcommand)]
enum Change {
    /// Add a workspace to the configuration
    Add {
        /// Its name
        name: String,
        /// Its registry
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Remove a workspace from the configuration; its files stay as they are
    Remove {
        /// Its name
        name: String,
    },
}

pub(crate) fn run(args: &Workspaces, global: &Global, output: &Output) -> Result<(), Failure> {
    let env = Environment::of_process();
    match &args.change {
        None => list(global, output),
        Some(Change::Add { name, file: registry }) => {
            ops::add_workspace(&env, name, registry.clone(), global.heartbeats.clone())?;
            changed("Added", name, output)
        }
        Some(Change::Remove { name }) => {
            ops::remove_workspace(&env, name)?;
            changed("Removed", name, output)
        }
    }
}

fn changed(what: &str, name: &str, output: &Output) -> Result<(), Failure> {
    if output.is_json {
        return output.json(&serde_json::json!({ "name": name }), false);
    }
    Output::line(&format!("✅ {what} the workspace {}", messages::plain(name, 60)))
}

fn list(global: &Global, output: &Output) -> Result<(), Failure> {
    let sessions = CommandContext::open_all(global, output)?;
    let (all, failed) = look(&sessions, None);
    let found = Overview::of(&all).elsewhere;
    if output.is_json {
        let all: Vec<_> = all
            .iter()
            .map(|one| {
                serde_json::json!({ "name": one.name, "registry": one.snapshot.registry,
                "heartbeats": one.snapshot.heartbeats, "counts": one.snapshot.counts })
            })
            .collect();
        return output.json(&serde_json::json!({ "workspaces": all, "found": found }), false);
    }
    let mut out = Output::stdout();
    for one in &all {
        writeln!(out, "{} · {}", messages::plain(&line(one), 200), messages::plain(&one.snapshot.registry, 200))?;
    }
    for other in &found {
        write!(out, "{} of {} run here too", messages::sessions(other.running), messages::plain(&other.name, 60))?;
        match resume::path_word(&other.registry) {
            Some(registry) => writeln!(out, ": headcount workspaces add NAME {registry}")?,
            None => writeln!(out)?,
        }
    }
    out.flush()?;
    if failed > 0 { Err(Failure::Workspaces(failed)) } else { Ok(()) }
}
