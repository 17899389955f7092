// Chooses the row whose position on screen is preserved while the page changes.
//
// Guarantees: the hovered row, else the focused row, else the first visible row; none while the page is scrolled to the very top, where
// new content should come into view. Changes nothing.

/** @import { Snapshot } from "../../wire" */

/**
 * A row that is about to change groups is not chosen: the page would scroll after it.
 * @param {HTMLElement} root
 * @param {Snapshot} next
 * @param {boolean} isHeld whether rows keep their groups for now
 * @returns {HTMLElement | null}
 */
export function scrollAnchor(root, { sessions, trouble, cleanup }, isHeld) {
  const hovered = root.querySelector(".row:hover");
  // A new note always comes into view, a new row unless the pointer is on a row.
  if (window.scrollY === 0 && (!hovered || trouble || cleanup.caution)) return null;
  const states = new Map(sessions.map(({ number, state }) => [String(number), state]));
  for (const row of [hovered, document.activeElement?.closest(".row"), ...root.querySelectorAll(".row")]) {
    if (!(row instanceof HTMLElement)) continue;
    const staysInGroup = isHeld || states.get(row.dataset.number ?? "") === row.dataset.state;
    const { top, bottom } = row.getBoundingClientRect();
    if (staysInGroup && bottom > 0 && top < window.innerHeight) return row;
  }
  return null;
}
