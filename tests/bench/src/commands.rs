//! The cost of the command compared with the script it replaces, with the minimal work, and with an empty process.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::bench_workspace::BenchWorkspace;
use crate::report::{Row, Target};
use crate::stopwatch::{Series, run};
use crate::{Bench, Outcome, note, noted};

/// The kind of script that Headcount replaces.
const OLD: &str = include_str!("old_cleanup.py");

/// The longest first run of the old script, in milliseconds, after which it is repeated.
const MAX_REPEATED: f64 = 10_000.0;

pub(crate) fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    // Measured before the large folders: their removal keeps the disk busy for seconds, and these commands write.
    let mut rows = write_rows(bench)?;
    let (counts, beats): (&[u64], &[u64]) =
        if bench.is_quick { (&[13, 1000], &[10, 1000]) } else { (&[13, 100, 1000], &[10, 1000, 100_000]) };
    for beats in beats {
        for sessions in counts {
            let folder = tempfile::tempdir()?;
            note(&format!("{sessions} sessions, {beats} beats"));
            let workspace = BenchWorkspace::create(folder.path(), *sessions, *beats, 5)?;
            rows.extend(read_rows(bench, &workspace, *beats, folder.path())?);
        }
    }
    Ok(rows)
}

/// A command with its own home.
fn at_home(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("TZ", "UTC").env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn headcount(bench: &Bench, workspace: &BenchWorkspace, home: &Path, args: &[&str]) -> Command {
    let mut command = at_home(&bench.program("headcount"), home);
    command.arg("--registry").arg(workspace.registry()).args(args);
    command
}

/// `cleanup --dry-run` and `status` on one workspace.
fn read_rows(bench: &Bench, workspace: &BenchWorkspace, beats: u64, home: &Path) -> Outcome<Vec<Row>> {
    let script = home.join("old_cleanup.py");
    std::fs::write(&script, OLD)?;
    let mut old = at_home(Path::new("python3"), home);
    old.arg(&script).arg(workspace.registry()).arg(workspace.heartbeats()).arg("120");
    let mut floor = at_home(&bench.program("floor"), home);
    floor.arg(workspace.heartbeats());
    let mut cleanup = headcount(bench, workspace, home, &["cleanup", "--dry-run"]);
    let mut status = headcount(bench, workspace, home, &["status"]);

    let [mut of_old, mut of_floor, mut of_cleanup, mut of_status] = [const { Vec::new() }; 4];
    // The first run of each fills the system's caches and is not counted, unless it takes long.
    for command in [&mut floor, &mut cleanup, &mut status] {
        run(command, &[])?;
    }
    let first = run(&mut old, &[])?;
    if first > MAX_REPEATED {
        of_old.push(first);
    }
    for _ in 0..bench.runs(10) {
        if first <= MAX_REPEATED {
            of_old.push(run(&mut old, &[])?);
        }
        for _ in 0..2 {
            of_floor.push(run(&mut floor, &[])?);
            of_cleanup.push(run(&mut cleanup, &[])?);
            of_status.push(run(&mut status, &[])?);
        }
    }
    let size = format!("{} sessions, {beats} beats", workspace.sessions);
    let (of_old, of_floor) = (Series::of(of_old), Series::of(of_floor));
    let mut rows = Vec::new();
    for (what, series) in [("cleanup --dry-run", Series::of(of_cleanup)), ("status", Series::of(of_status))] {
        let against = |beside, theirs: &Series, target| Row {
            name: format!("{what}, {size}, to {beside}"),
            unit: "ms",
            ours: series.clone(),
            beside,
            theirs: theirs.clone(),
            target,
        };
        let (of_script, of_pass) = match (workspace.sessions, beats) {
            (13, 10) => (Target::Ratio(1.0 / 20.0), Target::Watched),
            (1000, 100_000) => (Target::Ratio(1.0 / 400.0), Target::Ratio(2.0)),
            _ => (Target::Watched, Target::Watched),
        };
        rows.push(noted(against("the old script", &of_old, of_script)));
        rows.push(noted(against("the bare pass", &of_floor, of_pass)));
    }
    Ok(rows)
}

/// Prepares a command for a run, and returns its standard input.
type Input<'i> = &'i mut dyn FnMut(&mut Command) -> Outcome<Vec<u8>>;

/// The names in a folder.
fn names(folder: &Path) -> std::io::Result<BTreeSet<OsString>> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// `heartbeat` and `hook`, as a session calls them.
fn write_rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let workspace = BenchWorkspace::create(folder.path(), 13, 100, 13)?;
    let home = folder.path();
    let mut empty = at_home(&bench.program("empty"), home);
    let mut beat = headcount(bench, &workspace, home, &["heartbeat", "3"]);
    // A heartbeat within the same second, or one by a hook within the same minute, is not written again: remove those
    // written since the start.
    let laid_out = names(&workspace.heartbeats())?;
    let forget = || -> Outcome {
        for name in names(&workspace.heartbeats())?.difference(&laid_out) {
            std::fs::remove_file(workspace.heartbeats().join(name))?;
        }
        Ok(())
    };
    let mut nothing = |_: &mut Command| forget().map(|()| Vec::new());
    let name = "headcount heartbeat";
    let mut rows =
        vec![noted(compared_with_empty(bench, name, (&mut beat, &mut nothing), &mut empty, Target::Both(3.0, 5.0))?)];
    if run(&mut headcount(bench, &workspace, home, &["hook", "--help"]), &[]).is_err() {
        note("this headcount has no hook yet: not measured");
        return Ok(rows);
    }
    let payload = |session: &str| {
        let event = serde_json::json!({ "session_id": session, "transcript_path": "/t.jsonl", "cwd": home,
            "hook_event_name": "UserPromptSubmit", "prompt": "Go on" });
        event.to_string().into_bytes()
    };
    let mut hook = at_home(&bench.program("headcount"), home);
    hook.arg("hook");
    // The owner must be a running process: this one registers with its first event, and beats with the following ones.
    hook.env("CLAUDE_PID", std::process::id().to_string());
    run(&mut hook, &payload("bench"))?;
    let mut again = |_: &mut Command| forget().map(|()| payload("bench"));
    let beats = Target::Both(3.0, 5.0);
    let name = "headcount hook, an event that beats";
    rows.push(noted(compared_with_empty(bench, name, (&mut hook, &mut again), &mut empty, beats)?));
    let mut owners = Vec::new();
    let mut another = |hook: &mut Command| {
        let owner = Command::new("sleep").arg("600").spawn()?;
        hook.env("CLAUDE_PID", owner.id().to_string());
        owners.push(owner);
        Ok(payload(&format!("newcomer-{}", owners.len())))
    };
    let name = "headcount hook, an event that registers";
    let registers = compared_with_empty(bench, name, (&mut hook, &mut another), &mut empty, Target::Median(25.0));
    for mut owner in owners {
        owner.kill()?;
        owner.wait()?;
    }
    rows.push(noted(registers?));
    Ok(rows)
}

/// A command with a new input each time, compared with the empty program.
fn compared_with_empty(
    bench: &Bench,
    name: &str,
    (command, input): (&mut Command, Input<'_>),
    empty: &mut Command,
    target: Target,
) -> Outcome<Row> {
    let [mut ours, mut theirs] = [Series::default(), Series::default()];
    run(empty, &[])?;
    for _ in 0..bench.runs(40) {
        theirs.push(run(empty, &[])?);
        let input = input(command)?;
        ours.push(run(command, &input)?);
    }
    Ok(Row { name: name.into(), unit: "ms", ours, beside: "an empty program", theirs, target })
}
