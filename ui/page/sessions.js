// The list of sessions, grouped by what needs a person.
//
// Promises: one row a session for as long as it is there, moved rather than made again; a redraw keeps the focus, what
// is open, and keeps what the person looks at where it is on the screen. Within a group rows go by number, so that
// nothing jumps when ages change. Does not scroll by itself except to reveal.

/** @import { SessionRow, Snapshot, State } from "../wire" */
/** @import { Clock } from "./clock.js" */
/** @import { Row } from "./row.js" */
import { arrange, make, setText } from "./element.js";
import { roving } from "./roving.js";
import { sessionRow } from "./row.js";
import { groupTitle } from "./words.js";

/** @type {State[]} */
const ORDER = ["stale", "active", "inactive", "unknown"];

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 * @param {(number: number) => void} renumber asks for another number for a session
 */
export function sessions(root, clock, renumber) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  const tabStop = roving(root, ".face", { next: ["ArrowDown"], previous: ["ArrowUp"] });

  const groups = ORDER.map((state) => {
    const heading = make("h2", { id: `group-${state}` });
    const list = make("ul", { role: "list" });
    const section = make("section", { class: "group", "data-state": state, "aria-labelledby": heading.id, hidden: true }, heading, list);
    root.append(section);
    return { state, heading, list, section };
  });

  /** @param {Event} event */
  const numberOf = ({ target }) => {
    const row = target instanceof Element ? target.closest(".row") : null;
    return row instanceof HTMLElement ? Number(row.dataset.number) : null;
  };
  root.addEventListener("click", (event) => {
    const number = event.target instanceof Element && event.target.closest(".renumber") ? numberOf(event) : null;
    if (number !== null) renumber(number);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const number = numberOf(event);
    if (number === null) return;
    event.preventDefault(); // or the letter would be the first thing typed into the dialog
    renumber(number);
  });

  /** @param {Snapshot} snapshot */
  function draw({ sessions: all, trouble }) {
    const focused = document.activeElement;
    const before = focused && root.contains(focused) ? faces().indexOf(focused) : -1;

    const byState = Map.groupBy(keyed(all), ({ session }) => session.state);
    const present = new Set();
    for (const { state, heading, list, section } of groups) {
      const members = (byState.get(state) ?? []).toSorted((a, b) => a.session.number - b.session.number);
      section.hidden = members.length === 0;
      setText(heading, groupTitle(state, members.length));
      const wanted = members.map(({ key, session }) => {
        const row = rows.get(key) ?? sessionRow(clock);
        rows.set(key, row);
        present.add(key);
        row.update(session);
        return row.element;
      });
      arrange(list, wanted);
    }
    for (const [key, row] of rows) {
      if (present.has(key)) continue;
      row.drop();
      row.element.remove();
      rows.delete(key);
    }

    root.hidden = all.length === 0;
    root.toggleAttribute("data-old", trouble !== null);
    tabStop.settle();
    // A moved element loses the focus, and a removed one leaves it to the one that took its place.
    if (before >= 0 && document.activeElement !== focused) {
      const left = faces();
      const heir = focused?.isConnected ? focused : left[Math.min(before, left.length - 1)];
      if (heir instanceof HTMLElement) heir.focus({ preventScroll: true });
    }
  }

  const faces = () => [...root.querySelectorAll(".face")];

  /** @param {number} number */
  const rowOf = (number) => [...rows.values()].find(({ element }) => element.dataset.number === String(number));

  /** @param {Row} row */
  function show({ element, face }) {
    element.scrollIntoView({ block: "center" });
    face.focus({ preventScroll: true });
    // The class goes with the animation: a row that moves to another group later must not flash again.
    element.classList.add("revealed");
    element.addEventListener("animationend", () => element.classList.remove("revealed"), { once: true });
  }

  return {
    draw,

    /**
     * To be called before anything on the page changes; what it returns, after: then what the person looks at is where
     * it was. WebKit has no scroll anchoring.
     * @param {Snapshot} coming
     * @returns {() => void}
     */
    hold(coming) {
      const row = rows.size === 0 ? null : anchorOf(root, coming);
      if (!row) return () => {};
      const { top } = row.getBoundingClientRect();
      return () => window.scrollBy({ top: row.getBoundingClientRect().top - top, behavior: "instant" });
    },

    /** Opens a session's details and puts the focus there; false when there is no such session. @param {number} number */
    reveal(number) {
      const row = rowOf(number);
      if (!row) return false;
      row.open(true);
      show(row);
      return true;
    },

    /** Puts the focus on a session without opening it. @param {number} number */
    point(number) {
      const row = rowOf(number);
      if (row) show(row);
    },

    /** Puts the focus where Tab would. */
    focus() {
      tabStop.stop?.focus({ preventScroll: true });
    },
  };
}

/**
 * A key a session. Numbers are unique but for keys such as "1" and "01", which must not share a row.
 * @param {SessionRow[]} all
 */
function keyed(all) {
  /** @type {Map<number, number>} */
  const seen = new Map();
  return all.map((session) => {
    const nth = (seen.get(session.number) ?? 0) + 1;
    seen.set(session.number, nth);
    return { key: nth === 1 ? `${session.number}` : `${session.number}/${nth}`, session };
  });
}

/**
 * The row the person looks at: below the pointer, focused, or the first on screen. A row about to change groups is none:
 * the page would jump after it.
 * @param {HTMLElement} root
 * @param {Snapshot} coming
 * @returns {Element | null}
 */
function anchorOf(root, { sessions: all, trouble, cleanup }) {
  const hovered = root.querySelector(".row:hover");
  // At the very top, what is new should come into view: always a note, and a row unless the pointer is on one.
  if (window.scrollY === 0 && (!hovered || trouble || cleanup.caution)) return null;
  const states = new Map(all.map(({ number, state }) => [String(number), state]));
  for (const row of [hovered, document.activeElement?.closest(".row"), ...root.querySelectorAll(".row")]) {
    if (!(row instanceof HTMLElement) || states.get(row.dataset.number ?? "") !== row.dataset.state) continue;
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > 0 && top < window.innerHeight) return row;
  }
  return null;
}
