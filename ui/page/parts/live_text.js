// Living text: words about time that stay right while someone can see them.
//
// Promises: one timer in all, armed for the next moment at which anything on screen would read differently; none while
// the window is hidden or nothing on screen ages. What scrolls into view is right when it arrives.
// Does not know what the words are: each piece says itself until when it holds.

/**
 * Writes its words for this moment and returns the moment (ms) from which they are no longer right; Infinity: never.
 * @typedef {(now: number) => number} Living
 */

/** @typedef {{ tell: Living, due: number, onScreen: boolean }} Piece */

/** A month of silence must not overflow setTimeout's 31 bits. */
const LONGEST_SLEEP = 6 * 60 * 60 * 1000;

/** @typedef {ReturnType<typeof clock>} Clock */

export function clock() {
  /** @type {Map<Element, Piece>} */
  const pieces = new Map();
  let timer = 0;
  let settling = false;

  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const piece = pieces.get(target);
      if (piece) piece.onScreen = isIntersecting;
    }
    catchUp();
  });
  document.addEventListener("visibilitychange", catchUp);

  /** Retells what is due and on screen, then sleeps until the next. */
  function catchUp() {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    const now = Date.now();
    let next = Infinity;
    for (const piece of pieces.values()) {
      if (!piece.onScreen) continue;
      if (piece.due <= now) piece.due = piece.tell(now);
      next = Math.min(next, piece.due);
    }
    if (next === Infinity) return;
    timer = setTimeout(catchUp, Math.min(Math.max(next - now, 0) + 1, LONGEST_SLEEP));
  }

  return {
    /**
     * Tells at once, and again whenever it is due; a second call for the same element replaces the first.
     * @param {Element} element
     * @param {Living} tell
     */
    keep(element, tell) {
      const piece = pieces.get(element) ?? { tell, due: 0, onScreen: false };
      if (!pieces.has(element)) {
        pieces.set(element, piece);
        sight.observe(element);
      }
      piece.tell = tell;
      piece.due = tell(Date.now());
      if (piece.onScreen && !settling) {
        settling = true; // one rearming for a whole redraw, not one a row
        queueMicrotask(() => {
          settling = false;
          catchUp();
        });
      }
    },

    /** @param {Element} element */
    drop(element) {
      pieces.delete(element);
      sight.unobserve(element);
    },
  };
}
