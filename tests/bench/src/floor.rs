//! The least that finding each id's newest beat costs: one pass over the names, and a stat of the newest of each id.
//!
//! Promises: nothing beside that; ids are told apart as the protocol names them, the newest by its name alone. Opens no file,
//! reads no registry, judges nobody. `floor FOLDER` prints how many ids there are.

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
