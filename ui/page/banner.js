// What stands between the person and a picture they can trust: a registry that cannot be read, or a reason for caution.
//
// Promises: says what happened, where, and what to do, and goes away by itself with its cause; redrawn only when it
// changes, so a screen reader hears it once. Does not list small oddities (see oddities.js).

/** @import { Failure, Snapshot } from "../wire" */
import { make } from "./element.js";
import { line } from "./plain.js";
import { cautionRemedy, troubleRemedy } from "./remedies.js";
import { couldNotRead, words } from "./words.js";

/** @param {HTMLElement} root */
export function banner(root) {
  // Always there and empty, because a live region that arrives together with its text is not heard.
  const alarm = make("div", { role: "alert" });
  const hint = make("div");
  const old = make("p", { class: "old-note", hidden: true });
  root.append(alarm, hint, old);
  let as = "";

  /**
   * @param {string} tone
   * @param {string} title
   * @param {string} message
   * @param {string | null} path
   * @param {string} fix
   */
  const note = (tone, title, message, path, fix) =>
    make(
      "section",
      { class: "note", "data-tone": tone },
      make("h2", {}, title),
      make("p", {}, line(message, 600)),
      ...(path ? [make("p", { class: "path" }, make("bdi", {}, line(path, 1000)))] : []),
      ...(fix ? [make("p", { class: "fix" }, make("b", {}, `${words.whatToDo}: `), fix)] : []),
    );

  return {
    /** @param {Snapshot} snapshot */
    draw({ trouble, cleanup, sessions }) {
      const now = JSON.stringify([trouble, cleanup.caution, sessions.length === 0]);
      if (now === as) return;
      as = now;
      alarm.replaceChildren();
      hint.replaceChildren();
      old.hidden = trouble === null;
      if (trouble) {
        const { title, fix } = troubleRemedy(trouble.code);
        // The message may name the file already.
        const path = trouble.message.includes(trouble.path) ? null : trouble.path;
        alarm.append(note("trouble", title, trouble.message, path, fix));
        old.textContent = sessions.length === 0 ? words.noOldState : words.old;
      } else if (cleanup.caution && (cleanup.numbers.length > 0 || sessions.length > 0)) {
        const { title, fix, waits } = cautionRemedy(cleanup.caution.code);
        hint.append(note(waits ? "wait" : "caution", title, cleanup.caution.message, null, fix));
      }
    },

    /** The engine itself did not answer. @param {Failure} failure */
    fail({ message }) {
      as = "";
      alarm.replaceChildren(note("trouble", couldNotRead, message, null, ""));
    },
  };
}
