// What the list of sessions says: search, filters, order, what can be done with a session, the keys. Part of the words (see
// common.js).
//
// Promises: whatever can be done is called the same in the row's menu, in its details, and in the sheet of keys.

/** @import { SessionKind, State } from "../../wire" */
/** @import { Order } from "../sessions/filter_sessions.js" */
import { figure } from "./format_number.js";
import { moment, together } from "./times.js";

export const phrases = {
  finderLabel: "Find sessions",
  search: "Search",
  searchHint: "number, role, goal, terminal or ID",
  filterLabel: "Show",
  orderLabel: "Order",
  nothingFound: "No session matches.",
  showAll: "Show all sessions",
  legend: "beats, last 24 h",
  more: "What to do",
  menuLabel: "What to do with session",
  keysTitle: "Keys",
  close: "Close",
  reading: "Reading…",
  beatsThatDay: "Beats in the day before the last",
  olderBeats: "and more before",
  couldNotRead: "Its details could not be read.",
  newTitle: "Register a session",
  newLead: "For a session that runs and did not register itself. It counts as running from now on, and goes by its beats after that.",
  number: "Number",
  role: "Role",
  goal: "Goal",
  sessionId: "Session ID",
  sessionIdHint: "The ID it beats under. Left empty, it is the one that goes with the number.",
  roleMissing: "Say what it does, so that it can be told from the others.",
  register: "Register",
  registerAll: "Register all",
  registering: "Registering…",
  registerNew: "Register…",
  couldNotAct: "Nothing was changed.",
};

/** @type {Record<State | "all", string>} */
export const filterNames = { all: "All", stale: "Stale", active: "Active", inactive: "Inactive", unknown: "Unknown" };

/** @type {Record<Order, string>} */
export const orderNames = { need: "Needs you first", number: "By number", recent: "Last sign of life first" };

/** @param {State | "all"} state @param {number} n */
export const filterMeaning = (state, n) => `${filterNames[state]}, ${figure(n)}`;

/** @param {number} n */
export const listed = (n) => (n === 1 ? "1 session is listed." : `${figure(n)} sessions are listed.`);

/** @param {number} n */
export const allSessions = (n) => `All sessions · ${figure(n)}`;

/** @type {Record<import("../sessions/actions.js").ActionName, string>} */
export const actionNames = {
  open: "Details",
  renumber: "Change number…",
  beat: "Send a beat",
  cleanup: "Mark as inactive",
  release: "Sign off",
  reactivate: "Reactivate",
  register: "Register another session here…",
};

/** What each key does, group by group; a key of two words is pressed together. @type {[string, [string[], string][]][]} */
export const keySheet = [
  ["Anywhere", [
    [["/"], "Search"],
    [["Esc"], "Clear the search, close what is open"],
    [["a"], "Register a session"],
    [["Ctrl", "Z"], "Undo, while it is offered"],
    [["?"], "These keys"],
  ]],
  ["In the list", [
    [["↑", "↓"], "From session to session"],
    [["Home", "End"], "The first, the last"],
    [["Enter"], "Details"],
    [["m"], "Everything that can be done"],
    [["n"], actionNames.renumber.replace("…", "")],
    [["b"], actionNames.beat],
    [["c"], `${actionNames.cleanup}, when it is stale`],
    [["x"], `${actionNames.release}, when it is running`],
    [["r"], `${actionNames.reactivate}, when it is inactive`],
  ]],
];

/** @type {Record<SessionKind, string>} */
export const kindNames = { interactive: "in a terminal", background: "in the background", sdk: "started by a program" };

/** What a running session does. */
export const statusNames = { busy: "working", idle: "idle", waiting: "waiting for you", shell: "a shell runs" };
/** @param {number} started @param {number} now */
export const runsSince = (started, now) => together(["since", moment(started, now)], " ");

/** @param {number} n */
export const runningUnknown = (n) => `Not registered · ${figure(n)}`;
/** @param {string} name */
export const registerThis = (name) => `Register ${name}`;
/** @param {number} pid */
export const process = (pid) => `pid ${pid}`;

/** @param {number} number */
export const moreAbout = (number) => `${phrases.more}, session ${number}`;
/** @param {number} number */
export const menuOf = (number) => `${phrases.menuLabel} ${number}`;
/** @param {number} number */
export const beatSent = (number) => `Sent a beat for #${number}.`;
/** @param {number} number */
export const signedOff = (number) => `#${number} signed off. Its number is free.`;
/** @param {number} number */
export const backAgain = (number) => `#${number} is active again.`;
/** @param {number} number */
export const newHere = (number) => `#${number} registered.`;
/** @param {number[]} numbers */
export const allNewHere = (numbers) => (numbers.length === 1 ? newHere(numbers[0] ?? 0) : `${figure(numbers.length)} sessions registered.`);
/** @param {number} number */
export const freeSlot = (number) => `${number}, free: register a session`;
/** @param {number} n */
export const beatsTally = (n) => `${figure(n)} ${n === 1 ? "beat" : "beats"}`;
