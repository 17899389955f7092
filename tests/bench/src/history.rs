//! What earlier runs said, one line of JSON a run, so that a later one shows what became dearer.

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
    /// Of each row the ratio: a machine that is busy or slow is so for both.
    ratios: BTreeMap<String, Option<f64>>,
    /// Of each row the median, in its unit.
    medians: BTreeMap<String, Option<f64>>,
}

/// For each row its ratio when it was last measured in the same way.
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
