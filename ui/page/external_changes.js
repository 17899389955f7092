// Detects changes made by other programs: a cleanup by the tray, or an older registry file written over changes.
//
// Guarantees: each change is reported once; a change made by this page is not reported, even if the snapshot arrives before
// the command's result. A cleanup from before the page was opened is not reported (the history lists it); reverted changes
// always are. Does not display anything.

/** @import { RevertedChange, Snapshot, UndoOffer } from "../wire" */

/**
 * @param {object} handlers
 * @param {(offer: UndoOffer) => void} handlers.onCleanup
 * @param {(change: RevertedChange) => void} handlers.onRevert
 * @param {(change: string) => void} handlers.onUndoExpired the change was undone elsewhere or is too old to undo
 */
export function externalChanges({ onCleanup, onRevert, onUndoExpired }) {
  /** Ids of changes already reported, or made by this page. @type {Set<string>} */
  const known = new Set();
  /** @type {Set<string>} */
  const reportedReverts = new Set();
  let pendingCommands = 0;
  let isFirst = true;
  /** @type {string | null} */
  let offered = null;
  /** @type {Snapshot | null} */
  let latest = null;

  /** @param {Snapshot} snapshot */
  function draw(snapshot) {
    latest = snapshot;
    // Whether a change was made by this page is known only once its command has returned.
    if (pendingCommands > 0) return;
    const { undo, reverted_change: revert } = snapshot;
    if (offered !== null && undo?.change !== offered) onUndoExpired(offered);
    offered = undo?.change ?? null;
    if (undo && !known.has(undo.change)) {
      known.add(undo.change);
      if (!isFirst) onCleanup(undo);
    }
    isFirst = false;
    if (revert && !reportedReverts.has(revert.change)) {
      reportedReverts.add(revert.change);
      onRevert(revert);
    }
  }

  return {
    draw,

    /**
     * Waits for a command of this page and records its change as known.
     * @template {{ change: string | null }} T
     * @param {Promise<T>} command
     * @returns {Promise<T>}
     */
    async track(command) {
      pendingCommands += 1;
      try {
        const result = await command;
        if (result.change !== null) known.add(result.change);
        return result;
      } finally {
        pendingCommands -= 1;
        if (latest) draw(latest);
      }
    },
  };
}
