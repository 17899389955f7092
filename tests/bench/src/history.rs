//! The results of earlier runs, one line of JSON per run, so that a later run shows what became slower.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::report::Row;

/// One run.
#[derive(Serialize, Deserialize)]
struct Run {
    at: String,
    is_quick: bool,
    /// The ratio of each row: a busy or slow machine affects both sides.
    ratios: BTreeMap<String, Option<f64>>,
    /// The median of each row, in its unit.
    medians: BTreeMap<String, Option<f64>>,
}

/// The last ratio of each row, measured in the same mode.
pub(crate) fn last(path: &Path, is_quick: bool) -> BTreeMap<String, f64> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let runs = text.lines().filter_map(|line| serde_json::from_str::<Run>(line).ok());
    let mut ratios = BTreeMap::new();
    for run in runs.filter(|run| run.is_quick == is_quick) {
        ratios.extend(run.ratios.into_iter().filter_map(|(name, ratio)| Some((name, ratio?))));
    }
    ratios
}

/// Appends this run.
pub(crate) fn append(path: &Path, rows: &[Row], is_quick: bool) -> Outcome {
    let of = |value: fn(&Row) -> f64| {
        rows.iter().map(|row| (row.name.clone(), Some(value(row)).filter(|value| value.is_finite()))).collect()
    };
    let at = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let run = Run { at, is_quick, ratios: of(Row::ratio), medians: of(|row| row.ours.median()) };
    let mut file = std::fs::File::options().create(true).append(true).open(path)?;
    writeln!(file, "{}", serde_json::to_string(&run)?)?;
    Ok(())
}
