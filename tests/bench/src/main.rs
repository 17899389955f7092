//! `make bench`: what Headcount costs, each figure beside something that ran in the same minute.
//!
//! Promises: what is compared is run in turn, so that a busy moment hits both; a figure is a median with its spread, and
//! the number of runs stands beside it. One table on standard output and in `report.md`, one line in `history.jsonl`, and
//! what grew since the line before is named. Touches nothing but temp folders and its report's.
//!
//! `bench REPORTS [--quick] [--only commands|start|latency|storm|idle]`; the programs it measures are those beside its own.

mod commands;
#[cfg(target_os = "linux")]
mod desktop;
mod history;
mod report;
mod scene;
mod stopwatch;

use std::path::{Path, PathBuf};

use report::Row;

/// What a measurement may fail with.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What is measured, and how thoroughly.
pub(crate) struct Bench {
    /// Where the programs are.
    programs: PathBuf,
    /// Fewer sizes and runs, for a look while working.
    is_quick: bool,
    /// The one part that is wanted; all of them where none is named.
    only: Option<String>,
}

impl Bench {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }

    /// So many runs, or a few for a quick look.
    pub(crate) fn runs(&self, thorough: usize) -> usize {
        if self.is_quick { thorough.min(5) } else { thorough }
    }
}

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(reports) = args.first().filter(|arg| !arg.starts_with("--")).map(Path::new) else {
        return Err("usage: bench REPORTS [--quick] [--only commands|start|latency|storm|idle]".into());
    };
    let programs = std::env::current_exe()?.parent().ok_or("this program is in no folder")?.to_owned();
    let is_quick = args.iter().any(|arg| arg == "--quick");
    let only = args.iter().skip_while(|arg| *arg != "--only").nth(1).cloned();
    let bench = Bench { programs, is_quick, only };
    let mut rows = Vec::new();
    if bench.wants("commands") {
        rows.extend(commands::rows(&bench)?);
    }
    #[cfg(target_os = "linux")]
    rows.extend(desktop::rows(&bench)?);
    std::fs::create_dir_all(reports)?;
    let history = reports.join("history.jsonl");
    let before = history::last(&history, bench.is_quick);
    let text = report::text(&rows, &before, &report::Machine::this(), bench.is_quick);
    std::fs::write(reports.join("report.md"), &text)?;
    history::append(&history, &rows, bench.is_quick)?;
    say(&text);
    Ok(())
}

/// What was measured, in the end.
#[expect(clippy::print_stdout, reason = "a bench tells")]
fn say(text: &str) {
    println!("{text}");
}

/// What is being measured, for those who wait.
#[expect(clippy::print_stderr, reason = "a bench tells")]
pub(crate) fn note(text: &str) {
    eprintln!("  … {text}");
}

/// A row, told to those who wait as soon as it is there.
pub(crate) fn told(row: Row) -> Row {
    note(&row.line());
    row
}
