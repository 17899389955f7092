//! Random changes of every kind that core makes, and the parts that each may touch.

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

/// A requested change.
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

/// The parts that a change may touch: fields of entries, by the numbers before and after, or one whole entry.
pub(crate) enum Touched {
    Fields(Vec<(Number, Number, &'static [&'static str])>),
    Whole(Number),
}

pub(crate) fn meta() -> impl Strategy<Value = ChangeMeta> {
    let new_session = (1..=11_u64, option::of("[a-z\"é/]{1,8}"), any::<String>(), "[ -~]{0,12}");
    prop_oneof![
        btree_set(1..=9_u64, 1..5).prop_map(|numbers| ChangeMeta::Mark(numbers.into_iter().collect())),
        (1..=9_u64).prop_map(ChangeMeta::Release),
        (1..=9_u64).prop_map(ChangeMeta::Reactivate),
        new_session.prop_map(|(number, session_id, role, goal)| {
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
    /// Makes the change; `None` if core refuses it or nothing changes.
    pub(crate) fn done(&self, registry: &Registry) -> Option<Done> {
        let (made, touched) = match self {
            Self::Mark(numbers) => {
                // A cleanup requests only existing entries that it may change.
                let is_active =
                    |number: &&Number| registry.entry(**number).is_some_and(|it| it.class() == Class::Active);
                let numbers: Vec<Number> = numbers.iter().filter(is_active).copied().collect();
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
            Self::Register(new_session) => {
                (registration::register(registry, new_session, now()).ok()?, Touched::Whole(new_session.number))
            }
            Self::Move(from, to) => {
                let moves = numbering::reassign(registry, *from, *to).ok()?;
                let fields = moves.iter().map(|step| (step.from, step.to, MOVED)).collect();
                (numbering::apply_moves(registry, &moves), Touched::Fields(fields))
            }
        };
        let (text, changes) = made;
        (!changes.is_empty()).then_some(Done { text, changes, touched })
    }

    /// The change as JSON, for `expect.py`.
    pub(crate) fn to_json(&self) -> Value {
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

/// The parts to ignore in the text before and in the text after.
pub(crate) struct Between {
    pub(crate) before: Plan,
    pub(crate) after: Plan,
    /// Undo restores every byte: nothing was removed that has to be inserted at an unknown position.
    pub(crate) is_restored_exactly: bool,
}

impl Touched {
    pub(crate) fn between(&self, before: &Registry, after: &Registry) -> Between {
        let mut between = Between { before: Plan::default(), after: Plan::default(), is_restored_exactly: true };
        let touch = |is_in_both| if is_in_both { Touch::Value } else { Touch::Member };
        match self {
            Self::Whole(number) => {
                let touch = touch(before.entry(*number).is_some());
                between.before.whole(*number, touch);
                between.after.whole(*number, touch);
                // The white space of a file without sessions is lost.
                between.is_restored_exactly = !crate::outline::is_empty(before.text());
            }
            Self::Fields(fields) => {
                for (from, to, names) in fields {
                    if from != to {
                        between.before.key(*from);
                        between.after.key(*to);
                        // An escaped key is restored without escapes.
                        between.is_restored_exactly &= !before.text().contains(&format!("\"\\u003{from}\""));
                    }
                    for name in *names {
                        let (old, new) = (before.raw(*from, name), after.raw(*to, name));
                        let touch = touch(old.is_some() && new.is_some());
                        between.before.field(*from, name, touch);
                        between.after.field(*to, name, touch);
                        between.is_restored_exactly &= old.is_none() || new.is_some();
                    }
                    let entry = before.raw_entry(*from).unwrap_or_default();
                    between.is_restored_exactly &= !crate::outline::is_empty(entry);
                }
            }
        }
        between
    }
}
