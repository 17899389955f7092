// The number strip: one slot per number, used or free. A used slot reveals its session, a free one registers a session there.
//
// Guarantees: every slot is a button, and the strip is one tab stop. With more than COMPACT_FROM numbers the slots lose their labels, the
// strip scrolls, and only slots in view have elements. Moving a session to a slot is done by drag_number.js.

/** @import { SessionRow, Snapshot } from "../../wire" */
/** @import { Slot, SlotSize } from "./slot.js" */
import { button, make, reconcileChildren, setText } from "../parts/element.js";
import { rovingTabindex } from "../parts/roving_tabindex.js";
import { freeNumbersText, labels } from "../text/common.js";
import { sessionLabels } from "../text/sessions.js";
import { createSlot } from "./slot.js";

/** With more slots than this, labels do not help any more. */
const COMPACT_FROM = 40;
/** A registry can contain number 900000, with a million free numbers below it: free slots beyond this number are only counted. */
const MAX_FREE = 200;
/** Lines of slots above and below the visible ones that have elements too. */
const OVERSCAN_LINES = 2;

/**
 * @param {HTMLElement} root
 * @param {object} handlers
 * @param {(number: number) => void} handlers.reveal
 * @param {(number: number | null) => void} handlers.register null: with the lowest free number
 */
export function numberStrip(root, { reveal, register }) {
  root.setAttribute("aria-label", labels.numberStrip);
  const list = make("ol", { class: "slots", role: "list" });
  const scroller = make("div", { class: "scroller" }, list);
  const freeText = make("span");
  const add = button({ class: "register", "aria-haspopup": "dialog", "aria-keyshortcuts": "A" }, sessionLabels.registerNew, () => register(null));
  root.append(scroller, make("p", { class: "free-line" }, freeText, " ", add));
  const tabStop = rovingTabindex(list, "button", { next: ["ArrowRight", "ArrowDown"], previous: ["ArrowLeft", "ArrowUp"] });
  /** @type {Map<number, Slot>} */
  const slots = new Map();
  /** @type {number[]} */
  let numbers = [];
  /** @type {Map<number, SessionRow>} */
  let sessionByNumber = new Map();
  let isCompact = false;
  /** @type {SlotSize} */
  let size = { width: 44, height: 32, columns: 1 };

  list.addEventListener("click", ({ target }) => {
    const number = Number(target instanceof Element && target.closest("button")?.dataset.number);
    if (!number) return;
    if (sessionByNumber.has(number)) reveal(number);
    else register(number);
  });
  // Runs before the roving tabindex, which only knows slots that have elements.
  list.addEventListener("keydown", (event) => {
    if (!isCompact || (event.key !== "Home" && event.key !== "End")) return;
    scroller.scrollTop = event.key === "Home" ? 0 : scroller.scrollHeight;
    render();
  }, { capture: true });
  scroller.addEventListener("scroll", () => isCompact && render(), { passive: true });
  new ResizeObserver(() => isCompact && (measure(), render())).observe(scroller);

  function measure() {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const width = list.clientWidth || 800;
    const columns = Math.max(1, Math.floor(width / (2.75 * rem)));
    // Whole pixels, so that a style reads back as it was set.
    size = { width: Math.floor(width / columns), height: Math.round(2 * rem), columns };
  }

  /** The numbers in view, and the tab stop wherever it is. */
  function numbersInView() {
    const from = Math.max(0, Math.floor(scroller.scrollTop / size.height) - OVERSCAN_LINES) * size.columns;
    const to = (Math.ceil((scroller.scrollTop + (scroller.clientHeight || 160)) / size.height) + OVERSCAN_LINES) * size.columns;
    const stop = Number(tabStop.stop?.dataset.number);
    const at = numbers.indexOf(stop);
    return [...(at >= 0 && at < from ? [stop] : []), ...numbers.slice(from, to), ...(at >= to ? [stop] : [])];
  }

  function render() {
    if (isCompact) list.style.height = `${Math.ceil(numbers.length / size.columns) * size.height}px`;
    const shown = isCompact ? numbersInView() : numbers;
    const kept = new Set(shown);
    for (const [number, { item }] of slots) {
      if (kept.has(number)) continue;
      item.remove();
      slots.delete(number);
    }
    reconcileChildren(list, shown.map((number) => {
      const slot = slots.get(number) ?? createSlot(number);
      slots.set(number, slot);
      slot.update(sessionByNumber.get(number), !isCompact);
      slot.setPosition(isCompact ? numbers.indexOf(number) : -1, numbers.length, size);
      return slot.item;
    }));
    tabStop.update();
  }

  return {
    /** @param {Snapshot} snapshot */
    draw({ sessions, available_numbers: free, trouble }) {
      sessionByNumber = new Map(sessions.map((session) => [session.number, session]));
      numbers = [...new Set([...sessionByNumber.keys(), ...free.slice(0, MAX_FREE)])].sort((a, b) => a - b);
      root.hidden = sessions.length === 0;
      root.toggleAttribute("data-outdated", trouble !== null);
      const wasCompact = isCompact;
      isCompact = numbers.length > COMPACT_FROM;
      scroller.classList.toggle("compact", isCompact);
      if (!isCompact) list.style.height = "";
      else if (!wasCompact) measure();
      add.hidden = trouble !== null;
      setText(freeText, freeNumbersText(free));
      render();
    },
  };
}
