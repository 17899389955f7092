//! Runs a command of the window with the arguments that the page sends.
//!
//! Guarantees: each command is one call of the engine, as in `src-tauri/src/commands`. A failure has the form in which
//! the page receives it.

use headcount_core::Timeout;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::cleanup::{Selection, Target};
use headcount_core::registry::numbering::Move;
use headcount_core::registry::registration::NewSession;
use headcount_core::settings::Setting;
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::wire::{Changed, Failure, Registered, RegisteredAll};
use headcount_engine::autostart::Login;
use headcount_engine::claude::hooks::{HookLocations, hooks};
use headcount_engine::store::OverwritePolicy;
use headcount_engine::{Error, ops};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fixture::Fixture;

/// The number of journal entries shown by the page.
const HISTORY: usize = 500;

/// The result of a command, or its failure in the page's form.
pub(crate) fn run(fixture: &Fixture, command: &str, payload: &Value) -> Result<Value, Value> {
    let answer = if command.starts_with("preview_") || READS.contains(&command) {
        read(fixture, command, payload)
    } else {
        change(fixture, command, payload)
    };
    answer.map_err(|error| json(Failure { code: error.code().into(), message: error.to_string() }))
}

/// The commands that change nothing, beside the previews.
pub(crate) const READS: [&str; 6] = ["history", "details", "settings", "starts_at_login", "hooks", "newest_copy"];

fn read(fixture: &Fixture, command: &str, payload: &Value) -> Result<Value, Error> {
    let opened = fixture.opened();
    let (workspace, context) = (&opened.workspace, fixture.context(Actor::Window));
    Ok(match command {
        "history" => json(ops::history(workspace, HISTORY)?),
        "details" => json(ops::details(workspace, argument(payload, "number"), context.at)?),
        "settings" => json(opened.setup()),
        "starts_at_login" => json(login(fixture).is_on()),
        "hooks" => json(hooks(&HookLocations::in_environment(&fixture.env)?)),
        "newest_copy" => json(ops::newest_copy(workspace)?),
        "preview_reassign" => {
            json(ops::preview_reassign(workspace, argument(payload, "from"), argument(payload, "to"))?)
        }
        "preview_compact" => json(ops::preview_compact(workspace, context.at)?),
        "preview_timeout" => match Setting::new("timeout_minutes", payload.get("minutes"))? {
            Setting::Timeout(Some(timeout)) => json(ops::preview_timeout(workspace, timeout, context.at)?),
            other => panic!("no timeout: {other:?}"),
        },
        _ => panic!("the command {command} is unknown"),
    })
}

fn change(fixture: &Fixture, command: &str, payload: &Value) -> Result<Value, Error> {
    let opened = fixture.opened();
    let (workspace, context) = (&opened.workspace, fixture.context(Actor::Window));
    let target = || {
        let named = &payload["named"];
        Target { number: argument(named, "number"), session_id: Some(argument(named, "session_id")) }
    };
    let changed = |change| json(Changed { change });
    Ok(match command {
        "cleanup" => {
            let numbers: Vec<u64> = argument(payload, "numbers");
            let selection = Selection::Only(numbers.into_iter().map(Target::number).collect());
            json(ops::cleanup(workspace, &selection, argument(payload, "force"), context)?.done)
        }
        "undo" => json(ops::undo(workspace, &argument::<String>(payload, "change"), context)?),
        "register" => changed(ops::register(workspace, &new_session(payload), context)?),
        "register_running" => {
            let (number, change) = ops::register_running(workspace, argument(payload, "pid"), context)?;
            json(Registered { number, change })
        }
        "register_all_running" => {
            let (numbers, change) = ops::register_all_running(workspace, context)?;
            json(RegisteredAll { numbers, change })
        }
        "heartbeat" => {
            ops::heartbeat(workspace, target(), BeatKind::Manual, context)?;
            changed(None)
        }
        "release" => changed(ops::release(workspace, target(), context)?),
        "reactivate" => changed(ops::reactivate(workspace, target(), context)?),
        "keep" => changed(ops::keep(workspace, target(), argument(payload, "isKept"), context)?),
        "set_own_timeout" => {
            let minutes: Option<u32> = argument(payload, "minutes");
            let timeout = minutes.map(|minutes| Timeout::from_minutes(minutes).unwrap());
            changed(ops::set_own_timeout(workspace, target(), timeout, context)?)
        }
        "reassign" => {
            let (from, to, shown): (_, _, Vec<Move>) =
                (argument(payload, "from"), argument(payload, "to"), argument(payload, "shown"));
            json(ops::reassign(workspace, from, to, Some(&shown), context)?)
        }
        "compact" => json(ops::compact(workspace, Some(&argument::<Vec<Move>>(payload, "shown")), context)?),
        "set" => {
            let key: String = argument(payload, "key");
            json(ops::set(&opened, &Setting::new(&key, payload.get("value"))?)?)
        }
        "snooze" => json(ops::snooze(workspace, argument(payload, "choice"), context)?),
        "start_at_login" => json(ops::start_at_login(&login(fixture), argument(payload, "isWanted"))?),
        "install_hooks" => json(ops::install_own_hooks(&fixture.path("app/headcount-tray"), &fixture.env)?),
        "remove_hooks" => json(ops::uninstall_own_hooks(&fixture.env)?),
        "restore" => {
            let id: String = argument(payload, "id");
            json(ops::restore(workspace, &id, OverwritePolicy::Unreadable, context)?)
        }
        _ => panic!("the command {command} is unknown"),
    })
}

fn new_session(payload: &Value) -> NewSession {
    NewSession {
        number: argument(payload, "number"),
        session_id: argument(payload, "sessionId"),
        role: argument(payload, "role"),
        goal: argument(payload, "goal"),
        terminal: "unknown".into(),
        claude: None,
    }
}

fn login(fixture: &Fixture) -> Login {
    let opened = fixture.opened();
    Login::new(&fixture.path("app/headcount-tray"), &opened.workspace, opened.overrides.timeout, &fixture.env)
}

fn argument<T: DeserializeOwned>(payload: &Value, name: &str) -> T {
    serde_json::from_value(payload[name].clone()).unwrap()
}

fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}
