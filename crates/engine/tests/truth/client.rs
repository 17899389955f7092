//! What single sessions do: terminals, background jobs, processes started in advance, programs.

use crate::dice::Dice;
use crate::habits::{self, DAY, HOUR, MINUTE, SECOND, Version};
use crate::script::{ELSEWHERE, Running, Script};
use crate::step::{Class, Event, Moment, Ms, Place, Step};

/// A terminal session from its start to its end, and what a person does in it.
pub(crate) fn terminal(part: usize, at: Ms, dice: Dice) -> Vec<Moment> {
    let mut script = Script::new(part, at, dice);
    let place = if script.dice.percent(10) { Place::Container } else { Place::Host };
    let version = script.dice.pick(&Version::MIX);
    let session = script.session();
    let mut running = script.spawn(Class::Person, place, version, session, None);
    running.conversation = script.conversation();
    script.begin(&running, "startup");
    if script.dice.percent(habits::CRASH_AT_START) {
        script.pass((10, 3 * SECOND));
        script.now(Step::Exit(running.process));
        return script.steps();
    }
    let end = at + script.dice.within(10 * MINUTE, DAY);
    while script.at < end {
        let idle =
            script.dice.pick(&[(SECOND, MINUTE), (MINUTE, 12 * MINUTE), (MINUTE, 12 * MINUTE), (MINUTE, 2 * HOUR)]);
        let idle = if script.dice.percent(6) { (2 * HOUR, 9 * HOUR) } else { idle };
        script.pass(idle);
        if script.dice.percent(75) {
            script.turn(&running);
        }
        between_turns(&mut script, &mut running);
    }
    finish(&mut script, &running);
    if script.dice.percent(25) {
        resume(&mut script, &running);
    }
    script.steps()
}

/// A short session: one of many that start at the same moment.
pub(crate) fn visitor(part: usize, at: Ms, dice: Dice) -> Vec<Moment> {
    let mut script = Script::new(part, at, dice);
    let session = script.session();
    let mut running = script.spawn(Class::Person, Place::Host, Version::Current, session, None);
    running.conversation = script.conversation();
    script.begin(&running, "startup");
    for _ in 0..script.dice.within(0, 3) {
        script.pass((SECOND, 10 * MINUTE));
        script.turn(&running);
    }
    script.pass((SECOND, 30 * MINUTE));
    finish(&mut script, &running);
    script.steps()
}

fn between_turns(script: &mut Script, running: &mut Running) {
    match script.dice.within(0, 100) {
        0..12 => clear(script, running, "clear", "clear"),
        12..20 => script.event(running, Event::Start("compact")),
        20..24 => clear(script, running, "resume", "resume"),
        24..27 => clear(script, running, "resume", "fork"),
        27..37 => running.cwd = script.dice.pick(&ELSEWHERE),
        37..41 if running.has_record && running.version == Version::Current => background(script, running),
        41..44 if running.place == Place::Host && running.version.says_pid() => slash_bg(script, running),
        44..47 => second(script, running),
        _ => {}
    }
}

/// The id changes below the process: both events in either order, one of them, or none.
fn clear(script: &mut Script, running: &mut Running, reason: &'static str, source: &'static str) {
    let old = running.conversation;
    // `/resume` can lead back to where the session was before.
    let is_back = source == "resume" && script.dice.percent(30);
    running.conversation = if is_back { old - u32::from(old % 1000 > 1) } else { script.conversation() };
    let (end, start) = match script.dice.within(0, 20) {
        0 => (false, false),
        1 => (true, false),
        2 => (false, true),
        _ => (true, true),
    };
    let record = script.at + script.dice.within(0, 60);
    let is_reversed = script.dice.percent(30);
    if end && !is_reversed {
        script.event_of(running, old, Event::End(reason), 0);
        script.pass(habits::CLEAR_GAP);
    }
    if start {
        script.event_of(running, running.conversation, Event::Start(source), 0);
    }
    if end && is_reversed {
        script.event_of(running, old, Event::End(reason), 0);
    }
    script.record(record, running, None);
}

/// `←`: the session goes on as a job, and the terminal shows the list of jobs; later it comes back, or either ends.
fn background(script: &mut Script, running: &mut Running) {
    let job = format!("job{}", script.conversation());
    script.record(script.at, running, Some(job.clone()));
    script.pass((20, 200));
    let mut forked = fork(script, running, job);
    forked.conversation = script.conversation();
    script.begin(&forked, "fork");
    for _ in 0..script.dice.within(0, 3) {
        script.pass((10 * SECOND, HOUR));
        script.turn(&forked);
    }
    match script.dice.within(0, 3) {
        // The job ends, and the terminal goes on.
        0 => {
            script.pass((5 * SECOND, HOUR));
            script.goodbye(&forked, habits::LOST);
            script.pass((SECOND, MINUTE));
            script.record(script.at, running, None);
            script.event(running, Event::Prompt);
        }
        // The terminal is closed, and the job goes on.
        1 => {
            script.pass((5 * SECOND, HOUR));
            script.goodbye(running, habits::LOST);
            *running = forked;
        }
        _ => *running = forked,
    }
}

/// `/bg`: a goodbye, and a job that is forked from it with no link between the two.
fn slash_bg(script: &mut Script, running: &mut Running) {
    let job = format!("job{}", script.conversation());
    script.goodbye(running, 0);
    let mut forked = fork(script, running, job);
    forked.conversation = script.conversation();
    script.pass(habits::BACKGROUND_GAP);
    script.begin(&forked, "fork");
    *running = forked;
}

fn fork(script: &mut Script, running: &Running, job: String) -> Running {
    script.spawn_in(running.folder, Class::Background, Place::Host, running.version, running.session, Some(job))
}

/// A second process resumes the conversation while the first goes on.
fn second(script: &mut Script, running: &Running) {
    let back = script.at;
    let place = if script.dice.percent(30) { Place::Container } else { Place::Host };
    let session = script.session();
    let mut other = script.spawn(Class::Person, place, Version::Current, session, None);
    other.conversation = running.conversation;
    script.begin(&other, "resume");
    for _ in 0..script.dice.within(0, 3) {
        script.pass((SECOND, 10 * MINUTE));
        script.turn(&other);
    }
    finish(script, &other);
    // Both run at once.
    script.at = back + script.dice.within(0, MINUTE);
}

/// `claude --continue` after the end: the same conversation in a new process.
fn resume(script: &mut Script, ended: &Running) {
    let pause = if script.dice.percent(50) { (SECOND, 15 * SECOND) } else { (MINUTE, 5 * HOUR) };
    script.pass(pause);
    let session = script.session();
    let mut running = script.spawn(Class::Person, ended.place, ended.version, session, None);
    running.conversation = ended.conversation;
    if running.version == Version::NoRecord {
        // `SessionStart` carries a throwaway id.
        let real = running.conversation;
        running.conversation = script.conversation();
        script.begin(&running, "startup");
        running.conversation = real;
    } else {
        script.begin(&running, "resume");
    }
    for _ in 0..script.dice.within(1, 4) {
        script.pass((SECOND, HOUR));
        script.turn(&running);
    }
    finish(script, &running);
}

fn finish(script: &mut Script, running: &Running) {
    match script.dice.within(0, 100) {
        0..65 => script.goodbye(running, 0),
        65..73 => script.goodbye(running, 100),
        73..90 => script.now(Step::Exit(running.process)),
        // It runs on to the end of the day.
        _ => {}
    }
}

/// A process that is started in advance: most vanish, some become a job with their first prompt.
pub(crate) fn spare(part: usize, at: Ms, dice: Dice) -> Vec<Moment> {
    let mut script = Script::new(part, at, dice);
    let (job, session) = (format!("job{}", script.conversation()), script.session());
    let mut running = script.spawn(Class::Spare, Place::Host, Version::Current, session, Some(job));
    running.conversation = script.conversation();
    running.has_record = script.dice.percent(70);
    script.begin(&running, "startup");
    script.pass((100, 20 * MINUTE));
    if script.dice.percent(habits::SPARES_UNUSED) {
        if script.dice.percent(40) {
            script.goodbye(&running, 30);
        } else {
            script.now(Step::Exit(running.process));
        }
        return script.steps();
    }
    script.now(Step::Claim(running.process));
    running.has_record = true;
    script.record(script.at + 30, &running, None);
    for _ in 0..script.dice.within(1, 4) {
        script.turn(&running);
        script.pass((SECOND, HOUR));
    }
    finish(&mut script, &running);
    script.steps()
}

/// What is no session: `claude -p`, one inside of another, the agent view.
pub(crate) fn program(part: usize, at: Ms, dice: Dice) -> Vec<Moment> {
    let mut script = Script::new(part, at, dice);
    let class = script.dice.pick(&[Class::Sdk, Class::Sdk, Class::Nested, Class::AgentView]);
    let version = if class == Class::Sdk { script.dice.pick(&Version::MIX) } else { Version::Current };
    let session = script.session();
    let mut running = script.spawn(class, Place::Host, version, session, None);
    running.conversation = script.conversation();
    if class == Class::AgentView {
        script.pass((SECOND, HOUR));
        script.goodbye(&running, 0);
        return script.steps();
    }
    script.begin(&running, "startup");
    script.turn(&running);
    if script.dice.percent(70) {
        script.goodbye(&running, 10);
    } else {
        script.now(Step::Exit(running.process));
    }
    script.steps()
}
