// The header: how many sessions are in each state, and the buttons to clean up and to compact the numbers.
//
// Guarantees: the cleanup button is visible exactly while there is something to clean up, otherwise "No stale sessions" is; with a
// caution it offers to review instead; Compact is visible while the numbers of the running sessions have gaps. The buttons open
// previews and change nothing.

/** @import { Snapshot } from "../../wire" */
import { cleanUpLabel, reviewLabel } from "../text/cleanup.js";
import { countNames, elsewhereLabel, labels } from "../text/common.js";
import { formatNumber } from "../text/format/format_number.js";
import { renumberLabels } from "../text/renumber.js";
import { button, make, setText } from "../parts/element.js";

const KINDS = /** @type {const} */ (["running", "active", "unregistered", "elsewhere", "waiting", "stale", "inactive", "unknown", "free"]);

/** Counts that are hidden when they are 0. */
const HIDDEN_AT_ZERO = /** @type {ReadonlySet<string>} */ (new Set(["unregistered", "elsewhere", "waiting", "inactive", "unknown"]));

/**
 * @param {HTMLElement} root which contains the tabs already
 * @param {object} handlers
 * @param {() => void} handlers.onCleanup
 * @param {() => void} handlers.onCompact
 */
export function headline(root, { onCleanup, onCompact }) {
  const list = make("ul", { class: "counts", role: "list", "aria-label": labels.counts, hidden: true });
  const items = KINDS.map((kind) => {
    const number = make("b");
    const label = make("span", {}, countNames[kind]);
    const item = make("li", { class: "count", "data-kind": kind }, number, " ", label);
    list.append(item);
    return { kind, item, number, label };
  });
  const allClear = make("p", { class: "all-clear", hidden: true }, labels.nothingStale);
  const cleanUp = button({ class: "primary", "aria-haspopup": "dialog", hidden: true }, "", onCleanup);
  const compact = button({ class: "compact", "aria-haspopup": "dialog", hidden: true }, renumberLabels.compact, onCompact);
  root.prepend(make("h1", { class: "visually-hidden" }, labels.app), list);
  const actionBar = make("div", { class: "action-bar" }, allClear, compact, cleanUp);
  root.append(actionBar);

  return {
    /** @param {Snapshot} snapshot */
    draw({ counts, available_numbers: free, cleanup, trouble, sessions, elsewhere }) {
      const runningElsewhere = elsewhere.reduce((sum, { running }) => sum + running, 0);
      // "Running" and "active" are the same number while every running session is registered here.
      const isRunningActive = counts.unregistered === 0 && runningElsewhere === 0;
      for (const { kind, item, number, label } of items) {
        const n = kind === "free" ? free.length : kind === "elsewhere" ? runningElsewhere : counts[kind];
        setText(number, formatNumber(n));
        item.classList.toggle("zero", n === 0);
        item.hidden = kind === "running" ? isRunningActive : kind === "active" ? !isRunningActive : n === 0 && HIDDEN_AT_ZERO.has(kind);
        if (kind === "elsewhere") setText(label, elsewhereLabel(elsewhere));
      }
      list.hidden = trouble !== null && sessions.length === 0;
      list.toggleAttribute("data-outdated", trouble !== null);
      const n = cleanup.numbers.length;
      cleanUp.hidden = n === 0 || trouble !== null;
      cleanUp.classList.toggle("primary", cleanup.caution === null);
      setText(cleanUp, cleanup.caution ? reviewLabel(n) : cleanUpLabel(n));
      compact.hidden = trouble !== null || !hasGaps(sessions, free);
      allClear.hidden = n > 0 || counts.stale > 0 || trouble !== null || sessions.length === 0;
      actionBar.hidden = allClear.hidden && compact.hidden && cleanUp.hidden;
    },

    /** Focuses the cleanup button; false if it is hidden. */
    focus() {
      if (cleanUp.hidden) return false;
      cleanUp.focus();
      return true;
    },
  };
}

/**
 * Whether the running sessions are not numbered 1, 2, 3 … A number that is neither used nor free belongs to an unreadable entry and
 * is skipped, as the engine does.
 * @param {Snapshot["sessions"]} sessions
 * @param {number[]} free
 */
function hasGaps(sessions, free) {
  const usable = new Set([...sessions.map(({ number }) => number), ...free]);
  const highest = Math.max(0, ...free);
  let next = 0;
  const running = sessions.filter(({ state }) => state === "active").map(({ number }) => number);
  return running.sort((a, b) => a - b).some((number) => {
    do next += 1;
    while (!usable.has(next) && next < highest && next < number);
    return number !== next;
  });
}
