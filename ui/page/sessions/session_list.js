// The list of sessions: filtered, sorted, grouped by state, virtual.
//
// Guarantees: an unchanged session is not redrawn, and one out of view costs nothing (see virtual_list.js). While the user points at the
// list, rows are updated in place, and move to their groups once the pointer rests or the user asks for another list. Otherwise a redraw
// keeps the focus, the open rows and the position of what the user looks at. Scrolls by itself only to reveal a session.

/** @import { Details, SessionRow, Snapshot } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
/** @import { ActionName } from "./actions.js" */
import { pointerActivity } from "../list/pointer_activity.js";
import { scrollAnchor } from "../list/scroll_anchor.js";
import { virtualList } from "../list/virtual_list.js";
import { setHidden, setText } from "../parts/element.js";
import { groupTitle } from "../text/common.js";
import { allSessionsTitle } from "../text/sessions.js";
import { filterBar } from "./filter/filter_bar.js";
import { filterSessions } from "./filter/filter_sessions.js";
import { createGroups } from "./groups.js";
import { sessionMenu } from "./menu.js";
import { rowEvents } from "./row/row_events.js";
import { rowFocus } from "./row/row_focus.js";
import { rowAfterKey } from "./row/row_navigation.js";
import { sessionRow } from "./row/row.js";

/** For this long (ms) after a command of the user, its result is shown at once, even below the pointer. */
const SHOW_AT_ONCE = 1_500;
const MINUTES_PER_DAY = 24 * 60;

/**
 * @param {HTMLElement} root
 * @param {LiveText} liveText
 * @param {object} handlers
 * @param {(name: ActionName, session: SessionRow) => void} handlers.onAction for every action but "open"
 * @param {(number: number) => Promise<Details>} handlers.loadDetails
 */
export function sessionList(root, liveText, { onAction, loadDetails }) {
  /** The sessions in the list; those that disappeared stay until the rows are placed again. @type {Map<number, SessionRow>} */
  let listedSessions = new Map();
  /** @type {Snapshot | null} */
  let latest = null;
  /** @type {Set<number>} */
  const open = new Set();
  /** The row whose position on screen is being preserved. @type {number | null} */
  let anchor = null;
  let isPlacementPending = false;
  let showAtOnceUntil = 0;

  const filters = filterBar(() => redraw(true), () => focusTabStop());
  const groups = createGroups();
  /** The numbers of all rows, in order. */
  const numbers = () => groups.flatMap(({ rows: { keys } }) => keys);
  root.append(filters.element, ...groups.map(({ section }) => section), filters.noResults);

  const menu = sessionMenu(root, runAction, placePending);
  const pointer = pointerActivity(root, placePending);
  const { rows, ...view } = virtualList(root, {
    sections: groups,
    session: (number) => listedSessions.get(number),
    isOpen: (number) => open.has(number),
    pinned: () => [focus.current, anchor],
    createRow(number) {
      const row = sessionRow(liveText, { loadDetails, onToggle: (isOpen) => setOpen(number, isOpen) });
      if (number === focus.current) row.rowButton.tabIndex = 0;
      return row;
    },
  });
  const { numberAt } = rowEvents(root, {
    session: (number) => listedSessions.get(number),
    onAction: runAction,
    openMenu,
    navigate,
    onFocus: (number) => focus.setTabStop(number),
  });
  const focus = rowFocus({ row: (number) => rows.get(number), render: view.render, numbers, numberAt });

  /** @param {number} number */
  const isListed = (number) => groups.some(({ rows: { keys } }) => keys.includes(number));
  /** Whether rows keep their places for now. */
  const isHeld = () => performance.now() > showAtOnceUntil && (menu.session !== null || pointer.isActive);

  /** @param {ActionName} name @param {SessionRow} session */
  function runAction(name, session) {
    if (name === "open") setOpen(session.number, !open.has(session.number));
    else onAction(name, session);
  }

  /** @param {string} key @param {number} from @param {HTMLElement} focused @returns {boolean} */
  function navigate(key, from, focused) {
    if (key === "ArrowRight" || key === "ArrowLeft") {
      const row = rows.get(from);
      const button = key === "ArrowRight" ? row?.menuButton : row?.rowButton;
      button?.focus({ preventScroll: true });
      return button !== focused;
    }
    const next = rowAfterKey(key, numbers(), from);
    if (next === undefined) return false;
    focus.focusRow(next, "nearest");
    return true;
  }

  /**
   * @param {SessionRow} session
   * @param {HTMLElement | null} from
   * @param {{ x: number, y: number }} [at]
   */
  function openMenu(session, from, at) {
    const row = rows.get(session.number);
    if (!row) return;
    focus.setTabStop(session.number);
    const { right, bottom } = row.menuButton.getBoundingClientRect();
    menu.open(session, from ?? row.rowButton, at ?? { x: right - 240, y: bottom });
  }

  /** @param {number} number @param {boolean} isOpen */
  function setOpen(number, isOpen) {
    if (isOpen) open.add(number);
    else open.delete(number);
    rows.get(number)?.setOpen(isOpen);
  }

  /** Moves rows to their places, if that was postponed. */
  function placePending() {
    if (isPlacementPending && !isHeld()) redraw(false);
  }

  /** @param {boolean} isRequested whether the user asked for another list */
  function redraw(isRequested) {
    if (!latest) return;
    const restoreScroll = isRequested ? () => {} : preserveScroll(latest);
    place(latest, isRequested);
    restoreScroll();
  }

  /** @param {Snapshot} snapshot @param {boolean} [isRequested] */
  function place(snapshot, isRequested = false) {
    const result = filterSessions(snapshot.sessions, filters.filter);
    const before = listedSessions;
    listedSessions = new Map(snapshot.sessions.map((session) => [session.number, session]));
    isPlacementPending = !isRequested && rows.size > 0 && isHeld();
    const restoreFocus = focus.preserve();

    for (const group of groups) {
      const members = result.groups.find(({ key }) => key === group.key)?.members ?? [];
      if (!isPlacementPending) {
        group.rows = view.layOut(members.map(({ number }) => number));
        setHidden(group.section, members.length === 0);
      }
      setText(group.heading, group.key === "all" ? allSessionsTitle(members.length) : groupTitle(group.key, members.length));
    }
    if (isPlacementPending) {
      for (const number of numbers()) {
        const session = before.get(number);
        if (session && !listedSessions.has(number)) listedSessions.set(number, session);
      }
    }
    for (const number of [...open]) if (!listedSessions.has(number)) open.delete(number);
    filters.draw(result);
    focus.update();
    menu.update(menu.session ? listedSessions.get(menu.session.number) : undefined);
    view.render();
    restoreFocus();
  }

  /** Scrolls to a session and focuses it. @param {number} number @returns {boolean} false: there is no such session */
  function focusSession(number) {
    if (!latest?.sessions.some((session) => session.number === number)) return false;
    showAtOnceUntil = performance.now() + SHOW_AT_ONCE;
    if (isPlacementPending) redraw(false);
    if (!isListed(number)) filters.reset();
    focus.focusRow(number, "center");
    const element = rows.get(number)?.element;
    // The class is removed with the animation, so that a later move to another group does not replay it.
    element?.classList.add("revealed");
    element?.addEventListener("animationend", () => element.classList.remove("revealed"), { once: true });
    return true;
  }

  function focusTabStop() {
    if (focus.current === null) return false;
    focus.focusRow(focus.current, "nearest");
    return true;
  }

  /**
   * @param {Snapshot} next
   * @returns {() => void}
   */
  function preserveScroll(next) {
    const row = rows.size === 0 ? null : scrollAnchor(root, next, isHeld());
    if (!row) return () => {};
    anchor = Number(row.dataset.number);
    const { top } = row.getBoundingClientRect();
    return () => {
      anchor = null;
      view.scrollBy(row.getBoundingClientRect().top - top);
    };
  }

  return {
    /** @param {Snapshot} snapshot */
    draw(snapshot) {
      latest = snapshot;
      root.hidden = snapshot.sessions.length === 0;
      root.toggleAttribute("data-outdated", snapshot.trouble !== null);
      const share = String(Math.min(1, snapshot.timeout_minutes / MINUTES_PER_DAY));
      if (root.style.getPropertyValue("--timeout") !== share) root.style.setProperty("--timeout", share);
      place(snapshot);
    },

    /**
     * Call before anything on the page changes, and the returned function after it: what the user looks at then stays in place. WebKit has
     * no scroll anchoring.
     */
    preserveScroll,

    /** The next changes are results of a command of the user: they are shown at once. */
    showAtOnce() {
      showAtOnceUntil = performance.now() + SHOW_AT_ONCE;
      placePending();
    },

    /** Opens a session's details and focuses it; false if there is no such session. @param {number} number */
    reveal(number) {
      if (!focusSession(number)) return false;
      setOpen(number, true);
      return true;
    },

    focusSession,

    hasFocus: focus.has,

    /** Focuses the row with the tab stop; false if there are no rows. */
    focus: focusTabStop,

    focusSearch: () => filters.focus(),
  };
}
