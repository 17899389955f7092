// The backend of a plain browser: the page's promises can be looked at, and tried out, without the app.
//
// `page/?fixture=story&theme=dark&place=review`. Promises: answers as the engine would on that fixture, with its times
// moved to now; a cleanup really marks, a move really moves, and an undo really puts back, in memory. Not shipped, never writes anything.

/** @import { Actor, CleanupDone, Failure, Move, Renumbered, Snapshot, State, UndoDone } from "../wire" */
/** @import { Backend } from "../page/backend.js" */
import { journal } from "./journal.js";
import { crowd, enormousRole } from "./made.js";

/**
 * @param {URLSearchParams} asked
 * @returns {Promise<Backend>}
 */
export async function twin(asked) {
  const theme = asked.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const name = asked.get("fixture") ?? "story";
  const snapshot = toNow(await fixture(name, Number(asked.get("size")) || 500));

  /** @type {Set<(snapshot: Snapshot) => void>} */
  const listeners = new Set();
  /** @type {Set<(place: string) => void>} */
  const guides = new Set();
  const past = journal(asked.get("history") === "none" || name === "empty" ? [] : await fetched("history"));

  const tell = () => {
    recount(snapshot);
    for (const hear of listeners) hear(structuredClone(snapshot));
  };

  // For trying things out in the console, and for tests: twin.change((snapshot) => …), twin.go("session-5").
  Reflect.set(window, "twin", {
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
      : past.add(what, moves.map(({ to }) => to), () => make(moves.map(({ from, to }) => ({ from: to, to: from }))));
    tell();
    return { moves, change };
  }

  return {
    history: async () => past.lines(),
    rehearseReassign: async (from, to) => reassignment(from, to),
    reassign: async (from, to) => (await aMoment(), renumber(reassignment(from, to), "reassign")),
    rehearseCompact: async () => compaction(),
    compact: async () => (await aMoment(), renumber(compaction(), "compact")),
    snapshot: async () => structuredClone(snapshot),
    place: async () => asked.get("place"),
    onSnapshot: async (hear) => void listeners.add(hear),
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

/** Counts, free numbers and the offer follow from the rows, as the engine has it. @param {Snapshot} snapshot */
function recount(snapshot) {
  const { sessions, cleanup } = snapshot;
  /** @param {State} state */
  const numbersOf = (state) => sessions.filter((session) => session.state === state).map(({ number }) => number);
  for (const state of /** @type {State[]} */ (Object.keys(snapshot.counts))) snapshot.counts[state] = numbersOf(state).length;
  const inactive = numbersOf("inactive");
  const taken = new Set(sessions.map(({ number }) => number).filter((number) => !inactive.includes(number)));
  const last = Math.max(13, ...sessions.map(({ number }) => number));
  snapshot.available_numbers = Array.from({ length: last }, (_, i) => i + 1).filter((number) => !taken.has(number));
  cleanup.numbers = numbersOf("stale");
  if (cleanup.numbers.length === 0) cleanup.caution = null;
}

/** Moves every time by as much as the fixture's moment lies in the past. @param {Snapshot} snapshot */
function toNow(snapshot) {
  const by = Date.now() - Date.parse(snapshot.at);
  /** @param {string | null} time */
  const moved = (time) => time && new Date(Date.parse(time) + by).toISOString();
  snapshot.at = new Date().toISOString();
  for (const session of snapshot.sessions) {
    session.last_heartbeat = moved(session.last_heartbeat);
    session.last_sign_of_life = moved(session.last_sign_of_life);
  }
  return snapshot;
}

/** @param {string} code @param {string} message @returns {Failure} */
const refusal = (code, message) => ({ code, message });

/** Long enough to see what the page does meanwhile. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 150));
