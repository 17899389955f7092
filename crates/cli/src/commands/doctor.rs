//! `headcount doctor`: checks the installation, and says how to fix what is wrong.
//!
//! Guarantees: exit code 1 if something is wrong. The tray app checks the desktop itself (`--examine`), if it is
//! installed next to this command or on the path, so this command needs no desktop library.

use std::env::consts::EXE_SUFFIX;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use headcount_core::liveness::State;
use headcount_core::view::text::messages;
use headcount_engine::claude::hooks::{self, HookLocations};
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::doctor::{self, Finding, Health};
use headcount_engine::workspace::environment::Environment;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::output::{Output, style};

/// The tray app's executable.
const APP: &str = "headcount-tray";

pub(crate) fn run(session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let mut findings = doctor::examine(&session.workspace, &session.config, &session.search, SystemClock.now());
    findings.push(match HookLocations::in_environment(&Environment::of_process()) {
        Ok(locations) => hooks::examine(&locations),
        Err(error) => {
            Finding::odd("hooks", error.to_string(), "Set CLAUDE_CONFIG_DIR to the folder of Claude Code's settings.")
        }
    });
    findings.extend(desktop());
    let wrong = findings.iter().filter(|finding| finding.health == Health::Wrong).count();
    if output.is_json {
        output.json(&findings, false)?;
    } else {
        let mut out = Output::stdout();
        out.write_all(text(&findings).as_bytes())?;
        out.flush()?;
    }
    if wrong > 0 { Err(Failure::Problems(wrong)) } else { Ok(()) }
}

fn text(findings: &[Finding]) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for finding in findings {
        let (shape, state) = match finding.health {
            Health::Fine => ("✓", State::Active),
            Health::Odd => ("!", State::Stale),
            Health::Wrong => ("✗", State::Unknown),
        };
        let style = style(state);
        let message = messages::plain(&finding.message, 2000);
        let _ = writeln!(out, "{style}{shape}{style:#} {}: {message}", messages::plain(&finding.subject, 40));
        if let Some(remedy) = &finding.remedy {
            let _ = writeln!(out, "    → {}", messages::plain(remedy, 2000));
        }
    }
    out
}

/// The findings of the tray app about the desktop.
fn desktop() -> Vec<Finding> {
    let beside = std::env::current_exe()
        .ok()
        .map(|path| path.with_file_name(format!("{APP}{EXE_SUFFIX}")))
        .filter(|path| path.is_file());
    let program = beside.unwrap_or_else(|| PathBuf::from(APP));
    let examined = Command::new(program).arg("--examine").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let findings = examined.ok().and_then(|output| serde_json::from_slice(&output.stdout).ok());
    findings.unwrap_or_else(|| {
        let message = "The tray app is not installed next to this command, so the desktop was not checked.";
        vec![Finding::odd("desktop", message, "Nothing needs to be done if you use only the command.")]
    })
}
