//! Gives Tauri the commands of `src/commands/table.rs`, and writes the capability file that allows the window these commands
//! and listening to events, nothing else.

use std::path::Path;

/// What the window may do beside the commands.
const EVENTS: [&str; 2] = ["core:event:allow-listen", "core:event:allow-unlisten"];

macro_rules! commands {
    ($($path:path),* $(,)?) => { [$(stringify!($path)),*] };
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/commands/table.rs");
    let paths = include!("src/commands/table.rs");
    let names: Vec<&'static str> = paths.iter().map(|path| path.rsplit("::").next().unwrap_or(path).trim()).collect();
    write_capability(Path::new("capabilities/window.json"), &names)?;
    let commands = tauri_build::AppManifest::new().commands(names.leak());
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}

/// Writes the capability file if it differs, so that an unchanged table causes no rebuild.
fn write_capability(path: &Path, names: &[&str]) -> std::io::Result<()> {
    let own = names.iter().map(|name| format!("allow-{}", name.replace('_', "-")));
    let permissions: Vec<String> =
        own.chain(EVENTS.map(str::to_owned)).map(|permission| format!("    \"{permission}\"")).collect();
    let text = format!(
        "{{\n  \"identifier\": \"window\",\n  \"description\": \"All that the window may do: our commands, and listening to our \
         events.\",\n  \"windows\": [\"main\"],\n  \"permissions\": [\n{}\n  ]\n}}\n",
        permissions.join(",\n")
    );
    if std::fs::read_to_string(path).is_ok_and(|before| before == text) { Ok(()) } else { std::fs::write(path, text) }
}
