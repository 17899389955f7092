// Texts for one session: its role, its state, and the evidence for that state.

/** @import { SessionRow, State } from "../../wire" */
/** @import { TimedText } from "./format/times.js" */
import { activityText } from "./activity.js";
import { singleLine } from "./format/sanitize.js";
import { ago, dateTime, elapsed, joinTexts, parseTime } from "./format/times.js";

export const NO_ROLE = "No role";
const NO_ROLE_SHORT = "no role";

/** @type {Record<State, string>} */
export const stateNames = { active: "active", stale: "stale", inactive: "inactive", unknown: "unknown" };

/** @param {SessionRow} session */
export const roleText = (session) => singleLine(session.role) || NO_ROLE;

/** A role shortened to one word, for narrow places. @param {SessionRow} session */
export function shortRole(session) {
  const [first = ""] = singleLine(session.role, 80).split(/\s[-–—]\s|[,:;/(]/);
  const part = first.trim() || NO_ROLE_SHORT;
  return part.length <= 9 ? part : (part.split(" ")[0] ?? part);
}

/** The number as a screen reader says it. @param {number} number */
export const spokenNumber = (number) => `Session ${number},`;

/**
 * Why the session is in its state, and whether it runs in the background.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
export function stateReason(session, now) {
  const text = reasonWithoutPlace(session, now);
  return session.is_background && session.state !== "inactive" ? joinTexts([text, "in the background"], ", ") : text;
}

/**
 * What an active session is doing, if that is known, else why it is in its state; of other states both.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
export function condition(session, now) {
  const activity = activityText(session.activity, now);
  if (activity.text === "") return stateReason(session, now);
  if (session.state !== "active") return joinTexts([activity, stateReason(session, now)]);
  return session.is_background ? joinTexts([activity, "in the background"], ", ") : activity;
}

/**
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
function reasonWithoutPlace(session, now) {
  const life = parseTime(session.last_sign_of_life);
  /** @param {string} text @returns {TimedText} */
  const fixed = (text) => ({ text, until: Infinity });
  switch (session.reason) {
    case "heartbeat": return life === null ? fixed("Heartbeats") : joinTexts(["Heartbeat", ago(life, now)], " ");
    case "registered": return life === null ? fixed("Registered") : joinTexts(["Registered", ago(life, now)], " ");
    case "process": return fixed("Process running");
    case "timeout": return life === null ? fixed("No heartbeat") : joinTexts(["No heartbeat for", elapsed(life, now)], " ");
    case "never": return fixed("No heartbeat");
    case "ended": return fixed(session.state === "inactive" ? "Ended before its first prompt" : "Process ended");
    case "disconnected": return life === null ? fixed("Disconnected") : joinTexts(["Disconnected", ago(life, now)], " ");
    case "marked":
      if (session.is_beating) return fixed("Marked inactive, but sends heartbeats");
      return fixed(session.status === "offline" ? "Offline" : "Marked inactive");
    case "status":
      return fixed(session.status === null ? "No status" : `Unknown status “${singleLine(session.status, 40)}”`);
    default: return fixed(stateNames[session.state]);
  }
}

/**
 * The second line below the reason: the last heartbeat, or the best evidence if there was none.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
export function secondaryEvidence(session, now) {
  const beat = parseTime(session.last_heartbeat);
  const life = parseTime(session.last_sign_of_life);
  if (session.reason === "registered") return { text: "no heartbeat yet", until: Infinity };
  if (session.reason === "process" && life !== null) return joinTexts(["no heartbeat for", elapsed(life, now)], " ");
  if (beat !== null) return joinTexts(["last heartbeat", dateTime(beat, now)], " ");
  if (life !== null) return joinTexts(["registered", ago(life, now)], " ");
  return { text: "no heartbeat, no registration time", until: Infinity };
}

/**
 * The evidence to check before marking a session inactive: reason, last heartbeat, age.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
export function cleanupEvidence(session, now) {
  const beat = parseTime(session.last_heartbeat);
  const life = parseTime(session.last_sign_of_life);
  const at = beat ?? life;
  if (at === null) return joinTexts([stateReason(session, now), "no heartbeat and no registration time"]);
  const last = joinTexts([beat === null ? "registered" : "last heartbeat", dateTime(at, now)], " ");
  // "No heartbeat for 5 h" already gives the age, unless the last sign of life was later than the last heartbeat.
  const includesAge = (session.reason === "timeout" || session.reason === "disconnected") && at === life;
  return joinTexts([stateReason(session, now), includesAge ? last : joinTexts([last, ", ", ago(at, now)], "")]);
}

/** The terminal's name; empty if it is only a placeholder. @param {SessionRow} session */
export function terminalName(session) {
  const name = singleLine(session.terminal ?? "", 60);
  return name === "unknown" || name === "not a tty" ? "" : name;
}

/** What a screen reader says after a slot's number. @param {SessionRow} session */
export const slotLabel = (session) =>
  `, ${roleText(session)}, ${session.state === "inactive" ? "inactive, so the number is free" : stateNames[session.state]}`;
