// The dialog to register a session: its number, role, goal and ID.
//
// Guarantees: the lowest free number is filled in and the next ones are offered; a refusal is shown at the field, and nothing typed is lost.
// Escape closes the dialog and changes nothing. Whether a number is free is checked by the engine.

/** @import { Snapshot } from "../../wire" */
/** @import { NewSession } from "../backend.js" */
import { button, make, setText } from "../parts/element.js";
import { freeNumbers, parseNumber } from "../parts/number_field.js";
import { labels } from "../text/common.js";
import { renumberLabels } from "../text/renumber.js";
import { sessionLabels } from "../text/sessions.js";

/**
 * @param {object} handlers
 * @param {(session: NewSession) => Promise<string | null>} handlers.register returns an error text, or null
 * @param {(number: number | null) => void} handlers.onClose with the registered number, or null
 */
export function registerDialog({ register, onClose }) {
  let isRegistering = false;
  /** @type {number | null} */
  let registered = null;

  const heading = make("h2", { id: "register-title" }, sessionLabels.registerTitle);
  const error = make("p", { class: "error", id: "register-error", role: "alert" });
  /** @param {string} id @param {Record<string, string>} [attributes] */
  const input = (id, attributes = {}) => make("input", { type: "text", id: `register-${id}`, autocomplete: "off", maxlength: "500", ...attributes });
  const number = input("number", { inputmode: "numeric", maxlength: "16", "aria-describedby": error.id });
  const role = input("role", { "aria-describedby": error.id, "aria-required": "true" });
  const goal = input("goal");
  const sessionId = input("id", { maxlength: "200", "aria-describedby": "register-id-hint" });
  const hint = make("p", { class: "muted", id: "register-id-hint" }, sessionLabels.sessionIdHint);
  const free = freeNumbers((picked) => {
    if (isRegistering) return;
    number.value = picked;
    showError("");
    role.focus();
  });
  /** @param {HTMLInputElement} field @param {string} label @param {...HTMLElement} rest */
  const formField = (field, label, ...rest) => make("div", { class: "form-field" }, make("label", { for: field.id }, label), field, ...rest);
  const submit = make("button", { type: "submit", class: "primary" }, sessionLabels.register);
  const cancel = button({}, labels.cancel, () => dialog.close());
  const form = make("form", { novalidate: true },
    make("div", { class: "dialog-body" }, heading, make("p", { class: "lead" }, sessionLabels.registerIntro),
      formField(number, sessionLabels.number, free.element), formField(role, sessionLabels.role), formField(goal, sessionLabels.goal),
      formField(sessionId, sessionLabels.sessionId, hint)),
    make("div", { class: "dialog-footer" }, error, make("div", { class: "actions" }, cancel, submit)));
  const dialog = make("dialog", { class: "modal register-dialog", "aria-labelledby": heading.id }, form);
  document.body.append(dialog);

  dialog.addEventListener("cancel", (event) => isRegistering && event.preventDefault());
  dialog.addEventListener("close", () => onClose(registered));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  form.addEventListener("input", () => showError(""));

  /** @param {string} text @param {HTMLInputElement} [field] that is invalid */
  function showError(text, field) {
    setText(error, text);
    for (const each of [number, role]) each.setAttribute("aria-invalid", String(each === field));
    field?.focus();
  }

  async function run() {
    if (isRegistering) return;
    const wanted = parseNumber(number.value);
    if (wanted === null) return showError(renumberLabels.invalidNumber, number);
    if (role.value.trim() === "") return showError(sessionLabels.roleMissing, role);
    isRegistering = true;
    setText(submit, sessionLabels.registering);
    const refusal = await register({ number: wanted, role: role.value.trim(), goal: goal.value.trim(), session_id: sessionId.value.trim() || null });
    isRegistering = false;
    setText(submit, sessionLabels.register);
    if (refusal !== null) return showError(refusal, number);
    registered = wanted;
    dialog.close();
  }

  return {
    get isOpen() {
      return dialog.open;
    },
    close: () => dialog.close(),

    /** @param {Snapshot} snapshot @param {number | null} [wanted] null: the lowest free number */
    open({ available_numbers }, wanted = null) {
      if (dialog.open) return;
      registered = null;
      form.reset();
      showError("");
      number.value = String(wanted ?? available_numbers[0] ?? "");
      free.update(available_numbers);
      dialog.showModal();
      if (number.value === "") number.focus();
      else role.focus();
    },
  };
}
