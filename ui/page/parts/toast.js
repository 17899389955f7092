// Shows the result of the last action, with an Undo button.
//
// Guarantees: one toast at a time, announced politely, visible until it is dismissed, its change is undone elsewhere, or the next
// one replaces it; Undo works by pointer, by Tab and by Ctrl+Z. Never takes the focus and never times out.

import { labels } from "../text/common.js";
import { copyText } from "./copy.js";
import { button, isDialogOpen, make } from "./element.js";

/** @param {HTMLElement} root with role=status */
export function toast(root) {
  /** @type {(() => void) | null} */
  let undoOnce = null;
  /** The id of the change that can be undone. @type {string | null} */
  let currentChange = null;

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
    if (!undoOnce || isDialogOpen()) return;
    event.preventDefault();
    undoOnce();
  });

  function clear() {
    undoOnce = null;
    currentChange = null;
    root.replaceChildren();
  }

  return {
    clear,

    /** Removes the toast of a change that can no longer be undone. @param {string} change */
    withdraw(change) {
      if (currentChange === change) clear();
    },

    /**
     * @param {string} text
     * @param {{ undo?: () => void, change?: string, copy?: string, isError?: boolean }} [options] `copy`: a text to be copied by a button
     */
    show(text, { undo, change, copy, isError = false } = {}) {
      clear();
      currentChange = change ?? null;
      const actions = make("span", { class: "actions" });
      if (undo) {
        undoOnce = () => {
          undoOnce = null; // a second press while the first is pending would undo another change
          undo();
        };
        actions.append(button({ class: "undo", "aria-keyshortcuts": labels.undoShortcut }, labels.undo, () => undoOnce?.()));
      }
      if (copy !== undefined) {
        const copying = button({ class: "copy" }, labels.copyCommand, async () => {
          copying.textContent = (await copyText(copy)) ? labels.copied : labels.notCopied;
        });
        actions.append(copying);
      }
      actions.append(button({ class: "dismiss", "aria-label": labels.dismiss }, "×", clear));
      root.append(make("div", { class: "toast", "data-tone": isError ? "bad" : "good" }, make("span", { class: "message" }, text), actions));
    },
  };
}
