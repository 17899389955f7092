// What the window asks before it can draw: everything that is known, where to open, what is set.
//
// Promises: asked as soon as this file is there, while the rest of the page still loads (index.html names it first); news
// that comes before anybody listens is kept and handed over in its order. Does not draw, and says nothing of a failure:
// `begun` rejects with it.

/** @import { Setup, Snapshot } from "../wire" */
import { connect } from "./backend.js";
import { picture } from "./snapshot_store.js";

export const backend = await connect();
/** What came without being asked for. */
export const heard = {
  /** @type {Kept<Snapshot>} */
  snapshots: kept(),
  /** @type {Kept<string>} */
  places: kept(),
  /** @type {Kept<Setup>} */
  setups: kept(),
};
const told = picture(backend.snapshot, heard.snapshots.hear);

/** Where the window was asked to open, and what is set, once the first picture is there. */
export const begun = begin();
begun.catch(() => {}); // main.js says what went wrong; until it is there, nobody does

async function begin() {
  // Listening comes first: what changes in between is told twice rather than never.
  await Promise.all([backend.onNews(told.hear), backend.onPlace(heard.places.hear), backend.onSettings(heard.setups.hear)]);
  const [, place, setup] = await Promise.all([told.ask(), backend.place(), backend.settings()]);
  return { place, setup };
}

/**
 * @template T
 * @typedef {{ hear: (it: T) => void, listen: (listener: (it: T) => void) => void }} Kept
 */

/**
 * Something heard before there is a listener.
 * @template T
 * @returns {Kept<T>}
 */
function kept() {
  /** @type {T[]} */
  const waiting = [];
  /** @type {(it: T) => void} */
  let hear = (it) => void waiting.push(it);
  return {
    hear: (it) => hear(it),
    listen(listener) {
      hear = listener;
      waiting.splice(0).forEach(listener);
    },
  };
}
