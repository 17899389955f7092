// Everything about one session, below its row.
//
// Promises: what the row knows is there at once, the rest is asked for when it is opened and again when the session changed;
// an answer that is late or of another session is not shown. Foreign text is text, and long text is cut and says so.

/** @import { Details, SessionRow, WarningCode } from "../../wire" */
import { actionsOf } from "./actions.js";
import { failure } from "../backend.js";
import { make, setText } from "../parts/element.js";
import { actionNames, beatsTally, phrases, process } from "../text/sessions.js";
import { line, passage } from "../text/sanitize.js";
import { warningRemedy } from "../text/advice.js";
import { ago, clockTime, fullMoment, instant, moment, together } from "../text/times.js";
import { cutOff, words } from "../text/common.js";

/** A role up to this long shows whole on the face, however narrow the window. */
const WHOLE_ON_FACE = 40;

/** @typedef {keyof typeof words.details} Fact */

/** @type {Fact[]} */
const FACTS = [
  "role", "goal", "session_id", "status", "terminal", "last_heartbeat", "last_sign_of_life", "process", "registered_at", "reactivated_at",
  "marked_inactive_at", "former_numbers",
];

/**
 * @param {HTMLElement} panel
 * @param {(number: number) => Promise<Details>} read
 * @param {() => void} grew it is higher or lower than it was
 */
export function details(panel, read, grew) {
  /** @type {Map<Fact, HTMLElement>} */
  const facts = new Map();
  const list = make("dl");
  for (const key of FACTS) {
    const fact = make("dd");
    facts.set(key, fact);
    list.append(make("div", { class: `fact ${key}` }, make("dt", {}, words.details[key]), fact));
  }
  const others = make("dl", { class: "extra-fields" });
  const beats = make("p", { class: "beats" });
  const cautions = make("ul", { class: "advice" });
  const doings = make("div", { class: "action-bar" });
  panel.append(list, others, beats, cautions, doings);
  /** @type {SessionRow | null} */
  let shown = null;
  /** @type {Details | null} */
  let known = null;
  let asked = 0;

  /** @param {Fact} key @param {string} text */
  function set(key, text) {
    const fact = facts.get(key);
    if (!fact) return;
    setText(fact, text);
    // A fact that says nothing is left out, but for those that are always asked about.
    const entry = /** @type {HTMLElement} */ (fact.parentElement);
    entry.hidden = text === "";
  }

  /** @param {string | null} text @param {string} absent */
  function whole(text, absent) {
    const { text: said, rest } = passage(text ?? "");
    return (said || absent) + (rest > 0 ? cutOff(rest) : "");
  }

  /** @param {SessionRow} session */
  function fill(session) {
    const isOther = shown?.session_id !== session.session_id;
    shown = session;
    if (isOther) known = null;
    // The face shows a short role whole; saying it again would only push the rest down.
    set("role", line(session.role, WHOLE_ON_FACE) === session.role.trim() ? "" : whole(session.role, words.noRole));
    set("goal", whole(session.goal, words.noGoal));
    set("session_id", whole(session.session_id, words.none));
    set("status", whole(session.status, words.none));
    set("terminal", whole(session.terminal, words.none));
    set("process", session.pid === null ? "" : process(session.pid));
    offer(session);
    more();
    void ask(session);
  }

  /** @param {SessionRow} session */
  function offer(session) {
    const wanted = actionsOf(session).filter(({ name }) => name !== "open");
    if (doings.dataset.of === wanted.map(({ name }) => name).join()) return;
    doings.dataset.of = wanted.map(({ name }) => name).join();
    doings.replaceChildren(
      ...wanted.map(({ name, key }) =>
        make("button", { type: "button", "data-action": name, "aria-keyshortcuts": key.toUpperCase() },
          actionNames[name], " ", make("kbd", { "aria-hidden": "true" }, key))),
    );
  }

  /** @param {SessionRow} session */
  async function ask(session) {
    const mine = ++asked;
    try {
      const found = await read(session.number);
      if (mine !== asked) return;
      known = found;
      more();
    } catch (reason) {
      if (mine !== asked) return;
      setText(beats, `${phrases.couldNotRead} ${line(failure(reason).message, 600)}`);
    }
    grew();
  }

  /** What came on demand. */
  function more() {
    /** @param {string | null | undefined} time */
    const when = (time) => (time ? fullMoment(instant(time) ?? 0) : "");
    set("registered_at", when(known?.registered_at));
    set("reactivated_at", when(known?.reactivated_at));
    set("marked_inactive_at", when(known?.marked_inactive_at));
    set("former_numbers", known?.former_numbers.map((number) => `#${number}`).join(", ") ?? "");
    if (known) beats.replaceChildren(...beatTimes(known));
    else setText(beats, phrases.reading);
    others.hidden = !known || known.fields.length === 0;
    others.replaceChildren(
      ...(known?.fields ?? []).map(({ name, value }) =>
        make("div", { class: "fact" }, make("dt", {}, make("bdi", {}, line(name, 80) || words.none)), make("dd", {}, whole(value, words.none)))),
    );
    // The row's come first: what was asked for may be from before.
    const told = known?.warnings ?? [];
    const own = (shown?.warnings ?? []).filter((code) => !told.some((warning) => warning.code === code));
    const warnings = [...own.map((code) => ({ code, path: null })), ...told];
    cautions.hidden = warnings.length === 0;
    cautions.replaceChildren(...warnings.map(warning));
  }

  return {
    fill,
    /** @param {SessionRow} session @param {number} now @returns {number} until when it is right */
    tell(session, now) {
      let until = Infinity;
      for (const key of /** @type {const} */ (["last_heartbeat", "last_sign_of_life"])) {
        const at = instant(session[key]);
        const age = at === null ? null : ago(at, now);
        const isSame = key === "last_sign_of_life" && session.last_sign_of_life === session.last_heartbeat;
        set(key, isSame ? "" : at === null ? words.never : together([fullMoment(at), age]).text);
        until = Math.min(until, age?.until ?? Infinity);
      }
      return until;
    },
  };
}

/** @param {{ code: WarningCode, path: string | null }} warning */
function warning({ code, path }) {
  const { what, fix } = warningRemedy(code);
  return make("li", {},
    make("span", { class: "what" }, what), " ",
    make("span", { class: "fix" }, fix),
    ...(path && code === "broken_heartbeat" ? [" ", make("span", { class: "path" }, make("bdi", {}, line(path, 1000)))] : []));
}

/** Every beat by its time, the last first. @param {Details} details */
function beatTimes({ beats, beats_that_day: n }) {
  const [last] = beats;
  if (last === undefined) return [];
  const now = Date.now();
  let day = "";
  const times = beats.map((beat) => {
    const at = instant(beat) ?? 0;
    const whole = moment(at, now).text;
    const clock = clockTime(at);
    // The day is said where it begins.
    const before = whole.slice(0, whole.length - clock.length);
    const text = before === day ? clock : whole;
    day = before;
    return make("time", { datetime: beat }, text);
  });
  return [
    make("span", { class: "label" }, `${phrases.beatsThatDay}: ${beatsTally(n)}`), " ",
    ...times.flatMap((time) => [time, " "]),
    ...(n > beats.length ? [make("span", { class: "label" }, phrases.olderBeats)] : []),
  ];
}
