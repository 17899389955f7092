// Texts of the session list: search, filters, order, actions, registration and keyboard shortcuts.
//
// Guarantees: an action has the same name in the row's menu, in the details and in the list of shortcuts.

/** @import { SessionKind, State } from "../../wire" */
/** @import { Order } from "../sessions/filter/filter_sessions.js" */
import { capitalized } from "./format/fill.js";
import { formatNumber } from "./format/format_number.js";
import { sessionCount } from "./format/number_lists.js";
import { dateTime, joinTexts } from "./format/times.js";
import { stateNames, texts } from "./messages.js";

export const sessionLabels = {
  filterBar: "Find sessions",
  search: "Search",
  searchHint: "number, role, goal, terminal or ID",
  filters: "Show",
  order: "Order",
  noResults: "No matching sessions",
  showAll: "Show all sessions",
  legend: "Heartbeats, last 24 h",
  menuButton: "Actions",
  menu: "Actions for session",
  shortcutsTitle: "Keyboard shortcuts",
  close: "Close",
  noGoal: "none given",
  reading: "Reading…",
  beatsThatDay: "Heartbeats in the 24 hours before the last",
  olderBeats: "and earlier ones",
  detailsFailed: "The details could not be loaded.",
  registerTitle: "Register a session",
  registerIntro: "For a running session that did not register itself. It counts as running from now on, and later by its heartbeats.",
  number: "Number",
  role: "Role",
  goal: "Goal",
  sessionId: "Session ID",
  sessionIdHint: "The ID in its heartbeats. Leave empty for “session-” and the number.",
  roleMissing: "Enter a role.",
  register: "Register",
  registerAll: texts.registerAll,
  registering: "Registering…",
  registerNew: "Register…",
  actionFailed: `${texts.nothingChanged}.`,
  showFailed: "The terminal could not be shown.",
};

/** @type {Record<State | "all", string>} */
export const filterNames = {
  all: "All", stale: capitalized(stateNames.stale), active: capitalized(stateNames.active), inactive: capitalized(stateNames.inactive),
  unknown: capitalized(stateNames.unknown),
};

/** @type {Record<Order, string>} */
export const orderNames = { need: "Needs attention first", number: "By number", recent: "Most recent first" };

/** @param {State | "all"} state @param {number} n */
export const filterLabel = (state, n) => `${filterNames[state]}, ${formatNumber(n)}`;

/** @param {number} n */
export const listedCount = (n) => (n === 1 ? "1 session listed" : `${formatNumber(n)} sessions listed`);

/** @param {number} n */
export const allSessionsTitle = (n) => `All sessions · ${formatNumber(n)}`;

/** @type {Record<import("../sessions/actions.js").ActionName, string>} */
export const actionNames = {
  show: "Show terminal",
  open: "Show details",
  renumber: "Change number…",
  beat: "Send a heartbeat",
  cleanup: "Mark as inactive",
  release: "Sign off",
  reactivate: "Reactivate",
  keep: "Keep",
  unkeep: "Stop keeping",
  timeout: "Timeout…",
  register: "Register another session…",
};

/** Groups of shortcuts: the keys, pressed together, and what they do. @type {[string, [string[], string][]][]} */
export const shortcutGroups = [
  ["Anywhere", [
    [["/"], "Search"],
    [["Esc"], "Clear the search or close a dialog"],
    [["a"], "Register a session"],
    [["Ctrl", "Z"], "Undo the last change"],
    [["?"], "Show keyboard shortcuts"],
  ]],
  ["In the list", [
    [["↑", "↓"], "Previous or next session"],
    [["Home", "End"], "First or last session"],
    [["Enter"], `${actionNames.show}, if it runs; else show or hide details`],
    [["Space"], "Show or hide details"],
    [["m"], "Open the menu"],
    [["n"], actionNames.renumber.replace("…", "")],
    [["b"], actionNames.beat],
    [["c"], `${actionNames.cleanup}, if stale`],
    [["x"], `${actionNames.release}, if active`],
    [["r"], `${actionNames.reactivate}, if inactive`],
    [["k"], "Keep or stop keeping: a kept session is not cleaned up"],
    [["t"], actionNames.timeout.replace("…", "")],
  ]],
];

/** @type {Record<SessionKind, string>} */
export const kindNames = { interactive: "in a terminal", background: texts.inBackground, sdk: "started by a program" };

/** @param {number} started @param {number} now */
export const runningSince = (started, now) => joinTexts(["since", dateTime(started, now)], " ");

/** @param {number} n */
export const unregisteredTitle = (n) => `${capitalized(texts.notRegistered)} · ${formatNumber(n)}`;
/** @param {string} name */
export const registerLabel = (name) => `Register ${name}`;
/** @param {number} pid */
export const pidText = (pid) => `pid ${pid}`;

/** @param {number} number */
export const menuButtonLabel = (number) => `${sessionLabels.menu} ${number}`;
/** @param {number} number */
export const menuLabel = (number) => `${sessionLabels.menu} ${number}`;
/** @param {number} number */
export const beatSentText = (number) => `Sent a heartbeat for #${number}.`;
/** @param {number} number */
export const releasedText = (number) => `#${number} signed off. Its number is free.`;
/** @param {number} number */
export const reactivatedText = (number) => `#${number} is active again.`;
/** @param {number} number @param {string} why @param {string | null} command */
export const notShownText = (number, why, command) =>
  `Could not show #${number}: ${why}.${command === null ? "" : ` To go on in another terminal: ${command}`}`;
/** @param {number} number */
export const registeredText = (number) => `#${number} registered.`;
/** @param {number[]} numbers */
export const allRegisteredText = (numbers) => (numbers.length === 1 ? registeredText(numbers[0] ?? 0) : `${sessionCount(numbers.length)} registered.`);
/** @param {number} number */
export const freeSlotLabel = (number) => `${number}, free: register a session`;
