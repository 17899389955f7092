// Keeps the current snapshot, built from the engine's deltas.
//
// Guarantees: a session that did not change stays the same object, so that a comparison by identity suffices; a delta older than
// the snapshot is ignored; after a gap in the serial numbers the whole snapshot is requested, once, however many deltas arrive
// meanwhile. Does not draw.

/** @import { SnapshotDelta, SessionRow, Snapshot } from "../wire" */

/**
 * @param {() => Promise<SnapshotDelta>} request requests the whole snapshot
 * @param {(snapshot: Snapshot) => void} onChange
 */
export function snapshotStore(request, onChange) {
  /** @type {Snapshot | null} */
  let current = null;
  let serial = 0;
  /** Deltas received while the whole snapshot was being requested. @type {SnapshotDelta[] | null} */
  let queued = null;

  /** @param {SnapshotDelta} delta */
  function merge(delta) {
    const sessions = delta.is_whole || !current ? delta.sessions : mergeSessions(current.sessions, delta);
    current = /** @type {Snapshot} */ ({ ...(delta.is_whole ? {} : current), ...delta.rest, sessions });
    serial = delta.serial;
  }

  /** Requests the whole snapshot, then applies the deltas received meanwhile. */
  async function load() {
    queued ??= [];
    try {
      merge(await request());
      const later = queued;
      queued = null;
      for (const delta of later) apply(delta, false);
    } catch (reason) {
      queued = null;
      throw reason;
    }
    if (current) onChange(current);
  }

  /** @param {SnapshotDelta} delta @param {boolean} [notify] */
  function apply(delta, notify = true) {
    if (queued) return void queued.push(delta);
    if (delta.serial <= serial) return;
    if (!delta.is_whole && delta.serial !== serial + 1) return void load().catch(() => {});
    merge(delta);
    if (notify && current) onChange(current);
  }

  return { load, apply };
}

/**
 * The sessions after a delta, ordered by number.
 * @param {SessionRow[]} before
 * @param {SnapshotDelta} delta
 */
function mergeSessions(before, { sessions, gone }) {
  if (sessions.length === 0 && gone.length === 0) return before;
  const removed = new Set(gone);
  const changed = new Map(sessions.map((session) => [session.number, session]));
  const after = before.flatMap((session) => {
    const latest = changed.get(session.number) ?? session;
    changed.delete(session.number);
    return removed.has(session.number) ? [] : [latest];
  });
  after.push(...changed.values());
  // The order only has to be restored if a session was added.
  return changed.size === 0 ? after : after.sort((a, b) => a.number - b.number);
}
