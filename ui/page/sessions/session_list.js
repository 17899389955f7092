// The list of sessions: found, ordered, grouped by what needs a person, and as long as it likes.
//
// Promises: a session that did not change is not touched, one out of sight costs nothing (see virtual_list.js). While a hand is at work on the list nothing changes its place: rows say what is new where they are,
// and move once the hand rests or asks for it. Otherwise a redraw keeps the focus, what is open, and what the person looks at
// where it is on the screen. Does not scroll by itself except to reveal, and does nothing to a session: it says what was asked for.

/** @import { Details, SessionRow, Snapshot } from "../../wire" */
/** @import { ActionName } from "./actions.js" */
/** @import { Clock } from "../parts/live_text.js" */
import { anchorOf } from "../list/scroll_anchor.js";
import { make, setHidden, setText } from "../parts/element.js";
import { finder as makeFinder } from "./filter_bar.js";
import { hand as handOn } from "../list/pointer_activity.js";
import { menu as makeMenu } from "./menu.js";
import { allSessions, phrases } from "../text/sessions.js";
import { presses } from "./row_events.js";
import { sessionRow } from "./row.js";
import { sieve, STATES } from "./filter_sessions.js";
import { sight } from "../list/virtual_list.js";
import { stretch } from "../list/row_offsets.js";
import { groupTitle } from "../text/common.js";

/** What the person did shows at once, also below the pointer; so long after it was done. */
const OWN = 1_500;
/** A page of rows, for the keys. */
const PAGE = 10;
const DAY = 24 * 60;

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 * @param {object} ways
 * @param {(name: ActionName, session: SessionRow) => void} ways.act
 * @param {(number: number) => Promise<Details>} ways.details
 */
export function sessions(root, clock, { act, details }) {
  /** @type {Map<number, SessionRow>} */
  let known = new Map();
  /** @type {Snapshot | null} */
  let latest = null;
  /** @type {Set<number>} */
  const open = new Set();
  /** Where Tab lands. @type {number | null} */
  let current = null;
  /** Kept in view while the page changes. @type {number | null} */
  let anchor = null;
  let isBehind = false;
  let ownUntil = 0;
  /** Who had the focus and went, and who has it instead. @type {{ gone: number, heir: number } | null} */
  let passed = null;

  const finder = makeFinder(() => redraw(true), () => focus());
  root.append(finder.element);
  const groups = [...STATES, /** @type {const} */ ("all")].map((key) => {
    const heading = make("h2", { id: `group-${key}` });
    const list = make("ul", { role: "list" });
    const legend = make("span", { class: "legend", "aria-hidden": "true" }, phrases.legend);
    const section = make("section", { class: "group", "data-state": key, "aria-labelledby": heading.id, hidden: true },
      make("div", { class: "heading" }, heading, legend), list);
    root.append(section);
    return { key, heading, list, section, rows: stretch([], 0, new Map()) };
  });
  root.append(finder.nothing);

  const menu = makeMenu(root, (name, session) => ask(name, session), () => catchUp());
  const hand = handOn(root, catchUp);
  const { rows, ...seen } = sight(root, {
    parts: groups,
    session: (number) => known.get(number),
    isOpen: (number) => open.has(number),
    kept: () => [current, anchor],
    make(number) {
      const row = sessionRow(clock, { details, opened: (isOpen) => setOpen(number, isOpen) });
      if (number === current) row.face.tabIndex = 0;
      return row;
    },
  });

  const { numberAt } = presses(root, {
    session: (number) => known.get(number),
    ask,
    openMenu,
    walk,
    arrived: settleOn,
  });

  /** @param {ActionName} name @param {SessionRow} session */
  function ask(name, session) {
    if (name === "open") setOpen(session.number, !open.has(session.number));
    else act(name, session);
  }

  /** @param {string} key @param {number} from @param {HTMLElement} at @returns {boolean} */
  function walk(key, from, at) {
    const row = rows.get(from);
    if (key === "ArrowRight" || key === "ArrowLeft") {
      const goal = key === "ArrowRight" ? row?.more : row?.face;
      goal?.focus({ preventScroll: true });
      return goal !== at;
    }
    const all = listed();
    const here = all.indexOf(from);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -Infinity, End: Infinity };
    const step = Object.hasOwn(steps, key) ? steps[/** @type {keyof typeof steps} */ (key)] : 0;
    const next = all[Math.max(0, Math.min(here + step, all.length - 1))];
    if (step === 0 || next === undefined) return false;
    show(next, "nearest");
    return true;
  }

  /** The numbers in the order they are listed. */
  const listed = () => groups.flatMap(({ rows: { keys } }) => keys);

  /** @param {number} number */
  function settleOn(number) {
    if (current !== null && current !== number) rows.get(current)?.face.setAttribute("tabindex", "-1");
    current = number;
    const face = rows.get(number)?.face;
    if (face && face.tabIndex !== 0) face.tabIndex = 0;
  }

  /**
   * @param {SessionRow} session
   * @param {HTMLElement | null} from
   * @param {{ x: number, y: number }} [at]
   */
  function openMenu(session, from, at) {
    const row = rows.get(session.number);
    if (!row) return;
    settleOn(session.number);
    const { right, bottom } = row.more.getBoundingClientRect();
    menu.open(session, from ?? row.face, at ?? { x: right - 240, y: bottom });
  }

  /** @param {number} number @param {boolean} wanted */
  function setOpen(number, wanted) {
    if (wanted) open.add(number);
    else open.delete(number);
    rows.get(number)?.open(wanted);
  }

  /** Once the hand rests, rows go where they belong. */
  function catchUp() {
    if (isBehind && !isHeld()) redraw(false);
  }

  const isHeld = () => performance.now() > ownUntil && (menu.about !== null || hand.isAtWork);

  /** @param {boolean} isAsked the person asked for another list */
  function redraw(isAsked) {
    if (!latest) return;
    const release = isAsked ? () => {} : hold(latest);
    place(latest, isAsked);
    release();
  }

  /** @param {Snapshot} snapshot @param {boolean} [isAsked] */
  function place(snapshot, isAsked = false) {
    const listing = sieve(snapshot.sessions, finder.wish);
    const before = known;
    known = new Map(snapshot.sessions.map((session) => [session.number, session]));
    isBehind = !isAsked && rows.size > 0 && isHeld();
    const focused = document.activeElement;
    const had = numberAt(focused);
    const at = had === null ? -1 : listed().indexOf(had);

    for (const group of groups) {
      const members = listing.groups.find(({ key }) => key === group.key)?.members ?? [];
      if (!isBehind) {
        group.rows = seen.place(members.map(({ number }) => number));
        setHidden(group.section, members.length === 0);
      }
      setText(group.heading, group.key === "all" ? allSessions(members.length) : groupTitle(group.key, members.length));
    }
    if (isBehind) {
      // Who left stays on screen as it was, until the others may close up.
      for (const number of listed()) {
        const left = before.get(number);
        if (left && !known.has(number)) known.set(number, left);
      }
    }
    for (const number of [...open]) if (!known.has(number)) open.delete(number);
    finder.draw(listing);
    if (current === null || !known.has(current) || !isListed(current)) {
      const [first = null] = listed();
      if (first === null) current = null;
      else settleOn(first);
    }
    menu.update(menu.about ? known.get(menu.about.number) : undefined);
    seen.render();

    // A moved element loses the focus, and a removed one leaves it to the one that took its place.
    if (at >= 0 && document.activeElement !== focused && !document.querySelector("dialog[open]")) {
      const left = listed();
      const heir = had !== null && left.includes(had) ? had : left[Math.min(at, left.length - 1)];
      if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
      else if (heir !== undefined) {
        if (had !== null && heir !== had) passed = { gone: had, heir };
        show(heir, null);
      }
    }
  }

  /** @param {number} number */
  const isListed = (number) => groups.some(({ rows: { keys } }) => keys.includes(number));

  /**
   * Brings a row into view and gives it the focus.
   * @param {number} number
   * @param {ScrollLogicalPosition | null} block null: it is where it should be
   */
  function show(number, block) {
    settleOn(number);
    seen.render();
    const row = rows.get(number);
    if (!row) return;
    if (block) {
      row.element.scrollIntoView({ block });
      seen.render();
    }
    row.face.focus({ preventScroll: true });
  }

  /** @param {number} number @returns {boolean} false: there is no such session */
  function bring(number) {
    if (!latest?.sessions.some((session) => session.number === number)) return false;
    ownUntil = performance.now() + OWN;
    if (isBehind) redraw(false);
    if (!isListed(number)) finder.reset();
    show(number, "center");
    const element = rows.get(number)?.element;
    // The class goes with the animation: a row that moves to another group later must not flash again.
    element?.classList.add("revealed");
    element?.addEventListener("animationend", () => element.classList.remove("revealed"), { once: true });
    return true;
  }

  function focus() {
    if (current === null) return false;
    show(current, "nearest");
    return true;
  }

  /**
   * @param {Snapshot} coming
   * @returns {() => void}
   */
  function hold(coming) {
    const row = rows.size === 0 ? null : anchorOf(root, coming, isHeld());
    if (!row) return () => {};
    anchor = Number(row.dataset.number);
    const { top } = row.getBoundingClientRect();
    return () => {
      anchor = null;
      seen.follow(row.getBoundingClientRect().top - top);
    };
  }

  return {
    /** @param {Snapshot} snapshot */
    draw(snapshot) {
      latest = snapshot;
      root.hidden = snapshot.sessions.length === 0;
      root.toggleAttribute("data-outdated", snapshot.trouble !== null);
      const share = String(Math.min(1, snapshot.timeout_minutes / DAY));
      if (root.style.getPropertyValue("--timeout") !== share) root.style.setProperty("--timeout", share);
      place(snapshot);
    },

    /**
     * To be called before anything on the page changes; what it returns, after: then what the person looks at is where
     * it was. WebKit has no scroll anchoring.
     */
    hold,

    /** What comes now was asked for here, and shows at once. */
    expect() {
      ownUntil = performance.now() + OWN;
      catchUp();
    },

    /** Opens a session's details and puts the focus there; false when there is no such session. @param {number} number */
    reveal(number) {
      if (!bring(number)) return false;
      setOpen(number, true);
      return true;
    },

    /** Puts the focus on a session without opening it. @param {number} number */
    point: bring,

    /**
     * Whether the focus is at a session, or at the one that got it because that session went.
     * @param {number} number
     */
    isAt(number) {
      const here = numberAt(document.activeElement);
      return here !== null && (here === number || (passed?.gone === number && passed.heir === here));
    },

    /** Puts the focus where Tab would; false where there is no row. */
    focus,

    /** Puts the focus into the search. */
    search: () => finder.focus(),
  };
}
