// The number strip: every number at a glance, and the way to the session that holds it.
//
// Promises: one slot a number, its state told by border and word as well as colour; a slot with a session is a button,
// a free one is text; the strip is one tab stop. Grows no taller than a few lines: above COMPACT numbers the slots lose their
// labels, and the strip scrolls. Does not move sessions between numbers: carry.js asks for that, and marks the slot.

/** @import { SessionRow, Snapshot } from "../wire" */
import { make, setText } from "./element.js";
import { roving } from "./roving.js";
import { available, role, shortRole, slotMeaning, words } from "./words.js";

/** More slots than this, and labels no longer help. */
const COMPACT = 40;
/** A registry can hold number 900000, with a million free ones below it: free slots beyond this are only counted. */
const MOST_FREE = 200;

/** @typedef {{ element: HTMLElement, held: boolean, number: HTMLElement, label: HTMLElement, spoken: HTMLElement }} Slot */

/**
 * @param {HTMLElement} root
 * @param {(number: number) => void} reveal
 */
export function strip(root, reveal) {
  root.setAttribute("aria-label", words.stripLabel);
  const list = make("ol", { class: "slots", role: "list" });
  const line = make("p", { class: "available" });
  root.append(list, line);
  const tabStop = roving(list, "button", { next: ["ArrowRight", "ArrowDown"], previous: ["ArrowLeft", "ArrowUp"] });
  /** @type {Map<number, Slot>} */
  const slots = new Map();

  list.addEventListener("click", ({ target }) => {
    const number = target instanceof Element && target.closest("button")?.dataset.number;
    if (number) reveal(Number(number));
  });

  return {
    /** @param {Snapshot} snapshot */
    draw({ sessions, available_numbers: free, trouble }) {
      const holders = new Map(sessions.map((session) => [session.number, session]));
      const numbers = new Set([...holders.keys(), ...free.slice(0, MOST_FREE)].sort((a, b) => a - b));
      root.hidden = sessions.length === 0;
      root.toggleAttribute("data-old", trouble !== null);
      list.classList.toggle("compact", numbers.size > COMPACT);
      setText(line, available(free));

      let next = list.firstElementChild;
      for (const number of numbers) {
        const holder = holders.get(number);
        let slot = slots.get(number);
        if (slot && slot.held !== (holder !== undefined)) {
          if (slot.element.parentElement === next) next = next?.nextElementSibling ?? null;
          slot.element.parentElement?.remove();
          slot = undefined;
        }
        if (!slot) {
          slot = newSlot(number, holder !== undefined);
          slots.set(number, slot);
        }
        fill(slot, number, holder);
        const item = /** @type {HTMLElement} */ (slot.element.parentElement);
        if (item === next) next = next.nextElementSibling;
        else list.insertBefore(item, next);
      }
      for (const [number, slot] of slots) {
        if (numbers.has(number)) continue;
        slot.element.parentElement?.remove();
        slots.delete(number);
      }
      tabStop.settle();
    },
  };
}

/**
 * @param {number} number
 * @param {boolean} held
 * @returns {Slot}
 */
function newSlot(number, held) {
  const digits = make("span", { class: "number" }, String(number));
  const label = make("bdi", { class: "label", "aria-hidden": String(held) }); // the spoken words have the whole role
  const spoken = make("span", { class: "visually-hidden" });
  const element = held
    ? make("button", { type: "button", class: "slot", tabindex: "-1", "data-number": String(number) }, digits, label, spoken)
    : make("span", { class: "slot", "data-number": String(number) }, digits, " ", label);
  make("li", {}, element);
  return { element, held, number: digits, label, spoken };
}

/**
 * @param {Slot} slot
 * @param {number} number
 * @param {SessionRow | undefined} holder
 */
function fill({ element, label, spoken }, number, holder) {
  const state = holder?.state ?? "free";
  // Setting an attribute to what it is still wakes every observer, and there is a slot for every session.
  if (element.dataset.state !== state) element.dataset.state = state;
  setText(label, holder ? shortRole(holder) : words.free);
  if (!holder) return;
  setText(spoken, slotMeaning(holder));
  const title = `${number} · ${role(holder)}`;
  if (element.title !== title) element.title = title;
}
