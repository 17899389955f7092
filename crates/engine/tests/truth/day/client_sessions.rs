//! What single sessions do: terminals, background jobs, processes started in advance, programs.

use crate::day::client_behavior::{self, DAY, HOUR, MINUTE, SECOND, Version};
use crate::day::random_choices::RandomChoices;
use crate::day::step::{Event, Ms, Place, ProcessClass, Step, TimedStep};
use crate::day::step_builder::{ELSEWHERE, Running, StepBuilder};

/// A terminal session from its start to its end, and what a person does in it.
pub(crate) fn terminal(part: usize, at: Ms, random: RandomChoices) -> Vec<TimedStep> {
    let mut builder = StepBuilder::new(part, at, random);
    let place = if builder.random.percent(10) { Place::Container } else { Place::Host };
    let version = builder.random.pick(&Version::MIX);
    let session = builder.session();
    let mut running = builder.spawn(ProcessClass::Person, place, version, session, None);
    running.conversation = builder.conversation();
    builder.begin(&running, "startup");
    if builder.random.percent(client_behavior::CRASH_AT_START) {
        builder.pass((10, 3 * SECOND));
        builder.now(Step::Exit(running.process));
        return builder.steps();
    }
    let end = at + builder.random.within(10 * MINUTE, DAY);
    while builder.at < end {
        let idle =
            builder.random.pick(&[(SECOND, MINUTE), (MINUTE, 12 * MINUTE), (MINUTE, 12 * MINUTE), (MINUTE, 2 * HOUR)]);
        let idle = if builder.random.percent(6) { (2 * HOUR, 9 * HOUR) } else { idle };
        builder.pass(idle);
        if builder.random.percent(75) {
            builder.turn(&running);
        }
        between_turns(&mut builder, &mut running);
    }
    finish(&mut builder, &running);
    if builder.random.percent(25) {
        resume(&mut builder, &running);
    }
    builder.steps()
}

/// A short session: one of many that start at the same moment.
pub(crate) fn short_session(part: usize, at: Ms, random: RandomChoices) -> Vec<TimedStep> {
    let mut builder = StepBuilder::new(part, at, random);
    let session = builder.session();
    let mut running = builder.spawn(ProcessClass::Person, Place::Host, Version::Current, session, None);
    running.conversation = builder.conversation();
    builder.begin(&running, "startup");
    for _ in 0..builder.random.within(0, 3) {
        builder.pass((SECOND, 10 * MINUTE));
        builder.turn(&running);
    }
    builder.pass((SECOND, 30 * MINUTE));
    finish(&mut builder, &running);
    builder.steps()
}

fn between_turns(builder: &mut StepBuilder, running: &mut Running) {
    match builder.random.within(0, 100) {
        0..12 => builder.together(|builder| clear(builder, running, "clear", "clear")),
        12..20 => builder.event(running, Event::Start("compact")),
        20..24 => builder.together(|builder| clear(builder, running, "resume", "resume")),
        24..27 => builder.together(|builder| clear(builder, running, "resume", "fork")),
        27..37 => running.cwd = builder.random.pick(&ELSEWHERE),
        37..41 if running.has_record && running.version == Version::Current => background(builder, running),
        41..44 if running.place == Place::Host && running.version.says_pid() => {
            builder.together(|builder| slash_bg(builder, running));
        }
        44..47 => second_process(builder, running),
        _ => {}
    }
}

/// The id changes below the process: both events in either order, one of them, or none.
fn clear(builder: &mut StepBuilder, running: &mut Running, reason: &'static str, source: &'static str) {
    let old = running.conversation;
    // `/resume` can lead back to where the session was before.
    let is_back = source == "resume" && builder.random.percent(30);
    running.conversation = if is_back { old - u32::from(old % 1000 > 1) } else { builder.conversation() };
    let (end, start) = match builder.random.within(0, 20) {
        0 => (false, false),
        1 => (true, false),
        2 => (false, true),
        _ => (true, true),
    };
    let record = builder.at + builder.random.within(0, 60);
    let is_reversed = builder.random.percent(30);
    if end && !is_reversed {
        builder.event_of(running, old, Event::End(reason), 0);
        builder.pass(client_behavior::CLEAR_GAP);
    }
    if start {
        builder.event_of(running, running.conversation, Event::Start(source), 0);
    }
    if end && is_reversed {
        builder.event_of(running, old, Event::End(reason), 0);
    }
    builder.record(record, running, None);
}

/// `←`: the session goes on as a job, and the terminal shows the list of jobs; later it comes back, or either ends.
fn background(builder: &mut StepBuilder, running: &mut Running) {
    let job = format!("job{}", builder.conversation());
    let forked = builder.together(|builder| {
        builder.record(builder.at, running, Some(job.clone()));
        builder.pass((20, 200));
        let mut forked = builder.fork(running, job);
        forked.conversation = builder.conversation();
        builder.begin(&forked, "fork");
        forked
    });
    for _ in 0..builder.random.within(0, 3) {
        builder.pass((10 * SECOND, HOUR));
        builder.turn(&forked);
    }
    match builder.random.within(0, 3) {
        // The job ends, and the terminal goes on.
        0 => {
            builder.pass((5 * SECOND, HOUR));
            builder.goodbye(&forked, client_behavior::LOST);
            builder.pass((SECOND, MINUTE));
            builder.record(builder.at, running, None);
            builder.event(running, Event::Prompt);
        }
        // The terminal is closed, and the job goes on.
        1 => {
            builder.pass((5 * SECOND, HOUR));
            builder.goodbye(running, client_behavior::LOST);
            *running = forked;
        }
        _ => *running = forked,
    }
}

/// `/bg`: a goodbye, and a job that is forked from it with no link between the two.
fn slash_bg(builder: &mut StepBuilder, running: &mut Running) {
    let job = format!("job{}", builder.conversation());
    builder.goodbye(running, 0);
    let mut forked = builder.fork(running, job);
    forked.conversation = builder.conversation();
    builder.pass(client_behavior::BACKGROUND_GAP);
    builder.begin(&forked, "fork");
    *running = forked;
}

/// A second process resumes the conversation while the first goes on.
fn second_process(builder: &mut StepBuilder, running: &Running) {
    let back = builder.at;
    let place = if builder.random.percent(30) { Place::Container } else { Place::Host };
    let session = builder.session();
    let mut other = builder.spawn(ProcessClass::Person, place, Version::Current, session, None);
    other.conversation = running.conversation;
    builder.begin(&other, "resume");
    for _ in 0..builder.random.within(0, 3) {
        builder.pass((SECOND, 10 * MINUTE));
        builder.turn(&other);
    }
    finish(builder, &other);
    // Both run at once.
    builder.at = back + builder.random.within(0, MINUTE);
}

/// `claude --continue` after the end: the same conversation in a new process.
fn resume(builder: &mut StepBuilder, ended: &Running) {
    let pause = if builder.random.percent(50) { (SECOND, 15 * SECOND) } else { (MINUTE, 5 * HOUR) };
    builder.pass(pause);
    let session = builder.session();
    let mut running = builder.spawn(ProcessClass::Person, ended.place, ended.version, session, None);
    running.conversation = ended.conversation;
    if running.version == Version::NoRecord {
        // `SessionStart` carries a throwaway id.
        let real = running.conversation;
        running.conversation = builder.conversation();
        builder.begin(&running, "startup");
        running.conversation = real;
    } else {
        builder.begin(&running, "resume");
    }
    for _ in 0..builder.random.within(1, 4) {
        builder.pass((SECOND, HOUR));
        builder.turn(&running);
    }
    finish(builder, &running);
}

fn finish(builder: &mut StepBuilder, running: &Running) {
    match builder.random.within(0, 100) {
        0..65 => builder.goodbye(running, 0),
        65..73 => builder.goodbye(running, 100),
        73..90 => builder.now(Step::Exit(running.process)),
        // It runs on to the end of the day.
        _ => {}
    }
}

/// A process that is started in advance: most vanish, some become a job with their first prompt.
pub(crate) fn spare_process(part: usize, at: Ms, random: RandomChoices) -> Vec<TimedStep> {
    let mut builder = StepBuilder::new(part, at, random);
    let (job, session) = (format!("job{}", builder.conversation()), builder.session());
    let mut running = builder.spawn(ProcessClass::Spare, Place::Host, Version::Current, session, Some(job));
    running.conversation = builder.conversation();
    running.has_record = builder.random.percent(70);
    builder.begin(&running, "startup");
    builder.pass((100, 20 * MINUTE));
    if builder.random.percent(client_behavior::SPARES_UNUSED) {
        if builder.random.percent(40) {
            builder.goodbye(&running, 30);
        } else {
            builder.now(Step::Exit(running.process));
        }
        return builder.steps();
    }
    builder.together(|builder| {
        builder.now(Step::Claim(running.process));
        running.has_record = true;
        builder.record(builder.at + 30, &running, None);
    });
    for _ in 0..builder.random.within(1, 4) {
        builder.turn(&running);
        builder.pass((SECOND, HOUR));
    }
    finish(&mut builder, &running);
    builder.steps()
}

/// What is no session: `claude -p`, one inside of another, the agent view.
pub(crate) fn program_run(part: usize, at: Ms, random: RandomChoices) -> Vec<TimedStep> {
    let mut builder = StepBuilder::new(part, at, random);
    let class =
        builder.random.pick(&[ProcessClass::Sdk, ProcessClass::Sdk, ProcessClass::Nested, ProcessClass::AgentView]);
    let version = if class == ProcessClass::Sdk { builder.random.pick(&Version::MIX) } else { Version::Current };
    let session = builder.session();
    let mut running = builder.spawn(class, Place::Host, version, session, None);
    running.conversation = builder.conversation();
    if class == ProcessClass::AgentView {
        builder.pass((SECOND, HOUR));
        builder.goodbye(&running, 0);
        return builder.steps();
    }
    builder.begin(&running, "startup");
    builder.turn(&running);
    if builder.random.percent(70) {
        builder.goodbye(&running, 10);
    } else {
        builder.now(Step::Exit(running.process));
    }
    builder.steps()
}
