// The preview of new numbers: for one session, typed or dropped, or for all that run ("Compact").
//
// Promises: every move is on screen before it can be applied (of more than MOST, how many more there are), who is swapped by
// name, and what a running session will notice; a refusal is shown where the number is typed. Enter applies what is shown and
// never what is still being asked for. Escape closes it and changes nothing. Does not work out moves: the engine says them.

/** @import { Move, SessionRow, Snapshot } from "../../wire" */
import { failure } from "../backend.js";
import { deeds, mover, moveMeaning, noticed, renumberTitle } from "../text/changes.js";
import { button, make, setText } from "../parts/element.js";
import { line } from "../text/sanitize.js";
import { andMore, role, words } from "../text/common.js";

/** So many moves are listed one by one: nobody reads more, and building thousands of lines takes seconds. */
const MOST = 300;
/** So many free numbers are offered as buttons. */
const OFFERED = 6;

/**
 * @param {object} ways
 * @param {(from: number, to: number) => Promise<Move[]>} ways.rehearseReassign
 * @param {() => Promise<Move[]>} ways.rehearseCompact
 * @param {(from: number, to: number, shown: Move[]) => Promise<string | null>} ways.reassign answers with what went wrong, or null
 * @param {(shown: Move[]) => Promise<string | null>} ways.compact the same
 * @param {() => void} ways.closed
 */
export function renumber({ rehearseReassign, rehearseCompact, reassign, compact, closed }) {
  /** The session that moves; null: all that run. @type {{ number: number, session_id: string } | null} */
  let subject = null;
  /** @type {Map<number, SessionRow>} */
  let known = new Map();
  /** What is on screen and can be applied. @type {Move[]} */
  let moves = [];
  let asked = 0;
  let working = false;
  let as = "";

  const heading = make("h2", { id: "renumber-title", tabindex: "-1" });
  const lead = make("p", { class: "lead" });
  const tag = make("span", { class: "tag" });
  const wrong = make("p", { class: "error", id: "renumber-error", role: "alert" });
  const field = make("input", {
    type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "16", id: "renumber-field", "aria-describedby": wrong.id,
  });
  const offer = make("div", { class: "free-numbers", role: "group", "aria-label": deeds.freeNumbers });
  const equation = make(
    "div",
    { class: "number-form" },
    make("label", { for: field.id }, deeds.newNumber),
    make("div", { class: "number-row" }, make("span", { "aria-hidden": "true" }, tag), arrow(), field),
    offer,
  );
  const list = make("ul", { class: "moves", role: "list", "aria-label": deeds.movesLabel });
  const effect = make("p", { class: "effect" });
  // Read out as a whole when it changes, politely: the person is still typing.
  const preview = make("div", { class: "preview", "aria-live": "polite" }, list, effect);
  const apply = make("button", { type: "submit", class: "primary" }, deeds.apply);
  const cancel = button({}, words.cancel, () => dialog.close());
  const form = make(
    "form",
    { novalidate: true },
    make("div", { class: "dialog-body" }, heading, lead, equation, preview),
    make("div", { class: "dialog-footer" }, wrong, make("div", { class: "actions" }, cancel, apply)),
  );
  const dialog = make("dialog", { class: "modal renumber-dialog", "aria-labelledby": heading.id }, form);
  document.body.append(dialog);

  dialog.addEventListener("cancel", (event) => working && event.preventDefault());
  dialog.addEventListener("close", () => {
    asked += 1; // an answer on its way has nowhere to go
    show([]);
    closed();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  field.addEventListener("input", () => void rehearse());
  offer.addEventListener("click", ({ target }) => {
    const free = target instanceof Element && target.closest("button");
    if (!free || working) return;
    field.value = free.textContent;
    field.focus();
    void rehearse();
  });

  /** The number in the field; null for anything else. */
  function typed() {
    const text = field.value.trim().replace(/^#/, "");
    const number = /^\d+$/.test(text) ? Number(text) : 0;
    return number > 0 && Number.isSafeInteger(number) ? number : null;
  }

  /** Asks the engine what it would come to. The last question counts, whichever answer is the last. */
  async function rehearse() {
    const mine = ++asked;
    const to = typed();
    if (subject && known.get(subject.number)?.session_id !== subject.session_id) return show([], deeds.someoneElse);
    if (subject && to === null) return show([], field.value.trim() === "" ? "" : deeds.typeNumber);
    if (subject && to === subject.number) return show([], deeds.hasItAlready);
    moves = [];
    settle();
    try {
      const found = await (subject && to !== null ? rehearseReassign(subject.number, to) : rehearseCompact());
      if (mine === asked) show(found);
    } catch (reason) {
      if (mine === asked) show([], line(failure(reason).message, 600));
    }
  }

  /** @param {Move[]} found @param {string} [refusal] */
  function show(found, refusal = "") {
    moves = found;
    const lines = found.slice(0, MOST).map((move) => moveLine(move, known.get(move.from)));
    if (found.length > MOST) lines.push(make("li", {}, andMore(found.length - MOST)));
    list.replaceChildren(...lines);
    list.hidden = found.length === 0;
    const isSettled = subject === null && found.length === 0 && refusal === "";
    setText(effect, found.length > 0 ? (subject ? noticed(found, known) : deeds.compactNotice) : isSettled ? deeds.inOrder : "");
    setText(wrong, refusal);
    field.setAttribute("aria-invalid", String(refusal !== ""));
    settle();
  }

  function settle() {
    apply.disabled = working || moves.length === 0;
    field.readOnly = working;
    setText(apply, working ? deeds.applying : deeds.apply);
  }

  async function run() {
    const [first] = moves;
    if (working || !first) return;
    working = true;
    settle();
    const refusal = await (subject ? reassign(first.from, first.to, moves) : compact(moves));
    working = false;
    if (refusal === null) return dialog.close();
    show([], refusal);
  }

  /** @param {Snapshot} snapshot @param {boolean} opening */
  function draw({ sessions, available_numbers: free }, opening = false) {
    if (working || (!dialog.open && !opening)) return;
    known = new Map(sessions.map((session) => [session.number, session]));
    // A beat that came in moves nobody: only who is who, and in which state, is asked about again.
    const now = JSON.stringify(sessions.map(({ number, session_id, role: called, state }) => [number, session_id, called, state]));
    if (now === as && !opening) return;
    as = now;
    const session = subject && known.get(subject.number);
    setText(lead, subject ? (session ? role(session) : "") : deeds.compactLead);
    if (session) tag.parentElement?.setAttribute("data-state", session.state);
    const near = free.filter((number) => number !== subject?.number).slice(0, OFFERED);
    if (near.join() !== [...offer.querySelectorAll("button")].map((each) => each.textContent).join()) {
      const picks = near.map((number) => make("button", { type: "button" }, String(number)));
      offer.replaceChildren(make("span", { "aria-hidden": "true" }, deeds.freeNumbers), ...picks);
    }
    offer.hidden = near.length === 0;
    void rehearse();
  }

  return {
    draw,
    get isOpen() {
      return dialog.open;
    },
    close: () => dialog.close(),

    /**
     * @param {Snapshot} snapshot
     * @param {number | null} from null: all that run
     * @param {number | null} [to] where it was dropped
     */
    open(snapshot, from, to = null) {
      if (dialog.open) return;
      const session = snapshot.sessions.find(({ number }) => number === from);
      subject = session ? { number: session.number, session_id: session.session_id } : null;
      if (from !== null && !session) return;
      equation.hidden = from === null;
      setText(heading, from === null ? deeds.compactTitle : renumberTitle(from));
      setText(tag, from === null ? "" : String(from));
      field.value = to === null ? "" : String(to);
      show([]);
      setText(effect, "");
      draw(snapshot, true);
      dialog.showModal();
      // On the field, where a number is to be typed; else on the heading: a second Enter must not apply what nobody read.
      if (from === null) heading.focus();
      else field.focus(), field.select();
    },
  };
}

/**
 * @param {Move} move
 * @param {SessionRow | undefined} session
 */
function moveLine(move, session) {
  /** @param {number} number */
  const tagOf = (number) => make("span", { class: "tag" }, String(number));
  return make(
    "li",
    { "data-state": session?.state ?? "unknown" },
    make("span", { class: "steps", "aria-hidden": "true" }, tagOf(move.from), arrow(), tagOf(move.to)),
    " ",
    make("span", { class: "text" }, make("span", { class: "what" }, moveMeaning(move)), " ", make("bdi", { class: "role" }, mover(session))),
  );
}

/** The picture of a move. */
const arrow = () => make("span", { class: "arrow", "aria-hidden": "true" }, "→");
