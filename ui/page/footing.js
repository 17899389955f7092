// The last line: what is being watched, and when a session counts as stale.

/** @import { Snapshot } from "../wire" */
import { make, setText } from "./element.js";
import { line } from "./plain.js";
import { staleAfter, watching } from "./words.js";

/** @param {HTMLElement} root */
export function footing(root) {
  const where = make("bdi", { class: "path" });
  const when = make("span");
  root.append(where, " ", when);

  return {
    /** @param {Snapshot} snapshot */
    draw({ registry, timeout_minutes, sessions, trouble }) {
      // The welcome page says both at length.
      root.hidden = sessions.length === 0 && trouble === null;
      setText(where, watching(line(registry, 1000)));
      setText(when, staleAfter(timeout_minutes));
    },
  };
}
