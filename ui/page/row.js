// One session in the list: a face that is always there, and details that open below it.
//
// Promises: the same element for the same session however often it is updated; a text node is touched only when its text
// changes; ages stay right by themselves. The face is a button that says its own state, so Enter and Space open it.
// Does not know its neighbours or its place in the list (see sessions.js), and changes nothing in the registry.

/** @import { SessionRow } from "../wire" */
/** @import { Clock } from "./clock.js" */
import { make, setText } from "./element.js";
import { line, passage } from "./plain.js";
import { warningRemedy } from "./remedies.js";
import { ago, fullMoment, instant, together } from "./times.js";
import { deeds } from "./deeds.js";
import { cutOff, reason, role, sessionNumber, stateWords, support, terminal, warningsTally, words } from "./words.js";

/** @typedef {ReturnType<typeof sessionRow>} Row */

/** A role up to this long shows whole on the face, however narrow the window. */
const WHOLE_ON_FACE = 40;

let serial = 0;

/** @param {Clock} clock */
export function sessionRow(clock) {
  const id = `details-${++serial}`;
  /** @type {SessionRow | null} */
  let shown = null;
  let as = "";
  /** @type {ReturnType<typeof detailList> | null} */
  let details = null;

  const spoken = make("span", { class: "visually-hidden" });
  const tag = make("span", { class: "tag", "aria-hidden": "true" });
  const name = make("bdi", { class: "role" });
  const state = make("span", { class: "visually-hidden" });
  const warned = make("span", { class: "warned", hidden: true });
  const goal = make("bdi", { class: "goal" });
  const why = make("span", { class: "why" });
  const sub = make("span", { class: "sub" });
  const face = make(
    "button",
    { type: "button", class: "face", tabindex: "-1", "aria-expanded": "false", "aria-controls": id },
    // The spaces show nowhere; they keep the words apart in the button's accessible name.
    spoken, " ",
    tag,
    make("span", { class: "who" }, make("span", { class: "names" }, name, state, " ", warned), " ", goal), " ",
    make("span", { class: "signs" }, why, " ", sub),
  );
  const panel = make("div", { class: "details", id, hidden: true });
  const element = make("li", { class: "row" }, face, panel);

  face.addEventListener("click", () => open(panel.hidden !== false));

  /** @param {boolean} wanted */
  function open(wanted) {
    if (wanted && !details && shown) {
      details = detailList(panel);
      details.fill(shown);
    }
    panel.hidden = !wanted;
    face.setAttribute("aria-expanded", String(wanted));
    if (shown) clock.keep(element, tell);
  }

  /** @param {number} now */
  function tell(now) {
    if (!shown) return Infinity;
    const because = reason(shown, now);
    const below = together([support(shown, now), terminal(shown)]);
    setText(why, because.text);
    setText(sub, below.text);
    const rest = details && !panel.hidden ? details.tell(shown, now) : Infinity;
    return Math.min(because.until, below.until, rest);
  }

  return {
    element,
    face,
    open,

    /** @param {SessionRow} session */
    update(session) {
      const text = JSON.stringify(session);
      if (text === as) return;
      as = text;
      shown = session;
      element.dataset.state = session.state;
      element.dataset.number = String(session.number);
      element.toggleAttribute("data-beating", session.state === "inactive" && session.is_beating);
      setText(spoken, sessionNumber(session.number));
      setText(tag, String(session.number));
      setText(name, role(session));
      name.classList.toggle("absent", line(session.role) === "");
      setText(state, `, ${stateWords[session.state]},`);
      setText(goal, line(session.goal));
      warned.hidden = session.warnings.length === 0;
      setText(warned, warned.hidden ? "" : warningsTally(session.warnings.length));
      details?.fill(session);
      clock.keep(element, tell);
    },

    drop() {
      clock.drop(element);
    },
  };
}

/** @param {HTMLElement} panel */
function detailList(panel) {
  /** @type {Map<keyof typeof words.details, HTMLElement>} */
  const facts = new Map();
  const list = make("dl");
  const cautions = make("ul", { class: "remedies" });
  for (const key of /** @type {const} */ (["role", "goal", "session_id", "status", "terminal", "last_heartbeat", "last_sign_of_life"])) {
    const fact = make("dd");
    facts.set(key, fact);
    list.append(make("div", { class: `fact ${key}` }, make("dt", {}, words.details[key]), fact));
  }
  // Not wired here: the list hears it, as it hears the key.
  const change = make("button", { type: "button", class: "renumber", "aria-keyshortcuts": "N" }, deeds.changeNumber);
  const hint = make("span", { class: "hint" }, deeds.orPress, " ", make("kbd", {}, "n"), deeds.orDrag);
  panel.append(list, cautions, make("p", { class: "doings" }, change, " ", hint));

  /** @param {keyof typeof words.details} key @param {string} text */
  function set(key, text) {
    const fact = facts.get(key);
    if (fact) setText(fact, text);
  }

  /** @param {keyof typeof words.details} key @param {boolean} needless */
  function hide(key, needless) {
    const entry = facts.get(key)?.parentElement;
    if (entry) entry.hidden = needless;
  }

  /** @param {string | null} text @param {string} absent */
  function whole(text, absent) {
    const { text: said, rest } = passage(text ?? "");
    return (said || absent) + (rest > 0 ? cutOff(rest) : "");
  }

  return {
    /** @param {SessionRow} session */
    fill(session) {
      set("role", whole(session.role, words.noRole));
      // The face shows a short role whole; saying it again would only push the rest down.
      hide("role", line(session.role, WHOLE_ON_FACE) === session.role.trim());
      set("goal", whole(session.goal, words.noGoal));
      set("session_id", whole(session.session_id, words.none));
      set("status", whole(session.status, words.none));
      set("terminal", whole(session.terminal, words.none));
      cautions.replaceChildren(
        ...session.warnings.map((code) => {
          const { what, fix } = warningRemedy(code);
          return make("li", {}, make("span", { class: "what" }, what), " ", make("span", { class: "fix" }, fix));
        }),
      );
      cautions.hidden = session.warnings.length === 0;
    },

    /** @param {SessionRow} session @param {number} now */
    tell(session, now) {
      let until = Infinity;
      hide("last_sign_of_life", session.last_sign_of_life === session.last_heartbeat);
      for (const key of /** @type {const} */ (["last_heartbeat", "last_sign_of_life"])) {
        const at = instant(session[key]);
        const age = at === null ? null : ago(at, now);
        set(key, at === null ? words.never : together([fullMoment(at), age]).text);
        until = Math.min(until, age?.until ?? Infinity);
      }
      return until;
    },
  };
}
