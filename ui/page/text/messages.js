// The texts that Rust and the page both show. Generated from crates/core/src/view by `make wire`; do not edit.

/** @import { State, WarningCode } from "../../wire" */

/** `{}` stands for one value. */
export const texts = {
  appName: "Headcount",
  heartbeat: "heartbeat",
  registered: "registered",
  disconnected: "disconnected",
  ago: "{} ago",
  noHeartbeat: "no heartbeat",
  noHeartbeatYet: "no heartbeat yet",
  noHeartbeatFor: "no heartbeat for {}",
  processRunning: "process running",
  processEnded: "process ended",
  endedUnused: "ended before its first prompt",
  markedInactive: "marked inactive",
  markedButBeating: "marked inactive, but sends heartbeats",
  noStatus: "no status",
  unknownStatus: "unknown status “{}”",
  inBackground: "in the background",
  kept: "kept",
  working: "working",
  waitsForPermission: "waits for a permission",
  waitsForAnswer: "waits for an answer",
  idle: "idle",
  backgroundShell: "background shell",
  oneSession: "1 session",
  sessions: "{} sessions",
  running: "running",
  notRegistered: "not registered",
  inRegistry: "in {}",
  inOtherRegistries: "in other registries",
  freeNumbers: "Free numbers: {}",
  cleanUpStale: "Clean up {} stale…",
  undo: "Undo",
  registerAll: "Register all",
  snoozeHour: "For 1 hour",
  snoozeTomorrow: "Until tomorrow",
  startAtLogin: "Start at login",
  nothingChanged: "Nothing was changed",
  countMarkedInactive: "{} marked inactive",
  countRestored: "{} restored",
  nothingRestored: "Nothing was restored",
};

/** @type {Record<State, string>} */
export const stateNames = {
  active: "active",
  stale: "stale",
  unknown: "unknown",
  inactive: "inactive",
};

/** @type {Partial<Record<WarningCode, string>>} `{}` stands for the session's number */
export const sessionWarnings = {
  broken_heartbeat: "The newest heartbeat of session {} is not valid JSON; only its readable parts are used.",
  clock_skew: "A time of session {} is in the future: a clock is wrong.",
  mtime_disagrees: "The newest heartbeat of session {} is older than its file: the file was copied or checked out.",
  duplicate_session_id: "Session {} has the same id as another session; heartbeats with this id count for both.",
  number_mismatch: "The entry of session {} contains a different number, which is ignored.",
  unknown_status: "The status of session {} is unknown; Headcount shows it and does not change it.",
};

/** @type {Record<WarningCode, string>} */
export const remedies = {
  broken_heartbeat: "Correct the program that wrote it: often an unescaped ! or $(date …) breaks the JSON.",
  clock_skew: "Correct the clock or the time zone of the computer that wrote it.",
  mtime_disagrees: "Nothing needs to be done: Headcount uses the time in the heartbeat.",
  duplicate_session_id: "Give one of the sessions another session_id in the registry.",
  number_mismatch: "Set the entry’s number to its key in the registry.",
  bad_key: "Move the entry to a free number, or remove it.",
  bad_entry: "Replace it with a valid entry, or remove it.",
  unknown_status: "Set its status to active or inactive in the registry.",
  no_heartbeats_folder: "Check that the folder exists and can be read.",
  near_miss: "Let the session send heartbeats with exactly the id in the registry.",
};

/** The labels of a session's details, in their order. */
export const fieldLabels = {
  role: "Role",
  goal: "Goal",
  activity: "Activity",
  session_id: "Session ID",
  status: "Registry status",
  terminal: "Terminal",
  own_timeout_minutes: "Timeout",
  last_heartbeat: "Last heartbeat",
  last_sign_of_life: "Last sign of life",
  pid: "Process",
  registered_at: "Registered",
  reactivated_at: "Reactivated",
  marked_inactive_at: "Marked inactive",
  former_numbers: "Former numbers",
};
