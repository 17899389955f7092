// The answer at a glance: how many are running, how many are stale, and what to do about it.
//
// Promises: the button is there exactly when there is something to clean up, otherwise a calm line is; with a caution it
// offers to review, not to clean up; Compact is there while the numbers of who runs have gaps. Does not change anything: it
// opens the previews.

/** @import { Snapshot } from "../../wire" */
import { deeds } from "../text/changes.js";
import { button, make, setText } from "./element.js";
import { figure } from "../text/format_number.js";
import { cleanUp, countWords, reviewFirst, runsIn, words } from "../text/common.js";

const KINDS = /** @type {const} */ (["running", "active", "unregistered", "elsewhere", "stale", "inactive", "unknown", "free"]);

/** What is hidden while there is none of it: running, stale and free are the question. */
const HIDDEN_AT_ZERO = /** @type {ReadonlySet<string>} */ (new Set(["unregistered", "elsewhere", "inactive", "unknown"]));

/**
 * @param {HTMLElement} root holds the way between the places already
 * @param {object} ways
 * @param {() => void} ways.review opens the preview of a cleanup
 * @param {() => void} ways.compact opens the preview of new numbers
 */
export function headline(root, { review, compact }) {
  const list = make("ul", { class: "counts", role: "list", "aria-label": words.countsLabel, hidden: true });
  const counts = KINDS.map((kind) => {
    const tally = make("b");
    const label = make("span", {}, countWords[kind]);
    const item = make("li", { class: "count", "data-kind": kind }, tally, " ", label);
    list.append(item);
    return { kind, item, tally, label };
  });
  const calm = make("p", { class: "all-clear", hidden: true }, words.nothingStale);
  const open = button({ class: "primary", "aria-haspopup": "dialog", hidden: true }, "", review);
  const close = button({ class: "compact", "aria-haspopup": "dialog", hidden: true }, deeds.compact, compact);
  root.prepend(make("h1", { class: "visually-hidden" }, words.app), list);
  const doings = make("div", { class: "action-bar" }, calm, close, open);
  root.append(doings);

  return {
    /** @param {Snapshot} snapshot */
    draw({ counts: tallies, available_numbers: free, cleanup, trouble, sessions, elsewhere }) {
      const others = elsewhere.reduce((sum, { running }) => sum + running, 0);
      // What runs and what is active are one number while all that run are registered here.
      const isSimple = tallies.unregistered === 0 && others === 0;
      for (const { kind, item, tally, label } of counts) {
        const n = kind === "free" ? free.length : kind === "elsewhere" ? others : tallies[kind];
        setText(tally, figure(n));
        item.classList.toggle("zero", n === 0);
        item.hidden = kind === "running" ? isSimple : kind === "active" ? !isSimple : n === 0 && HIDDEN_AT_ZERO.has(kind);
        if (kind === "elsewhere") setText(label, runsIn(elsewhere));
      }
      list.hidden = trouble !== null && sessions.length === 0;
      list.toggleAttribute("data-outdated", trouble !== null);
      const offered = cleanup.numbers.length;
      open.hidden = offered === 0 || trouble !== null;
      open.classList.toggle("primary", cleanup.caution === null);
      setText(open, cleanup.caution ? reviewFirst(offered) : cleanUp(offered));
      close.hidden = trouble !== null || !hasGaps(sessions, free);
      calm.hidden = offered > 0 || tallies.stale > 0 || trouble !== null || sessions.length === 0;
      doings.hidden = calm.hidden && close.hidden && open.hidden;
    },

    /** Puts the focus on the button; false when it is not there. */
    focus() {
      if (open.hidden) return false;
      open.focus();
      return true;
    },
  };
}

/**
 * Whether the running sessions are not numbered 1, 2, 3 … A number that is neither held nor free belongs to an entry that
 * nobody can read, and is passed over, as the engine does.
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
