// What just happened, and the way back.
//
// Promises: one notice at a time, read out politely, there until it is dismissed, somebody else takes the change back, or
// the next thing happens; its Undo is reachable by pointer, by Tab, and by Ctrl+Z. Never takes the focus. Does not time out:
// nobody has to be quick.

import { button, make } from "./element.js";
import { words } from "../text/common.js";

/** @param {HTMLElement} root with role=status */
export function notice(root) {
  /** @type {(() => void) | null} */
  let back = null;
  /** The change it is about. @type {string | null} */
  let about = null;

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
    if (!back || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    back();
  });

  function clear() {
    back = null;
    about = null;
    root.replaceChildren();
  }

  return {
    clear,

    /** That change is no longer to be taken back: somebody did. @param {string} change */
    withdraw(change) {
      if (about === change) clear();
    },

    /**
     * @param {string} text
     * @param {{ undo?: () => void, of?: string, bad?: boolean }} [way]
     */
    show(text, { undo, of, bad = false } = {}) {
      clear();
      about = of ?? null;
      const actions = make("span", { class: "actions" });
      if (undo) {
        back = () => {
          back = null; // once: a second press while the first is on its way would undo something else
          undo();
        };
        actions.append(button({ class: "undo", "aria-keyshortcuts": words.undoShortcut }, words.undo, () => back?.()));
      }
      actions.append(button({ class: "dismiss", "aria-label": words.dismiss }, "×", clear));
      root.append(make("div", { class: "toast", "data-tone": bad ? "bad" : "good" }, make("span", { class: "message" }, text), actions));
    },
  };
}
