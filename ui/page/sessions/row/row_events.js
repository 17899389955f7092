// Translates clicks and keys on a row into actions on its session.
//
// Guarantees: pointer and keyboard offer the same actions; a key without a meaning here is left to other listeners.

/** @import { SessionRow } from "../../../wire" */
/** @import { ActionName } from "../actions.js" */
import { actionForKey, actionsFor } from "../actions.js";

/**
 * @param {HTMLElement} root contains the rows
 * @param {object} handlers
 * @param {(number: number) => SessionRow | undefined} handlers.session
 * @param {(name: ActionName, session: SessionRow) => void} handlers.onAction
 * @param {(session: SessionRow, from: HTMLElement | null, at?: { x: number, y: number }) => void} handlers.openMenu
 * @param {(key: string, from: number, focused: HTMLElement) => boolean} handlers.navigate returns whether the key moved the focus
 * @param {(number: number) => void} handlers.onFocus
 */
export function rowEvents(root, { session, onAction, openMenu, navigate, onFocus }) {
  /** The number of the row that contains an element. @param {Element | null | undefined} element */
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
    const clicked = sessionAt(event);
    if (!button || !clicked) return;
    if (button.dataset.action) onAction(/** @type {ActionName} */ (button.dataset.action), clicked);
    else if (button.classList.contains("menu-button")) openMenu(clicked, button);
  });
  root.addEventListener("dblclick", (event) => {
    const clicked = sessionAt(event);
    if (!clicked || !(event.target instanceof Element) || !event.target.closest(".row-button")) return;
    // The two clicks have opened and closed the details, or the reverse.
    if (actionsFor(clicked).some(({ name }) => name === "show")) onAction("show", clicked);
  });
  root.addEventListener("contextmenu", (event) => {
    const clicked = sessionAt(event);
    if (!clicked || !(event.target instanceof Element) || event.target.closest(".details")) return;
    event.preventDefault();
    openMenu(clicked, null, event.clientX > 0 ? { x: event.clientX, y: event.clientY } : undefined);
  });
  root.addEventListener("keydown", (event) => {
    const focused = sessionAt(event);
    if (!focused || event.defaultPrevented || !(event.target instanceof HTMLElement)) return;
    const hasModifier = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
    const isOnRow = event.target.matches(".row-button, .menu-button");
    if (!hasModifier && isOnRow && navigate(event.key, focused.number, event.target)) event.preventDefault();
    else if (!hasModifier && event.key.toLowerCase() === "m") {
      event.preventDefault();
      openMenu(focused, null);
    } else {
      // On any other button Enter activates that button.
      const name = event.key === "Enter" && !event.target.matches(".row-button") ? null : actionForKey(event, focused);
      if (!name) return;
      event.preventDefault(); // otherwise the letter is typed into the dialog that opens
      event.stopPropagation();
      onAction(name, focused);
    }
  });
  root.addEventListener("focusin", ({ target }) => {
    const number = target instanceof Element ? numberAt(target) : null;
    if (number !== null) onFocus(number);
  });

  return { numberAt };
}
