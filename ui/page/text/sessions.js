// Texts of the session list: search, filters, order, actions, registration and keyboard shortcuts.
//
// Guarantees: an action has the same name in the row's menu, in the details and in the list of shortcuts.

/** @import { SessionKind, State } from "../../wire" */
/** @import { Order } from "../sessions/filter_sessions.js" */
import { formatNumber } from "./format_number.js";
import { count, sessionCount } from "./number_lists.js";
import { dateTime, joinTexts } from "./times.js";

export const sessionLabels = {
  filterBar: "Find sessions",
  search: "Search",
  searchHint: "number, role, goal, terminal or ID",
  filters: "Show",
  order: "Order",
  noResults: "No session matches.",
  showAll: "Show all sessions",
  legend: "beats, last 24 h",
  menuButton: "What to do",
  menu: "What to do with session",
  shortcutsTitle: "Keys",
  close: "Close",
  noGoal: "none given",
  reading: "Reading…",
  beatsThatDay: "Beats in the day before the last",
  olderBeats: "and more before",
  detailsFailed: "Its details could not be read.",
  registerTitle: "Register a session",
  registerIntro: "For a session that runs and did not register itself. It counts as running from now on, and goes by its beats after that.",
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
  actionFailed: "Nothing was changed.",
};

/** Labels in the details. */
export const factLabels = {
  session_id: "Session ID", status: "Status in the registry", terminal: "Terminal", goal: "Goal",
  last_heartbeat: "Last heartbeat", last_sign_of_life: "Last sign of life", role: "Role",
  process: "Process", registered_at: "Registered", reactivated_at: "Brought back", marked_inactive_at: "Marked inactive", former_numbers: "Had the numbers",
};

/** @type {Record<State | "all", string>} */
export const filterNames = { all: "All", stale: "Stale", active: "Active", inactive: "Inactive", unknown: "Unknown" };

/** @type {Record<Order, string>} */
export const orderNames = { need: "Needs you first", number: "By number", recent: "Last sign of life first" };

/** @param {State | "all"} state @param {number} n */
export const filterLabel = (state, n) => `${filterNames[state]}, ${formatNumber(n)}`;

/** @param {number} n */
export const listedCount = (n) => (n === 1 ? "1 session is listed." : `${formatNumber(n)} sessions are listed.`);

/** @param {number} n */
export const allSessionsTitle = (n) => `All sessions · ${formatNumber(n)}`;

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

/** Groups of shortcuts: the keys, pressed together, and what they do. @type {[string, [string[], string][]][]} */
export const shortcutGroups = [
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

/** What a running Claude Code session is doing. */
export const statusNames = { busy: "working", idle: "idle", waiting: "waiting for you", shell: "a shell runs" };
/** @param {number} started @param {number} now */
export const runningSince = (started, now) => joinTexts(["since", dateTime(started, now)], " ");

/** @param {number} n */
export const unregisteredTitle = (n) => `Not registered · ${formatNumber(n)}`;
/** @param {string} name */
export const registerLabel = (name) => `Register ${name}`;
/** @param {number} pid */
export const pidText = (pid) => `pid ${pid}`;

/** @param {number} number */
export const menuButtonLabel = (number) => `${sessionLabels.menuButton}, session ${number}`;
/** @param {number} number */
export const menuLabel = (number) => `${sessionLabels.menu} ${number}`;
/** @param {number} number */
export const beatSentText = (number) => `Sent a beat for #${number}.`;
/** @param {number} number */
export const releasedText = (number) => `#${number} signed off. Its number is free.`;
/** @param {number} number */
export const reactivatedText = (number) => `#${number} is active again.`;
/** @param {number} number */
export const registeredText = (number) => `#${number} registered.`;
/** @param {number[]} numbers */
export const allRegisteredText = (numbers) => (numbers.length === 1 ? registeredText(numbers[0] ?? 0) : `${sessionCount(numbers.length)} registered.`);
/** @param {number} number */
export const freeSlotLabel = (number) => `${number}, free: register a session`;
/** @param {number} n */
export const beatCount = (n) => count(n, "beat", "beats");
