// The number strip: every number at a glance, and the way to the session that holds it, or to a new one that takes it.
//
// Promises: one slot a number, its state told by border and word as well as colour; every slot is a button, the strip is one tab
// stop. Grows no taller than a few lines: above COMPACT numbers the slots lose their labels, the strip scrolls, and only slots
// in view have elements. Does not move sessions between numbers: drag_number.js asks for that, and marks the slot.

/** @import { SessionRow, Snapshot } from "../../wire" */
import { arrange, button, make, setText } from "../parts/element.js";
import { freeSlot, phrases } from "../text/sessions.js";
import { roving } from "../parts/roving_tabindex.js";
import { available, role, shortRole, slotMeaning, words } from "../text/common.js";

/** More slots than this, and labels no longer help. */
const COMPACT = 40;
/** A registry can hold number 900000, with a million free ones below it: free slots beyond this are only counted. */
const MOST_FREE = 200;
/** Lines of slots above and below what is in view: a turn of the wheel. */
const BEYOND = 2;

/** @typedef {ReturnType<typeof newSlot>} Slot */

/**
 * @param {HTMLElement} root
 * @param {object} ways
 * @param {(number: number) => void} ways.reveal
 * @param {(number: number | null) => void} ways.register null: under the lowest free number
 */
export function strip(root, { reveal, register }) {
  root.setAttribute("aria-label", words.stripLabel);
  const list = make("ol", { class: "slots", role: "list" });
  const scroller = make("div", { class: "scroller" }, list);
  const line = make("span");
  const add = button({ class: "register", "aria-haspopup": "dialog", "aria-keyshortcuts": "A" }, phrases.registerNew, () => register(null));
  root.append(scroller, make("p", { class: "free-line" }, line, " ", add));
  const tabStop = roving(list, "button", { next: ["ArrowRight", "ArrowDown"], previous: ["ArrowLeft", "ArrowUp"] });
  /** @type {Map<number, Slot>} */
  const slots = new Map();
  /** @type {number[]} */
  let numbers = [];
  /** @type {Map<number, SessionRow>} */
  let holders = new Map();
  let isCompact = false;
  /** Of a slot in the compact strip, in pixels, and how many go on a line. */
  let size = { width: 44, height: 32, columns: 1 };

  list.addEventListener("click", ({ target }) => {
    const number = Number(target instanceof Element && target.closest("button")?.dataset.number);
    if (!number) return;
    if (holders.has(number)) reveal(number);
    else register(number);
  });
  // Before roving, which knows only the slots that are there.
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
    // Whole pixels: what is set is then what is read.
    size = { width: Math.floor(width / columns), height: Math.round(2 * rem), columns };
  }

  function render() {
    let wanted = numbers;
    if (isCompact) {
      const lines = Math.ceil(numbers.length / size.columns);
      list.style.height = `${lines * size.height}px`;
      const from = Math.max(0, Math.floor(scroller.scrollTop / size.height) - BEYOND) * size.columns;
      const to = (Math.ceil((scroller.scrollTop + (scroller.clientHeight || 160)) / size.height) + BEYOND) * size.columns;
      // The one that has the focus, or would get it, stays.
      const stop = Number(tabStop.stop?.dataset.number);
      const at = numbers.indexOf(stop);
      wanted = [...(at >= 0 && at < from ? [stop] : []), ...numbers.slice(from, to), ...(at >= to ? [stop] : [])];
    }
    const kept = new Set(wanted);
    for (const [number, { item }] of slots) {
      if (kept.has(number)) continue;
      item.remove();
      slots.delete(number);
    }
    arrange(list, wanted.map((number) => {
      const slot = slots.get(number) ?? newSlot(number);
      slots.set(number, slot);
      slot.update(holders.get(number), !isCompact);
      slot.stand(isCompact ? numbers.indexOf(number) : -1, numbers.length, size);
      return slot.item;
    }));
    tabStop.settle();
  }

  return {
    /** @param {Snapshot} snapshot */
    draw({ sessions, available_numbers: free, trouble }) {
      holders = new Map(sessions.map((session) => [session.number, session]));
      numbers = [...new Set([...holders.keys(), ...free.slice(0, MOST_FREE)])].sort((a, b) => a - b);
      root.hidden = sessions.length === 0;
      root.toggleAttribute("data-outdated", trouble !== null);
      const wasCompact = isCompact;
      isCompact = numbers.length > COMPACT;
      scroller.classList.toggle("compact", isCompact);
      if (!isCompact) list.style.height = "";
      else if (!wasCompact) measure();
      add.hidden = trouble !== null;
      setText(line, available(free));
      render();
    },
  };
}

/**
 * As few elements as will do: there may be hundreds at once.
 * @param {number} number
 */
function newSlot(number) {
  const element = make("button", { type: "button", class: "slot", tabindex: "-1", "data-number": String(number) },
    make("span", { class: "number" }, String(number)));
  const label = make("bdi", { class: "label", "aria-hidden": "true" }); // the spoken words have the whole role
  const spoken = make("span", { class: "visually-hidden" });
  const item = make("li", {}, element);
  /** @type {SessionRow | null | undefined} */
  let shown = null;

  return {
    item,
    /**
     * @param {SessionRow | undefined} holder nobody: it is free
     * @param {boolean} isLabelled whether there is room for the role
     */
    update(holder, isLabelled) {
      if (holder === shown && isLabelled === (label.parentElement === element)) return;
      shown = holder;
      const state = holder?.state ?? "free";
      if (element.dataset.state !== state) element.dataset.state = state;
      const name = holder ? `${number}${slotMeaning(holder)}` : freeSlot(number);
      if (isLabelled) {
        setText(label, holder ? shortRole(holder) : words.free);
        setText(spoken, name.slice(String(number).length));
        if (label.parentElement !== element) element.append(label, spoken);
        element.removeAttribute("aria-label");
      } else {
        label.remove();
        spoken.remove();
        element.setAttribute("aria-label", name);
      }
      const title = holder ? `${number} · ${role(holder)}` : freeSlot(number);
      if (element.title !== title) element.title = title;
    },

    /** @param {number} at its place in the compact strip; -1: it stands in line @param {number} of @param {{ width: number, height: number, columns: number }} size */
    stand(at, of, { width, height, columns }) {
      const [left, top] = at < 0 ? ["", ""] : [`${(at % columns) * width}px`, `${Math.floor(at / columns) * height}px`];
      if (item.style.left === left && item.style.top === top && item.ariaSetSize === (at < 0 ? null : String(of))) return;
      Object.assign(item.style, { left, top, width: at < 0 ? "" : `${width}px` });
      if (at < 0) return void (item.removeAttribute("aria-posinset"), item.removeAttribute("aria-setsize"));
      item.setAttribute("aria-posinset", String(at + 1));
      item.setAttribute("aria-setsize", String(of));
    },
  };
}
