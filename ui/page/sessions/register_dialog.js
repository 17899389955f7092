// Registering a session that did not register itself: its number, what it does, what it is after.
//
// Promises: the lowest free number is there already, the next ones are a press away; a refusal is shown where it was typed, and
// nothing typed is lost. Escape closes it and changes nothing. Does not know which numbers are taken: the engine says.

/** @import { Snapshot } from "../../wire" */
/** @import { Newcomer } from "../backend.js" */
import { deeds } from "../text/changes.js";
import { button, make, setText } from "../parts/element.js";
import { phrases } from "../text/sessions.js";
import { words } from "../text/common.js";

/** So many free numbers are offered as buttons. */
const OFFERED = 6;

/**
 * @param {object} ways
 * @param {(newcomer: Newcomer) => Promise<string | null>} ways.register answers with what went wrong, or null
 * @param {(number: number | null) => void} ways.closed with the number that was registered
 */
export function newcomer({ register, closed }) {
  let working = false;
  /** @type {number | null} */
  let done = null;

  const heading = make("h2", { id: "register-title" }, phrases.newTitle);
  const wrong = make("p", { class: "error", id: "register-error", role: "alert" });
  /** @param {string} id @param {Record<string, string>} [more] */
  const text = (id, more = {}) => make("input", { type: "text", id: `register-${id}`, autocomplete: "off", maxlength: "500", ...more });
  const number = text("number", { inputmode: "numeric", maxlength: "16", "aria-describedby": wrong.id });
  const role = text("role", { "aria-describedby": wrong.id, "aria-required": "true" });
  const goal = text("goal");
  const id = text("id", { maxlength: "200", "aria-describedby": "register-id-hint" });
  const offer = make("div", { class: "free-numbers", role: "group", "aria-label": deeds.freeNumbers });
  const hint = make("p", { class: "muted", id: "register-id-hint" }, phrases.sessionIdHint);
  /** @param {HTMLInputElement} field @param {string} label @param {...HTMLElement} rest */
  const entry = (field, label, ...rest) => make("div", { class: "form-field" }, make("label", { for: field.id }, label), field, ...rest);
  const go = make("button", { type: "submit", class: "primary" }, phrases.register);
  const cancel = button({}, words.cancel, () => dialog.close());
  const form = make("form", { novalidate: true },
    make("div", { class: "dialog-body" }, heading, make("p", { class: "lead" }, phrases.newLead),
      entry(number, phrases.number, offer), entry(role, phrases.role), entry(goal, phrases.goal), entry(id, phrases.sessionId, hint)),
    make("div", { class: "dialog-footer" }, wrong, make("div", { class: "actions" }, cancel, go)));
  const dialog = make("dialog", { class: "modal register-dialog", "aria-labelledby": heading.id }, form);
  document.body.append(dialog);

  dialog.addEventListener("cancel", (event) => working && event.preventDefault());
  dialog.addEventListener("close", () => closed(done));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  form.addEventListener("input", () => refuse(""));
  offer.addEventListener("click", ({ target }) => {
    const free = target instanceof Element && target.closest("button");
    if (!free || working) return;
    number.value = free.textContent;
    refuse("");
    role.focus();
  });

  /** @param {string} why @param {HTMLInputElement} [where] */
  function refuse(why, where) {
    setText(wrong, why);
    for (const field of [number, role]) field.setAttribute("aria-invalid", String(field === where));
    where?.focus();
  }

  async function run() {
    if (working) return;
    const typed = number.value.trim().replace(/^#/, "");
    const wanted = /^\d+$/.test(typed) ? Number(typed) : 0;
    if (wanted < 1 || !Number.isSafeInteger(wanted)) return refuse(deeds.typeNumber, number);
    if (role.value.trim() === "") return refuse(phrases.roleMissing, role);
    working = true;
    setText(go, phrases.registering);
    const failed = await register({ number: wanted, role: role.value.trim(), goal: goal.value.trim(), session_id: id.value.trim() || null });
    working = false;
    setText(go, phrases.register);
    if (failed !== null) return refuse(failed, number);
    done = wanted;
    dialog.close();
  }

  return {
    get isOpen() {
      return dialog.open;
    },
    close: () => dialog.close(),

    /** @param {Snapshot} snapshot @param {number | null} [wanted] */
    open({ available_numbers: free }, wanted = null) {
      if (dialog.open) return;
      done = null;
      form.reset();
      refuse("");
      number.value = String(wanted ?? free[0] ?? "");
      const picks = free.slice(0, OFFERED).map((each) => make("button", { type: "button" }, String(each)));
      offer.replaceChildren(make("span", { "aria-hidden": "true" }, deeds.freeNumbers), ...picks);
      offer.hidden = picks.length === 0;
      dialog.showModal();
      if (number.value === "") number.focus();
      else role.focus();
    },
  };
}
