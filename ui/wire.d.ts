// The types of the data between the engine and the window. Generated from the Rust types by `make wire`; do not edit.
//
// Guarantees: names and nulls match the wire format. Times are RFC 3339 in UTC, ages whole seconds. Not shipped: used
// only by the type check.

export type State = "active" | "stale" | "inactive" | "unknown";

export type Reason = "heartbeat" | "registered" | "process" | "timeout" | "never" | "ended" | "disconnected" | "marked" | "status";

export type Process = "alive" | "gone" | "unknown";

export type SessionKind = "interactive" | "background" | "sdk";

export type Elsewhere = { 
/**
 * The path of the registry.
 */
registry: string, 
/**
 * The display name of the registry: the folder of its workspace.
 */
name: string, 
/**
 * The number of its running sessions.
 */
running: number, };

export type RecordStatus = "busy" | "idle" | "waiting" | "shell";

export type ActivityKind = "working" | "waiting" | "idle" | "background_shell";

export type WaitingFor = "permission" | "answer";

export type Activity = { kind: ActivityKind, 
/**
 * What it waits for, if it waits.
 */
for?: WaitingFor, 
/**
 * Since when, in RFC 3339 and UTC; null if that is not known.
 */
since: string | null, };

export type Unregistered = { 
/**
 * The pid of its process.
 */
pid: number, 
/**
 * Its name, or the name of its working folder; empty if neither is known.
 */
name: string, 
/**
 * Its working folder.
 */
cwd: string | null, 
/**
 * Its kind.
 */
kind: SessionKind, 
/**
 * When it started.
 */
since: string | null, 
/**
 * Its current status.
 */
status: RecordStatus | null, 
/**
 * What it is doing; absent if that is not known.
 */
activity?: Activity, };

export type WarningCode = "broken_heartbeat" | "clock_skew" | "mtime_disagrees" | "duplicate_session_id" | "number_mismatch" | "bad_key" | "bad_entry" | "unknown_status" | "no_heartbeats_folder" | "near_miss";

export type CautionCode = "registry_unreadable" | "no_heartbeats_folder" | "heartbeats_unreadable" | "just_woke" | "everything_stale";

export type Counts = { 
/**
 * Active sessions.
 */
active: number, 
/**
 * Stale sessions: registered as active, without a sign of life.
 */
stale: number, 
/**
 * Inactive sessions: signed off or cleaned up.
 */
inactive: number, 
/**
 * Sessions with an unknown status.
 */
unknown: number, 
/**
 * Running sessions that are not registered.
 */
unregistered: number, 
/**
 * All running sessions: active, not registered, and those of other registries.
 */
running: number, 
/**
 * Sessions that wait for a person, registered ones and others.
 */
waiting: number, };

export type Warning = { 
/**
 * The kind of the warning.
 */
code: WarningCode, 
/**
 * The message, a whole sentence.
 */
message: string, 
/**
 * The file or folder concerned; null if there is none.
 */
path: string | null, };

export type Trouble = { 
/**
 * A code for programs.
 */
code: string, 
/**
 * The message, in whole sentences: the problem and its solution.
 */
message: string, 
/**
 * The registry's path.
 */
path: string, };

export type Caution = { 
/**
 * The code of the caution.
 */
code: CautionCode, 
/**
 * The message, a whole sentence.
 */
message: string, };

export type CleanupOffer = { 
/**
 * The stale sessions.
 */
numbers: Array<number>, 
/**
 * Why it needs confirmation.
 */
caution: Caution | null, };

export type UndoOffer = { 
/**
 * The change's id in the journal.
 */
change: string, 
/**
 * The sessions it marked.
 */
marked: Array<number>, };

export type RevertedChange = { 
/**
 * The change's id in the journal.
 */
change: string, 
/**
 * The sessions that are as they were before it.
 */
numbers: Array<number>, };

export type ActivityHistogram = { 
/**
 * The last ten-minute step with a heartbeat, counted from 1970.
 */
last: number, 
/**
 * One bit per step, four per hex digit, the last step first, without trailing zeros.
 */
steps: string, };

export type SessionRow = { number: number, session_id: string, role: string, goal: string, terminal: string | null, status: string | null, state: State, reason: Reason, last_heartbeat: string | null, last_sign_of_life: string | null, age_seconds: number | null, is_beating: boolean, warnings: Array<WarningCode>, process: Process, 
/**
 * What it is doing; absent if that is not known.
 */
activity?: Activity, pid: number | null, 
/**
 * It runs in the background, without a terminal.
 */
is_background: boolean, 
/**
 * Cleanup neither marks nor offers it.
 */
is_kept: boolean, 
/**
 * Its own timeout in minutes; null if the general one counts.
 */
own_timeout_minutes: number | null, 
/**
 * For the window only: its heartbeats in the 24 hours before its last one.
 */
histogram?: ActivityHistogram, };

export type Snapshot = { 
/**
 * For programs: the version of this format (`docs/status.schema.json`).
 */
version?: number, registry: string, heartbeats: string, at: string, timeout_minutes: number, counts: Counts, sessions: Array<SessionRow>, available_numbers: Array<number>, warnings: Array<Warning>, unregistered: Array<Unregistered>, elsewhere: Array<Elsewhere>, trouble: Trouble | null, cleanup: CleanupOffer, undo: UndoOffer | null, reverted_change: RevertedChange | null, snoozed_until: string | null, is_polling: boolean, };

export type SnapshotDelta = { 
/**
 * One more than the serial of the delta before it.
 */
serial: number, 
/**
 * It contains everything; else only the changes since the delta before it.
 */
is_whole: boolean, 
/**
 * The sessions, or those that are new or changed.
 */
sessions: Array<SessionRow>, 
/**
 * The numbers that no session has any more.
 */
gone: Array<number>, 
/**
 * The other fields of the snapshot, or those that changed.
 */
rest: Partial<Omit<Snapshot, "sessions">>, };

export type OtherField = { 
/**
 * Its name.
 */
name: string, 
/**
 * A string's text, or the JSON of anything else.
 */
value: string, };

export type Details = { 
/**
 * Its number.
 */
number: number, 
/**
 * When it was registered.
 */
registered_at: string | null, 
/**
 * When it was reactivated.
 */
reactivated_at: string | null, 
/**
 * When it was last marked inactive.
 */
marked_inactive_at: string | null, 
/**
 * The numbers it had before, oldest first.
 */
former_numbers: Array<number>, 
/**
 * The other fields of its entry.
 */
fields: Array<OtherField>, 
/**
 * Its newest heartbeats in the 24 hours before its last one, the last first.
 */
beats: Array<string>, 
/**
 * The number of heartbeats in these 24 hours.
 */
beats_that_day: number, 
/**
 * Its warnings.
 */
warnings: Array<Warning>, };

export type Skipped = { 
/**
 * Its number.
 */
number: number, 
/**
 * A phrase that continues "session 5": "is active again".
 */
why: string, };

export type CleanupDone = { 
/**
 * The sessions marked inactive.
 */
marked: Array<number>, 
/**
 * The requested sessions that were skipped.
 */
skipped: Array<Skipped>, 
/**
 * The change's id in the journal; null if nothing changed.
 */
change: string | null, };

export type UndoDone = { 
/**
 * The sessions that were restored.
 */
restored: Array<number>, 
/**
 * The sessions that were changed since and not restored.
 */
refused: Array<Skipped>, 
/**
 * The change that was undone.
 */
change: string, };

export type Changed = { 
/**
 * The change's id in the journal; null if nothing changed that could be undone.
 */
change: string | null, };

export type Registered = { 
/**
 * Its number.
 */
number: number, 
/**
 * The change's id in the journal.
 */
change: string | null, };

export type RegisteredAll = { 
/**
 * Their numbers.
 */
numbers: Array<number>, 
/**
 * The change's id in the journal; null if there was none to register.
 */
change: string | null, };

export type Actor = "tray" | "window" | "command" | "hook";

export type Move = { 
/**
 * The number before.
 */
from: number, 
/**
 * The number after.
 */
to: number, 
/**
 * A fingerprint of the session with the number `from`, so that a move shown to the user is not applied to another
 * session that has taken the number since. Absent in recorded changes.
 */
holder?: number, };

export type HistoryLine = { 
/**
 * Its id.
 */
id: string, 
/**
 * When it was made, RFC 3339 in UTC.
 */
at: string, 
/**
 * The interface that made it.
 */
by: Actor, 
/**
 * Its kind: `cleanup`, `undo`, `redo`, `register`, `release`, `reactivate`, `reassign`, `compact`, `restore`,
 * `keep`, `unkeep`, `timeout`.
 */
what: string, 
/**
 * The change that it undoes or applies again.
 */
of: string | null, 
/**
 * The sessions concerned, by their numbers after it.
 */
numbers: Array<number>, 
/**
 * The moves of these sessions.
 */
moves: Array<Move>, 
/**
 * It was undone.
 */
is_taken_back: boolean, 
/**
 * It can be undone; sessions that were changed since stay as they are.
 */
can_be_undone: boolean, };

export type Renumbered = { 
/**
 * The moves made; empty if nothing had to change.
 */
moves: Array<Move>, 
/**
 * The change's id in the journal; null if nothing changed.
 */
change: string | null, };

export type KeptCopy = { 
/**
 * Its id.
 */
id: string, 
/**
 * Until when the registry had these contents, RFC 3339 in UTC.
 */
at: string, 
/**
 * The number of its sessions.
 */
sessions: number, 
/**
 * Its folder, in which the registry that a restore replaces is kept too.
 */
folder: string, };

export type Snooze = "hour" | "tomorrow" | "off";

export type Theme = "system" | "light" | "dark";

export type Settings = { 
/**
 * The registry to use if none is named or found near the working folder.
 */
registry: string | null, 
/**
 * The heartbeats folder of that registry, if it is not next to it.
 */
heartbeats: string | null, 
/**
 * How long a session can be without a sign of life before it is stale.
 */
timeout_minutes: number, 
/**
 * Whether the tray app shows a notification when sessions become stale.
 */
notifications: boolean, 
/**
 * How many seconds a session waits for a person before the tray app shows a notification; 0: none is shown.
 */
notify_waiting_after: number, 
/**
 * Whether the tray app shows a notification when a long turn has ended.
 */
notify_finished: boolean, 
/**
 * The color scheme of the window.
 */
theme: Theme, 
/**
 * Whether sessions with a process that is proven gone are cleaned up without asking.
 */
auto_cleanup: boolean, 
/**
 * Whether runs of `claude -p` and of the SDK count as sessions.
 */
count_sdk_runs: boolean, 
/**
 * Whether Claude Code shows a session's number and role as its title.
 */
session_titles: boolean, 
/**
 * Folders in which a registry is used although it is a link or another user's.
 */
trusted_folders: Array<string>, };

export type Setup = { 
/**
 * The configuration file; null if there is no location for one.
 */
file: string | null, 
/**
 * The settings in the file.
 */
settings: Settings, 
/**
 * The registry that is watched.
 */
registry: string, 
/**
 * The heartbeats folder that is watched.
 */
heartbeats: string, 
/**
 * The timeout in effect.
 */
timeout_minutes: number, 
/**
 * The keys overridden on the command line or by the environment, which take precedence over the file.
 */
overruled: Array<string>, 
/**
 * Problems found in the file, as whole sentences.
 */
complaints: Array<string>, };

export type TimeoutEffect = { 
/**
 * The sessions that would become stale.
 */
stale: Array<number>, 
/**
 * The sessions that would become active.
 */
active: Array<number>, };

export type HooksPlace = "user" | "project" | "local" | "plugin" | "managed";

export type HooksIn = { 
/**
 * The location.
 */
place: HooksPlace, 
/**
 * The file.
 */
path: string, };

export type HookProblem = { 
/**
 * The problem.
 */
message: string, 
/**
 * The solution; null if installing the hooks again solves it.
 */
remedy: string | null, };

export type Hooks = { 
/**
 * The locations with hooks; empty if none are installed.
 */
places: Array<HooksIn>, 
/**
 * A problem of the hooks.
 */
problem: HookProblem | null, 
/**
 * Whether installing them into the user's settings is useful.
 */
can_install: boolean, 
/**
 * Whether the user's own hooks can be removed.
 */
can_remove: boolean, };

export type ShowOutcome = "shown" | "not_shown" | "elsewhere" | "not_running";

export type Tried = { 
/**
 * The program that would have shown it.
 */
with: string, 
/**
 * Why it did not.
 */
why: string, };

export type ShowResult = { 
/**
 * The session's number.
 */
number: number, 
/**
 * What happened.
 */
outcome: ShowOutcome, 
/**
 * What was shown and how, or why nothing was.
 */
text: string, 
/**
 * What was tried without success.
 */
tried: Array<Tried>, 
/**
 * A command for a person to run in a terminal instead, if nothing was shown.
 */
command: string | null, };

export type Failure = { 
/**
 * A code for programs.
 */
code: string, 
/**
 * The message, a whole sentence.
 */
message: string, };
