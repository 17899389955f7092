// The dialog that previews new numbers: for one session, typed or dropped, or for all running sessions ("Compact").
//
// Guarantees: every move is shown before it can be applied (up to MAX_MOVES, then their number), with the sessions' roles and what a running
// session will notice; a refusal is shown at the field. Enter applies what is shown, never a preview still being requested. Escape
// closes the dialog and changes nothing. The engine computes the moves.

/** @import { Move, SessionRow, Snapshot } from "../../wire" */
import { failure } from "../backend.js";
import { button, make, setText } from "../parts/element.js";
import { labels } from "../text/common.js";
import { andMore } from "../text/format/number_lists.js";
import { moveConsequence, moveText, movedRole, renumberLabels, renumberTitle } from "../text/renumber.js";
import { singleLine } from "../text/format/sanitize.js";
import { roleText } from "../text/session_state.js";
import { freeNumbers, parseNumber } from "../parts/number_field.js";

/** Maximum number of moves listed: building thousands of lines takes seconds. */
const MAX_MOVES = 300;

/**
 * @param {object} handlers
 * @param {(from: number, to: number) => Promise<Move[]>} handlers.previewReassign
 * @param {() => Promise<Move[]>} handlers.previewCompact
 * @param {(from: number, to: number, shown: Move[]) => Promise<string | null>} handlers.reassign returns an error text, or null
 * @param {(shown: Move[]) => Promise<string | null>} handlers.compact returns an error text, or null
 * @param {() => void} handlers.onClose
 */
export function renumberDialog({ previewReassign, previewCompact, reassign, compact, onClose }) {
  /** The session to renumber; null: all running sessions. @type {{ number: number, session_id: string } | null} */
  let subject = null;
  /** @type {Map<number, SessionRow>} */
  let sessions = new Map();
  /** The moves shown, which Apply makes. @type {Move[]} */
  let moves = [];
  let requests = 0;
  let isApplying = false;
  let drawn = "";

  const heading = make("h2", { id: "renumber-title", tabindex: "-1" });
  const lead = make("p", { class: "lead" });
  const tag = make("span", { class: "tag" });
  const error = make("p", { class: "error", id: "renumber-error", role: "alert" });
  const field = make("input", {
    type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "16", id: "renumber-field", "aria-describedby": error.id,
  });
  const free = freeNumbers((number) => {
    if (isApplying) return;
    field.value = number;
    field.focus();
    void preview();
  });
  const numberForm = make(
    "div",
    { class: "number-form" },
    make("label", { for: field.id }, renumberLabels.newNumber),
    make("div", { class: "number-row" }, make("span", { "aria-hidden": "true" }, tag), arrow(), field),
    free.element,
  );
  const list = make("ul", { class: "moves", role: "list", "aria-label": renumberLabels.movesLabel });
  const effect = make("p", { class: "effect" });
  // Announced politely when it changes, because the user is still typing.
  const result = make("div", { class: "preview", "aria-live": "polite" }, list, effect);
  const apply = make("button", { type: "submit", class: "primary" });
  const cancel = button({}, labels.cancel, () => dialog.close());
  const form = make(
    "form",
    { novalidate: true },
    make("div", { class: "dialog-body" }, heading, lead, numberForm, result),
    make("div", { class: "dialog-footer" }, error, make("div", { class: "actions" }, cancel, apply)),
  );
  const dialog = make("dialog", { class: "modal renumber-dialog", "aria-labelledby": heading.id }, form);
  document.body.append(dialog);

  dialog.addEventListener("cancel", (event) => isApplying && event.preventDefault());
  dialog.addEventListener("close", () => {
    requests += 1; // discards a pending preview
    show([]);
    onClose();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  field.addEventListener("input", () => void preview());

  /** Requests the moves. Only the answer to the last request is shown. */
  async function preview() {
    const request = ++requests;
    const to = parseNumber(field.value);
    if (subject && sessions.get(subject.number)?.session_id !== subject.session_id) return show([], renumberLabels.sessionReplaced);
    if (subject && to === null) return show([], field.value.trim() === "" ? "" : renumberLabels.invalidNumber);
    if (subject && to === subject.number) return show([], renumberLabels.sameNumber);
    moves = [];
    update();
    try {
      const found = await (subject && to !== null ? previewReassign(subject.number, to) : previewCompact());
      if (request === requests) show(found);
    } catch (reason) {
      if (request === requests) show([], singleLine(failure(reason).message, 600));
    }
  }

  /** @param {Move[]} found @param {string} [refusal] */
  function show(found, refusal = "") {
    moves = found;
    const items = found.slice(0, MAX_MOVES).map((move) => moveItem(move, sessions.get(move.from)));
    if (found.length > MAX_MOVES) items.push(make("li", {}, andMore(found.length - MAX_MOVES)));
    list.replaceChildren(...items);
    list.hidden = found.length === 0;
    const isCompactAlready = subject === null && found.length === 0 && refusal === "";
    const consequence = subject ? moveConsequence(found, sessions) : renumberLabels.compactConsequence;
    setText(effect, found.length > 0 ? consequence : isCompactAlready ? renumberLabels.alreadyCompact : "");
    setText(error, refusal);
    field.setAttribute("aria-invalid", String(refusal !== ""));
    update();
  }

  function update() {
    apply.disabled = isApplying || moves.length === 0;
    field.readOnly = isApplying;
    setText(apply, isApplying ? renumberLabels.applying : subject ? renumberLabels.changeNumber : renumberLabels.compactNumbers);
  }

  async function run() {
    const [first] = moves;
    if (isApplying || !first) return;
    isApplying = true;
    update();
    const refusal = await (subject ? reassign(first.from, first.to, moves) : compact(moves));
    isApplying = false;
    if (refusal === null) return dialog.close();
    show([], refusal);
  }

  /** @param {Snapshot} snapshot @param {boolean} isOpening */
  function draw(snapshot, isOpening = false) {
    if (isApplying || (!dialog.open && !isOpening)) return;
    sessions = new Map(snapshot.sessions.map((session) => [session.number, session]));
    // The preview depends only on these fields; a new beat, for example, does not change it.
    const current = JSON.stringify(snapshot.sessions.map(({ number, session_id, role, state }) => [number, session_id, role, state]));
    if (current === drawn && !isOpening) return;
    drawn = current;
    const session = subject && sessions.get(subject.number);
    setText(lead, subject ? (session ? roleText(session) : "") : renumberLabels.compactIntro);
    if (session) tag.parentElement?.setAttribute("data-state", session.state);
    free.update(snapshot.available_numbers.filter((number) => number !== subject?.number));
    void preview();
  }

  return {
    draw,
    get isOpen() {
      return dialog.open;
    },
    close: () => dialog.close(),

    /**
     * @param {Snapshot} snapshot
     * @param {number | null} from null: all running sessions
     * @param {number | null} [to] the slot it was dropped on
     */
    open(snapshot, from, to = null) {
      if (dialog.open) return;
      const session = snapshot.sessions.find(({ number }) => number === from);
      subject = session ? { number: session.number, session_id: session.session_id } : null;
      if (from !== null && !session) return;
      numberForm.hidden = from === null;
      setText(heading, from === null ? renumberLabels.compactTitle : renumberTitle(from));
      setText(tag, from === null ? "" : String(from));
      field.value = to === null ? "" : String(to);
      show([]);
      setText(effect, "");
      draw(snapshot, true);
      dialog.showModal();
      // Without a field, the heading gets the focus: a second Enter must not apply moves that were not read.
      if (from === null) heading.focus();
      else field.focus(), field.select();
    },
  };
}

/**
 * @param {Move} move
 * @param {SessionRow | undefined} session
 */
function moveItem(move, session) {
  /** @param {number} number */
  const numberTag = (number) => make("span", { class: "tag" }, String(number));
  return make(
    "li",
    { "data-state": session?.state ?? "unknown" },
    make("span", { class: "steps", "aria-hidden": "true" }, numberTag(move.from), arrow(), numberTag(move.to)),
    " ",
    make("span", { class: "text" }, make("span", { class: "what" }, moveText(move)), " ", make("bdi", { class: "role" }, movedRole(session))),
  );
}

const arrow = () => make("span", { class: "arrow", "aria-hidden": "true" }, "→");
