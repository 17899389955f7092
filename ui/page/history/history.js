// What was changed, by day, the newest first: what, when, by whom, and the way back.
//
// Promises: read when it is opened and again whenever something changed while it is open, never otherwise; a line that
// stays keeps its element, so a redraw costs neither the focus nor the place. Does not say who the sessions were: the
// journal names numbers.

/** @import { HistoryLine, Snapshot } from "../../wire" */
/** @import { Clock } from "../parts/live_text.js" */
import { failure } from "../backend.js";
import { byWhom, deeds, happened, paths } from "../text/changes.js";
import { arrange, button, make, setText } from "../parts/element.js";
import { line as oneLine } from "../text/sanitize.js";
import { clockTime, dayOf, fullMoment, instant } from "../text/times.js";
import { words } from "../text/common.js";

/** @typedef {ReturnType<typeof historyLine>} Line */

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 * @param {object} ways
 * @param {() => Promise<HistoryLine[]>} ways.read
 * @param {(change: string) => Promise<void>} ways.undo
 */
export function history(root, clock, { read, undo }) {
  /** @type {Map<string, Line>} */
  const lines = new Map();
  /** @type {Map<string, HTMLElement>} */
  const days = new Map();
  const empty = make("section", { class: "empty-state", hidden: true }, make("h2", {}, deeds.historyEmpty), make("p", { class: "muted" }, deeds.historyEmptyHow));
  const wait = make("p", { class: "muted loading" }, deeds.historyReading);
  const wrong = make("p", { class: "error", role: "alert" });
  const list = make("div", { class: "days" });
  root.append(wrong, wait, empty, list);
  let asked = 0;

  async function refresh() {
    const mine = ++asked;
    try {
      const changes = await read();
      if (mine === asked) fill(changes);
    } catch (reason) {
      if (mine !== asked) return;
      wait.hidden = true;
      setText(wrong, `${deeds.couldNotReadHistory} ${oneLine(failure(reason).message, 600)}`);
    }
  }

  /** @param {HistoryLine[]} changes */
  function fill(changes) {
    wait.hidden = true;
    setText(wrong, "");
    empty.hidden = changes.length > 0;
    const ids = new Map(changes.map((change) => [change.id, change]));
    const byDay = Map.groupBy(changes, ({ at }) => dayKey(instant(at) ?? 0));
    arrange(list, [...byDay].map(([key, members]) => {
      const day = days.get(key) ?? newDay(clock, key, instant(members[0]?.at ?? null) ?? 0);
      days.set(key, day);
      const items = /** @type {HTMLElement} */ (day.lastElementChild);
      arrange(items, members.map((change) => {
        const line = lines.get(change.id) ?? historyLine(undo);
        lines.set(change.id, line);
        line.update(change, (id) => ids.get(id));
        return line.element;
      }));
      return day;
    }));
    for (const [id] of lines) if (!ids.has(id)) lines.delete(id);
    for (const [key, day] of days) if (!byDay.has(key)) clock.drop(heading(day)), days.delete(key);
  }

  return {
    /** @param {Snapshot} _ what it says is in the sessions; that it came may mean a change */
    draw(_) {
      if (!root.hidden) void refresh();
    },
    refresh,
  };
}

/** @param {(change: string) => Promise<void>} undo */
function historyLine(undo) {
  let id = "";
  const time = make("time");
  const what = make("span", { class: "what" });
  const by = make("span", { class: "by" });
  const back = make("span", { class: "undone" }, deeds.takenBack);
  let isOnItsWay = false;
  const press = button({ class: "undo" }, words.undo, () => {
    if (isOnItsWay) return;
    isOnItsWay = true; // not disabled: a disabled button loses the focus
    void undo(id).finally(() => (isOnItsWay = false));
  });
  const element = make("li", { class: "change", tabindex: "-1" }, time, " ", make("span", { class: "text" }, what, " ", by, " ", back), " ", press);
  return {
    element,
    /** @param {HistoryLine} change @param {(id: string) => HistoryLine | undefined} find */
    update(change, find) {
      id = change.id;
      const at = instant(change.at) ?? 0;
      setText(time, clockTime(at));
      time.dateTime = change.at;
      time.title = fullMoment(at);
      const told = happened(change, find);
      setText(what, told);
      what.title =
        change.moves.length > 3 ? paths(change.moves, Infinity)
        : change.numbers.length > 5 ? change.numbers.map((number) => `#${number}`).join(", ")
        : "";
      setText(by, byWhom(change.by));
      back.hidden = !change.is_taken_back;
      element.toggleAttribute("data-undone", change.is_taken_back);
      const isLost = press === document.activeElement && !change.can_be_undone;
      press.hidden = !change.can_be_undone;
      // The line is still what the person is at.
      if (isLost) element.focus({ preventScroll: true });
      press.setAttribute("aria-label", `${words.undo}: ${told}`);
    },
  };
}

/**
 * @param {Clock} clock
 * @param {string} key
 * @param {number} at
 */
function newDay(clock, key, at) {
  const title = make("h2", { id: `day-${key}` });
  const day = make("section", { class: "day", "aria-labelledby": title.id }, title, make("ul", { role: "list" }));
  clock.keep(title, (now) => {
    const { text, until } = dayOf(at, now);
    setText(title, text);
    return until;
  });
  return day;
}

/** @param {HTMLElement} day */
const heading = (day) => /** @type {HTMLElement} */ (day.firstElementChild);

/** @param {number} at ms @returns {string} the local day */
function dayKey(at) {
  const day = new Date(at);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}
