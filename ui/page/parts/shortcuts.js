// The sheet of keys, and the keys that work from anywhere.
//
// Promises: every key of the page is on it; a key is never taken from a field that is typed into, nor while a sheet is open.

import { button, make } from "./element.js";
import { keySheet, phrases } from "../text/sessions.js";

/** @param {Record<string, () => void>} anywhere what a key does from anywhere */
export function keys(anywhere) {
  const heading = make("h2", { id: "shortcuts-title", tabindex: "-1" }, phrases.keysTitle);
  const groups = keySheet.map(([title, lines]) =>
    make("section", {}, make("h3", {}, title), make("dl", {}, ...lines.map(([strokes, what]) =>
      make("div", {}, make("dt", {}, ...strokes.flatMap((key) => [make("kbd", {}, key), " "])), make("dd", {}, what))))));
  const dialog = make("dialog", { class: "modal shortcuts-dialog", "aria-labelledby": heading.id },
    make("div", { class: "dialog-body" }, heading, ...groups),
    make("div", { class: "dialog-footer" }, make("div", { class: "actions" }, button({}, phrases.close, () => dialog.close()))));
  document.body.append(dialog);

  function open() {
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    heading.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const isTyping = event.target instanceof Element && event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (isTyping || document.querySelector("dialog[open]")) return;
    const act = event.key === "?" ? open : anywhere[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  return { open };
}
