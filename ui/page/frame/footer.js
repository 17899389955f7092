// The footer: which registry is watched, when a session counts as stale, and what is out of the ordinary (polling, snoozed).

/** @import { Snapshot } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
import { labels, snoozedText, staleAfterText, watchingText } from "../text/common.js";
import { singleLine } from "../text/format/sanitize.js";
import { parseTime } from "../text/format/times.js";
import { make, setText } from "../parts/element.js";

/**
 * @param {HTMLElement} root
 * @param {LiveText} liveText
 */
export function footer(root, liveText) {
  const path = make("bdi", { class: "path" });
  const timeout = make("span");
  const polling = make("span", { hidden: true }, labels.polling);
  const snooze = make("span", { hidden: true });
  root.append(path, " ", timeout, " ", polling, " ", snooze);

  return {
    /** @param {Snapshot} snapshot */
    draw({ registry, timeout_minutes, sessions, trouble, is_polling, snoozed_until }) {
      // The welcome page shows the same.
      root.hidden = sessions.length === 0 && trouble === null;
      setText(path, watchingText(singleLine(registry, 1000)));
      setText(timeout, staleAfterText(timeout_minutes));
      polling.hidden = !is_polling;
      const end = parseTime(snoozed_until);
      liveText.set(snooze, (now) => {
        snooze.hidden = end === null || end <= now;
        if (end === null || snooze.hidden) return Infinity;
        const { text, until } = snoozedText(end, now);
        setText(snooze, text);
        return Math.min(until, end);
      });
    },
  };
}
