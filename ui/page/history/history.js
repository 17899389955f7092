// The history tab: every change, grouped by day, newest first, with its Undo button.
//
// Guarantees: loaded when the tab is shown and whenever the snapshot changes while it is shown; an unchanged line keeps its element, so
// that a redraw loses neither the focus nor the scroll position.

/** @import { HistoryLine, Snapshot } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
import { failure } from "../backend.js";
import { make, reconcileChildren, setText } from "../parts/element.js";
import { historyLabels } from "../text/history.js";
import { singleLine } from "../text/format/sanitize.js";
import { dayHeading, parseTime } from "../text/format/times.js";
import { changeItem } from "./change_item.js";

/** @typedef {{ section: HTMLElement, heading: HTMLElement, list: HTMLElement }} Day */

/**
 * @param {HTMLElement} root
 * @param {LiveText} liveText
 * @param {object} handlers
 * @param {() => Promise<HistoryLine[]>} handlers.load
 * @param {(change: string) => Promise<void>} handlers.undo
 */
export function history(root, liveText, { load, undo }) {
  /** @type {Map<string, ReturnType<typeof changeItem>>} */
  const items = new Map();
  /** @type {Map<string, Day>} */
  const days = new Map();
  const empty = make("section", { class: "empty-state", hidden: true },
    make("h2", {}, historyLabels.empty), make("p", { class: "muted" }, historyLabels.emptyHint));
  const loading = make("p", { class: "muted loading" }, historyLabels.reading);
  const error = make("p", { class: "error", role: "alert" });
  const list = make("div", { class: "days" });
  root.append(error, loading, empty, list);
  let requests = 0;

  async function refresh() {
    const request = ++requests;
    try {
      const changes = await load();
      if (request === requests) show(changes);
    } catch (reason) {
      if (request !== requests) return;
      loading.hidden = true;
      setText(error, `${historyLabels.failed} ${singleLine(failure(reason).message, 600)}`);
    }
  }

  /** @param {HistoryLine[]} changes */
  function show(changes) {
    loading.hidden = true;
    setText(error, "");
    empty.hidden = changes.length > 0;
    const byId = new Map(changes.map((change) => [change.id, change]));
    const byDay = Map.groupBy(changes, ({ at }) => dayKey(parseTime(at) ?? 0));
    reconcileChildren(list, [...byDay].map(([key, members]) => {
      const day = days.get(key) ?? newDay(key, parseTime(members[0]?.at ?? null) ?? 0);
      days.set(key, day);
      reconcileChildren(day.list, members.map((change) => {
        const item = items.get(change.id) ?? changeItem(undo);
        items.set(change.id, item);
        item.update(change, (id) => byId.get(id));
        return item.element;
      }));
      return day.section;
    }));
    for (const [id] of items) if (!byId.has(id)) items.delete(id);
    for (const [key, { heading }] of days) if (!byDay.has(key)) liveText.delete(heading), days.delete(key);
  }

  /** @param {string} key @param {number} at @returns {Day} */
  function newDay(key, at) {
    const heading = make("h2", { id: `day-${key}` });
    const changes = make("ul", { role: "list" });
    liveText.set(heading, (now) => {
      const { text, until } = dayHeading(at, now);
      setText(heading, text);
      return until;
    });
    return { section: make("section", { class: "day", "aria-labelledby": heading.id }, heading, changes), heading, list: changes };
  }

  return {
    /** @param {Snapshot} _ its content is not used: a new snapshot may mean a new change */
    draw(_) {
      if (!root.hidden) void refresh();
    },
    refresh,
  };
}

/** @param {number} at ms @returns {string} the local day */
function dayKey(at) {
  const day = new Date(at);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}
