// The preview of a cleanup: who would be marked inactive, on what evidence, and the button that does it.
//
// Promises: nothing is marked that is not ticked on screen; what goes stale while it is open comes in unticked, what beats
// again is struck out; a caution has to be confirmed first, and only then is the engine told to go ahead regardless.
// Escape closes it. Does not decide what is stale: the engine looks again before it marks anything.

/** @import { Caution, SessionRow, Snapshot } from "../../wire" */
/** @import { Clock } from "../parts/live_text.js" */
import { button, make, setText } from "../parts/element.js";
import { line as oneLine } from "../text/sanitize.js";
import { cautionRemedy } from "../text/advice.js";
import { evidence, markInactive, reviewLead, role, sessionNumber, words } from "../text/common.js";

/** @typedef {{ element: HTMLElement, tick: HTMLInputElement, update: (session: SessionRow, offered: boolean) => void }} Line */

/**
 * @param {Clock} clock
 * @param {object} ways
 * @param {(numbers: number[], force: boolean) => Promise<string | null>} ways.cleanup answers with what went wrong, or null
 * @param {() => void} ways.closed
 */
export function review(clock, { cleanup, closed }) {
  /** @type {Map<number, Line>} */
  const lines = new Map();
  /** @type {Caution | null} */
  let caution = null;
  let working = false;

  const heading = make("h2", { id: "cleanup-title", tabindex: "-1" }, words.reviewTitle);
  const lead = make("p", { class: "lead" });
  const warning = make("section", { class: "note", "data-tone": "caution", hidden: true });
  const confirmed = make("input", { type: "checkbox" });
  const confirm = make("label", { class: "confirm", hidden: true }, confirmed, make("span", {}, words.reviewConfirm));
  const all = make("input", { type: "checkbox" });
  const allLabel = make("label", { class: "all" }, all, make("span", {}, words.reviewAll));
  const list = make("ul", { class: "stale-sessions", role: "list" });
  const empty = make("p", { class: "muted", hidden: true }, words.reviewEmpty);
  const wrong = make("p", { class: "error", role: "alert" });
  const go = button({ class: "primary" }, "", () => void run());
  const cancel = button({}, words.cancel, () => dialog.close());
  const dialog = make(
    "dialog",
    { class: "modal cleanup-dialog", "aria-labelledby": heading.id },
    make("div", { class: "dialog-body" }, heading, lead, warning, confirm, allLabel, list, empty),
    make("div", { class: "dialog-footer" }, wrong, make("div", { class: "actions" }, cancel, go)),
  );
  document.body.append(dialog);

  dialog.addEventListener("cancel", (event) => working && event.preventDefault());
  dialog.addEventListener("close", () => {
    for (const { element } of lines.values()) clock.drop(element);
    lines.clear();
    list.replaceChildren();
    closed();
  });
  dialog.addEventListener("change", ({ target }) => {
    if (target === all) for (const { tick } of lines.values()) if (!tick.disabled) tick.checked = all.checked;
    settle();
  });

  const ticked = () => [...lines].filter(([, { tick }]) => tick.checked && !tick.disabled).map(([number]) => number);

  /** Brings button and "All" in line with the ticks. */
  function settle() {
    const n = ticked().length;
    const open = [...lines.values()].filter(({ tick }) => !tick.disabled).length;
    all.checked = open > 0 && n === open;
    all.indeterminate = n > 0 && n < open;
    allLabel.hidden = open < 2;
    empty.hidden = open > 0;
    const waits = caution !== null && cautionRemedy(caution.code).waits;
    go.disabled = working || n === 0 || waits || (caution !== null && !confirmed.checked);
    setText(go, working ? words.reviewWorking : markInactive(n));
  }

  async function run() {
    const numbers = ticked();
    working = true;
    setText(wrong, "");
    settle();
    const failure = await cleanup(numbers, caution !== null && confirmed.checked);
    working = false;
    settle();
    if (failure === null) dialog.close();
    else setText(wrong, failure);
  }

  /** @param {Caution | null} reason */
  function warn(reason) {
    if (reason?.code === caution?.code && reason?.message === caution?.message) return;
    // A confirmation holds for what was on screen when it was given.
    confirmed.checked = false;
    caution = reason;
    warning.hidden = reason === null;
    confirm.hidden = reason === null || cautionRemedy(reason.code).waits;
    warning.replaceChildren();
    if (!reason) return;
    const { title, fix, waits } = cautionRemedy(reason.code);
    warning.dataset.tone = waits ? "wait" : "caution";
    warning.append(make("h3", {}, title), make("p", {}, oneLine(reason.message, 600)), make("p", { class: "fix" }, fix));
  }

  /** @param {Snapshot} snapshot @param {boolean} opening */
  function draw(snapshot, opening = false) {
    if (!dialog.open && !opening) return;
    setText(lead, reviewLead(snapshot.timeout_minutes));
    warn(snapshot.cleanup.caution);
    const offered = new Set(snapshot.cleanup.numbers.toSorted((a, b) => a - b));
    const known = new Map(snapshot.sessions.map((session) => [session.number, session]));
    for (const number of offered) {
      const session = known.get(number);
      if (!session || lines.has(number)) continue;
      const line = planLine(clock, session, opening);
      lines.set(number, line);
      list.append(line.element);
    }
    for (const [number, line] of lines) {
      const session = known.get(number);
      if (session) line.update(session, offered.has(number));
      else line.element.remove(), clock.drop(line.element), lines.delete(number);
    }
    settle();
  }

  return {
    draw,
    get isOpen() {
      return dialog.open;
    },
    /** @param {Snapshot} snapshot */
    open(snapshot) {
      if (dialog.open) return;
      confirmed.checked = false;
      setText(wrong, "");
      draw(snapshot, true);
      dialog.showModal();
      // On the heading, not on a button: a second Enter must not clean up before anything was read.
      heading.focus();
    },
    close: () => dialog.close(),
    /** Ticks this session alone. @param {number} number */
    only(number) {
      for (const [each, { tick }] of lines) tick.checked = each === number && !tick.disabled;
      settle();
    },
  };
}

/**
 * @param {Clock} clock
 * @param {SessionRow} first
 * @param {boolean} fromTheStart
 * @returns {Line}
 */
function planLine(clock, first, fromTheStart) {
  const tick = make("input", { type: "checkbox" });
  tick.checked = fromTheStart;
  const name = make("bdi", { class: "role" });
  const proof = make("span", { class: "evidence" });
  const news = make("span", { class: "new-badge", hidden: fromTheStart }, words.reviewNew);
  const element = make(
    "li",
    {},
    make("label", {}, tick,
      make("span", { class: "visually-hidden" }, sessionNumber(first.number)), " ",
      make("span", { class: "tag", "aria-hidden": "true" }, String(first.number)),
      make("span", { class: "text" }, name, " ", proof, " ", news)),
  );
  let session = first;
  let offered = true;
  /** @param {number} now */
  const tell = (now) => {
    const { text, until } = offered ? evidence(session, now) : { text: words.reviewSettled, until: Infinity };
    setText(proof, text);
    return until;
  };
  return {
    element,
    tick,
    update(latest, isOffered) {
      session = latest;
      if (offered && !isOffered) tick.checked = false;
      offered = isOffered;
      tick.disabled = !isOffered;
      element.toggleAttribute("data-recovered", !isOffered);
      setText(name, role(latest));
      clock.keep(element, tell);
    },
  };
}
