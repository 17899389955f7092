// The dialog to give a session its own timeout.
//
// Guarantees: an invalid value is not sent; a refusal is shown, and nothing typed is lost. Escape closes the dialog and changes nothing.

/** @import { SessionRow } from "../../wire" */
import { button, make, setText } from "../parts/element.js";
import { minutesField, parseMinutes } from "../parts/minutes_field.js";
import { labels } from "../text/common.js";
import { ownTimeoutLabels, ownTimeoutTitle } from "../text/own_timeout.js";
import { settingsLabels } from "../text/settings.js";

/**
 * @param {object} handlers
 * @param {(session: SessionRow, minutes: number | null) => Promise<string | null>} handlers.set returns an error text, or null
 * @param {() => void} handlers.onClose
 */
export function timeoutDialog({ set, onClose }) {
  /** @type {SessionRow | null} */
  let session = null;
  const heading = make("h2", { id: "own-timeout-title" });
  const error = make("p", { class: "error", id: "own-timeout-error", role: "alert" });
  const field = minutesField({ id: "own-timeout", "aria-describedby": error.id });
  const useDefault = button({}, settingsLabels.useDefault, () => void send(null));
  const submit = make("button", { type: "submit", class: "primary" }, ownTimeoutLabels.set);
  const form = make("form", { novalidate: true },
    make("div", { class: "dialog-body" }, heading, make("p", { class: "lead" }, ownTimeoutLabels.about),
      make("div", { class: "form-field" }, make("label", { for: field.id }, ownTimeoutLabels.minutes), field)),
    make("div", { class: "dialog-footer" }, error,
      make("div", { class: "actions" }, button({}, labels.cancel, () => dialog.close()), useDefault, submit)));
  const dialog = make("dialog", { class: "modal register-dialog", "aria-labelledby": heading.id }, form);
  document.body.append(dialog);
  dialog.addEventListener("close", onClose);
  form.addEventListener("input", () => setText(error, ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const minutes = parseMinutes(field.value);
    if (minutes === null) setText(error, settingsLabels.invalidTimeout);
    else void send(minutes);
  });

  /** @param {number | null} minutes null: the general timeout */
  async function send(minutes) {
    if (!session) return;
    const refusal = await set(session, minutes);
    if (refusal === null) dialog.close();
    else setText(error, refusal);
  }

  return {
    get isOpen() {
      return dialog.open;
    },
    close: () => dialog.close(),

    /** @param {SessionRow} target @param {number} general the general timeout */
    open(target, general) {
      if (dialog.open) return;
      session = target;
      setText(heading, ownTimeoutTitle(target.number));
      setText(error, "");
      field.value = String(target.own_timeout_minutes ?? general);
      useDefault.hidden = target.own_timeout_minutes === null;
      dialog.showModal();
      field.select();
    },
  };
}
