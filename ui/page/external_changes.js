// What happened to the registry without this page: a cleanup by the tray, or an older copy that another program wrote.
//
// Promises: each is told once and only when it is news; what this page did itself is not told again, even where the
// snapshot comes before the answer. A cleanup from before the page was opened is no news (History has it); sessions that
// are back unasked are, whenever it was. Does not show anything.

/** @import { PutBack, Snapshot, UndoOffer } from "../wire" */

/**
 * @param {object} tell
 * @param {(offer: UndoOffer) => void} tell.cleaned
 * @param {(putBack: PutBack) => void} tell.putBack
 * @param {(change: string) => void} tell.over it is no longer offered: taken back, or too old
 */
export function offers({ cleaned, putBack, over }) {
  /** Ids of changes that are known here. @type {Set<string>} */
  const known = new Set();
  /** Ids of changes that were told as put back. @type {Set<string>} */
  const told = new Set();
  let busy = 0;
  let isFirst = true;
  /** @type {string | null} */
  let offered = null;
  /** @type {Snapshot | null} */
  let latest = null;

  /** @param {Snapshot} snapshot */
  function draw(snapshot) {
    latest = snapshot;
    // Whose change it is shows when the answer is there.
    if (busy > 0) return;
    const { undo, put_back: back } = snapshot;
    if (offered !== null && undo?.change !== offered) over(offered);
    offered = undo?.change ?? null;
    if (undo && !known.has(undo.change)) {
      known.add(undo.change);
      if (!isFirst) cleaned(undo);
    }
    isFirst = false;
    if (back && !told.has(back.change)) {
      told.add(back.change);
      putBack(back);
    }
  }

  return {
    draw,

    /**
     * Waits for something that this page does, and knows its change.
     * @template {{ change: string | null }} T
     * @param {Promise<T>} deed
     * @returns {Promise<T>}
     */
    async own(deed) {
      busy += 1;
      try {
        const done = await deed;
        if (done.change !== null) known.add(done.change);
        return done;
      } finally {
        busy -= 1;
        if (latest) draw(latest);
      }
    },
  };
}
