// Many elements, one tab stop.
//
// Promises: of the matching elements exactly one is reached by Tab; arrows, Home and End move among them; the last one
// used is the one Tab comes back to. Does not decide what Enter does: the elements are buttons.

/** @typedef {ReturnType<typeof roving>} Roving */

/**
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {{ next: string[], previous: string[] }} keys
 */
export function roving(root, selector, keys) {
  /** @type {HTMLElement | null} */
  let stop = null;

  /** @returns {HTMLElement[]} */
  const items = () => [...root.querySelectorAll(selector)].filter((item) => item instanceof HTMLElement);

  /** @param {HTMLElement} item */
  function settleOn(item) {
    if (stop && stop !== item) stop.tabIndex = -1;
    stop = item;
    item.tabIndex = 0;
  }

  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && target.matches(selector)) settleOn(target);
  });

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (!(event.target instanceof HTMLElement) || !event.target.matches(selector)) return;
    const all = items();
    const here = all.indexOf(event.target);
    let there = -1;
    if (keys.next.includes(event.key)) there = Math.min(here + 1, all.length - 1);
    else if (keys.previous.includes(event.key)) there = Math.max(here - 1, 0);
    else if (event.key === "Home") there = 0;
    else if (event.key === "End") there = all.length - 1;
    const goal = all[there];
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  });

  return {
    /** After elements came or went: there is one tab stop again. New elements must start with tabindex -1. */
    settle() {
      if (stop?.isConnected && root.contains(stop)) return;
      const [first] = items();
      if (first) settleOn(first);
    },

    settleOn,

    /** Where Tab would land; null when there is nothing to land on. */
    get stop() {
      return stop?.isConnected ? stop : null;
    },
  };
}
