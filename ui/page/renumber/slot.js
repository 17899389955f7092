// One slot of the number strip: a number and the state of the session that has it.
//
// Guarantees: as few elements as possible, because there may be hundreds; the state is shown by border and text as well as by colour.

/** @import { SessionRow } from "../../wire" */
import { make, setText } from "../parts/element.js";
import { labels } from "../text/common.js";
import { roleText, shortRole, slotLabel } from "../text/session_state.js";
import { freeSlotLabel } from "../text/sessions.js";

/** Size of a slot in the compact strip, in pixels, and slots per line. @typedef {{ width: number, height: number, columns: number }} SlotSize */
/** @typedef {ReturnType<typeof createSlot>} Slot */

/** @param {number} number */
export function createSlot(number) {
  const element = make("button", { type: "button", class: "slot", tabindex: "-1", "data-number": String(number) },
    make("span", { class: "number" }, String(number)));
  const label = make("bdi", { class: "label", "aria-hidden": "true" }); // the spoken text contains the whole role
  const spoken = make("span", { class: "visually-hidden" });
  const item = make("li", {}, element);
  /** @type {SessionRow | null | undefined} */
  let drawn = null;

  return {
    item,
    /**
     * @param {SessionRow | undefined} session undefined: the number is free
     * @param {boolean} hasLabel whether there is room for the role
     */
    update(session, hasLabel) {
      if (session === drawn && hasLabel === (label.parentElement === element)) return;
      drawn = session;
      const state = session?.state ?? "free";
      if (element.dataset.state !== state) element.dataset.state = state;
      const name = session ? `${number}${slotLabel(session)}` : freeSlotLabel(number);
      if (hasLabel) {
        setText(label, session ? shortRole(session) : labels.free);
        setText(spoken, name.slice(String(number).length));
        if (label.parentElement !== element) element.append(label, spoken);
        element.removeAttribute("aria-label");
      } else {
        label.remove();
        spoken.remove();
        element.setAttribute("aria-label", name);
      }
      const title = session ? `${number} · ${roleText(session)}` : freeSlotLabel(number);
      if (element.title !== title) element.title = title;
    },

    /**
     * Places the slot in the compact strip, or into the normal flow.
     * @param {number} at index in the compact strip; -1: normal flow
     * @param {number} total
     * @param {SlotSize} size
     */
    setPosition(at, total, { width, height, columns }) {
      const [left, top] = at < 0 ? ["", ""] : [`${(at % columns) * width}px`, `${Math.floor(at / columns) * height}px`];
      if (item.style.left === left && item.style.top === top && item.ariaSetSize === (at < 0 ? null : String(total))) return;
      Object.assign(item.style, { left, top, width: at < 0 ? "" : `${width}px` });
      if (at < 0) return void (item.removeAttribute("aria-posinset"), item.removeAttribute("aria-setsize"));
      item.setAttribute("aria-posinset", String(at + 1));
      item.setAttribute("aria-setsize", String(total));
    },
  };
}
