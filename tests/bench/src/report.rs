//! The table of results: each figure, its comparison, and its target.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::stopwatch::Series;

/// The target of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The ratio is at most this.
    Ratio(f64),
    /// The median is at most this, in the row's unit.
    Median(f64),
    /// The ratio is at most the first, and the median at most the second value, in the row's unit.
    Both(f64, f64),
    /// The median and the 99th percentile are at most these, in the row's unit.
    Percentiles(f64, f64),
    /// No target: the row is informational.
    Watched,
}

/// One measured figure and its comparison.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) ours: Series,
    pub(crate) beside: &'static str,
    pub(crate) theirs: Series,
    pub(crate) target: Target,
}

impl Row {
    /// The ratio of ours to theirs.
    pub(crate) fn ratio(&self) -> f64 {
        self.ours.median() / self.theirs.median()
    }

    /// Whether the target is met; `None` without a target.
    fn is_met(&self) -> Option<bool> {
        match self.target {
            Target::Ratio(most) => Some(self.ratio() <= most),
            Target::Median(most) => Some(self.ours.median() <= most),
            Target::Both(times, most) => Some(self.ratio() <= times && self.ours.median() <= most),
            Target::Percentiles(middle, most) => Some(self.ours.median() <= middle && self.ours.quantile(0.99) <= most),
            Target::Watched => None,
        }
    }

    fn aim(&self) -> String {
        let unit = self.unit;
        match self.target {
            Target::Ratio(most) if most < 0.1 => format!("≤ 1/{:.0}", 1.0 / most),
            Target::Ratio(most) => format!("≤ {most}×"),
            Target::Median(most) => format!("≤ {most} {unit}"),
            Target::Both(times, most) => format!("≤ {times}×, ≤ {most} {unit}"),
            Target::Percentiles(middle, most) => format!("p50 ≤ {middle}, p99 ≤ {most} {unit}"),
            Target::Watched => "–".into(),
        }
    }

    /// The row as one line of text.
    pub(crate) fn line(&self) -> String {
        let (ours, theirs) = (self.figure(&self.ours), self.figure(&self.theirs));
        format!("{}: {ours}, {} {theirs}, {}", self.name, self.beside, ratio(self.ratio()))
    }

    /// A median with its spread: the 10th to 90th percentile, or the 99th if the target uses it.
    fn figure(&self, series: &Series) -> String {
        let (number, unit) = (|value| short(value), self.unit);
        match (self.target, series.count()) {
            (_, 0) => "–".into(),
            (_, 1) => format!("{} {unit}", number(series.median())),
            (Target::Percentiles(..), _) => {
                format!("{} {unit} (p99 {})", number(series.median()), number(series.quantile(0.99)))
            }
            _ => format!(
                "{} {unit} ({}–{})",
                number(series.median()),
                number(series.quantile(0.1)),
                number(series.quantile(0.9))
            ),
        }
    }
}

/// A number with three significant digits.
fn short(value: f64) -> String {
    match value.abs() {
        0.0..0.0005 => "0".into(),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A ratio in readable form.
fn ratio(value: f64) -> String {
    if value.is_nan() || value.is_infinite() {
        "–".into()
    } else if value > 0.0 && value < 0.1 {
        format!("1/{:.0}", 1.0 / value)
    } else {
        format!("{value:.2}×")
    }
}

/// The machine and time of the measurement.
pub(crate) struct Machine {
    about: String,
}

impl Machine {
    /// This machine, as far as it can be determined.
    pub(crate) fn this() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let kernel = read("/proc/sys/kernel/osrelease");
        let load = read("/proc/loadavg");
        let about = format!(
            "{} · {} · {cores} cores · Linux {} · load {} at the end",
            chrono::Utc::now().format("%Y-%m-%d %H:%M UTC"),
            model.unwrap_or("unknown processor"),
            kernel.trim(),
            load.split(' ').take(3).collect::<Vec<_>>().join(" "),
        );
        Self { about }
    }
}

/// The growth of a ratio from which a row is named.
const GREW: f64 = 1.25;

/// The text of the report. `before` contains the ratios of the previous run by name.
pub(crate) fn text(rows: &[Row], before: &BTreeMap<String, f64>, machine: &Machine, is_quick: bool) -> String {
    let mut out = String::new();
    let kind = if is_quick { " (a quick look: few sizes, few runs)" } else { "" };
    let _ = writeln!(out, "# What Headcount costs{kind}\n\n{}\n", machine.about);
    let _ = writeln!(out, "| what | Headcount | beside | it | runs | ratio | aim | met | before |");
    let _ = writeln!(out, "|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        let met = row.is_met().map_or("–", |is_met| if is_met { "yes" } else { "**no**" });
        let runs = if row.ours.count() == row.theirs.count() {
            row.ours.count().to_string()
        } else {
            format!("{} / {}", row.ours.count(), row.theirs.count())
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {runs} | {} | {} | {met} | {} |",
            row.name,
            row.figure(&row.ours),
            row.beside,
            row.figure(&row.theirs),
            ratio(row.ratio()),
            row.aim(),
            before.get(&row.name).map_or_else(|| "–".into(), |before| ratio(*before)),
        );
    }
    out.push_str("\nA figure is a median with its 10th and 90th percentile, or its 99th where that is aimed at.\n");
    let grew = rows.iter().filter(|row| before.get(&row.name).is_some_and(|before| row.ratio() > before * GREW));
    let grew: Vec<&str> = grew.map(|row| row.name.as_str()).collect();
    if !grew.is_empty() {
        let _ = writeln!(out, "\nDearer than in the run before by a quarter or more: {}.", grew.join("; "));
    }
    out
}
