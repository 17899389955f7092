//! From a hook's payload to its change: the registry after it can be read, and undo restores every byte.
#![no_main]

mod parts;

use headcount_core::Registry;
use headcount_core::claude::hook::admission::{HookOrigin, may_register};
use headcount_core::claude::hook::payload::{PayloadReading, read};
use headcount_core::claude::hook::transition::{HookSession, ProcessKnowledge, Transition, decide};
use headcount_core::claude::session_role;
use headcount_core::claude::{Claude, ProcessKey, Record};
use headcount_core::liveness::Process;
use headcount_core::registry::file_bytes;
use headcount_core::registry::undo;
use libfuzzer_sys::fuzz_target;
use parts::Input;

struct Knowledge;

impl ProcessKnowledge for Knowledge {
    fn look(&self, process: &ProcessKey) -> Process {
        [Process::Alive, Process::Gone, Process::Unknown][process.pid as usize % 3]
    }

    fn parked_job(&self, process: &ProcessKey) -> Option<String> {
        (process.pid % 2 == 0).then(|| process.started.clone())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(Input { now, parts, .. }) = Input::read(bytes) else { return };
    let [registry, payload, rest @ ..] = &parts[..] else { return };
    let Ok(registry) = Registry::read(registry.to_vec()) else { return };
    let PayloadReading::Whole(payload) = read(*payload) else { return };
    let record = rest.first().and_then(|record| Record::read(record));
    let record = record.filter(|record| record.is_of(None, payload.session_id.as_deref()));
    let origin = HookOrigin { record: record.as_ref(), ..HookOrigin::default() };
    let title = session_role::given_name(record.as_ref(), payload.title.as_deref());
    let session = HookSession {
        role: session_role::role(title.as_deref(), payload.cwd.as_deref(), None),
        title,
        shown_title: payload.title.clone(),
        is_subagent: payload.is_of_subagent,
        may_register: may_register(&origin, &payload.event, true),
        pid: record.as_ref().map(|record| record.pid),
        claude: Claude {
            process: record.as_ref().and_then(|record| record.process.clone()),
            session_id: payload.session_id.clone(),
            job: record.as_ref().and_then(|record| record.job.clone()),
            transcript: payload.transcript_path.clone(),
            cwd: payload.cwd.clone(),
            ..Claude::default()
        },
        ..HookSession::default()
    };
    let (text, changes) = match decide(&registry, &session, &payload.event, now, &Knowledge) {
        Ok(Transition::Matched(matched)) => match matched.changed {
            Some(changed) => changed,
            None => return,
        },
        Ok(Transition::SignedOff(_, changed)) => changed,
        Ok(Transition::Ignored) | Err(_) => return,
    };
    assert!(text.len() < registry.text().len() + 100_000, "a payload of any length adds little");
    let after = Registry::read(file_bytes(&text).into_owned()).expect("what was changed reads back");
    let undone = undo::undo(&after, &changes);
    assert!(undone.refused.is_empty(), "{:?}", undone.refused);
    let is_blank = |registry: &Registry| {
        registry.entries().iter().all(|entry| registry.raw_entry(entry.number).is_some_and(|raw| raw.len() > 20))
    };
    // Only white space inside an empty object is not restored.
    assert!(registry.entries().is_empty() || !is_blank(&registry) || undone.text == registry.text(), "{}", undone.text);
});
