// Texts of the window itself: tabs, header, footer, notes and the welcome page.
//
// All user-facing text of the page is in this folder. Guarantees: text from the registry passes through sanitize.js, and an
// unknown code of the engine still has a correct text.

/** @import { Snapshot, State } from "../../wire" */
/** @import { TimedText } from "./format/times.js" */
import { fill } from "./format/fill.js";
import { formatNumber } from "./format/format_number.js";
import { count, ranges } from "./format/number_lists.js";
import { singleLine } from "./format/sanitize.js";
import { dateTime, duration, joinTexts } from "./format/times.js";
import { stateNames, texts } from "./messages.js";

export const labels = {
  app: texts.appName,
  tabs: { label: "Pages", sessions: "Sessions", history: "History", settings: "Settings" },
  counts: "Sessions by state",
  numberStrip: "Session numbers",
  loading: "Reading the registry…",
  free: "free",
  none: "none",
  never: "never",
  nothingStale: "No stale sessions",
  dismiss: "Dismiss",
  copyCommand: "Copy command",
  copied: "Copied",
  notCopied: "Could not copy",
  undo: texts.undo,
  undoShortcut: "Control+Z Meta+Z",
  cancel: "Cancel",
  outdated: "This is the last state that could be read. It may be out of date.",
  noEarlierState: "No earlier state to show.",
  whatToDo: "What to do",
  polling: "File changes are not reported here, so Headcount checks every few seconds",
  engineFailed: "Headcount did not answer",
};

export const welcomeLabels = {
  title: "No sessions yet",
  titleWhileRunning: "No registered sessions yet",
  how: "Sessions appear here when they register. With the Claude Code hooks, they register by themselves; without them, run “headcount identify” in the session’s terminal.",
  setUpHooks: "Set up hooks…",
  registry: "Headcount watches this registry, which may not exist yet:",
  heartbeats: "A session counts as running while it writes heartbeats to this folder:",
};

/** Labels of the counts in the header. @type {Record<State | "waiting" | "running" | "unregistered" | "elsewhere" | "free", string>} */
export const countNames = { ...stateNames, waiting: "waiting for you", running: texts.running, unregistered: texts.notRegistered, elsewhere: texts.inOtherRegistries, free: "free" };

/** @param {{ name: string }[]} elsewhere */
export const elsewhereLabel = (elsewhere) => (elsewhere.length === 1 && elsewhere[0] ? fill(texts.inRegistry, singleLine(elsewhere[0].name, 40)) : countNames.elsewhere);

/** @param {Snapshot} snapshot */
export function windowTitle({ counts, trouble }) {
  // "Active" names the registered ones; the number is that of all that run, as on the icon.
  const isAllRegistered = counts.running === counts.active;
  const running = `${formatNumber(counts.running)} ${isAllRegistered ? stateNames.active : texts.running}`;
  const unregistered = counts.unregistered > 0 ? ` · ${formatNumber(counts.unregistered)} ${texts.notRegistered}` : "";
  const waiting = counts.waiting > 0 ? ` · ${waitingCount(counts.waiting)}` : "";
  const stale = counts.stale > 0 ? ` · ${formatNumber(counts.stale)} ${stateNames.stale}` : "";
  if (!trouble) return `${labels.app}: ${running}${unregistered}${waiting}${stale}`;
  return `${labels.app}: ${trouble.code === "internal" ? "internal error" : "the registry cannot be read"}`;
}

/** @param {number} n */
const waitingCount = (n) => (n === 1 ? "1 waits for you" : `${formatNumber(n)} wait for you`);

/** @param {State | "waiting"} key @param {number} n */
export function groupTitle(key, n) {
  const names = { waiting: "Waits for you", stale: "Needs attention", active: "Running", inactive: "Inactive", unknown: "Unknown" };
  const number = formatNumber(n);
  return `${names[key]} · ${key === "stale" || key === "active" ? `${number} ${stateNames[key]}` : number}`;
}

/** @param {number} n */
export const warningCount = (n) => count(n, "warning", "warnings");
/** @param {number} n */
export const fileWarningCount = (n) => `${warningCount(n)} about the files`;
/** @param {number} n */
export const truncatedText = (n) => `… (${count(n, "character", "characters")} not shown)`;
/** @param {string} registry */
export const watchingText = (registry) => `Watching ${registry}`;
/** @param {number} minutes */
export const staleAfterText = (minutes) => `Stale after ${duration(minutes)} without a sign of life`;
/** @param {number} until ms @param {number} now ms @returns {TimedText} */
export const snoozedText = (until, now) => joinTexts(["Notifications snoozed until", dateTime(until, now)], " ");
/** @param {number[]} numbers */
export const freeNumbersText = (numbers) =>
  numbers.length === 0 ? "No free numbers. A new session gets the next one." : fill(texts.freeNumbers, ranges(numbers));
/** @param {string} number */
export const noSessionText = (number) => `There is no session ${number}.`;
/** @param {string} what @param {string} message the engine's */
export const failureText = (what, message) => `${what} ${singleLine(message, 600)}`;
