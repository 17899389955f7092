// The list of sessions, grouped by what needs a person.
//
// Promises: one row a session for as long as it is there, moved rather than made again; a redraw keeps the focus, what
// is open, and keeps what the person looks at where it is on the screen. Within a group rows go by number, so that
// nothing jumps when ages change. Does not scroll by itself except to reveal.

/** @import { SessionRow, Snapshot, State } from "../wire" */
/** @import { Clock } from "./clock.js" */
/** @import { Row } from "./row.js" */
import { make, setText } from "./element.js";
import { roving } from "./roving.js";
import { sessionRow } from "./row.js";
import { groupTitle } from "./words.js";

/** @type {State[]} */
const ORDER = ["stale", "active", "inactive", "unknown"];

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 */
export function sessions(root, clock) {
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
      const row = [...rows.values()].find(({ element }) => element.dataset.number === String(number));
      if (!row) return false;
      row.open(true);
      row.element.scrollIntoView({ block: "center" });
      row.face.focus({ preventScroll: true });
      // The class goes with the animation: a row that moves to another group later must not flash again.
      row.element.classList.add("revealed");
      row.element.addEventListener("animationend", () => row.element.classList.remove("revealed"), { once: true });
      return true;
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
 * Puts exactly these elements into the list, in this order, touching only those that are not there yet.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} wanted
 */
function arrange(list, wanted) {
  const stay = new Set(wanted);
  for (const child of [...list.children]) if (child instanceof HTMLElement && !stay.has(child)) child.remove();
  let next = list.firstElementChild;
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
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
