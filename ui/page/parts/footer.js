// The last line: what is being watched and how, when a session counts as stale, and until when notifications wait.
//
// Promises: says the ordinary in one line, and what is not ordinary (looking every few seconds, snoozed) only while it is so.

/** @import { Snapshot } from "../../wire" */
/** @import { Clock } from "./live_text.js" */
import { make, setText } from "./element.js";
import { line } from "../text/sanitize.js";
import { instant } from "../text/times.js";
import { snoozed, staleAfter, watching, words } from "../text/common.js";

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 */
export function footing(root, clock) {
  const where = make("bdi", { class: "path" });
  const when = make("span");
  const polling = make("span", { hidden: true }, words.polling);
  const asleep = make("span", { hidden: true });
  root.append(where, " ", when, " ", polling, " ", asleep);

  return {
    /** @param {Snapshot} snapshot */
    draw({ registry, timeout_minutes, sessions, trouble, is_polling, snoozed_until }) {
      // The welcome page says both at length.
      root.hidden = sessions.length === 0 && trouble === null;
      setText(where, watching(line(registry, 1000)));
      setText(when, staleAfter(timeout_minutes));
      polling.hidden = !is_polling;
      const end = instant(snoozed_until);
      clock.keep(asleep, (now) => {
        asleep.hidden = end === null || end <= now;
        if (end === null || asleep.hidden) return Infinity;
        const { text, until } = snoozed(end, now);
        setText(asleep, text);
        return Math.min(until, end);
      });
    },
  };
}
