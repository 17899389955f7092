// Generated fixtures that are too large for a file; deterministic.

/** @import { Reason, SessionRow, Snapshot, State } from "../wire" */

const AT = Date.parse("2025-11-17T20:00:00Z");

/**
 * A registry of many sessions in every state.
 * @param {number} size
 * @returns {Snapshot}
 */
export function crowd(size) {
  const trades = ["Architect", "Builder", "Catalyst", "Dashboard keeper", "Empire planner", "Forecaster", "Gatekeeper", "Historian"];
  /** @type {[State, Reason][]} */
  const kinds = [
    ["stale", "timeout"], ["active", "heartbeat"], ["inactive", "marked"], ["active", "process"], ["stale", "never"],
    ["active", "heartbeat"], ["stale", "ended"], ["inactive", "marked"], ["unknown", "status"], ["active", "registered"],
  ];
  const sessions = Array.from({ length: size }, (_, i) => {
    const [state, reason] = kinds[(i * 7) % kinds.length] ?? ["active", "heartbeat"];
    const age = state === "active" && reason !== "process" ? (i * 37) % 7100 : 7300 + ((i * 613) % 90000);
    return row({
      number: i + 1,
      role: `${trades[i % trades.length]}, area ${Math.floor(i / trades.length) + 1}`,
      goal: `Keep area ${Math.floor(i / trades.length) + 1} in order`,
      state,
      reason,
      status: state === "unknown" ? "paused" : state === "inactive" ? "inactive" : "active",
      last_heartbeat: reason === "never" || reason === "registered" ? null : ago(age),
      last_sign_of_life: ago(age),
      age_seconds: age,
    });
  });
  const counts = { active: 0, stale: 0, inactive: 0, unknown: 0, unregistered: 0, running: 0, waiting: 0 };
  for (const { state } of sessions) counts[state] += 1;
  counts.running = counts.active;
  return {
    registry: "docs/coordination/claude_sessions.json",
    heartbeats: "docs/coordination/heartbeats",
    at: ago(0),
    timeout_minutes: 120,
    counts,
    sessions,
    available_numbers: sessions.filter(({ state }) => state === "inactive").map(({ number }) => number),
    unregistered: [],
    elsewhere: [],
    warnings: [],
    trouble: null,
    cleanup: { numbers: sessions.filter(({ state }) => state === "stale").map(({ number }) => number), caution: null },
    undo: null,
    reverted_change: null,
    snoozed_until: null,
    is_polling: false,
  };
}

/** A session whose role is a megabyte long. @returns {SessionRow} */
export function enormousRole() {
  return row({ number: 12, role: "Enormous ".repeat(116509), goal: "A role of one megabyte", terminal: null });
}

/** @param {Partial<SessionRow> & { number: number }} facts @returns {SessionRow} */
function row(facts) {
  return {
    session_id: `session-${facts.number}`, role: "", goal: "", terminal: "s001", status: "active", state: "stale", reason: "timeout",
    last_heartbeat: ago(19920), last_sign_of_life: ago(19920), age_seconds: 19920, is_beating: facts.state === "active",
    process: facts.reason === "process" ? "alive" : "unknown", pid: null, is_background: false, warnings: [],
    ...facts,
  };
}

/** @param {number} seconds */
function ago(seconds) {
  return new Date(AT - seconds * 1000).toISOString().replace(".000Z", "Z");
}
