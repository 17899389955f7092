// The actions of a session, and their keys.
//
// Guarantees: rows, menus and details are built from this one list; an action that does not apply to a session's state is not offered, and
// its key does nothing. Does not run the actions.

/** @import { SessionRow } from "../../wire" */

/** @typedef {"show" | "open" | "renumber" | "beat" | "cleanup" | "release" | "reactivate" | "keep" | "unkeep" | "timeout" | "register"} ActionName */
/** @typedef {{ name: ActionName, key: string, applies: (session: SessionRow) => boolean }} Action */

/** @type {Action[]} */
export const ACTIONS = [
  // Only a session whose process is proven to run has a terminal to show. Else the key activates the row, as Space does.
  { name: "show", key: "Enter", applies: ({ process }) => process === "alive" },
  { name: "open", key: "Space", applies: () => true },
  { name: "renumber", key: "n", applies: () => true },
  { name: "beat", key: "b", applies: ({ state }) => state === "active" || state === "stale" },
  // Both free the number; a stale session is checked again first.
  { name: "cleanup", key: "c", applies: ({ state, is_kept }) => state === "stale" && !is_kept },
  { name: "release", key: "x", applies: ({ state }) => state === "active" },
  { name: "reactivate", key: "r", applies: ({ state }) => state === "inactive" },
  { name: "keep", key: "k", applies: ({ state, is_kept }) => state !== "inactive" && !is_kept },
  { name: "unkeep", key: "k", applies: ({ is_kept }) => is_kept },
  { name: "timeout", key: "t", applies: ({ state }) => state === "active" || state === "stale" },
  { name: "register", key: "a", applies: ({ state }) => state === "inactive" },
];

/** @param {SessionRow} session */
export const actionsFor = (session) => ACTIONS.filter(({ applies }) => applies(session));

/**
 * The action of a key; null if it does not apply to the session, or with a modifier key.
 * @param {KeyboardEvent} event
 * @param {SessionRow} session
 * @returns {ActionName | null}
 */
export function actionForKey(event, session) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return actionsFor(session).find((action) => action.key === key)?.name ?? null;
}
