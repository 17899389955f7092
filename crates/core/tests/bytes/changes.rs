//! Every change that core makes, asked for at random, and what it may touch.

use headcount_core::liveness::cleanup;
use headcount_core::registry::Class;
use headcount_core::registry::change::EntryChange;
use headcount_core::registry::numbering;
use headcount_core::registry::registration::{self, NewSession};
use headcount_core::{Number, Registry, Time, time};
use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::outline::{Plan, Touch};

const AT: &str = "2025-11-17T20:00:00.123456Z";

fn now() -> Time {
    time::parse(AT).unwrap()
}

/// A change that is asked for.
#[derive(Clone, Debug)]
pub(crate) enum ChangeMeta {
    Mark(Vec<Number>),
    Release(Number),
    Reactivate(Number),
    Register(Box<NewSession>),
    Move(Number, Number),
}

/// A change that was made.
pub(crate) struct Done {
    pub(crate) text: String,
    pub(crate) changes: Vec<EntryChange>,
    pub(crate) touched: Touched,
}

/// What a change may touch: fields of entries, by the numbers before and after, or one entry as a whole.
pub(crate) enum Touched {
    Fields(Vec<(Number, Number, &'static [&'static str])>),
    Whole(Number),
}

pub(crate) fn meta() -> impl Strategy<Value = ChangeMeta> {
    let newcomer = (1..=11_u64, option::of("[a-z\"é/]{1,8}"), any::<String>(), "[ -~]{0,12}");
    prop_oneof![
        btree_set(1..=9_u64, 1..5).prop_map(|numbers| ChangeMeta::Mark(numbers.into_iter().collect())),
        (1..=9_u64).prop_map(ChangeMeta::Release),
        (1..=9_u64).prop_map(ChangeMeta::Reactivate),
        newcomer.prop_map(|(number, session_id, role, goal)| {
            ChangeMeta::Register(Box::new(NewSession {
                number,
                session_id,
                role,
                goal,
                terminal: "s001".into(),
                claude: None,
            }))
        }),
        (1..=9_u64, 1..=11_u64).prop_map(|(from, to)| ChangeMeta::Move(from, to)),
    ]
}

const MARKED: &[&str] = &["status", "marked_inactive_at"];
const MOVED: &[&str] = &["session_id", "number", "former_numbers"];

impl ChangeMeta {
    /// Does it, where core allows it and there is something to do.
    pub(crate) fn done(&self, registry: &Registry) -> Option<Done> {
        let (made, touched) = match self {
            Self::Mark(numbers) => {
                // What a cleanup asks for: those there are that it may change.
                let is_meant =
                    |number: &&Number| registry.entry(**number).is_some_and(|it| it.class() == Class::Active);
                let numbers: Vec<Number> = numbers.iter().filter(is_meant).copied().collect();
                let fields = numbers.iter().map(|number| (*number, *number, MARKED)).collect();
                (cleanup::mark(registry, &numbers, now()), Touched::Fields(fields))
            }
            Self::Release(number) => (
                registration::release(registry, *number, now()).ok()?,
                Touched::Fields(vec![(*number, *number, MARKED)]),
            ),
            Self::Reactivate(number) => (
                registration::reactivate(registry, *number, None).ok()?,
                Touched::Fields(vec![(*number, *number, MARKED)]),
            ),
            Self::Register(newcomer) => {
                (registration::register(registry, newcomer, now()).ok()?, Touched::Whole(newcomer.number))
            }
            Self::Move(from, to) => {
                let moves = numbering::reassign(registry, *from, *to).ok()?;
                let fields = moves.iter().map(|step| (step.from, step.to, MOVED)).collect();
                (numbering::relocate(registry, &moves), Touched::Fields(fields))
            }
        };
        let (text, changes) = made;
        (!changes.is_empty()).then_some(Done { text, changes, touched })
    }

    /// The same, told to somebody else.
    pub(crate) fn told(&self) -> Value {
        match self {
            Self::Mark(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                json!({ "what": "mark", "at": AT, "numbers": numbers })
            }
            Self::Release(number) => json!({ "what": "mark", "at": AT, "numbers": [number.to_string()] }),
            Self::Reactivate(number) => json!({ "what": "reactivate", "number": number.to_string() }),
            Self::Register(new) => {
                json!({ "what": "register", "at": AT, "number": new.number.to_string(), "session_id": new.session_id, "role": new.role, "goal": new.goal })
            }
            Self::Move(from, to) => json!({ "what": "move", "from": from.to_string(), "to": to.to_string() }),
        }
    }
}

/// What is to be looked past in the text before and in the text after.
pub(crate) struct Between {
    pub(crate) before: Plan,
    pub(crate) after: Plan,
    /// Nothing was taken out, so that taking back needs not guess where it stood.
    pub(crate) comes_back_to_the_byte: bool,
}

impl Touched {
    pub(crate) fn between(&self, before: &Registry, after: &Registry) -> Between {
        let mut between = Between { before: Plan::default(), after: Plan::default(), comes_back_to_the_byte: true };
        let touch = |is_in_both| if is_in_both { Touch::Value } else { Touch::Member };
        match self {
            Self::Whole(number) => {
                let touch = touch(before.entry(*number).is_some());
                between.before.whole(*number, touch);
                between.after.whole(*number, touch);
                // Braces of a file without sessions close up.
                between.comes_back_to_the_byte = !crate::outline::is_empty(before.text());
            }
            Self::Fields(fields) => {
                for (from, to, names) in fields {
                    if from != to {
                        between.before.key(*from);
                        between.after.key(*to);
                        // A key is spelled plainly when it comes back, however it was.
                        between.comes_back_to_the_byte &= !before.text().contains(&format!("\"\\u003{from}\""));
                    }
                    for name in *names {
                        let (old, new) = (before.raw(*from, name), after.raw(*to, name));
                        let touch = touch(old.is_some() && new.is_some());
                        between.before.field(*from, name, touch);
                        between.after.field(*to, name, touch);
                        between.comes_back_to_the_byte &= old.is_none() || new.is_some();
                    }
                    let entry = before.raw_entry(*from).unwrap_or_default();
                    between.comes_back_to_the_byte &= !crate::outline::is_empty(entry);
                }
            }
        }
        between
    }
}
