// Texts for one session: its role, its state, and the evidence for that state.

/** @import { SessionRow } from "../../wire" */
/** @import { TimedText } from "./format/times.js" */
import { activityText } from "./activity.js";
import { capitalized, fill, fillTimed } from "./format/fill.js";
import { singleLine } from "./format/sanitize.js";
import { ago, dateTime, elapsed, joinTexts, parseTime } from "./format/times.js";
import { stateNames, texts } from "./messages.js";

export const NO_ROLE = "No role";
const NO_ROLE_SHORT = "no role";

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
  return withCircumstances(session, reasonWithoutPlace(session, now));
}

/**
 * A text about a session with what else holds for it. That it is kept comes first, because a narrow row cuts the end off.
 * @param {SessionRow} session
 * @param {TimedText} text
 */
function withCircumstances(session, text) {
  const placed = joinTexts([text, session.is_background && session.state !== "inactive" ? texts.inBackground : null], ", ");
  return session.is_kept ? joinTexts([capitalized(texts.kept), placed]) : placed;
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
  return withCircumstances(session, activity);
}

/**
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
function reasonWithoutPlace(session, now) {
  const { text, until } = reason(session, now);
  return { text: capitalized(text), until };
}

/**
 * @param {SessionRow} session
 * @param {number} now
 * @returns {TimedText}
 */
function reason(session, now) {
  const life = parseTime(session.last_sign_of_life);
  /** @param {string} text @returns {TimedText} */
  const fixed = (text) => ({ text, until: Infinity });
  /** @param {string} text */
  const agoIfKnown = (text) => (life === null ? fixed(text) : joinTexts([text, ago(life, now)], " "));
  switch (session.reason) {
    case "heartbeat": return agoIfKnown(texts.heartbeat);
    case "registered": return agoIfKnown(texts.registered);
    case "process": return fixed(texts.processRunning);
    case "timeout": return life === null ? fixed(texts.noHeartbeat) : fillTimed(texts.noHeartbeatFor, elapsed(life, now));
    case "never": return fixed(texts.noHeartbeat);
    case "ended": return fixed(session.state === "inactive" ? texts.endedUnused : texts.processEnded);
    case "disconnected": return agoIfKnown(texts.disconnected);
    case "marked":
      if (session.is_beating) return fixed(texts.markedButBeating);
      return fixed(session.status === "offline" ? "offline" : texts.markedInactive);
    case "status":
      return fixed(session.status === null ? texts.noStatus : fill(texts.unknownStatus, singleLine(session.status, 40)));
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
  if (session.reason === "registered") return { text: texts.noHeartbeatYet, until: Infinity };
  if (session.reason === "process" && life !== null) return fillTimed(texts.noHeartbeatFor, elapsed(life, now));
  if (beat !== null) return joinTexts(["last heartbeat", dateTime(beat, now)], " ");
  if (life !== null) return joinTexts([texts.registered, ago(life, now)], " ");
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
  const last = joinTexts([beat === null ? texts.registered : "last heartbeat", dateTime(at, now)], " ");
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
