// Filters, sorts and groups the sessions. Pure.
//
// Guarantees: the order within a group does not depend on ages, unless the user chose that order, so that rows do not jump. All words of a
// search must be found, in number, role, goal, terminal or ID; "5" and "#5" match numbers first.

/** @import { SessionRow, State } from "../../../wire" */

/**
 * What the user asked for.
 * @typedef {object} Filter
 * @property {string} text words to search for
 * @property {State | "all"} state
 * @property {Order} order
 */

/** @typedef {"need" | "number" | "recent"} Order */
/** @typedef {State | "waiting" | "all"} GroupKey */
/** @typedef {{ key: GroupKey, members: SessionRow[] }} SessionGroup */

/**
 * @typedef {object} FilterResult
 * @property {SessionGroup[]} groups the listed sessions
 * @property {Record<State | "all", number>} counts sessions per state that match the search
 * @property {number} total listed sessions
 */

/** Whether a session waits for a person. @param {SessionRow} session */
export const isWaiting = ({ activity }) => activity?.kind === "waiting";

/** In the order of the groups: sessions that need attention come first. @type {State[]} */
export const STATES = ["stale", "active", "inactive", "unknown"];

/** In the order of the list. A session that waits is only in the first one. @type {GroupKey[]} */
export const GROUPS = ["waiting", ...STATES, "all"];

/** @type {Order[]} */
export const ORDERS = ["need", "number", "recent"];

/** @type {Filter} */
export const NO_FILTER = { text: "", state: "all", order: "need" };

/** Only the beginning of a long text is searched. */
const MAX_SEARCHED = 2000;

/** @type {WeakMap<SessionRow, string>} */
const texts = new WeakMap();

/**
 * @param {SessionRow[]} sessions
 * @param {Filter} filter
 * @returns {FilterResult}
 */
export function filterSessions(sessions, { text, state, order }) {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = words.length === 0 ? sessions : sessions.filter((session) => words.every((word) => matches(session, word)));
  const counts = { all: found.length, stale: 0, active: 0, inactive: 0, unknown: 0 };
  for (const session of found) counts[session.state] += 1;
  const listed = state === "all" ? found : found.filter((session) => session.state === state);
  const compare = order === "recent" ? byLastSignOfLife : (/** @type {SessionRow} */ a, /** @type {SessionRow} */ b) => a.number - b.number;
  const sorted = listed.toSorted(compare);
  /** @type {SessionGroup[]} */
  const groups =
    order === "need" ? GROUPS.map((key) => ({ key, members: sorted.filter((session) => groupOf(session) === key) })) : [{ key: "all", members: sorted }];
  return { groups: groups.filter(({ members }) => members.length > 0), counts, total: listed.length };
}

/** @param {SessionRow} session @returns {GroupKey} */
const groupOf = (session) => (isWaiting(session) ? "waiting" : session.state);

/** @param {SessionRow} session @param {string} word */
function matches(session, word) {
  const digits = /^#?(\d+)$/.exec(word)?.[1];
  if (digits !== undefined) {
    const number = String(session.number);
    if (word.startsWith("#") ? number === digits : number.startsWith(digits)) return true;
    if (word.startsWith("#")) return false;
    // Digits are not searched in the ID: "12" would match session-112 too.
    return searchText(session).split("\n", 3).some((part) => part.includes(word));
  }
  return searchText(session).includes(word);
}

/** @param {SessionRow} session */
function searchText(session) {
  let text = texts.get(session);
  if (text === undefined) {
    const parts = [session.role, session.goal, session.terminal ?? "", session.session_id];
    text = parts.map((part) => part.slice(0, MAX_SEARCHED).toLowerCase().replaceAll("\n", " ")).join("\n");
    texts.set(session, text);
  }
  return text;
}

/** Latest sign of life first, sessions without one last. @param {SessionRow} a @param {SessionRow} b */
function byLastSignOfLife(a, b) {
  const [x, y] = [a.last_sign_of_life ?? "", b.last_sign_of_life ?? ""].map((time) => Date.parse(time) || 0);
  return (y ?? 0) - (x ?? 0) || a.number - b.number;
}

/**
 * Parses a stored filter, ignoring what is invalid.
 * @param {string | null} text
 * @returns {Filter}
 */
export function parseStoredFilter(text) {
  try {
    const { state, order } = JSON.parse(text ?? "{}");
    return {
      text: "", // a search is not stored
      state: [...STATES, "all"].includes(state) ? state : NO_FILTER.state,
      order: ORDERS.includes(order) ? order : NO_FILTER.order,
    };
  } catch {
    return NO_FILTER;
  }
}
