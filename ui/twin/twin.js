// The backend of a plain browser: the page's promises can be looked at, and tried out, without the app.
//
// `page/?fixture=story&theme=dark&place=review`. Promises: answers as the engine would on that fixture, with its times
// moved to now; a cleanup really marks, and an undo really puts back, in memory. Not shipped, never writes anything.

/** @import { CleanupDone, Failure, SessionRow, Snapshot, State, UndoDone } from "../wire" */
/** @import { Backend } from "../page/backend.js" */
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
  /** Rows as they were before each change. @type {Map<string, SessionRow[]>} */
  const journal = new Map();

  const tell = () => {
    recount(snapshot);
    for (const hear of listeners) hear(structuredClone(snapshot));
  };

  // For trying things out in the console, and for tests: twin.change((snapshot) => …), twin.go("session-5").
  Reflect.set(window, "twin", {
    /** @param {(snapshot: Snapshot) => void} alter */
    change: (alter) => (alter(snapshot), tell()),
    /** @param {string} place */
    go: (place) => guides.forEach((guide) => guide(place)),
  });

  return {
    snapshot: async () => structuredClone(snapshot),
    place: async () => asked.get("place"),
    onSnapshot: async (hear) => void listeners.add(hear),
    onPlace: async (guide) => void guides.add(guide),

    async cleanup(numbers, force) {
      await aMoment();
      if (asked.get("fail") === "cleanup") throw refusal("locked", "The registry is locked by process 4711 for more than 5 s; try again when that program is done");
      if (snapshot.cleanup.caution && !force) throw refusal("no_evidence", `Not cleaning up: ${snapshot.cleanup.caution.message}`);
      const named = snapshot.sessions.filter(({ number }) => numbers.includes(number));
      const stale = named.filter(({ state }) => state === "stale");
      const change = `change-${journal.size + 1}`;
      journal.set(change, structuredClone(stale));
      for (const session of stale) Object.assign(session, { state: "inactive", reason: "marked", status: "inactive" });
      tell();
      /** @type {CleanupDone} */
      const done = {
        marked: stale.map(({ number }) => number),
        skipped: named.filter((session) => !stale.includes(session)).map(({ number }) => ({ number, why: "is active" })),
        change: stale.length > 0 ? change : null,
      };
      return done;
    },

    async undo(change) {
      await aMoment();
      const before = journal.get(change);
      if (!before || asked.get("fail") === "undo") throw refusal("no_change", `There is no change ${change} in the journal of this registry`);
      for (const row of before) Object.assign(snapshot.sessions.find(({ number }) => number === row.number) ?? {}, row);
      tell();
      /** @type {UndoDone} */
      const done = { restored: before.map(({ number }) => number), refused: [], change };
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
  const answer = await fetch(new URL(`../fixtures/${name}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`no fixture ${name}`);
  /** @type {Snapshot} */
  const snapshot = await answer.json();
  if (name === "hostile") snapshot.sessions.push(enormousRole());
  recount(snapshot);
  return snapshot;
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
