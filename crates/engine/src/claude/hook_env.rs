//! The environment variables that Claude Code sets for its hooks and in the shells that it starts.

use std::path::PathBuf;

/// The environment that Claude Code sets for a hook.
#[derive(Clone, Debug, Default)]
pub struct HookEnv {
    /// `$CLAUDE_PID`: the pid of the session.
    pub pid: Option<u32>,
    /// `$CLAUDE_CODE_ENTRYPOINT`: the way in which it was started.
    pub entrypoint: Option<String>,
    /// `$CLAUDE_PROJECT_DIR`: the folder in which it was started.
    pub project: Option<PathBuf>,
    /// `$CLAUDE_CODE_SESSION_ID`: Claude's id of the session.
    pub session_id: Option<String>,
    /// The file name of `$CLAUDE_JOB_DIR`: the background job of the session.
    pub job: Option<String>,
}

impl HookEnv {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            pid: text("CLAUDE_PID").and_then(|pid| pid.parse().ok()).filter(|pid| *pid > 0),
            entrypoint: text("CLAUDE_CODE_ENTRYPOINT"),
            project: path("CLAUDE_PROJECT_DIR"),
            session_id: text("CLAUDE_CODE_SESSION_ID"),
            job: path("CLAUDE_JOB_DIR").and_then(|path| Some(path.file_name()?.to_str()?.to_owned())),
        }
    }
}
