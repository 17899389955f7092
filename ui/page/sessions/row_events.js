// What a click or a key on a row asks for.
//
// Promises: pointer and keyboard ask for the same things, each of the session whose row it is; a key that means nothing here is
// left to whoever else wants it. Does nothing to a session and moves no focus: it says what was asked for.

/** @import { SessionRow } from "../../wire" */
/** @import { ActionName } from "./actions.js" */
import { actionOf } from "./actions.js";

/**
 * @param {HTMLElement} root of the rows
 * @param {object} ways
 * @param {(number: number) => SessionRow | undefined} ways.session
 * @param {(name: ActionName, session: SessionRow) => void} ways.ask
 * @param {(session: SessionRow, from: HTMLElement | null, at?: { x: number, y: number }) => void} ways.openMenu
 * @param {(key: string, from: number, at: HTMLElement) => boolean} ways.walk whether the key leads somewhere
 * @param {(number: number) => void} ways.arrived the focus is in this row
 */
export function presses(root, { session, ask, openMenu, walk, arrived }) {
  /** The number of the row that an element is in. @param {Element | null | undefined} element */
  const numberAt = (element) => {
    const row = element?.closest(".row");
    return row instanceof HTMLElement && root.contains(row) ? Number(row.dataset.number) : null;
  };
  /** @param {Event} event */
  const sessionAt = ({ target }) => {
    const number = target instanceof Element ? numberAt(target) : null;
    return number === null ? undefined : session(number);
  };

  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const meant = sessionAt(event);
    if (!button || !meant) return;
    if (button.dataset.action) ask(/** @type {ActionName} */ (button.dataset.action), meant);
    else if (button.classList.contains("menu-button")) openMenu(meant, button);
  });
  root.addEventListener("contextmenu", (event) => {
    const meant = sessionAt(event);
    if (!meant || !(event.target instanceof Element) || event.target.closest(".details")) return;
    event.preventDefault();
    openMenu(meant, null, event.clientX > 0 ? { x: event.clientX, y: event.clientY } : undefined);
  });
  root.addEventListener("keydown", (event) => {
    const meant = sessionAt(event);
    if (!meant || event.defaultPrevented || !(event.target instanceof HTMLElement)) return;
    const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
    const isOnRow = event.target.matches(".row-button, .menu-button");
    if (isPlain && isOnRow && walk(event.key, meant.number, event.target)) event.preventDefault();
    else if (isPlain && event.key.toLowerCase() === "m") {
      event.preventDefault();
      openMenu(meant, null);
    } else {
      // Enter is the face's own.
      const name = event.key === "Enter" ? null : actionOf(event, meant);
      if (!name) return;
      event.preventDefault(); // or the letter would be the first thing typed into a dialog
      event.stopPropagation();
      ask(name, meant);
    }
  });
  root.addEventListener("focusin", ({ target }) => {
    const number = target instanceof Element ? numberAt(target) : null;
    if (number !== null) arrived(number);
  });

  return { numberAt };
}
