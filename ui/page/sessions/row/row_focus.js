// The tab stop and the focus of the session list.
//
// Guarantees: one row has the tab stop; the focus survives a redraw that moves its row, and goes to the row in its place if its row is
// removed.

/** @import { Row } from "./row.js" */
import { isDialogOpen } from "../../parts/element.js";

/**
 * @param {object} options
 * @param {(number: number) => Row | undefined} options.row undefined: it has no element
 * @param {() => void} options.render creates the elements of the rows in view, and of `current`
 * @param {() => number[]} options.numbers of all rows, in order
 * @param {(element: Element | null) => number | null} options.numberAt the number of the row that contains an element
 */
export function rowFocus({ row, render, numbers, numberAt }) {
  /** The row with the tab stop. @type {number | null} */
  let current = null;
  /** The last row that was removed while it had the focus, and the row that got the focus. @type {{ removed: number, next: number } | null} */
  let passed = null;

  /** @param {number} number */
  function setTabStop(number) {
    if (current !== null && current !== number) row(current)?.rowButton.setAttribute("tabindex", "-1");
    current = number;
    const button = row(number)?.rowButton;
    if (button && button.tabIndex !== 0) button.tabIndex = 0;
  }

  /**
   * Focuses a row.
   * @param {number} number
   * @param {ScrollLogicalPosition | null} block null: does not scroll
   */
  function focusRow(number, block) {
    setTabStop(number);
    render();
    const target = row(number);
    if (!target) return;
    if (block) {
      target.element.scrollIntoView({ block });
      render();
    }
    target.rowButton.focus({ preventScroll: true });
  }

  return {
    get current() {
      return current;
    },
    setTabStop,
    focusRow,

    /** Moves the tab stop to the first row if its row is not listed any more. */
    update() {
      const all = numbers();
      if (current !== null && all.includes(current)) return;
      const [first] = all;
      if (first === undefined) current = null;
      else setTabStop(first);
    },

    /** Call before the rows change, and the returned function after it. @returns {() => void} */
    preserve() {
      const focused = document.activeElement;
      const number = numberAt(focused);
      const at = number === null ? -1 : numbers().indexOf(number);
      return () => {
        if (at < 0 || document.activeElement === focused || isDialogOpen()) return;
        const all = numbers();
        const next = number !== null && all.includes(number) ? number : all[Math.min(at, all.length - 1)];
        if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
        else if (next !== undefined) {
          if (number !== null && next !== number) passed = { removed: number, next };
          focusRow(next, null);
        }
      };
    },

    /** Whether a session has the focus, or the row that got it when that session was removed. @param {number} number */
    has(number) {
      const focused = numberAt(document.activeElement);
      return focused !== null && (focused === number || (passed?.removed === number && passed.next === focused));
    },
  };
}
