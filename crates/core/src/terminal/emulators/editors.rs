//! VS Code and JetBrains' editors, by the folder of the session.
//!
//! They cannot select one of their terminals from outside. Opening a folder that is open already brings its window to
//! the front.

use super::{Emulator, Tab, nearest};
use crate::terminal::{Invocation, Trace, value};

/// VS Code and its relatives.
pub(super) struct VsCode;

/// The editors of JetBrains.
pub(super) struct JetBrains;

/// The command of each process.
const CODE: [(&str, &[&str]); 6] = [
    ("code", &["code"]),
    ("Code.exe", &["code.cmd"]),
    ("code-insiders", &["code-insiders"]),
    ("codium", &["codium"]),
    ("cursor", &["cursor"]),
    ("windsurf", &["windsurf"]),
];

/// The command of each process. JetBrains Toolbox installs them, and so do the packages of distributions.
const JETBRAINS: [(&str, &[&str]); 10] = [
    ("idea", &["idea"]),
    ("idea64", &["idea", "idea64"]),
    ("pycharm", &["pycharm"]),
    ("webstorm", &["webstorm"]),
    ("clion", &["clion"]),
    ("goland", &["goland"]),
    ("rider", &["rider"]),
    ("rubymine", &["rubymine"]),
    ("phpstorm", &["phpstorm"]),
    ("rustrover", &["rustrover"]),
];

impl Emulator for VsCode {
    fn name(&self) -> &'static str {
        "VS Code"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        folder(trace, &CODE)
    }
}

impl Emulator for JetBrains {
    fn name(&self) -> &'static str {
        "JetBrains"
    }

    fn tab(&self, trace: &Trace) -> Result<Tab, String> {
        folder(trace, &JETBRAINS)
    }
}

fn folder(trace: &Trace, commands: &[(&str, &'static [&'static str])]) -> Result<Tab, String> {
    let names: Vec<&str> = commands.iter().map(|(name, _)| *name).collect();
    let editor = nearest(trace, &names)?;
    let (_, programs) = commands.iter().find(|(name, _)| *name == editor.name).ok_or("not an editor")?;
    let folder = trace.folder.as_deref().filter(|folder| value::is_absolute(folder));
    let folder = folder.ok_or("the folder of the session is not known")?;
    let command = Invocation { env: trace.desktop_env(), ..Invocation::new(programs, [folder]) };
    Ok(Tab::new(command, format!("its folder in {}", editor.name), true))
}
