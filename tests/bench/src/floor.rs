//! The minimal work to find each id's newest heartbeat: one pass over the names, and one `stat` per id.
//!
//! Guarantees: nothing else. Ids are distinguished as in the protocol, the newest heartbeat by its name only. Opens no
//! file, reads no registry, judges no session. `floor FOLDER` prints the number of ids.

use std::collections::HashMap;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_default();
    let folder = Path::new(&folder);
    let mut newest: HashMap<String, String> = HashMap::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else { continue };
        // `YYYY-MM-DD_HH-MM-SS-`
        let Some(id) = name.strip_suffix(".json").and_then(|stem| stem.get(20..)) else { continue };
        match newest.get_mut(id) {
            Some(known) if known.as_str() < name => name.clone_into(known),
            Some(_) => {}
            None => drop(newest.insert(id.to_owned(), name.to_owned())),
        }
    }
    let found = newest.values().filter(|name| std::fs::metadata(folder.join(name)).is_ok()).count();
    std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{found}\n"))
}
