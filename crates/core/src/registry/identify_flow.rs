//! The dialog that identifies a session: the next step for what is known and answered so far.
//!
//! Guarantees: the next step is a function of the known state and the answers; every answer can be given in advance; if
//! no person can be asked, missing answers are requested by name and nothing is cleaned up. A number that another
//! session uses is never taken. Does not ask, write or print.

use std::collections::BTreeMap;

use crate::liveness::State;
use crate::liveness::cleanup::{Caution, CleanupOffer};
use crate::registry::{Number, Registry};

/// The state of each session.
pub type States = BTreeMap<Number, State>;

/// The known state of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The states of the sessions.
    pub states: &'k States,
    /// The cleanup available now.
    pub cleanup: &'k CleanupOffer,
    /// The lowest free number.
    pub lowest: Number,
    /// The number that this shell last identified as.
    pub last: Option<Number>,
    /// The number of the calling Claude Code session.
    pub own: Option<Number>,
}

/// Whether to clean up first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CleanupAnswer {
    /// Not answered.
    #[default]
    NotAsked,
    /// Yes.
    Requested,
    /// No, or already done.
    Decided,
}

/// The answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// A person is at a terminal and can be asked.
    pub can_be_asked: bool,
    /// Offered defaults are accepted without asking. This does not include a cleanup.
    pub takes_offers: bool,
    /// Whether to clean up first.
    pub cleanup: CleanupAnswer,
    /// The number.
    pub number: Option<Number>,
    /// Whether it is the session that has, or had, that number.
    pub is_back: Option<bool>,
    /// Its role.
    pub role: Option<String>,
    /// Its goal.
    pub goal: Option<String>,
}

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask a person.
    Ask(Question),
    /// Clean up the stale sessions and evaluate again.
    CleanUp,
    /// Identify as a session.
    Enter(EntryAction),
    /// Stop with this error.
    Stop(Stop),
}

/// A question to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Clean up first?
    CleanUp,
    /// Which number? The lowest free one is offered.
    Number,
    /// Are you the session that has, or had, this number?
    IsThisSession(Number),
    /// What is the role?
    Role,
    /// What is the goal?
    Goal,
}

/// How the session is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryAction {
    /// As this existing session.
    Continue(Number),
    /// As this session, which signed off, after reactivating it.
    Reactivate(Number),
    /// As a new session.
    Register {
        /// Its number.
        number: Number,
        /// Its role.
        role: String,
        /// Its goal.
        goal: String,
    },
}

/// Why the dialog cannot continue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// No number was given and no person can be asked.
    #[error(
        "Which session is this? Specify --number N, or --yes for the lowest free number ({0}); a new session also needs --role and --goal"
    )]
    NoNumber(Number),
    /// No role or goal was given and no person can be asked.
    #[error("Session {0} would be new: specify its --role and --goal")]
    NoRole(Number),
    /// It is unclear whether the former session with the number is meant, or a new one.
    #[error(
        "Session {0} signed off. Use --yes to continue as that session, or --role and --goal to register a new one"
    )]
    SignedOff(Number),
    /// It is unclear whether the stale session with the number is meant.
    #[error(
        "Session {0} is registered, but stale. Use --yes if this is that session; otherwise use another number, or clean up first"
    )]
    Stale(Number),
    /// Another session uses the number.
    #[error("Session {0} is already active. Use another number")]
    Active(Number),
    /// The entry with the number has an unknown status.
    #[error("Number {0} belongs to an entry that Headcount does not change. Use another number")]
    Held(Number),
    /// Numbers start at 1.
    #[error("Numbers start at 1")]
    Zero,
}

impl EntryAction {
    /// The number.
    #[must_use]
    pub fn number(&self) -> Number {
        match self {
            Self::Continue(number) | Self::Reactivate(number) | Self::Register { number, .. } => *number,
        }
    }
}

/// The lowest number from 1 that is free.
#[must_use]
pub fn lowest(registry: &Registry, states: &States) -> Number {
    let is_held = |number: &Number| {
        states.get(number).is_some_and(|state| *state != State::Inactive) || registry.bad_entries().contains(number)
    };
    (1..Number::MAX).find(|number| !is_held(number)).unwrap_or(Number::MAX)
}

/// The next step.
#[must_use]
pub fn next(known: &Known<'_>, answers: &Answers) -> Next {
    let is_interactive = answers.can_be_asked && !answers.takes_offers;
    if !known.cleanup.numbers.is_empty() {
        // A cleanup that lacks evidence is not offered with a single key: see `cleanup::Caution`.
        let lacks_evidence = known.cleanup.caution.as_ref().is_some_and(Caution::lacks_evidence);
        match answers.cleanup {
            // Nothing is cleaned up if an answer would be missing afterwards and no person can give it.
            CleanupAnswer::Requested if !is_interactive => {
                let settled = |(number, state): (&Number, &State)| {
                    (*number, if *state == State::Stale { State::Inactive } else { *state })
                };
                let states = known.states.iter().map(settled).collect();
                let afterwards = enter(&Known { states: &states, ..*known }, answers, is_interactive);
                return if matches!(afterwards, Next::Stop(_)) { afterwards } else { Next::CleanUp };
            }
            CleanupAnswer::Requested => return Next::CleanUp,
            CleanupAnswer::NotAsked if is_interactive && !lacks_evidence => return Next::Ask(Question::CleanUp),
            CleanupAnswer::NotAsked | CleanupAnswer::Decided => {}
        }
    }
    enter(known, answers, is_interactive)
}

/// The next step after the cleanup.
fn enter(known: &Known<'_>, answers: &Answers, is_interactive: bool) -> Next {
    let number = match answers.number.or(known.own) {
        Some(0) => return Next::Stop(Stop::Zero),
        Some(number) => number,
        None if answers.takes_offers => known.lowest,
        None if is_interactive => return Next::Ask(Question::Number),
        None => return Next::Stop(Stop::NoNumber(known.lowest)),
    };
    // Naming a number and accepting all offers means that the number is one's own.
    let is_back = answers.is_back.or((answers.takes_offers && answers.number.is_some()).then_some(true));
    let is_own = [known.last, known.own].contains(&Some(number));
    match known.states.get(&number) {
        None => register_new(number, answers, is_interactive),
        Some(State::Active | State::Stale | State::Unknown) if is_own => Next::Enter(EntryAction::Continue(number)),
        Some(State::Active) => Next::Stop(Stop::Active(number)),
        Some(State::Unknown) => Next::Stop(Stop::Held(number)),
        Some(State::Stale) => match is_back {
            Some(true) => Next::Enter(EntryAction::Continue(number)),
            None if is_interactive => Next::Ask(Question::IsThisSession(number)),
            _ => Next::Stop(Stop::Stale(number)),
        },
        Some(State::Inactive) if answers.role.is_some() || answers.goal.is_some() => {
            register_new(number, answers, is_interactive)
        }
        Some(State::Inactive) => match is_back {
            Some(true) => Next::Enter(EntryAction::Reactivate(number)),
            None if is_own => Next::Enter(EntryAction::Reactivate(number)),
            None if is_interactive => Next::Ask(Question::IsThisSession(number)),
            None if !answers.takes_offers => Next::Stop(Stop::SignedOff(number)),
            _ => register_new(number, answers, is_interactive),
        },
    }
}

fn register_new(number: Number, answers: &Answers, is_interactive: bool) -> Next {
    match (&answers.role, &answers.goal) {
        (Some(role), Some(goal)) => {
            Next::Enter(EntryAction::Register { number, role: role.clone(), goal: goal.clone() })
        }
        _ if !is_interactive => Next::Stop(Stop::NoRole(number)),
        (None, _) => Next::Ask(Question::Role),
        (Some(_), None) => Next::Ask(Question::Goal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::cleanup::CautionCode;

    /// 1 is active, 2 stale, 3 inactive, 4 unknown; 5 is free.
    fn states() -> States {
        (1..).zip([State::Active, State::Stale, State::Inactive, State::Unknown]).collect()
    }

    fn offer(numbers: &[Number]) -> CleanupOffer {
        CleanupOffer { numbers: numbers.to_vec(), caution: None }
    }

    fn step(offer: &CleanupOffer, last: Option<Number>, answers: &Answers) -> Next {
        next(&Known { states: &states(), cleanup: offer, lowest: 3, last, own: None }, answers)
    }

    fn person() -> Answers {
        Answers { can_be_asked: true, cleanup: CleanupAnswer::Decided, ..Answers::default() }
    }

    fn script() -> Answers {
        Answers { cleanup: CleanupAnswer::Decided, ..Answers::default() }
    }

    fn with_role(mut answers: Answers) -> Answers {
        answers.role = Some("r".into());
        answers.goal = Some("g".into());
        answers
    }

    fn register(number: Number) -> Next {
        Next::Enter(EntryAction::Register { number, role: "r".into(), goal: "g".into() })
    }

    #[test]
    fn a_cleanup_comes_first_and_only_if_requested() {
        let not_asked = |answers: Answers| Answers { cleanup: CleanupAnswer::NotAsked, ..answers };
        let stale = offer(&[2]);
        assert_eq!(step(&stale, None, &not_asked(person())), Next::Ask(Question::CleanUp));
        assert_eq!(step(&stale, None, &not_asked(script())), Next::Stop(Stop::NoNumber(3)));
        let yes = Answers { takes_offers: true, ..person() };
        assert_eq!(step(&stale, None, &not_asked(yes)), Next::Stop(Stop::NoRole(3)));
        for answers in [person(), with_role(Answers { number: Some(2), ..script() })] {
            let wanted = Answers { cleanup: CleanupAnswer::Requested, ..answers.clone() };
            assert_eq!(step(&stale, None, &wanted), Next::CleanUp);
            assert_ne!(step(&offer(&[]), None, &wanted), Next::CleanUp);
            assert_ne!(step(&stale, None, &answers), Next::CleanUp);
        }
        let wanted = Answers { cleanup: CleanupAnswer::Requested, ..script() };
        assert_eq!(step(&stale, None, &wanted), Next::Stop(Stop::NoNumber(3)), "half of it is nothing");
        assert_eq!(step(&offer(&[]), None, &not_asked(person())), Next::Ask(Question::Number));
        let caution = |code| CleanupOffer { caution: Some(Caution { code, message: String::new() }), ..offer(&[2]) };
        assert_eq!(
            step(&caution(CautionCode::NoHeartbeatsFolder), None, &not_asked(person())),
            Next::Ask(Question::Number)
        );
        assert_eq!(
            step(&caution(CautionCode::EverythingStale), None, &not_asked(person())),
            Next::Ask(Question::CleanUp)
        );
    }

    #[test]
    fn a_claude_code_session_is_identified_without_questions() {
        let next = |own, answers: Answers| {
            next(&Known { states: &states(), cleanup: &offer(&[]), lowest: 3, last: Some(2), own }, &answers)
        };
        assert_eq!(next(Some(1), script()), Next::Enter(EntryAction::Continue(1)));
        assert_eq!(next(Some(3), person()), Next::Enter(EntryAction::Reactivate(3)));
        assert_eq!(next(None, script()), Next::Stop(Stop::NoNumber(3)));
        // A number given explicitly takes precedence.
        assert_eq!(next(Some(2), Answers { number: Some(1), ..script() }), Next::Stop(Stop::Active(1)));
    }

    #[test]
    fn every_number_leads_to_its_step() {
        let number = |number, answers: Answers| Answers { number: Some(number), ..answers };
        let yes = |answers: Answers| Answers { takes_offers: true, ..answers };
        let back = |is_back, answers: Answers| Answers { is_back: Some(is_back), ..answers };
        let go_on = |number| Next::Enter(EntryAction::Continue(number));
        let ask = Next::Ask;
        let stop = Next::Stop;
        for (last, answers, wanted) in [
            // No number given.
            (None, person(), ask(Question::Number)),
            (None, script(), stop(Stop::NoNumber(3))),
            (None, with_role(script()), stop(Stop::NoNumber(3))),
            (None, with_role(yes(script())), register(3)),
            (None, yes(script()), stop(Stop::NoRole(3))),
            (Some(3), yes(script()), Next::Enter(EntryAction::Reactivate(3))),
            (None, number(0, person()), stop(Stop::Zero)),
            // A free number.
            (None, number(5, person()), ask(Question::Role)),
            (None, number(5, Answers { role: Some("r".into()), ..person() }), ask(Question::Goal)),
            (None, number(5, with_role(person())), register(5)),
            (None, number(5, script()), stop(Stop::NoRole(5))),
            (None, number(5, Answers { role: Some("r".into()), ..script() }), stop(Stop::NoRole(5))),
            (None, number(5, yes(person())), stop(Stop::NoRole(5))),
            (Some(5), number(5, with_role(script())), register(5)),
            // An active session.
            (None, number(1, person()), stop(Stop::Active(1))),
            (None, number(1, with_role(script())), stop(Stop::Active(1))),
            (None, number(1, yes(script())), stop(Stop::Active(1))),
            (Some(1), number(1, script()), go_on(1)),
            (Some(1), number(1, with_role(script())), go_on(1)),
            // A stale session.
            (None, number(2, person()), ask(Question::IsThisSession(2))),
            (None, number(2, back(true, person())), go_on(2)),
            (None, number(2, back(false, person())), stop(Stop::Stale(2))),
            (None, number(2, script()), stop(Stop::Stale(2))),
            (None, number(2, yes(script())), go_on(2)),
            (Some(2), number(2, script()), go_on(2)),
            // An inactive session.
            (None, number(3, person()), ask(Question::IsThisSession(3))),
            (None, number(3, back(true, person())), Next::Enter(EntryAction::Reactivate(3))),
            (None, number(3, back(false, person())), ask(Question::Role)),
            (None, number(3, back(false, with_role(person()))), register(3)),
            (None, number(3, with_role(person())), register(3)),
            (None, number(3, script()), stop(Stop::SignedOff(3))),
            (None, number(3, yes(script())), Next::Enter(EntryAction::Reactivate(3))),
            (None, number(3, with_role(script())), register(3)),
            (Some(3), number(3, with_role(script())), register(3)),
            (Some(3), number(3, script()), Next::Enter(EntryAction::Reactivate(3))),
            (Some(3), number(3, person()), Next::Enter(EntryAction::Reactivate(3))),
            // A session of unknown status.
            (None, number(4, person()), stop(Stop::Held(4))),
            (None, number(4, yes(script())), stop(Stop::Held(4))),
            (Some(4), number(4, script()), go_on(4)),
        ] {
            assert_eq!(step(&offer(&[]), last, &answers), wanted, "{last:?} {answers:?}");
        }
    }

    #[test]
    fn the_lowest_number_is_free() {
        let registry = Registry::read(b"{\"5\": [], \"6\": 1}".to_vec()).unwrap();
        assert_eq!(lowest(&registry, &states()), 3);
        assert_eq!(lowest(&registry, &(1..=4).map(|number| (number, State::Active)).collect()), 7);
        assert_eq!(lowest(&registry, &(3..=4).map(|number| (number, State::Stale)).collect()), 1);
        assert_eq!(lowest(&Registry::empty(), &States::new()), 1);
    }
}
