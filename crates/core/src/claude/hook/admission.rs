//! Decides whether the process of a hook is a session that may be registered.
//!
//! Guarantees: works without Claude Code's record of the process, because a hook can run before the record is written,
//! and old versions write none. The environment of a *hook* gives no information about nesting: every hook has
//! `CLAUDE_CODE_CHILD_SESSION`. Only the marker in the session process's own environment does.

use crate::claude::hook::payload::{HookEvent, StartSource};
use crate::claude::{Record, SessionKind};

/// The known facts about the process of a hook.
#[derive(Clone, Copy, Debug, Default)]
pub struct HookOrigin<'a> {
    /// Claude Code's record of the process.
    pub record: Option<&'a Record>,
    /// `$CLAUDE_CODE_ENTRYPOINT`: how the process was started.
    pub entrypoint: Option<&'a str>,
    /// The background job that it runs as: the name of `$CLAUDE_JOB_DIR`.
    pub job: Option<&'a str>,
    /// The process was started inside of another session: `CLAUDE_CODE_CHILD_SESSION` in its *own* environment.
    pub is_nested: bool,
}

/// Whether an event may register its session. `counts_sdk` is the setting `count_sdk_runs`.
#[must_use]
pub fn may_register(origin: &HookOrigin<'_>, event: &HookEvent, counts_sdk: bool) -> bool {
    let is_prompted = matches!(event, HookEvent::UserPromptSubmit | HookEvent::PostToolUse | HookEvent::Stop);
    match origin.record {
        // Started in advance: it becomes a session with its first prompt.
        Some(record) if record.is_spare => is_prompted,
        Some(record) => match record.kind {
            None => false,
            Some(SessionKind::Sdk) => counts_sdk,
            Some(SessionKind::Interactive | SessionKind::Background) => true,
        },
        None if origin.entrypoint.is_some_and(|entrypoint| entrypoint.starts_with("sdk")) => counts_sdk,
        None if origin.is_nested => false,
        // A job without a record can be a process that was started in advance. A fork is always started by a person.
        None if origin.job.is_some() => is_prompted || *event == HookEvent::SessionStart(StartSource::Fork),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sessions_may_register() {
        let record = |fields: &str| Record::read(format!("{{\"pid\": 7, {fields}}}").as_bytes()).unwrap();
        let interactive = record(r#""kind": "interactive", "entrypoint": "cli""#);
        let sdk = record(r#""kind": "interactive", "entrypoint": "sdk-cli""#);
        let spare = record(r#""kind": "bg", "spare": true, "jobId": "j""#);
        let background = record(r#""kind": "bg", "jobId": "j""#);
        let daemon = record(r#""kind": "daemon""#);
        let start = HookEvent::SessionStart(StartSource::Startup);
        let fork = HookEvent::SessionStart(StartSource::Fork);
        let prompt = HookEvent::UserPromptSubmit;
        let with = |record| HookOrigin { record: Some(record), ..HookOrigin::default() };
        let without = |entrypoint, job, is_nested| HookOrigin { record: None, entrypoint, job, is_nested };
        for (about, origin, event, counts_sdk, wanted) in [
            ("interactive", with(&interactive), &start, false, true),
            (
                "a record outranks the environment",
                HookOrigin { is_nested: true, ..with(&interactive) },
                &start,
                false,
                true,
            ),
            ("claude -p", with(&sdk), &prompt, false, false),
            ("claude -p, counted", with(&sdk), &start, true, true),
            ("spare", with(&spare), &start, true, false),
            ("spare, claimed by a prompt", with(&spare), &prompt, false, true),
            ("background", with(&background), &start, false, true),
            ("daemon", with(&daemon), &prompt, true, false),
            ("before its record is written", without(Some("cli"), None, false), &start, false, true),
            ("an old version", without(None, None, false), &start, false, true),
            ("sdk before its record", without(Some("sdk-ts"), None, false), &start, false, false),
            ("sdk before its record, counted", without(Some("sdk-ts"), None, true), &start, true, true),
            ("nested", without(Some("cli"), None, true), &prompt, true, false),
            ("a job before its record", without(Some("cli"), Some("j"), false), &start, false, false),
            ("a job's first prompt", without(Some("cli"), Some("j"), false), &prompt, false, true),
            ("a fork to the background", without(Some("cli"), Some("j"), false), &fork, false, true),
        ] {
            assert_eq!(may_register(&origin, event, counts_sdk), wanted, "{about}");
        }
    }
}
