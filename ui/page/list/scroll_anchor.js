// What the person looks at while the page changes around it.
//
// Promises: the row below the pointer, else the one with the focus, else the first in the window; nothing at the very top of the
// page, where what is new should come into view. Reads the page and changes nothing.

/** @import { Snapshot } from "../../wire" */

/**
 * A row about to change groups is none: the page would jump after it.
 * @param {HTMLElement} root
 * @param {Snapshot} coming
 * @param {boolean} isHeld nobody changes groups now
 * @returns {HTMLElement | null}
 */
export function anchorOf(root, { sessions: all, trouble, cleanup }, isHeld) {
  const hovered = root.querySelector(".row:hover");
  // A note always comes into view, and a row unless the pointer is on one.
  if (window.scrollY === 0 && (!hovered || trouble || cleanup.caution)) return null;
  const states = new Map(all.map(({ number, state }) => [String(number), state]));
  for (const row of [hovered, document.activeElement?.closest(".row"), ...root.querySelectorAll(".row")]) {
    if (!(row instanceof HTMLElement)) continue;
    const stays = isHeld || states.get(row.dataset.number ?? "") === row.dataset.state;
    const { top, bottom } = row.getBoundingClientRect();
    if (stays && bottom > 0 && top < window.innerHeight) return row;
  }
  return null;
}
