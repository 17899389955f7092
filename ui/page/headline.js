// The answer at a glance: how many are running, how many are stale, and the one thing to do about it.
//
// Promises: the button is there exactly when there is something to clean up, otherwise a calm line is; with a caution it
// offers to review, not to clean up. Does not clean up: it opens the preview.

/** @import { Snapshot } from "../wire" */
import { button, make, setText } from "./element.js";
import { cleanUp, reviewFirst, stateWords, words } from "./words.js";

const KINDS = /** @type {const} */ (["active", "stale", "inactive", "unknown", "free"]);

/**
 * @param {HTMLElement} root
 * @param {() => void} review opens the preview
 */
export function headline(root, review) {
  const list = make("ul", { class: "counts", role: "list", "aria-label": words.countsLabel, hidden: true });
  const counts = KINDS.map((kind) => {
    const tally = make("b");
    const label = make("span", {}, kind === "free" ? words.free : stateWords[kind]);
    const item = make("li", { class: "count", "data-kind": kind }, tally, " ", label);
    list.append(item);
    return { kind, item, tally };
  });
  const calm = make("p", { class: "calm", hidden: true }, words.nothingStale);
  const open = button({ class: "primary", "aria-haspopup": "dialog", hidden: true }, "", review);
  root.append(make("h1", { class: "visually-hidden" }, words.app), list, calm, open);

  return {
    /** @param {Snapshot} snapshot */
    draw({ counts: tallies, available_numbers: free, cleanup, trouble, sessions }) {
      for (const { kind, item, tally } of counts) {
        const n = kind === "free" ? free.length : tallies[kind];
        setText(tally, n.toLocaleString("en"));
        item.classList.toggle("zero", n === 0);
        // Running, stale and free are the question; the other two are news only when there are any.
        item.hidden = n === 0 && (kind === "inactive" || kind === "unknown");
      }
      list.hidden = trouble !== null && sessions.length === 0;
      list.toggleAttribute("data-old", trouble !== null);
      const offered = cleanup.numbers.length;
      open.hidden = offered === 0 || trouble !== null;
      open.classList.toggle("primary", cleanup.caution === null);
      setText(open, cleanup.caution ? reviewFirst(offered) : cleanUp(offered));
      calm.hidden = offered > 0 || tallies.stale > 0 || trouble !== null || sessions.length === 0;
    },

    /** Puts the focus on the button; false when it is not there. */
    focus() {
      if (open.hidden) return false;
      open.focus();
      return true;
    },
  };
}
