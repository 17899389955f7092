// Requests everything the first draw needs: the snapshot, the requested tab and the settings.
//
// Guarantees: the requests are sent as soon as this module runs, while the rest of the page still loads (index.html names it
// first); events that arrive before there is a listener are buffered and delivered in order. Does not draw. A failure rejects
// `initialState`; main.js shows it.

/** @import { Setup, Snapshot } from "../wire" */
import { connect } from "./backend.js";
import { snapshotStore } from "./snapshot_store.js";

export const backend = await connect();

/** Events from the engine. */
export const events = {
  /** @type {BufferedEvent<Snapshot>} */
  snapshot: bufferedEvent(),
  /** @type {BufferedEvent<string>} */
  place: bufferedEvent(),
  /** @type {BufferedEvent<Setup>} */
  settings: bufferedEvent(),
};

const store = snapshotStore(backend.snapshot, events.snapshot.emit);

/** The requested place and the settings, once the first snapshot has arrived. */
export const initialState = loadInitialState();
initialState.catch(() => {}); // prevents an unhandled rejection until main.js handles it

async function loadInitialState() {
  // Listen before requesting: a change in between may then arrive twice, but is never missed.
  await Promise.all([backend.onDelta(store.apply), backend.onPlace(events.place.emit), backend.onSettings(events.settings.emit)]);
  const [, place, setup] = await Promise.all([store.load(), backend.place(), backend.settings()]);
  return { place, setup };
}

/**
 * @template T
 * @typedef {{ emit: (value: T) => void, subscribe: (listener: (value: T) => void) => void }} BufferedEvent
 */

/**
 * An event with one listener; values emitted before it subscribes are buffered.
 * @template T
 * @returns {BufferedEvent<T>}
 */
function bufferedEvent() {
  /** @type {T[]} */
  const buffer = [];
  /** @type {(value: T) => void} */
  let deliver = (value) => void buffer.push(value);
  return {
    emit: (value) => deliver(value),
    subscribe(listener) {
      deliver = listener;
      buffer.splice(0).forEach(listener);
    },
  };
}
