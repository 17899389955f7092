//! Resource use of a process, read from `/proc`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::read_to_string;

use crate::Outcome;

/// The processor use of a process since its start.
#[derive(Clone, Debug)]
pub(super) struct Use {
    /// Processor time in milliseconds, with the kernel's resolution of ten.
    pub(super) cpu: f64,
    /// The number of context switches of each thread.
    switches: BTreeMap<OsString, f64>,
}

impl Use {
    pub(super) fn of(pid: u32) -> Outcome<Self> {
        let stat = read_to_string(format!("/proc/{pid}/stat"))?;
        // The program's name, in brackets, may contain anything; the fields after it are numbers.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN);
        let mut switches = BTreeMap::new();
        for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            let task = task?;
            let status = read_to_string(task.path().join("status")).unwrap_or_default();
            let counts = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
            let count = counts.filter_map(|(_, count)| count.trim().parse::<f64>().ok()).sum::<f64>();
            switches.insert(task.file_name(), count);
        }
        Ok(Self { cpu: (ticks(11) + ticks(12)) * 10.0, switches })
    }

    pub(super) fn threads(&self) -> f64 {
        self.switches.len() as f64
    }

    /// Processor time since `before`, in milliseconds.
    pub(super) fn cpu_since(&self, before: &Self) -> f64 {
        self.cpu - before.cpu
    }

    /// The number of wake-ups since `before`. Threads that ended in between are not counted.
    pub(super) fn wakes_since(&self, before: &Self) -> f64 {
        let earlier = |thread| before.switches.get(thread).copied().unwrap_or_default();
        self.switches.iter().map(|(thread, count)| count - earlier(thread)).sum()
    }
}

/// The memory use of a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    /// The proportional set size, in MB.
    pub(super) share: f64,
    /// The private memory, in MB.
    pub(super) private: f64,
}

impl Memory {
    pub(super) fn of(pid: u32) -> Outcome<Self> {
        let text = read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let sum = |names: &[&str]| {
            let lines = text.lines().filter_map(|line| line.split_once(':'));
            let wanted = lines.filter(|(name, _)| names.contains(name));
            let kilobytes = wanted.filter_map(|(_, rest)| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
            kilobytes.sum::<f64>() / 1024.0
        };
        Ok(Self { share: sum(&["Pss"]), private: sum(&["Private_Clean", "Private_Dirty"]) })
    }
}
