// The backend of a plain browser: the page's promises can be looked at, and tried out, without the app.
//
// `page/?fixture=story&theme=dark&place=review`. Promises: answers as the engine would on that fixture, with its times
// moved to now; a cleanup really marks, a move really moves, and an undo really puts back, in memory. Not shipped, never writes anything.

/** @import { Actor, CleanupDone, Failure, Move, News, Pulse, Renumbered, SessionRow, Snapshot, State, UndoDone } from "../wire" */
/** @import { Backend } from "../page/backend.js" */
import { mockRegistration } from "./registration.js";
import { journal } from "./journal.js";
import { crowd, enormousRole } from "./generated.js";
import { mockRestore } from "./restore.js";
import { mockSettings } from "./settings.js";

/**
 * @param {URLSearchParams} asked
 * @returns {Promise<Backend>}
 */
export async function mockBackend(asked) {
  const theme = asked.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const name = asked.get("fixture") ?? "story";
  const snapshot = toNow(await fixture(name, Number(asked.get("size")) || 500));

  /** @type {Set<(news: News) => void>} */
  const listeners = new Set();
  /** @type {Set<(place: string) => void>} */
  const guides = new Set();
  const past = journal(asked.get("history") === "none" || name === "empty" ? [] : await fetched("history"));

  const teller = tellerOf(snapshot);
  const tell = () => {
    recount(snapshot);
    const news = teller.news();
    for (const listener of listeners) listener(structuredClone(news));
  };

  // For trying things out in the console, and for tests: mockBackend.change((snapshot) => …), mockBackend.go("session-5").
  Reflect.set(window, "mockBackend", {
    /** @param {(snapshot: Snapshot) => void} alter */
    change: (alter) => (alter(snapshot), tell()),
    /** As if the tray did it. */
    cleanup: () => {
      const { marked, change } = clean(snapshot.cleanup.numbers, "tray");
      snapshot.undo = change === null ? null : { change, marked };
      tell();
    },
    /** @param {string} place */
    go: (place) => guides.forEach((guide) => guide(place)),
  });

  /** @param {number[]} numbers @param {Actor} by @returns {CleanupDone} */
  function clean(numbers, by) {
    const named = snapshot.sessions.filter(({ number }) => numbers.includes(number));
    const stale = named.filter(({ state }) => state === "stale");
    const before = structuredClone(stale);
    for (const session of stale) Object.assign(session, { state: "inactive", reason: "marked", status: "inactive" });
    const marked = stale.map(({ number }) => number);
    const back = () => before.forEach((row) => Object.assign(holder(row.number) ?? {}, row));
    return {
      marked,
      skipped: named.filter((session) => !stale.includes(session)).map(({ number }) => ({ number, why: "is active" })),
      change: stale.length > 0 ? past.add("cleanup", marked, back, { by }) : null,
    };
  }

  /** @param {number} number */
  const holder = (number) => snapshot.sessions.find((session) => session.number === number);

  /** @param {number} from @param {number} to @returns {Move[]} */
  function reassignment(from, to) {
    if (asked.get("fail") === "reassign") throw refusal("refused", `The entry of session ${to} is none that Headcount changes`);
    if (!holder(from)) throw refusal("refused", `There is no session ${from}`);
    if (from === to) return [];
    return holder(to) ? [{ from, to }, { from: to, to: from }] : [{ from, to }];
  }

  /** @returns {Move[]} */
  function compaction() {
    const running = snapshot.sessions.filter(({ state }) => state === "active").map(({ number }) => number).sort((a, b) => a - b);
    const left = running.filter((number) => number > running.length);
    const aside = running.map((_, i) => i + 1).filter((number) => !running.includes(number) && holder(number));
    return [
      ...running.map((from, i) => ({ from, to: i + 1 })).filter(({ from, to }) => from !== to),
      ...aside.flatMap((from, i) => (left[i] === undefined ? [] : [{ from, to: left[i] }])),
    ];
  }

  /** @param {Move[]} moves @param {string} what @returns {Renumbered} */
  function renumber(moves, what) {
    /** @param {Move[]} steps */
    const make = (steps) => {
      const movers = steps.map(({ from, to }) => ({ session: holder(from), from, to }));
      for (const { session, from, to } of movers) {
        if (!session) continue;
        session.number = to;
        if (session.session_id === `session-${from}`) session.session_id = `session-${to}`;
      }
    };
    make(moves);
    const change = moves.length === 0 ? null
      : past.add(what, moves.map(({ to }) => to), () => make(moves.map(({ from, to }) => ({ from: to, to: from }))), { moves });
    tell();
    return { moves, change };
  }

  return {
    ...mockRegistration(snapshot, past, tell),
    ...mockSettings(snapshot, asked, tell),
    ...mockRestore(snapshot, asked, past, async () => toNow(await fixture("story", 0)), tell),
    history: async () => past.lines(),
    previewReassign: async (from, to) => reassignment(from, to),
    reassign: async (from, to) => (await aMoment(), renumber(reassignment(from, to), "reassign")),
    previewCompact: async () => compaction(),
    compact: async () => (await aMoment(), renumber(compaction(), "compact")),
    snapshot: async () => structuredClone(teller.whole()),
    place: async () => asked.get("place"),
    onDelta: async (listener) => void listeners.add(listener),
    onPlace: async (guide) => void guides.add(guide),

    async cleanup(numbers, force) {
      await aMoment();
      if (asked.get("fail") === "cleanup") throw refusal("locked", "The registry is locked by process 4711 for more than 5 s; try again when that program is done");
      if (snapshot.cleanup.caution && !force) throw refusal("no_evidence", `Not cleaning up: ${snapshot.cleanup.caution.message}`);
      const done = clean(numbers, "window");
      tell();
      return done;
    },

    async undo(change) {
      await aMoment();
      const restored = asked.get("fail") === "undo" ? null : past.takeBack(change);
      if (!restored) throw refusal("no_change", `There is no change ${change} in the journal of this registry`);
      if (snapshot.undo?.change === change) snapshot.undo = null;
      tell();
      /** @type {UndoDone} */
      const done = { restored, refused: [], change };
      return done;
    },
  };
}

/**
 * @param {string} name
 * @param {number} size of the made-up crowd
 * @returns {Promise<Snapshot>}
 */
async function fixture(name, size) {
  if (name === "crowd") return crowd(size);
  /** @type {Snapshot} */
  const snapshot = await fetched(name);
  if (name === "hostile") snapshot.sessions.push(enormousRole());
  recount(snapshot);
  return snapshot;
}

/** @param {string} name @returns {Promise<any>} */
async function fetched(name) {
  const answer = await fetch(new URL(`../fixtures/${name}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`no fixture ${name}`);
  return answer.json();
}

/**
 * Tells the picture in pieces, as the engine does.
 * @param {Snapshot} snapshot
 */
function tellerOf(snapshot) {
  let serial = 0;
  /** @type {Map<number, string>} */
  let rows = new Map();
  /** @type {Map<string, string>} */
  let frame = new Map();

  /** @param {boolean} is_whole @returns {News} */
  function tell(is_whole) {
    const { sessions, ...rest } = snapshot;
    if (is_whole) rows = frame = new Map();
    const texts = new Map(sessions.map((session) => [session.number, JSON.stringify(session)]));
    const fields = new Map(Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)]));
    const news = {
      serial: ++serial,
      is_whole,
      sessions: sessions.filter(({ number }) => texts.get(number) !== rows.get(number)).sort((a, b) => a.number - b.number),
      gone: [...rows.keys()].filter((number) => !texts.has(number)),
      rest: Object.fromEntries(Object.entries(rest).filter(([name]) => fields.get(name) !== frame.get(name))),
    };
    rows = texts;
    frame = fields;
    return news;
  }

  return { news: () => tell(false), whole: () => tell(true) };
}

/** Counts, free numbers and the offer follow from the rows, as the engine has it. @param {Snapshot} snapshot */
function recount(snapshot) {
  const { sessions, cleanup } = snapshot;
  /** @param {State} state */
  const numbersOf = (state) => sessions.filter((session) => session.state === state).map(({ number }) => number);
  for (const state of /** @type {State[]} */ (["active", "stale", "inactive", "unknown"])) snapshot.counts[state] = numbersOf(state).length;
  recountRunning(snapshot);
  const inactive = numbersOf("inactive");
  const taken = new Set(sessions.map(({ number }) => number).filter((number) => !inactive.includes(number)));
  const last = Math.max(13, ...sessions.map(({ number }) => number));
  snapshot.available_numbers = Array.from({ length: last }, (_, i) => i + 1).filter((number) => !taken.has(number));
  cleanup.numbers = numbersOf("stale");
  if (cleanup.numbers.length === 0) cleanup.caution = null;
}

/** What runs beside the registered sessions, as the engine counts it. @param {Snapshot} snapshot */
function recountRunning({ counts, unregistered, elsewhere }) {
  counts.unregistered = unregistered.length;
  counts.running = counts.active + unregistered.length + elsewhere.reduce((sum, { running }) => sum + running, 0);
}

/** Moves every time by as much as the fixture's moment lies in the past. @param {Snapshot} snapshot */
function toNow(snapshot) {
  const by = Date.now() - Date.parse(snapshot.at);
  /** @param {string | null} time */
  const moved = (time) => time && new Date(Date.parse(time) + by).toISOString();
  snapshot.at = new Date().toISOString();
  for (const session of snapshot.unregistered) session.since = moved(session.since);
  for (const session of snapshot.sessions) {
    session.last_heartbeat = moved(session.last_heartbeat);
    session.last_sign_of_life = moved(session.last_sign_of_life);
    session.pulse ??= pulseOf(session);
  }
  return snapshot;
}

/**
 * Beats as a session of this kind would have them: every twenty minutes or so, for some hours until the last.
 * @param {SessionRow} session
 * @returns {Pulse | undefined}
 */
function pulseOf({ number, last_heartbeat }) {
  if (last_heartbeat === null) return undefined;
  const pattern = ["a", "4", "9", "2"];
  const digits = Array.from({ length: 6 + ((number * 7) % 22) }, (_, i) => ((i * number) % 9 === 8 ? "0" : pattern[(i + number) % 4] ?? "0"));
  return { last: Math.floor(Date.parse(last_heartbeat) / 600_000), steps: `8${digits.join("")}` };
}

/** @param {string} code @param {string} message @returns {Failure} */
const refusal = (code, message) => ({ code, message });

/** Long enough to see what the page does meanwhile. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 150));
