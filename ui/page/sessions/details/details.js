// The details of a session, shown below its row.
//
// Guarantees: what the snapshot contains is shown at once, the rest is loaded when the details are opened and whenever the session changes; an
// answer that is outdated or about another session is discarded. Text from the registry is inserted as text; long text is
// truncated and says so.

/** @import { Details, SessionRow, Warning } from "../../../wire" */
import { failure } from "../../backend.js";
import { make, setText } from "../../parts/element.js";
import { activityText } from "../../text/activity.js";
import { sessionWarning, warningRemedy } from "../../text/advice.js";
import { labels, truncatedText } from "../../text/common.js";
import { formatNumber } from "../../text/format/format_number.js";
import { multiLine, singleLine } from "../../text/format/sanitize.js";
import { fieldLabels } from "../../text/messages.js";
import { ownTimeoutText } from "../../text/own_timeout.js";
import { NO_ROLE } from "../../text/session_state.js";
import { actionNames, pidText, sessionLabels } from "../../text/sessions.js";
import { ago, dateTime, fullDateTime, joinTexts, parseTime, timeOfDay } from "../../text/format/times.js";
import { actionsFor } from "../actions.js";

/** A role up to this length is shown completely in the row, however narrow the window. */
const MAX_ROLE_IN_ROW = 40;

/** @typedef {keyof typeof fieldLabels} Fact */

/** @typedef {"activity" | "last_heartbeat" | "last_sign_of_life"} TimedFact a fact whose text changes with time (see writeTimes) */

/**
 * The other facts; an empty one is hidden.
 * @type {Record<Exclude<Fact, TimedFact>, (session: SessionRow, loaded: Details | null) => string>}
 */
const factTexts = {
  // The row shows a short role completely.
  role: ({ role }) => (singleLine(role, MAX_ROLE_IN_ROW) === role.trim() ? "" : fullText(role, NO_ROLE)),
  goal: ({ goal }) => fullText(goal, sessionLabels.noGoal),
  session_id: ({ session_id }) => fullText(session_id, labels.none),
  status: ({ status }) => fullText(status, labels.none),
  terminal: ({ terminal }) => fullText(terminal, labels.none),
  own_timeout_minutes: ({ own_timeout_minutes }) => ownTimeoutText(own_timeout_minutes),
  pid: ({ pid }) => (pid === null ? "" : pidText(pid)),
  registered_at: (_, loaded) => when(loaded?.registered_at),
  reactivated_at: (_, loaded) => when(loaded?.reactivated_at),
  marked_inactive_at: (_, loaded) => when(loaded?.marked_inactive_at),
  former_numbers: (_, loaded) => loaded?.former_numbers.map((number) => `#${number}`).join(", ") ?? "",
};

/**
 * @param {HTMLElement} panel
 * @param {(number: number) => Promise<Details>} load
 */
export function details(panel, load) {
  /** @type {Map<Fact, HTMLElement>} */
  const facts = new Map();
  const list = make("dl");
  for (const key of /** @type {Fact[]} */ (Object.keys(fieldLabels))) {
    const fact = make("dd");
    facts.set(key, fact);
    list.append(make("div", { class: "fact", "data-fact": key }, make("dt", {}, fieldLabels[key]), fact));
  }
  const extraFields = make("dl", { class: "extra-fields" });
  const beats = make("p", { class: "beats" });
  const warnings = make("ul", { class: "advice" });
  const actionBar = make("div", { class: "action-bar" });
  panel.append(list, extraFields, beats, warnings, actionBar);
  /** @type {SessionRow | null} */
  let drawn = null;
  /** @type {Details | null} */
  let loaded = null;
  let requests = 0;

  /** Shows a fact; an empty one is hidden. @param {Fact} key @param {string} text */
  function setFact(key, text) {
    const fact = facts.get(key);
    if (!fact) return;
    setText(fact, text);
    /** @type {HTMLElement} */ (fact.parentElement).hidden = text === "";
  }

  /** @param {SessionRow} session */
  function show(session) {
    if (drawn?.session_id !== session.session_id) loaded = null;
    drawn = session;
    showActions(session);
    showFacts();
    void request(session);
  }

  /** @param {SessionRow} session */
  function showActions(session) {
    const offered = actionsFor(session).filter(({ name }) => name !== "open");
    const names = offered.map(({ name }) => name).join();
    if (actionBar.dataset.actions === names) return;
    actionBar.dataset.actions = names;
    actionBar.replaceChildren(
      ...offered.map(({ name, key }) =>
        make("button", { type: "button", "data-action": name, "aria-keyshortcuts": key.toUpperCase() },
          actionNames[name], " ", make("kbd", { "aria-hidden": "true" }, key))),
    );
  }

  /** @param {SessionRow} session */
  async function request(session) {
    const id = ++requests;
    try {
      const answer = await load(session.number);
      if (id !== requests) return;
      loaded = answer;
      showFacts();
    } catch (reason) {
      if (id !== requests) return;
      setText(beats, `${sessionLabels.detailsFailed} ${singleLine(failure(reason).message, 600)}`);
    }
  }

  /** Shows the session and what was loaded. */
  function showFacts() {
    if (!drawn) return;
    for (const key of /** @type {(keyof typeof factTexts)[]} */ (Object.keys(factTexts))) setFact(key, factTexts[key](drawn, loaded));
    if (loaded) beats.replaceChildren(...beatTimes(loaded));
    else setText(beats, sessionLabels.reading);
    extraFields.hidden = !loaded || loaded.fields.length === 0;
    extraFields.replaceChildren(
      ...(loaded?.fields ?? []).map(({ name, value }) =>
        make("div", { class: "fact" }, make("dt", {}, make("bdi", {}, singleLine(name, 80) || labels.none)), make("dd", {}, fullText(value, labels.none)))),
    );
    // The loaded warnings may be older than the session's.
    const known = loaded?.warnings ?? [];
    const added = drawn.warnings.filter((code) => !known.some((warning) => warning.code === code));
    const { number } = drawn;
    const all = [...added.map((code) => ({ code, message: sessionWarning(code, number), path: null })), ...known];
    warnings.hidden = all.length === 0;
    warnings.replaceChildren(...all.map(warningItem));
  }

  return {
    show,
    /** @param {SessionRow} session @param {number} now @returns {number} until when the texts are correct */
    writeTimes(session, now) {
      let until = Infinity;
      for (const key of /** @type {const} */ (["last_heartbeat", "last_sign_of_life"])) {
        const at = parseTime(session[key]);
        const age = at === null ? null : ago(at, now);
        const isRepeated = key === "last_sign_of_life" && session.last_sign_of_life === session.last_heartbeat;
        setFact(key, isRepeated ? "" : at === null ? labels.never : joinTexts([fullDateTime(at), age]).text);
        until = Math.min(until, age?.until ?? Infinity);
      }
      const activity = activityText(session.activity, now);
      setFact("activity", activity.text);
      return Math.min(until, activity.until);
    },
  };
}

/** @param {string | null | undefined} time */
const when = (time) => (time ? fullDateTime(parseTime(time) ?? 0) : "");

/** @param {string | null} text @param {string} placeholder for an empty text */
function fullText(text, placeholder) {
  const { text: shown, rest } = multiLine(text ?? "");
  return (shown || placeholder) + (rest > 0 ? truncatedText(rest) : "");
}

/** @param {Warning} warning */
function warningItem({ code, message, path }) {
  return make("li", {},
    make("span", { class: "what" }, singleLine(message, 600)), " ",
    make("span", { class: "fix" }, warningRemedy(code)),
    ...(path && code === "broken_heartbeat" ? [" ", make("span", { class: "path" }, make("bdi", {}, singleLine(path, 1000)))] : []));
}

/** The times of the heartbeats, the last one first. @param {Details} details */
function beatTimes({ beats, beats_that_day: total }) {
  const [last] = beats;
  if (last === undefined) return [];
  const now = Date.now();
  let lastDay = "";
  const times = beats.map((beat) => {
    const at = parseTime(beat) ?? 0;
    const full = dateTime(at, now).text;
    const time = timeOfDay(at);
    // The day is written only where it changes.
    const day = full.slice(0, full.length - time.length);
    const text = day === lastDay ? time : full;
    lastDay = day;
    return make("time", { datetime: beat }, text);
  });
  return [
    make("span", { class: "label" }, `${sessionLabels.beatsThatDay}: ${formatNumber(total)}`), " ",
    ...times.flatMap((time) => [time, " "]),
    ...(total > beats.length ? [make("span", { class: "label" }, sessionLabels.olderBeats)] : []),
  ];
}
