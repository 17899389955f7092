// Shows why the registry cannot be read, or why a cleanup needs caution.
//
// Guarantees: says what happened, where, and what to do; disappears with its cause; redrawn only when it changes, so that a
// screen reader announces it once. An offer to restore a copy is shown below it (see restore_offer.js); warnings about single
// files are not (see warnings.js).

/** @import { Failure, Snapshot } from "../../wire" */
import { cautionAdvice, troubleAdvice } from "../text/advice.js";
import { labels } from "../text/common.js";
import { singleLine } from "../text/format/sanitize.js";
import { make } from "../parts/element.js";

/**
 * @param {HTMLElement} root
 * @param {{ element: HTMLElement, setNeeded: (isNeeded: boolean) => void }} restoreOffer
 */
export function banner(root, restoreOffer) {
  // Exists from the start, because a live region that is inserted together with its text is not announced.
  const alert = make("div", { role: "alert" });
  const trouble = make("section", { "data-tone": "trouble" }, alert, restoreOffer.element);
  const caution = make("div");
  const outdated = make("p", { class: "outdated-note", hidden: true });
  root.append(trouble, caution, outdated);
  let drawn = "";

  /**
   * @param {string} title
   * @param {string} message
   * @param {string | null} path
   * @param {string} fix
   */
  const note = (title, message, path, fix) => [
    make("h2", {}, title),
    make("p", {}, singleLine(message, 600)),
    ...(path ? [make("p", { class: "path" }, make("bdi", {}, singleLine(path, 1000)))] : []),
    ...(fix ? [make("p", { class: "fix" }, make("b", {}, `${labels.whatToDo}: `), fix)] : []),
  ];

  return {
    /** @param {Snapshot} snapshot */
    draw({ trouble: failure, cleanup, sessions }) {
      const current = JSON.stringify([failure, cleanup.caution, sessions.length === 0]);
      if (current === drawn) return;
      drawn = current;
      alert.replaceChildren();
      caution.replaceChildren();
      trouble.classList.toggle("note", failure !== null);
      outdated.hidden = failure === null;
      if (failure) {
        const { title, fix } = troubleAdvice(failure.code);
        // The message may contain the path already.
        const path = failure.message.includes(failure.path) ? null : failure.path;
        alert.append(...note(title, failure.message, path, fix));
        outdated.textContent = sessions.length === 0 ? labels.noEarlierState : labels.outdated;
      } else if (cleanup.caution && (cleanup.numbers.length > 0 || sessions.length > 0)) {
        const { title, fix, blocksCleanup } = cautionAdvice(cleanup.caution.code);
        caution.append(make("section", { class: "note", "data-tone": blocksCleanup ? "wait" : "caution" }, ...note(title, cleanup.caution.message, null, fix)));
      }
      restoreOffer.setNeeded(failure !== null);
    },

    /** Shows that the engine did not answer. @param {Failure} failure */
    showFailure({ message }) {
      drawn = "";
      trouble.classList.add("note");
      alert.replaceChildren(...note(labels.engineFailed, message, null, ""));
    },
  };
}
