//! `make bench`: the cost of Headcount, each figure compared with something that ran in the same minute.
//!
//! Guarantees: compared programs run alternately, so that a busy moment affects both. A figure is a median with its
//! spread and the number of runs. Prints one table, also written to `report.md`, adds one line to `history.jsonl`, and
//! names what grew since the previous line. Writes only to temporary folders and the report's folder.
//!
//! `bench REPORTS [--quick] [--only commands|start|latency|storm|idle]`; the measured programs are those in its own
//! folder.

mod bench_workspace;
mod commands;
#[cfg(target_os = "linux")]
mod desktop;
mod history;
mod report;
mod stopwatch;

use std::path::{Path, PathBuf};

use report::Row;

/// The result of a measurement.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The selected measurements.
pub(crate) struct Bench {
    /// The folder of the programs.
    programs: PathBuf,
    /// Fewer sizes and runs, for use during development.
    is_quick: bool,
    /// The only part to measure; `None` for all.
    only: Option<String>,
}

impl Bench {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }

    /// The number of runs, reduced for a quick run.
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
    print(&text);
    Ok(())
}

/// Prints the result.
#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
fn print(text: &str) {
    println!("{text}");
}

/// Prints progress.
#[expect(clippy::print_stderr, reason = "a benchmark prints its results")]
pub(crate) fn note(text: &str) {
    eprintln!("  … {text}");
}

/// Prints a finished row as progress, and returns it.
pub(crate) fn noted(row: Row) -> Row {
    note(&row.line());
    row
}
