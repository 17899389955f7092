//! A whole day. Each part of it has random choices of its own, so that a day without one of them is the same otherwise.

pub(crate) mod client_behavior;
mod client_sessions;
pub(crate) mod random_choices;
pub(crate) mod step;
mod step_builder;

use crate::day::client_behavior::{DAY, HOUR, MINUTE, SECOND};
use crate::day::random_choices::RandomChoices;
use crate::day::step::{Ms, Step, TimedStep};
use crate::day::step_builder::StepBuilder;

/// A day as it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) seed: u64,
    /// The wall clock at its start, in seconds since 1970.
    pub(crate) begins: i64,
    /// The tray runs: it notices what happens at once, and beats for sessions that are proven alive.
    pub(crate) has_tray: bool,
    pub(crate) steps: Vec<TimedStep>,
}

/// Evenings before the nights in which the zone of the test changes its offset (`TZ` in `main.rs`).
const CLOCK_CHANGES: [&str; 2] = ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"];

pub(crate) fn of_seed(seed: u64) -> Day {
    let mut random = RandomChoices::new(seed);
    let begins = if random.percent(30) {
        let evening = headcount_core::time::parse(random.pick(&CLOCK_CHANGES)).unwrap();
        evening.timestamp() + random.within(0, 10 * 3600)
    } else {
        1_788_000_000 + random.within(0, 365 * 86_400)
    };
    let has_tray = random.percent(50);
    let mut steps = Vec::new();
    let mut part = 0;
    let mut add = |steps: &mut Vec<TimedStep>,
                   write: &dyn Fn(usize, RandomChoices) -> Vec<TimedStep>,
                   random: &mut RandomChoices| {
        steps.extend(write(part, random.split()));
        part += 1;
    };
    for _ in 0..random.within(2, 9) {
        let at = random.within(0, 12 * HOUR);
        add(&mut steps, &|part, random| client_sessions::terminal(part, at, random), &mut random);
    }
    for _ in 0..random.within(0, 8) {
        let at = random.within(0, DAY);
        add(&mut steps, &|part, random| client_sessions::spare_process(part, at, random), &mut random);
    }
    for _ in 0..random.within(0, 5) {
        let at = random.within(0, DAY);
        add(&mut steps, &|part, random| client_sessions::program_run(part, at, random), &mut random);
    }
    if random.percent(15) {
        let at = random.within(0, DAY);
        for _ in 0..random.within(12, 41) {
            let start = at + random.within(0, 200);
            add(&mut steps, &|part, random| client_sessions::short_session(part, start, random), &mut random);
        }
    }
    let machine: [fn(usize, RandomChoices) -> Vec<TimedStep>; 6] =
        [sleeps, clock, reboot, cleanups, reassignments, unreadable_proc];
    for part in machine {
        add(&mut steps, &|at, random| part(at, random), &mut random);
    }
    for group in 0..20 {
        steps.push(TimedStep { at: random.within(0, DAY), part: usize::MAX, group, step: Step::Observe });
    }
    steps.retain(|timed| timed.at < DAY);
    // Stable: steps of one part at one moment stay in their order.
    steps.sort_by_key(|timed| timed.at);
    Day { seed, begins, has_tray, steps }
}

fn at_times(
    part: usize,
    mut random: RandomChoices,
    most: i64,
    mut act: impl FnMut(&mut StepBuilder),
) -> Vec<TimedStep> {
    let times = random.within(0, most + 1);
    let mut builder = StepBuilder::new(part, 0, random);
    for _ in 0..times {
        builder.at = builder.random.within(0, DAY);
        act(&mut builder);
    }
    builder.steps()
}

fn sleeps(part: usize, random: RandomChoices) -> Vec<TimedStep> {
    at_times(part, random, 3, |builder| {
        let asleep: Ms = builder.random.pick(&[10 * MINUTE, 3 * HOUR, 14 * HOUR, 60 * HOUR]);
        builder.now(Step::Sleep(asleep));
        // Cron makes up for what it missed as soon as the computer is awake.
        builder.pass((0, 90 * SECOND));
        if builder.random.percent(60) {
            builder.now(Step::Cleanup);
        }
    })
}

fn clock(part: usize, mut random: RandomChoices) -> Vec<TimedStep> {
    let most = if random.percent(40) { 2 } else { 0 };
    at_times(part, random, most, |builder| {
        let by =
            builder.random.pick(&[-26 * HOUR, -3 * HOUR, -HOUR, -5 * MINUTE, 90 * SECOND, HOUR, 5 * HOUR, 40 * DAY]);
        builder.now(Step::SetClock(by));
    })
}

fn reboot(part: usize, mut random: RandomChoices) -> Vec<TimedStep> {
    let most = i64::from(random.percent(20));
    at_times(part, random, most, |builder| builder.now(Step::Reboot))
}

fn cleanups(part: usize, mut random: RandomChoices) -> Vec<TimedStep> {
    let mut builder = StepBuilder::new(part, 0, random.split());
    let every = random.pick(&[HOUR, 4 * HOUR, DAY]);
    builder.at = random.within(0, every);
    while builder.at < DAY {
        builder.now(Step::Cleanup);
        builder.at += every;
    }
    builder.steps()
}

fn reassignments(part: usize, random: RandomChoices) -> Vec<TimedStep> {
    at_times(part, random, 3, |builder| {
        let (which, to) = (builder.random.within(0, 8) as usize, builder.random.within(1, 20) as u64);
        builder.now(Step::Reassign(which, to));
    })
}

/// `/proc` cannot be read for a while.
fn unreadable_proc(part: usize, mut random: RandomChoices) -> Vec<TimedStep> {
    let most = i64::from(random.percent(10));
    at_times(part, random, most, |builder| {
        builder.together(|builder| {
            builder.now(Step::ProcUnreadable(true));
            builder.pass((MINUTE, HOUR));
            builder.now(Step::ProcUnreadable(false));
        });
    })
}
