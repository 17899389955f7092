// Which sessions are listed, and in which order.
//
// Promises: a pure answer to what the person asked for; within a group the order does not depend on ages, so that rows do
// not jump, unless ages are what was asked for. Words are looked for in number, role, goal, terminal and id, all of them
// must be found; "5" and "#5" are numbers first. Does not show anything, and forgets nothing that it does not list: the tallies are of everything that was found.

/** @import { SessionRow, State } from "../../wire" */

/**
 * What the person asked for.
 * @typedef {object} Wish
 * @property {string} text words to look for
 * @property {State | "all"} state
 * @property {Order} order
 */

/** @typedef {"need" | "number" | "recent"} Order */
/** @typedef {{ key: State | "all", members: SessionRow[] }} Group */
/** @typedef {{ groups: Group[], tallies: Record<State | "all", number>, total: number }} Listing `total`: how many are listed */

/** What needs a person comes first. @type {State[]} */
export const STATES = ["stale", "active", "inactive", "unknown"];

/** @type {Order[]} */
export const ORDERS = ["need", "number", "recent"];

/** @type {Wish} */
export const EVERYTHING = { text: "", state: "all", order: "need" };

/** Nobody looks for what stands in the second megabyte of a role. */
const LOOKED_AT = 2000;

/** @type {WeakMap<SessionRow, string>} */
const texts = new WeakMap();

/**
 * @param {SessionRow[]} sessions
 * @param {Wish} wish
 * @returns {Listing}
 */
export function sieve(sessions, { text, state, order }) {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = words.length === 0 ? sessions : sessions.filter((session) => words.every((word) => has(session, word)));
  const tallies = { all: found.length, stale: 0, active: 0, inactive: 0, unknown: 0 };
  for (const session of found) tallies[session.state] += 1;
  const listed = state === "all" ? found : found.filter((session) => session.state === state);
  const by = order === "recent" ? recent : (/** @type {SessionRow} */ a, /** @type {SessionRow} */ b) => a.number - b.number;
  const sorted = listed.toSorted(by);
  /** @type {Group[]} */
  const groups =
    order === "need" ? STATES.map((key) => ({ key, members: sorted.filter((session) => session.state === key) })) : [{ key: "all", members: sorted }];
  return { groups: groups.filter(({ members }) => members.length > 0), tallies, total: listed.length };
}

/** @param {SessionRow} session @param {string} word */
function has(session, word) {
  const number = /^#?(\d+)$/.exec(word)?.[1];
  if (number !== undefined) {
    const own = String(session.number);
    if (word.startsWith("#") ? own === number : own.startsWith(number)) return true;
    if (word.startsWith("#")) return false;
    // "12" is in session-12 and session-112 too: whoever looks for a number means the number, or what people wrote.
    return textOf(session).split("\n", 3).some((part) => part.includes(word));
  }
  return textOf(session).includes(word);
}

/** @param {SessionRow} session */
function textOf(session) {
  let text = texts.get(session);
  if (text === undefined) {
    const parts = [session.role, session.goal, session.terminal ?? "", session.session_id];
    text = parts.map((part) => part.slice(0, LOOKED_AT).toLowerCase().replaceAll("\n", " ")).join("\n");
    texts.set(session, text);
  }
  return text;
}

/** The last sign of life first; who never showed one comes last. @param {SessionRow} a @param {SessionRow} b */
function recent(a, b) {
  const [x, y] = [a.last_sign_of_life ?? "", b.last_sign_of_life ?? ""].map((time) => Date.parse(time) || 0);
  return (y ?? 0) - (x ?? 0) || a.number - b.number;
}

/**
 * What was asked for the last time, as far as it still makes sense.
 * @param {string | null} text
 * @returns {Wish}
 */
export function remembered(text) {
  try {
    const { state, order } = JSON.parse(text ?? "{}");
    return {
      text: "", // a search is over when the window is closed
      state: [...STATES, "all"].includes(state) ? state : EVERYTHING.state,
      order: ORDERS.includes(order) ? order : EVERYTHING.order,
    };
  } catch {
    return EVERYTHING;
  }
}
