//! A whole day: its parts, each with dice of its own, so that a day without one of them is the same otherwise.

use crate::client;
use crate::dice::Dice;
use crate::habits::{DAY, HOUR, MINUTE, SECOND};
use crate::script::Script;
use crate::step::{Moment, Ms, Step};

/// A day as it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) seed: u64,
    /// The wall clock at its start, in seconds since 1970.
    pub(crate) begins: i64,
    /// The tray runs: it notices what happens at once, and beats for sessions that are proven alive.
    pub(crate) has_tray: bool,
    pub(crate) moments: Vec<Moment>,
}

/// Evenings before the nights in which the zone of the test changes its offset (`TZ` in `main.rs`).
const CLOCK_CHANGES: [&str; 2] = ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"];

pub(crate) fn day(seed: u64) -> Day {
    let mut dice = Dice::new(seed);
    let begins = if dice.percent(30) {
        let evening = headcount_core::time::parse(dice.pick(&CLOCK_CHANGES)).unwrap();
        evening.timestamp() + dice.within(0, 10 * 3600)
    } else {
        1_788_000_000 + dice.within(0, 365 * 86_400)
    };
    let has_tray = dice.percent(50);
    let mut moments = Vec::new();
    let mut part = 0;
    let mut add = |moments: &mut Vec<Moment>, steps: &dyn Fn(usize, Dice) -> Vec<Moment>, dice: &mut Dice| {
        moments.extend(steps(part, dice.split()));
        part += 1;
    };
    for _ in 0..dice.within(2, 9) {
        let at = dice.within(0, 12 * HOUR);
        add(&mut moments, &|part, dice| client::terminal(part, at, dice), &mut dice);
    }
    for _ in 0..dice.within(0, 8) {
        let at = dice.within(0, DAY);
        add(&mut moments, &|part, dice| client::spare(part, at, dice), &mut dice);
    }
    for _ in 0..dice.within(0, 5) {
        let at = dice.within(0, DAY);
        add(&mut moments, &|part, dice| client::program(part, at, dice), &mut dice);
    }
    if dice.percent(15) {
        let at = dice.within(0, DAY);
        for _ in 0..dice.within(12, 41) {
            let start = at + dice.within(0, 200);
            add(&mut moments, &|part, dice| client::visitor(part, start, dice), &mut dice);
        }
    }
    let machine: [fn(usize, Dice) -> Vec<Moment>; 6] = [sleeps, clock, reboot, cleanups, reassignments, blindness];
    for part in machine {
        add(&mut moments, &|at, dice| part(at, dice), &mut dice);
    }
    for _ in 0..20 {
        moments.push(Moment { at: dice.within(0, DAY), part: usize::MAX, step: Step::Look });
    }
    moments.retain(|moment| moment.at < DAY);
    // Stable: steps of one part at one moment stay in their order.
    moments.sort_by_key(|moment| moment.at);
    Day { seed, begins, has_tray, moments }
}

fn at_times(part: usize, mut dice: Dice, most: i64, mut act: impl FnMut(&mut Script)) -> Vec<Moment> {
    let times = dice.within(0, most + 1);
    let mut script = Script::new(part, 0, dice);
    for _ in 0..times {
        script.at = script.dice.within(0, DAY);
        act(&mut script);
    }
    script.steps()
}

fn sleeps(part: usize, dice: Dice) -> Vec<Moment> {
    at_times(part, dice, 3, |script| {
        let asleep: Ms = script.dice.pick(&[10 * MINUTE, 3 * HOUR, 14 * HOUR, 60 * HOUR]);
        script.now(Step::Sleep(asleep));
        // Cron makes up for what it missed as soon as the computer is awake.
        script.pass((0, 90 * SECOND));
        if script.dice.percent(60) {
            script.now(Step::Cleanup);
        }
    })
}

fn clock(part: usize, mut dice: Dice) -> Vec<Moment> {
    let most = if dice.percent(40) { 2 } else { 0 };
    at_times(part, dice, most, |script| {
        let by = script.dice.pick(&[-26 * HOUR, -3 * HOUR, -HOUR, -5 * MINUTE, 90 * SECOND, HOUR, 5 * HOUR, 40 * DAY]);
        script.now(Step::SetClock(by));
    })
}

fn reboot(part: usize, mut dice: Dice) -> Vec<Moment> {
    let most = i64::from(dice.percent(20));
    at_times(part, dice, most, |script| script.now(Step::Reboot))
}

fn cleanups(part: usize, mut dice: Dice) -> Vec<Moment> {
    let mut script = Script::new(part, 0, dice.split());
    let every = dice.pick(&[HOUR, 4 * HOUR, DAY]);
    script.at = dice.within(0, every);
    while script.at < DAY {
        script.now(Step::Cleanup);
        script.at += every;
    }
    script.steps()
}

fn reassignments(part: usize, dice: Dice) -> Vec<Moment> {
    at_times(part, dice, 3, |script| {
        let (which, to) = (script.dice.within(0, 8) as usize, script.dice.within(1, 20) as u64);
        script.now(Step::Reassign(which, to));
    })
}

/// `/proc` cannot be read for a while.
fn blindness(part: usize, mut dice: Dice) -> Vec<Moment> {
    let most = i64::from(dice.percent(10));
    at_times(part, dice, most, |script| {
        script.now(Step::Blind(true));
        script.pass((MINUTE, HOUR));
        script.now(Step::Blind(false));
    })
}
