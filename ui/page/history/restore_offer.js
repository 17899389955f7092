// Offers to restore the newest readable copy of a registry that is unreadable or missing.
//
// Guarantees: shown only if the engine has such a copy; what a restore does is shown, and has to be confirmed, before anything changes; a
// failure is shown in place. The focus stays in the offer until it disappears.

/** @import { KeptCopy } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
import { failure } from "../backend.js";
import { button, make, setHidden, setText } from "../parts/element.js";
import { failureText, labels } from "../text/common.js";
import { restoreButton, restoreConsequence, restoreLabels, restoreResult } from "../text/restore.js";
import { singleLine } from "../text/format/sanitize.js";
import { parseTime } from "../text/format/times.js";

/**
 * @typedef {object} RestoreHandlers
 * @property {() => Promise<KeptCopy | null>} newestCopy
 * @property {(id: string) => Promise<string | null>} restore
 * @property {(text: string) => void} onRestored
 */

/**
 * @param {LiveText} liveText
 * @param {RestoreHandlers} handlers
 * @param {"restore" | "restore-missing"} id restore-missing: there is no file that would be replaced
 */
export function restoreOffer(liveText, { newestCopy, restore, onRestored }, id = "restore") {
  /** @type {KeptCopy | null} */
  let copy = null;
  let requests = 0;
  let isRestoring = false;

  const isMissing = id === "restore-missing";
  const offer = button({ id: `${id}-offer`, "aria-expanded": "false", "aria-controls": `${id}-plan` }, "", () => setPlanOpen(plan.hidden !== false));
  const consequence = make("p", { id: `${id}-consequence` });
  const folder = make("bdi");
  const kept = make("p", { id: `${id}-kept` }, restoreLabels.currentIsKept);
  const confirm = button({ class: "primary" }, restoreLabels.restore, () => void run());
  const cancel = button({}, labels.cancel, () => setPlanOpen(false));
  const plan = make(
    "div",
    {
      id: `${id}-plan`, role: "group", tabindex: "-1", "aria-labelledby": offer.id,
      "aria-describedby": isMissing ? consequence.id : `${consequence.id} ${kept.id}`, hidden: true,
    },
    consequence,
    ...(isMissing ? [] : [kept, make("p", { class: "path" }, folder)]),
    make("div", { class: "actions" }, confirm, cancel),
  );
  const error = make("p", { class: "error", role: "alert" });
  const intro = isMissing ? [make("p", {}, restoreLabels.registryMissing)] : [];
  const element = make("div", { class: "restore-offer", hidden: true }, ...intro, offer, plan, error);
  plan.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || isRestoring) return;
    event.preventDefault();
    setPlanOpen(false);
  });

  /** Shows or hides what the restore would do. @param {boolean} isOpen */
  function setPlanOpen(isOpen) {
    if (isRestoring) return;
    setText(error, "");
    setHidden(plan, !isOpen);
    offer.setAttribute("aria-expanded", String(isOpen));
    // Not the confirm button: a second Enter must not restore before the text was read.
    (isOpen ? plan : offer).focus();
  }

  /** @param {KeptCopy | null} found */
  function show(found) {
    const isOther = found?.id !== copy?.id;
    copy = found;
    setHidden(element, found === null && error.textContent === "");
    setHidden(offer, found === null);
    if (found === null || isOther) setHidden(plan, true), offer.setAttribute("aria-expanded", "false");
    if (found === null) return liveText.delete(offer);
    const at = parseTime(found.at) ?? 0;
    liveText.set(offer, (now) => {
      const { text, until } = restoreButton(at, found.sessions, now);
      setText(offer, text);
      setText(consequence, restoreConsequence(at, found.sessions, now).text);
      return until;
    });
    setText(folder, singleLine(found.folder, 1000));
  }

  async function lookUp() {
    const request = ++requests;
    try {
      const found = await newestCopy();
      if (request === requests) show(found);
    } catch (reason) {
      if (request !== requests) return;
      setText(error, failureText(restoreLabels.lookupFailed, failure(reason).message));
      show(null);
    }
  }

  async function run() {
    if (!copy || isRestoring) return;
    const { at, id: copyId } = copy;
    isRestoring = true; // instead of disabling the button, which would lose the focus
    setText(error, "");
    setText(confirm, restoreLabels.restoring);
    try {
      onRestored(restoreResult(parseTime(at) ?? 0, await restore(copyId), Date.now()));
    } catch (reason) {
      setText(error, failureText(restoreLabels.failed, failure(reason).message));
    } finally {
      isRestoring = false;
      setText(confirm, restoreLabels.restore);
    }
  }

  return {
    element,
    /** @param {boolean} isNeeded whether the registry is unreadable or missing */
    setNeeded(isNeeded) {
      setText(error, "");
      if (isNeeded) return void lookUp();
      requests += 1;
      show(null);
    },
  };
}
