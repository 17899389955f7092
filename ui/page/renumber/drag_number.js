// Carrying a session's number to a slot of the strip, by mouse, pen or finger.
//
// Promises: a press that does not move is still a press on the row; while a number is carried the strip is in view and the
// slot it would go to is marked; Escape, or letting go anywhere else, puts it down again. Changes nothing itself: what is
// dropped is only asked for. The same is reached by key and by button (see session_list.js).

import { make } from "../parts/element.js";

/**
 * What is held; the ghost is there once it has moved.
 * @typedef {object} Load
 * @property {HTMLElement} tag
 * @property {number} from
 * @property {number} pointer
 * @property {number} x
 * @property {number} y
 * @property {HTMLElement | null} ghost
 * @property {HTMLElement | null} over the slot below it
 */

/** So far a hand may tremble, in pixels. */
const TREMBLE = 6;

/**
 * @param {HTMLElement} rows
 * @param {HTMLElement} strip
 * @param {(from: number, to: number) => void} drop
 */
export function carry(rows, strip, drop) {
  /** @type {Load | null} */
  let load = null;
  let isSpent = false;

  rows.addEventListener("pointerdown", (event) => {
    const tag = event.target instanceof Element ? event.target.closest(".row-button .tag") : null;
    if (!(tag instanceof HTMLElement) || event.button !== 0 || !event.isPrimary || load) return;
    isSpent = false;
    const row = /** @type {HTMLElement | null} */ (tag.closest(".row"));
    load = { tag, from: Number(row?.dataset.number), pointer: event.pointerId, x: event.clientX, y: event.clientY, ghost: null, over: null };
    tag.setPointerCapture(event.pointerId);
  });

  rows.addEventListener("pointermove", (event) => {
    if (!load || event.pointerId !== load.pointer) return;
    if (!load.ghost) {
      if (Math.hypot(event.clientX - load.x, event.clientY - load.y) < TREMBLE) return;
      load.ghost = make("span", { class: "drag-ghost tag", "aria-hidden": "true" }, String(load.from));
      document.body.append(load.ghost);
      document.documentElement.toggleAttribute("data-dragging", true);
      strip.toggleAttribute("data-drop-zone", true);
    }
    // Set through the object model, which the policy allows; as an attribute it would not.
    load.ghost.style.translate = `${event.clientX}px ${event.clientY}px`;
    const slot = document.elementFromPoint(event.clientX, event.clientY)?.closest(".slots .slot[data-number]");
    mark(slot instanceof HTMLElement && strip.contains(slot) && slot.dataset.number !== String(load.from) ? slot : null);
  });

  rows.addEventListener("pointerup", (event) => {
    if (!load || event.pointerId !== load.pointer) return;
    const { from, over, ghost } = load;
    const to = Number(over?.dataset.number);
    putDown();
    if (ghost && over) drop(from, to);
  });

  // A press that carried something must not open the row as well. One by key has no detail.
  rows.addEventListener("click", (event) => {
    if (isSpent && event.detail > 0) event.stopPropagation();
    isSpent = false;
  }, { capture: true });

  rows.addEventListener("pointercancel", putDown);
  rows.addEventListener("lostpointercapture", putDown);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && load?.ghost) putDown();
  });

  /** @param {HTMLElement | null} slot */
  function mark(slot) {
    if (!load || load.over === slot) return;
    load.over?.removeAttribute("data-drop-target");
    load.over = slot;
    slot?.toggleAttribute("data-drop-target", true);
    load.ghost?.toggleAttribute("data-over-slot", slot !== null);
  }

  function putDown() {
    if (!load) return;
    mark(null);
    const { tag, pointer, ghost } = load;
    load = null;
    if (tag.hasPointerCapture(pointer)) tag.releasePointerCapture(pointer);
    if (!ghost) return;
    isSpent = true;
    ghost.remove();
    strip.removeAttribute("data-drop-zone");
    document.documentElement.removeAttribute("data-dragging");
  }
}
