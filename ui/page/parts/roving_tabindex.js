// Roving tabindex: a group of elements with one tab stop.
//
// Guarantees: exactly one of the matching elements can be reached by Tab, the one last focused; arrows, Home and End move the
// focus among them.

/** @typedef {ReturnType<typeof rovingTabindex>} RovingTabindex */

/**
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {{ next: string[], previous: string[] }} keys
 */
export function rovingTabindex(root, selector, keys) {
  /** @type {HTMLElement | null} */
  let stop = null;

  /** @returns {HTMLElement[]} */
  const items = () => [...root.querySelectorAll(selector)].filter((item) => item instanceof HTMLElement);

  /** @param {HTMLElement} item */
  function setStop(item) {
    if (stop && stop !== item) stop.tabIndex = -1;
    stop = item;
    item.tabIndex = 0;
  }

  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && target.matches(selector)) setStop(target);
  });

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (!(event.target instanceof HTMLElement) || !event.target.matches(selector)) return;
    const all = items();
    const from = all.indexOf(event.target);
    let to = -1;
    if (keys.next.includes(event.key)) to = Math.min(from + 1, all.length - 1);
    else if (keys.previous.includes(event.key)) to = Math.max(from - 1, 0);
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = all.length - 1;
    const next = all[to];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  return {
    /** Restores the tab stop after elements were added or removed. New elements must start with tabindex -1. */
    update() {
      if (stop?.isConnected && root.contains(stop)) return;
      const [first] = items();
      if (first) setStop(first);
    },

    /** The element that Tab reaches; null if there is none. */
    get stop() {
      return stop?.isConnected ? stop : null;
    },
  };
}
