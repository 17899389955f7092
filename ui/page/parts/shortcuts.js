// The global keyboard shortcuts, and the dialog that lists all shortcuts.
//
// Guarantees: a shortcut is ignored in a text field and while a dialog is open.

import { sessionLabels, shortcutGroups } from "../text/sessions.js";
import { button, isDialogOpen, make } from "./element.js";

/** @param {Record<string, () => void>} handlers by key */
export function shortcuts(handlers) {
  const heading = make("h2", { id: "shortcuts-title", tabindex: "-1" }, sessionLabels.shortcutsTitle);
  const groups = shortcutGroups.map(([title, lines]) =>
    make("section", {}, make("h3", {}, title), make("dl", {}, ...lines.map(([keys, description]) =>
      make("div", {}, make("dt", {}, ...keys.flatMap((key) => [make("kbd", {}, key), " "])), make("dd", {}, description))))));
  const dialog = make("dialog", { class: "modal shortcuts-dialog", "aria-labelledby": heading.id },
    make("div", { class: "dialog-body" }, heading, ...groups),
    make("div", { class: "dialog-footer" }, make("div", { class: "actions" }, button({}, sessionLabels.close, () => dialog.close()))));
  document.body.append(dialog);

  function open() {
    dialog.showModal();
    heading.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const isTyping = event.target instanceof Element && event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (isTyping || isDialogOpen()) return;
    const handler = event.key === "?" ? open : handlers[event.key];
    if (!handler) return;
    event.preventDefault();
    handler();
  });
}
