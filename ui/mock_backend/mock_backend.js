// The backend of the page in a plain browser, for development and tests.
//
// `page/?fixture=story&theme=dark&place=review`. Guarantees: answers from a fixture, with its times moved to now; a cleanup, a move and an
// undo change the snapshot in memory. Not shipped, and never writes anything.

/** @import { Actor, CleanupDone, Failure, Move, SnapshotDelta, ActivityHistogram, Renumbered, SessionRow, Snapshot, State, UndoDone } from "../wire" */
/** @import { Backend } from "../page/backend.js" */
import { mockRegistration } from "./registration.js";
import { journal } from "./journal.js";
import { crowd, enormousRole } from "./generated.js";
import { mockRestore } from "./restore.js";
import { mockSettings } from "./settings.js";

/**
 * @param {URLSearchParams} options
 * @returns {Promise<Backend>}
 */
export async function mockBackend(options) {
  const theme = options.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const name = options.get("fixture") ?? "story";
  const snapshot = toNow(await fixture(name, Number(options.get("size")) || 500));

  /** @type {Set<(delta: SnapshotDelta) => void>} */
  const listeners = new Set();
  /** @type {Set<(place: string) => void>} */
  const placeListeners = new Set();
  const changes = journal(options.get("history") === "none" || name === "empty" ? [] : await fetched("history"));

  const encoder = deltaEncoder(snapshot);
  const publish = () => {
    recount(snapshot);
    const delta = encoder.delta();
    for (const listener of listeners) listener(structuredClone(delta));
  };

  // For the console and for tests: mockBackend.change((snapshot) => …), mockBackend.go("session-5").
  Reflect.set(window, "mockBackend", {
    /** @param {(snapshot: Snapshot) => void} alter */
    change: (alter) => (alter(snapshot), publish()),
    /** A cleanup by the tray. */
    cleanup: () => {
      const { marked, change } = clean(snapshot.cleanup.numbers, "tray");
      snapshot.undo = change === null ? null : { change, marked };
      publish();
    },
    /** @param {string} place */
    go: (place) => placeListeners.forEach((listener) => listener(place)),
  });

  /** @param {number[]} numbers @param {Actor} by @returns {CleanupDone} */
  function clean(numbers, by) {
    const named = snapshot.sessions.filter(({ number }) => numbers.includes(number));
    const stale = named.filter(({ state }) => state === "stale");
    const before = structuredClone(stale);
    for (const session of stale) Object.assign(session, { state: "inactive", reason: "marked", status: "inactive" });
    const marked = stale.map(({ number }) => number);
    const back = () => before.forEach((row) => Object.assign(sessionWith(row.number) ?? {}, row));
    return {
      marked,
      skipped: named.filter((session) => !stale.includes(session)).map(({ number }) => ({ number, why: "is active" })),
      change: stale.length > 0 ? changes.add("cleanup", marked, back, { by }) : null,
    };
  }

  /** @param {number} number */
  const sessionWith = (number) => snapshot.sessions.find((session) => session.number === number);

  /** @param {number} from @param {number} to @returns {Move[]} */
  function reassignment(from, to) {
    if (options.get("fail") === "reassign") throw refusal("refused", `The entry of session ${to} is none that Headcount changes`);
    if (!sessionWith(from)) throw refusal("refused", `There is no session ${from}`);
    if (from === to) return [];
    return sessionWith(to) ? [{ from, to }, { from: to, to: from }] : [{ from, to }];
  }

  /** @returns {Move[]} */
  function compaction() {
    const running = snapshot.sessions.filter(({ state }) => state === "active").map(({ number }) => number).sort((a, b) => a - b);
    const left = running.filter((number) => number > running.length);
    const aside = running.map((_, i) => i + 1).filter((number) => !running.includes(number) && sessionWith(number));
    return [
      ...running.map((from, i) => ({ from, to: i + 1 })).filter(({ from, to }) => from !== to),
      ...aside.flatMap((from, i) => (left[i] === undefined ? [] : [{ from, to: left[i] }])),
    ];
  }

  /** @param {Move[]} moves @param {string} what @returns {Renumbered} */
  function renumber(moves, what) {
    /** @param {Move[]} steps */
    const make = (steps) => {
      const movers = steps.map(({ from, to }) => ({ session: sessionWith(from), from, to }));
      for (const { session, from, to } of movers) {
        if (!session) continue;
        session.number = to;
        if (session.session_id === `session-${from}`) session.session_id = `session-${to}`;
      }
    };
    make(moves);
    const change = moves.length === 0 ? null
      : changes.add(what, moves.map(({ to }) => to), () => make(moves.map(({ from, to }) => ({ from: to, to: from }))), { moves });
    publish();
    return { moves, change };
  }

  return {
    ...mockRegistration(snapshot, changes, publish),
    ...mockSettings(snapshot, options, publish),
    ...mockRestore(snapshot, options, changes, async () => toNow(await fixture("story", 0)), publish),
    history: async () => changes.lines(),
    previewReassign: async (from, to) => reassignment(from, to),
    reassign: async (from, to) => (await delay(), renumber(reassignment(from, to), "reassign")),
    previewCompact: async () => compaction(),
    compact: async () => (await delay(), renumber(compaction(), "compact")),
    snapshot: async () => structuredClone(encoder.whole()),
    place: async () => options.get("place"),
    onDelta: async (listener) => void listeners.add(listener),
    onPlace: async (listener) => void placeListeners.add(listener),

    async cleanup(numbers, force) {
      await delay();
      if (options.get("fail") === "cleanup") throw refusal("locked", "The registry is locked by process 4711 for more than 5 s; try again when that program has finished");
      if (snapshot.cleanup.caution && !force) throw refusal("no_evidence", `Not cleaning up: ${snapshot.cleanup.caution.message}`);
      const done = clean(numbers, "window");
      publish();
      return done;
    },

    async undo(change) {
      await delay();
      const restored = options.get("fail") === "undo" ? null : changes.undo(change);
      if (!restored) throw refusal("no_change", `There is no change ${change} in the journal of this registry`);
      if (snapshot.undo?.change === change) snapshot.undo = null;
      publish();
      /** @type {UndoDone} */
      const done = { restored, refused: [], change };
      return done;
    },
  };
}

/**
 * @param {string} name
 * @param {number} size of the generated crowd
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
 * Encodes snapshots as deltas, as the engine does.
 * @param {Snapshot} snapshot
 */
function deltaEncoder(snapshot) {
  let serial = 0;
  /** @type {Map<number, string>} */
  let rows = new Map();
  /** @type {Map<string, string>} */
  let frame = new Map();

  /** @param {boolean} is_whole @returns {SnapshotDelta} */
  function publish(is_whole) {
    const { sessions, ...rest } = snapshot;
    if (is_whole) rows = frame = new Map();
    const texts = new Map(sessions.map((session) => [session.number, JSON.stringify(session)]));
    const fields = new Map(Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)]));
    const delta = {
      serial: ++serial,
      is_whole,
      sessions: sessions.filter(({ number }) => texts.get(number) !== rows.get(number)).sort((a, b) => a.number - b.number),
      gone: [...rows.keys()].filter((number) => !texts.has(number)),
      rest: Object.fromEntries(Object.entries(rest).filter(([name]) => fields.get(name) !== frame.get(name))),
    };
    rows = texts;
    frame = fields;
    return delta;
  }

  return { delta: () => publish(false), whole: () => publish(true) };
}

/** Derives counts, free numbers and the cleanup offer from the rows. @param {Snapshot} snapshot */
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

/** Derives the counts of running sessions that are not registered here. @param {Snapshot} snapshot */
function recountRunning({ counts, unregistered, elsewhere }) {
  counts.unregistered = unregistered.length;
  counts.running = counts.active + unregistered.length + elsewhere.reduce((sum, { running }) => sum + running, 0);
}

/** Moves every time of a fixture to now. @param {Snapshot} snapshot */
function toNow(snapshot) {
  const by = Date.now() - Date.parse(snapshot.at);
  /** @param {string | null} time */
  const moved = (time) => time && new Date(Date.parse(time) + by).toISOString();
  snapshot.at = new Date().toISOString();
  for (const session of snapshot.unregistered) session.since = moved(session.since);
  for (const session of snapshot.sessions) {
    session.last_heartbeat = moved(session.last_heartbeat);
    session.last_sign_of_life = moved(session.last_sign_of_life);
    session.histogram ??= histogramOf(session);
  }
  return snapshot;
}

/**
 * Sample heartbeats: every twenty minutes or so, for some hours until the last one.
 * @param {SessionRow} session
 * @returns {ActivityHistogram | undefined}
 */
function histogramOf({ number, last_heartbeat }) {
  if (last_heartbeat === null) return undefined;
  const pattern = ["a", "4", "9", "2"];
  const digits = Array.from({ length: 6 + ((number * 7) % 22) }, (_, i) => ((i * number) % 9 === 8 ? "0" : pattern[(i + number) % 4] ?? "0"));
  return { last: Math.floor(Date.parse(last_heartbeat) / 600_000), steps: `8${digits.join("")}` };
}

/** @param {string} code @param {string} message @returns {Failure} */
const refusal = (code, message) => ({ code, message });

/** A delay in which the page's pending state can be seen. */
const delay = () => new Promise((resolve) => setTimeout(resolve, 150));
