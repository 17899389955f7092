// What can be done with one session, and by which key.
//
// Promises: one list, from which row, menu and details are made, so that nothing can be done in one place only; what does not
// fit a session's state is not offered and its key does nothing. Does not do anything.

/** @import { SessionRow } from "../../wire" */

/** @typedef {"open" | "renumber" | "beat" | "cleanup" | "release" | "reactivate" | "register"} ActionName */
/** @typedef {{ name: ActionName, key: string, fits: (session: SessionRow) => boolean }} Action */

/** @type {Action[]} */
export const ACTIONS = [
  { name: "open", key: "Enter", fits: () => true },
  { name: "renumber", key: "n", fits: () => true },
  { name: "beat", key: "b", fits: ({ state }) => state === "active" || state === "stale" },
  // Both free the number; who is stale is looked at again first.
  { name: "cleanup", key: "c", fits: ({ state }) => state === "stale" },
  { name: "release", key: "x", fits: ({ state }) => state === "active" },
  { name: "reactivate", key: "r", fits: ({ state }) => state === "inactive" },
  { name: "register", key: "a", fits: ({ state }) => state === "inactive" },
];

/** @param {SessionRow} session */
export const actionsOf = (session) => ACTIONS.filter(({ fits }) => fits(session));

/**
 * What a key does with a session; nothing where it does not fit, or is held with others.
 * @param {KeyboardEvent} event
 * @param {SessionRow} session
 * @returns {ActionName | null}
 */
export function actionOf(event, session) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return actionsOf(session).find((action) => action.key === key)?.name ?? null;
}
