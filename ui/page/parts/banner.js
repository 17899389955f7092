// What stands between the person and a picture they can trust: a registry that cannot be read, or a reason for caution.
//
// Promises: says what happened, where, and what to do, and goes away by itself with its cause; redrawn only when it
// changes, so a screen reader hears it once. A way out that can be taken here stands below it (see restore_offer.js). Does not list
// small oddities (see warnings.js).

/** @import { Failure, Snapshot } from "../../wire" */
import { make } from "./element.js";
import { line } from "../text/sanitize.js";
import { cautionRemedy, troubleRemedy } from "../text/advice.js";
import { couldNotRead, words } from "../text/common.js";

/**
 * @param {HTMLElement} root
 * @param {{ element: HTMLElement, about: (isNeeded: boolean) => void }} way out of trouble
 */
export function banner(root, way) {
  // Always there and empty, because a live region that arrives together with its text is not heard.
  const alarm = make("div", { role: "alert" });
  const trouble = make("section", { "data-tone": "trouble" }, alarm, way.element);
  const hint = make("div");
  const old = make("p", { class: "outdated-note", hidden: true });
  root.append(trouble, hint, old);
  let as = "";

  /**
   * @param {string} title
   * @param {string} message
   * @param {string | null} path
   * @param {string} fix
   */
  const said = (title, message, path, fix) => [
    make("h2", {}, title),
    make("p", {}, line(message, 600)),
    ...(path ? [make("p", { class: "path" }, make("bdi", {}, line(path, 1000)))] : []),
    ...(fix ? [make("p", { class: "fix" }, make("b", {}, `${words.whatToDo}: `), fix)] : []),
  ];

  return {
    /** @param {Snapshot} snapshot */
    draw({ trouble: found, cleanup, sessions }) {
      const now = JSON.stringify([found, cleanup.caution, sessions.length === 0]);
      if (now === as) return;
      as = now;
      alarm.replaceChildren();
      hint.replaceChildren();
      trouble.classList.toggle("note", found !== null);
      old.hidden = found === null;
      if (found) {
        const { title, fix } = troubleRemedy(found.code);
        // The message may name the file already.
        const path = found.message.includes(found.path) ? null : found.path;
        alarm.append(...said(title, found.message, path, fix));
        old.textContent = sessions.length === 0 ? words.noOldState : words.old;
      } else if (cleanup.caution && (cleanup.numbers.length > 0 || sessions.length > 0)) {
        const { title, fix, waits } = cautionRemedy(cleanup.caution.code);
        hint.append(make("section", { class: "note", "data-tone": waits ? "wait" : "caution" }, ...said(title, cleanup.caution.message, null, fix)));
      }
      way.about(found !== null);
    },

    /** The engine itself did not answer. @param {Failure} failure */
    fail({ message }) {
      as = "";
      trouble.classList.add("note");
      alarm.replaceChildren(...said(couldNotRead, message, null, ""));
    },
  };
}
