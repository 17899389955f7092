// The dialog that previews a cleanup: which sessions would be marked inactive, the evidence, and the button that marks them.
//
// Guarantees: only sessions that are ticked on screen are marked. A session that becomes stale while the dialog is open is added unticked; one
// that beats again is struck out. A caution has to be confirmed first; only then is the engine asked to proceed despite it. Escape
// closes the dialog. The engine checks each session again before it marks it.

/** @import { Caution, Snapshot } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
import { button, make, setText } from "../parts/element.js";
import { cautionAdvice } from "../text/advice.js";
import { cleanupIntro, cleanupLabels, markInactiveLabel } from "../text/cleanup.js";
import { labels } from "../text/common.js";
import { singleLine } from "../text/format/sanitize.js";
import { staleSessionItem } from "./stale_session_item.js";

/**
 * @param {LiveText} liveText
 * @param {object} handlers
 * @param {(numbers: number[], force: boolean) => Promise<string | null>} handlers.cleanup returns an error text, or null
 * @param {() => void} handlers.onClose
 */
export function cleanupDialog(liveText, { cleanup, onClose }) {
  /** @type {Map<number, ReturnType<typeof staleSessionItem>>} */
  const items = new Map();
  /** @type {Caution | null} */
  let caution = null;
  let isWorking = false;

  const heading = make("h2", { id: "cleanup-title", tabindex: "-1" }, cleanupLabels.title);
  const lead = make("p", { class: "lead" });
  const note = make("section", { class: "note", "data-tone": "caution", hidden: true });
  const confirmBox = make("input", { type: "checkbox" });
  const confirmLabel = make("label", { class: "confirm", hidden: true }, confirmBox, make("span", {}, cleanupLabels.confirm));
  const allBox = make("input", { type: "checkbox" });
  const allLabel = make("label", { class: "all" }, allBox, make("span", {}, cleanupLabels.all));
  const list = make("ul", { class: "stale-sessions", role: "list" });
  const empty = make("p", { class: "muted", hidden: true }, cleanupLabels.empty);
  const error = make("p", { class: "error", role: "alert" });
  const apply = button({ class: "primary" }, "", () => void run());
  const cancel = button({}, labels.cancel, () => dialog.close());
  const dialog = make(
    "dialog",
    { class: "modal cleanup-dialog", "aria-labelledby": heading.id },
    make("div", { class: "dialog-body" }, heading, lead, note, confirmLabel, allLabel, list, empty),
    make("div", { class: "dialog-footer" }, error, make("div", { class: "actions" }, cancel, apply)),
  );
  document.body.append(dialog);

  dialog.addEventListener("cancel", (event) => isWorking && event.preventDefault());
  dialog.addEventListener("close", () => {
    for (const { element } of items.values()) liveText.delete(element);
    items.clear();
    list.replaceChildren();
    onClose();
  });
  dialog.addEventListener("change", ({ target }) => {
    if (target === allBox) for (const { box } of items.values()) if (!box.disabled) box.checked = allBox.checked;
    update();
  });

  const tickedNumbers = () => [...items].filter(([, { box }]) => box.checked && !box.disabled).map(([number]) => number);

  /** Updates the button and "All" to match the ticks. */
  function update() {
    const ticked = tickedNumbers().length;
    const enabled = [...items.values()].filter(({ box }) => !box.disabled).length;
    allBox.checked = enabled > 0 && ticked === enabled;
    allBox.indeterminate = ticked > 0 && ticked < enabled;
    allLabel.hidden = enabled < 2;
    empty.hidden = enabled > 0;
    const isBlocked = caution !== null && (cautionAdvice(caution.code).blocksCleanup || !confirmBox.checked);
    apply.disabled = isWorking || ticked === 0 || isBlocked;
    setText(apply, isWorking ? cleanupLabels.working : markInactiveLabel(ticked));
  }

  async function run() {
    const numbers = tickedNumbers();
    isWorking = true;
    setText(error, "");
    update();
    const refusal = await cleanup(numbers, caution !== null && confirmBox.checked);
    isWorking = false;
    update();
    if (refusal === null) dialog.close();
    else setText(error, refusal);
  }

  /** @param {Caution | null} next */
  function showCaution(next) {
    if (next?.code === caution?.code && next?.message === caution?.message) return;
    // A confirmation is valid only for the caution that was shown.
    confirmBox.checked = false;
    caution = next;
    note.hidden = next === null;
    confirmLabel.hidden = next === null || cautionAdvice(next.code).blocksCleanup;
    note.replaceChildren();
    if (!next) return;
    const { title, fix, blocksCleanup } = cautionAdvice(next.code);
    note.dataset.tone = blocksCleanup ? "wait" : "caution";
    note.append(make("h3", {}, title), make("p", {}, singleLine(next.message, 600)), make("p", { class: "fix" }, fix));
  }

  /** @param {Snapshot} snapshot @param {boolean} isOpening */
  function draw(snapshot, isOpening = false) {
    if (!dialog.open && !isOpening) return;
    setText(lead, cleanupIntro(snapshot.timeout_minutes));
    showCaution(snapshot.cleanup.caution);
    const stale = new Set(snapshot.cleanup.numbers.toSorted((a, b) => a - b));
    const sessions = new Map(snapshot.sessions.map((session) => [session.number, session]));
    for (const number of stale) {
      const session = sessions.get(number);
      if (!session || items.has(number)) continue;
      const item = staleSessionItem(liveText, session, isOpening);
      items.set(number, item);
      list.append(item.element);
    }
    for (const [number, item] of items) {
      const session = sessions.get(number);
      if (session) item.update(session, stale.has(number));
      else item.element.remove(), liveText.delete(item.element), items.delete(number);
    }
    update();
  }

  return {
    draw,
    get isOpen() {
      return dialog.open;
    },
    /** @param {Snapshot} snapshot */
    open(snapshot) {
      if (dialog.open) return;
      confirmBox.checked = false;
      setText(error, "");
      draw(snapshot, true);
      dialog.showModal();
      // Not a button: a second Enter must not clean up before anything was read.
      heading.focus();
    },
    close: () => dialog.close(),
    /** Ticks only this session. @param {number} number */
    tickOnly(number) {
      for (const [each, { box }] of items) box.checked = each === number && !box.disabled;
      update();
    },
  };
}
