// Keeps relative times on screen up to date.
//
// Guarantees: one timer in all, set for the next time at which a visible text changes; none while the window is hidden or no
// visible text depends on the time. A text that scrolls into view is updated first. The writers know the texts and report until
// when they are correct.

/**
 * Writes a text for this time; returns the time (ms) at which it is outdated, or Infinity.
 * @typedef {(now: number) => number} TextWriter
 */

/** @typedef {{ write: TextWriter, due: number, isVisible: boolean }} Entry */

/** setTimeout takes 31 bits of milliseconds; a later due time is checked again after this interval. */
const MAX_TIMEOUT = 6 * 60 * 60 * 1000;

/** @typedef {ReturnType<typeof liveText>} LiveText */

export function liveText() {
  /** @type {Map<Element, Entry>} */
  const entries = new Map();
  let timer = 0;
  let isUpdateQueued = false;

  const visibility = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      const entry = entries.get(target);
      if (entry) entry.isVisible = isIntersecting;
    }
    update();
  });
  document.addEventListener("visibilitychange", update);

  /** Writes the visible texts that are due, and sets the timer for the next. */
  function update() {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    const now = Date.now();
    let next = Infinity;
    for (const entry of entries.values()) {
      if (!entry.isVisible) continue;
      if (entry.due <= now) entry.due = entry.write(now);
      next = Math.min(next, entry.due);
    }
    if (next === Infinity) return;
    timer = setTimeout(update, Math.min(Math.max(next - now, 0) + 1, MAX_TIMEOUT));
  }

  return {
    /**
     * Writes the element's text now and whenever it is due; replaces an earlier writer of the same element.
     * @param {Element} element
     * @param {TextWriter} write
     */
    set(element, write) {
      const entry = entries.get(element) ?? { write, due: 0, isVisible: false };
      if (!entries.has(element)) {
        entries.set(element, entry);
        visibility.observe(element);
      }
      entry.write = write;
      entry.due = write(Date.now());
      if (entry.isVisible && !isUpdateQueued) {
        isUpdateQueued = true; // one update for a whole redraw instead of one per row
        queueMicrotask(() => {
          isUpdateQueued = false;
          update();
        });
      }
    },

    /** @param {Element} element */
    delete(element) {
      entries.delete(element);
      visibility.unobserve(element);
    },
  };
}
