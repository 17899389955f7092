//! `headcount completions` and `headcount man`: shell completions and manual pages, generated from the arguments.
//!
//! Guarantees: works without a registry, a home folder or a desktop, so that a package can be built with it anywhere.
//! Writes files only into a folder given by `--into`.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, ValueHint};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::Failure;
use crate::args::Args;
use crate::output::Output;

/// `headcount completions`
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// Shell to generate completions for
    pub(crate) shell: Shell,
}

/// `headcount man`
#[derive(Debug, clap::Args)]
pub(crate) struct Manual {
    /// Write one page per command into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) into: Option<PathBuf>,
}

/// Prints the completions for a shell.
pub(crate) fn completions(completions: &Completions) -> Result<(), Failure> {
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    // Generated into memory first: the generator panics on a write error, for example a closed pipe.
    let mut text = Vec::new();
    clap_complete::generate(completions.shell, &mut command, name, &mut text);
    Output::bytes(&text)
}

/// Prints the manual page, or writes one page per command into a folder.
pub(crate) fn manual(manual: &Manual) -> Result<(), Failure> {
    let command = Args::command();
    match &manual.into {
        Some(folder) => pages(command, folder),
        None => Output::bytes(&page(command)?),
    }
}

fn pages(mut command: clap::Command, folder: &Path) -> Result<(), Failure> {
    command.build();
    for (name, command) in all(command) {
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, page(command)?).map_err(|source| Failure::Write { path, source })?;
    }
    Ok(())
}

/// A command and its visible subcommands, recursively, each with the name of its page.
fn all(command: clap::Command) -> Vec<(String, clap::Command)> {
    let below: Vec<_> =
        command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help").cloned().collect();
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut found = vec![(name, command)];
    found.extend(below.into_iter().flat_map(all));
    found
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let is_whole = command.get_display_name().is_none_or(|name| name == command.get_name());
    Man::new(command).manual("Headcount").render(&mut text)?;
    if is_whole {
        text.extend_from_slice(include_bytes!("../manual.roff"));
    }
    Ok(text)
}
