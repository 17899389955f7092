// Drag and drop of a session's number onto a slot of the number strip, by mouse, pen or touch.
//
// Guarantees: a press that does not move still opens the row; while dragging, the strip is in view and the target slot is marked; Escape,
// or dropping anywhere else, cancels. Only reports the drop. The same action is available by key and by button (see
// sessions/actions.js).

import { make } from "../parts/element.js";

/**
 * A drag in progress; `ghost` exists once the pointer has moved.
 * @typedef {object} Drag
 * @property {HTMLElement} tag
 * @property {number} from
 * @property {number} pointerId
 * @property {number} x
 * @property {number} y
 * @property {HTMLElement | null} ghost
 * @property {HTMLElement | null} target
 */

/** Distance (in pixels) from which a press is a drag. */
const DRAG_THRESHOLD = 6;

/**
 * @param {HTMLElement} rows
 * @param {HTMLElement} strip
 * @param {(from: number, to: number) => void} onDrop
 */
export function dragNumber(rows, strip, onDrop) {
  /** @type {Drag | null} */
  let drag = null;
  let suppressClick = false;

  rows.addEventListener("pointerdown", (event) => {
    const tag = event.target instanceof Element ? event.target.closest(".row-button .tag") : null;
    if (!(tag instanceof HTMLElement) || event.button !== 0 || !event.isPrimary || drag) return;
    suppressClick = false;
    const row = /** @type {HTMLElement | null} */ (tag.closest(".row"));
    drag = { tag, from: Number(row?.dataset.number), pointerId: event.pointerId, x: event.clientX, y: event.clientY, ghost: null, target: null };
    tag.setPointerCapture(event.pointerId);
  });

  rows.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointerId) return;
    if (!drag.ghost) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DRAG_THRESHOLD) return;
      drag.ghost = make("span", { class: "drag-ghost tag", "aria-hidden": "true" }, String(drag.from));
      document.body.append(drag.ghost);
      document.documentElement.toggleAttribute("data-dragging", true);
      strip.toggleAttribute("data-drop-zone", true);
    }
    // The content security policy allows styles set through the object model, but not as an attribute.
    drag.ghost.style.translate = `${event.clientX}px ${event.clientY}px`;
    const slot = document.elementFromPoint(event.clientX, event.clientY)?.closest(".slots .slot[data-number]");
    setTarget(slot instanceof HTMLElement && strip.contains(slot) && slot.dataset.number !== String(drag.from) ? slot : null);
  });

  rows.addEventListener("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.pointerId) return;
    const { from, target, ghost } = drag;
    const to = Number(target?.dataset.number);
    end();
    if (ghost && target) onDrop(from, to);
  });

  // The click that follows a drag must not open the row. A click by key has no detail.
  rows.addEventListener("click", (event) => {
    if (suppressClick && event.detail > 0) event.stopPropagation();
    suppressClick = false;
  }, { capture: true });

  rows.addEventListener("pointercancel", end);
  rows.addEventListener("lostpointercapture", end);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag?.ghost) end();
  });

  /** @param {HTMLElement | null} slot */
  function setTarget(slot) {
    if (!drag || drag.target === slot) return;
    drag.target?.removeAttribute("data-drop-target");
    drag.target = slot;
    slot?.toggleAttribute("data-drop-target", true);
    drag.ghost?.toggleAttribute("data-over-slot", slot !== null);
  }

  function end() {
    if (!drag) return;
    setTarget(null);
    const { tag, pointerId, ghost } = drag;
    drag = null;
    if (tag.hasPointerCapture(pointerId)) tag.releasePointerCapture(pointerId);
    if (!ghost) return;
    suppressClick = true;
    ghost.remove();
    strip.removeAttribute("data-drop-zone");
    document.documentElement.removeAttribute("data-dragging");
  }
}
