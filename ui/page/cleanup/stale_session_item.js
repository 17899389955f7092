// One session in the preview of a cleanup: its checkbox, role and evidence.

/** @import { SessionRow } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
import { make, setText } from "../parts/element.js";
import { cleanupLabels } from "../text/cleanup.js";
import { cleanupEvidence, roleText, spokenNumber } from "../text/session_state.js";

/**
 * @param {LiveText} liveText
 * @param {SessionRow} first
 * @param {boolean} isInitial false: it became stale while the dialog was open
 */
export function staleSessionItem(liveText, first, isInitial) {
  const box = make("input", { type: "checkbox" });
  box.checked = isInitial;
  const role = make("bdi", { class: "role" });
  const evidence = make("span", { class: "evidence" });
  const badge = make("span", { class: "new-badge", hidden: isInitial }, cleanupLabels.added);
  const element = make(
    "li",
    {},
    make("label", {}, box,
      make("span", { class: "visually-hidden" }, spokenNumber(first.number)), " ",
      make("span", { class: "tag", "aria-hidden": "true" }, String(first.number)),
      make("span", { class: "text" }, role, " ", evidence, " ", badge)),
  );
  let session = first;
  let isStale = true;

  /** @param {number} now */
  function writeEvidence(now) {
    const { text, until } = isStale ? cleanupEvidence(session, now) : { text: cleanupLabels.recovered, until: Infinity };
    setText(evidence, text);
    return until;
  }

  return {
    element,
    box,
    /** @param {SessionRow} latest @param {boolean} isStaleNow */
    update(latest, isStaleNow) {
      session = latest;
      if (isStale && !isStaleNow) box.checked = false;
      isStale = isStaleNow;
      box.disabled = !isStale;
      element.toggleAttribute("data-recovered", !isStale);
      setText(role, roleText(latest));
      liveText.set(element, writeEvidence);
    },
  };
}
