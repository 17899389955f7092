// Every word the person reads, and how codes become words.
//
// Promises: no other file of the page holds user-facing text, but its four parts: times.js (spans and moments),
// advice.js (what codes mean and what to do), changes.js (what is or was changed) and settings.js (what can be set); an unknown code still says something
// true; text from the registry passes through sanitize.js first. Does not show anything.

/** @import { CleanupDone, SessionRow, Skipped, Snapshot, State, UndoDone } from "../../wire" */
/** @import { Phrase } from "./times.js" */
import { figure } from "./format_number.js";
import { line } from "./sanitize.js";
import { ago, duration, instant, moment, span, together } from "./times.js";

export const words = {
  app: "Headcount",
  countsLabel: "Sessions by state",
  stripLabel: "Session numbers",
  reading: "Reading the registry…",
  free: "free",
  noRole: "No role given",
  noRoleShort: "no role",
  noGoal: "none given",
  nothingStale: "Nothing is stale",
  dismiss: "Dismiss",
  undo: "Undo",
  cancel: "Cancel",
  undoShortcut: "Control+Z Meta+Z",
  reviewTitle: "Clean up stale sessions",
  reviewEmpty: "Nothing is stale any more. There is nothing to clean up.",
  reviewAll: "All",
  reviewConfirm: "I have checked: the sessions ticked below are really gone.",
  reviewWorking: "Marking…",
  reviewSettled: "No longer stale; it will be left alone.",
  reviewNew: "Went stale while this was open",
  old: "The last state that could be read. It may be out of date.",
  noOldState: "There is no earlier state to show.",
  whatToDo: "What to do",
  details: {
    session_id: "Session ID", status: "Status in the registry", terminal: "Terminal", goal: "Goal",
    last_heartbeat: "Last heartbeat", last_sign_of_life: "Last sign of life", role: "Role",
    process: "Process", registered_at: "Registered", reactivated_at: "Brought back", marked_inactive_at: "Marked inactive", former_numbers: "Had the numbers",
  },
  polling: "The system cannot report changes here, so Headcount looks every few seconds",
  placesLabel: "Pages",
  places: { sessions: "Sessions", history: "History", settings: "Settings" },
  none: "none",
  never: "never",
  welcomeTitle: "No sessions yet",
  welcomeRunning: "No registered sessions yet",
  welcomeWatching: "Headcount watches this registry. It may not exist yet:",
  welcomeHow: "A session shows up here as soon as it registers. With Claude Code’s hooks, its sessions register by themselves; without them, register one in its terminal with “headcount identify”.",
  welcomeHooks: "Set up the hooks…",
  welcomeBeats: "It counts as running while it sends heartbeats to this folder:",
};

/** @type {Record<State, string>} */
export const stateWords = { active: "active", stale: "stale", inactive: "inactive", unknown: "unknown" };
/** What is counted in the headline. @type {Record<State | "running" | "unregistered" | "elsewhere" | "free", string>} */
export const countWords = {
  running: "running", active: "active", unregistered: "not registered", elsewhere: "in other registries", stale: "stale", inactive: "inactive",
  unknown: "unknown", free: "free",
};
/** @param {{ name: string }[]} elsewhere */
export const runsIn = (elsewhere) => (elsewhere.length === 1 && elsewhere[0] ? `in ${line(elsewhere[0].name, 40)}` : countWords.elsewhere);

/** @param {number} n @param {string} one @param {string} many */
const some = (n, one, many) => `${figure(n)} ${n === 1 ? one : many}`;

/** @param {Snapshot} snapshot */
export const title = ({ counts, trouble }) =>
  trouble ? `${words.app}: ${trouble.code === "internal" ? "an error of its own" : "the registry cannot be read"}` : `${words.app}: ${counts.active} active · ${counts.stale} stale`;

/** @param {State} state @param {number} n */
export function groupTitle(state, n) {
  const names = { stale: "Needs you", active: "Running", inactive: "Inactive", unknown: "Unknown" };
  const tally = figure(n);
  return `${names[state]} · ${state === "stale" || state === "active" ? `${tally} ${stateWords[state]}` : tally}`;
}

/** @param {number} n */
export const cleanUp = (n) => `Clean up ${figure(n)} stale…`;
/** @param {number} n */
export const reviewFirst = (n) => `Review ${figure(n)} stale…`;
/** @param {number} n */
export const markInactive = (n) => (n === 0 ? "Nothing ticked" : `Mark ${figure(n)} as inactive`);
/** @param {number} n */
export const warningsTally = (n) => some(n, "warning", "warnings");
/** @param {number} n */
export const odditiesTally = (n) => `${some(n, "thing", "things")} in the files ${n === 1 ? "looks" : "look"} odd`;
/** @param {number} n */
export const andMore = (n) => `… and ${figure(n)} more`;
/** @param {number} n */
export const cutOff = (n) => `… (${some(n, "character", "characters")} not shown)`;
/** @param {string} registry */
export const watching = (registry) => `Watching ${registry}`;
/** @param {number} minutes */
export const staleAfter = (minutes) => `Stale after ${duration(minutes)} without a sign of life`;
/** @param {number} until ms @param {number} now ms @returns {Phrase} */
export const snoozed = (until, now) => together(["Notifications snoozed until", moment(until, now)], " ");
/** @param {number} minutes */
export const reviewLead = (minutes) =>
  `These sessions are registered as active, but gave no sign of life for more than ${duration(minutes)}, or have ended. ` +
  "Marking one as inactive frees its number. Nothing is deleted, and you can undo it.";

/** @param {SessionRow} session */
export const role = (session) => line(session.role) || words.noRole;

/** What of a role fits where there is room for one word. @param {SessionRow} session */
export function shortRole(session) {
  const [first = ""] = line(session.role, 80).split(/\s[-–—]\s|[,:;/(]/);
  const phrase = first.trim() || words.noRoleShort;
  return phrase.length <= 9 ? phrase : (phrase.split(" ")[0] ?? phrase);
}

/** @param {number} number */
export const sessionNumber = (number) => `Session ${number},`;

/**
 * Why it is in its state, and that it runs in the background.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {Phrase}
 */
export function reason(session, now) {
  const phrase = stateReason(session, now);
  return session.is_background && session.state !== "inactive" ? together([phrase, "in the background"], ", ") : phrase;
}

/**
 * @param {SessionRow} session
 * @param {number} now
 * @returns {Phrase}
 */
function stateReason(session, now) {
  const life = instant(session.last_sign_of_life);
  /** @param {string} text @returns {Phrase} */
  const fixed = (text) => ({ text, until: Infinity });
  switch (session.reason) {
    case "heartbeat": return life === null ? fixed("Beating") : together(["Beat", ago(life, now)], " ");
    case "registered": return life === null ? fixed("Registered") : together(["Registered", ago(life, now)], " ");
    case "process": return fixed("Process running");
    case "timeout": return life === null ? fixed("No beat") : together(["No beat for", span(life, now)], " ");
    case "never": return fixed("Never beat");
    case "ended": return fixed(session.state === "inactive" ? "Ended unused" : "Its process ended");
    case "disconnected": return life === null ? fixed("Said goodbye") : together(["Said goodbye", ago(life, now)], " ");
    case "marked":
      if (session.is_beating) return fixed("Marked inactive, but it beats");
      return fixed(session.status === "offline" ? "Offline" : "Marked inactive");
    case "status":
      return fixed(session.status === null ? "No status, left alone" : `Status “${line(session.status, 40)}”, left alone`);
    default: return fixed(stateWords[session.state]);
  }
}

/**
 * The second line below the reason: the last beat, or what stands in for it.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {Phrase}
 */
export function support(session, now) {
  const beat = instant(session.last_heartbeat);
  const life = instant(session.last_sign_of_life);
  if (session.reason === "registered") return { text: "no beat yet", until: Infinity };
  if (session.reason === "process" && life !== null) return together(["quiet for", span(life, now)], " ");
  if (beat !== null) return together(["last beat", moment(beat, now)], " ");
  if (life !== null) return together(["registered", ago(life, now)], " ");
  return { text: "no beat, no registration time", until: Infinity };
}

/**
 * What a person needs to see before marking a session inactive: reason, last beat, age.
 * @param {SessionRow} session
 * @param {number} now
 * @returns {Phrase}
 */
export function evidence(session, now) {
  const beat = instant(session.last_heartbeat);
  const life = instant(session.last_sign_of_life);
  const at = beat ?? life;
  if (at === null) return together([reason(session, now), "no beat and no registration time on record"]);
  const what = together([beat === null ? "registered" : "last beat", moment(at, now)], " ");
  // "No beat for 5 h" already is the age, unless something later than the beat was the last sign of life.
  const aged = (session.reason === "timeout" || session.reason === "disconnected") && at === life;
  return together([reason(session, now), aged ? what : together([what, ", ", ago(at, now)], "")]);
}

/** A terminal worth showing. @param {SessionRow} session */
export function terminal(session) {
  const name = line(session.terminal ?? "", 60);
  return name === "unknown" || name === "not a tty" ? "" : name;
}

/**
 * 1, 3, 6–9: numbers as people write them.
 * @param {number[]} numbers ascending
 * @param {number} [most] how many ranges before "and more"
 */
export function ranges(numbers, most = 12) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  const shown = runs.slice(0, most).map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`));
  const left = runs.slice(most).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return shown.join(", ") + (left > 0 ? ` ${andMore(left)}` : "");
}

/** @param {number[]} numbers */
export const available = (numbers) =>
  numbers.length === 0 ? "No free number among these; a new session gets the next one." : `Numbers available: ${ranges(numbers)}`;

/** @param {SessionRow} session */
export const slotMeaning = (session) =>
  `, ${role(session)}, ${session.state === "inactive" ? "inactive, so the number is free" : stateWords[session.state]}`;

/** @param {CleanupDone} done */
export function cleaned({ marked, skipped }) {
  const did = marked.length === 0 ? "Nothing was changed." : `${some(marked.length, "session", "sessions")} marked inactive.`;
  return together([did, leftOut(skipped, "left alone")], " ").text;
}

/** @param {UndoDone} undone */
export function restored({ restored: back, refused }) {
  const did = back.length === 0 ? "Nothing was put back." : `${some(back.length, "session", "sessions")} put back.`;
  return together([did, leftOut(refused, "not put back")], " ").text;
}

/**
 * "#5 is active: left alone." The engine's reasons follow on a number: "is active", "was changed since".
 * @param {Skipped[]} skipped
 * @param {string} outcome
 */
function leftOut(skipped, outcome) {
  const named = skipped.slice(0, 3).map(({ number, why }) => `#${number} ${line(why, 200)}: ${outcome}.`);
  if (skipped.length > 3) named.push(`${some(skipped.length - 3, "other", "others")} ${outcome} too.`);
  return named.join(" ");
}

/** @param {string} number */
export const noSession = (number) => `There is no session ${number}.`;
/** @param {string} what @param {string} message */
export const failed = (what, message) => `${what} ${line(message, 600)}`;
export const couldNotClean = "Nothing was changed.";
export const couldNotUndo = "This could not be undone.";
export const couldNotRead = "Headcount could not be asked.";
