// Registering, releasing and reactivating sessions in the mock backend.
//
// Guarantees: each change can be undone; a beat is a sign of life now.

/** @import { Changed, Details, Failure, Registered, RegisteredAll, SessionRow, Snapshot } from "../wire" */
/** @import { SessionRef, NewSession } from "../page/backend.js" */
/** @import { journal } from "./journal.js" */

const STEP = 600_000;

/**
 * @param {Snapshot} snapshot
 * @param {ReturnType<typeof journal>} changes
 * @param {() => void} publish
 */
export function mockRegistration(snapshot, changes, publish) {
  /** @param {number} number */
  const sessionWith = (number) => snapshot.sessions.find((session) => session.number === number);

  /** @param {SessionRef} named @returns {SessionRow} */
  function resolve({ number, session_id }) {
    const session = sessionWith(number);
    if (!session) throw refused(`there is no session ${number}`);
    if (session.session_id !== session_id) throw refused("the numbers have changed in the meantime; check them and try again");
    return session;
  }

  /** @param {SessionRow} session @param {string} what @param {Partial<SessionRow>} facts @returns {Changed} */
  function change(session, what, facts) {
    const before = structuredClone(session);
    Object.assign(session, facts);
    const id = changes.add(what, [session.number], () => Object.assign(sessionWith(before.number) ?? {}, before));
    publish();
    return { change: id };
  }

  /** @param {SessionRow} session */
  function beat(session) {
    const at = new Date().toISOString();
    const last = Math.floor(Date.parse(at) / STEP);
    const { histogram } = session;
    const since = histogram ? Math.max(0, last - histogram.last) : 0;
    const older = histogram ? [...histogram.steps].flatMap((digit) => [8, 4, 2, 1].map((bit) => ((parseInt(digit, 16) & bit) > 0 ? 1 : 0))) : [];
    const steps = (since === 0 ? [1, ...older.slice(1)] : [1, ...Array(since - 1).fill(0), ...older]).slice(0, 144);
    const digits = Array.from({ length: Math.ceil(steps.length / 4) }, (_, i) => [0, 1, 2, 3].reduce((sum, bit) => sum * 2 + (steps[4 * i + bit] ?? 0), 0).toString(16));
    Object.assign(session, { last_heartbeat: at, last_sign_of_life: at, state: "active", reason: "heartbeat", is_beating: true, histogram: { last, steps: digits.join("") } });
  }

  return {
    /** @param {NewSession} newcomer @returns {Promise<Changed>} */
    async register({ number, role, goal, session_id }) {
      const there = sessionWith(number);
      if (number < 1) throw refused("numbers start at 1");
      if (there && there.state !== "inactive") throw refused(`number ${number} is taken`);
      const at = new Date().toISOString();
      /** @type {SessionRow} */
      const session = {
        number, session_id: session_id ?? `session-${number}`, role, goal, terminal: "unknown", status: "active", state: "active", reason: "registered",
        last_heartbeat: null, last_sign_of_life: at, age_seconds: 0, is_beating: false,
        process: "unknown", pid: null, is_background: false, warnings: [],
      };
      snapshot.sessions = [...snapshot.sessions.filter((each) => each !== there), session];
      const id = changes.add("register", [number], () => {
        snapshot.sessions = [...snapshot.sessions.filter((each) => each.number !== number), ...(there ? [there] : [])];
      });
      publish();
      return { change: id };
    },

    /** @param {number} pid @returns {Promise<Registered>} */
    async registerRunning(pid) {
      const found = snapshot.unregistered.find((each) => each.pid === pid);
      const number = snapshot.available_numbers[0] ?? Math.max(0, ...snapshot.sessions.map((each) => each.number)) + 1;
      if (!found) throw refused(`no session runs as process ${pid}`);
      snapshot.unregistered = snapshot.unregistered.filter((each) => each !== found);
      snapshot.counts.unregistered = snapshot.unregistered.length;
      const { change } = await this.register({ number, role: found.name, goal: "", session_id: null });
      return { number, change };
    },

    /** @returns {Promise<RegisteredAll>} */
    async registerAllRunning() {
      const numbers = [];
      for (const { pid } of [...snapshot.unregistered]) numbers.push((await this.registerRunning(pid)).number);
      return { numbers, change: null };
    },

    /** @param {SessionRef} named @returns {Promise<Changed>} */
    async heartbeat(named) {
      const session = resolve(named);
      if (session.state === "inactive") throw refused(`session ${named.number} is inactive already`);
      beat(session);
      publish();
      return { change: null };
    },

    /** @param {SessionRef} named @returns {Promise<Changed>} */
    async release(named) {
      const session = resolve(named);
      if (session.state === "inactive") throw refused(`session ${named.number} is inactive already`);
      return change(session, "release", { state: "inactive", reason: "marked", status: "inactive" });
    },

    /** @param {SessionRef} named @returns {Promise<Changed>} */
    async reactivate(named) {
      const session = resolve(named);
      if (session.state !== "inactive") throw refused(`session ${named.number} is active already`);
      const done = change(session, "reactivate", { status: "active" });
      beat(session);
      publish();
      return done;
    },

    /** @param {number} number @returns {Promise<Details>} */
    async details(number) {
      const session = sessionWith(number);
      if (!session) throw refused(`there is no session ${number}`);
      const last = Date.parse(session.last_heartbeat ?? "");
      const beats = Number.isNaN(last) ? [] : Array.from({ length: 26 }, (_, i) => new Date(last - i * 1_213_000).toISOString());
      return {
        number, registered_at: new Date(Date.now() - 190_000_000).toISOString(), reactivated_at: null, marked_inactive_at: null,
        former_numbers: number % 5 === 0 ? [13] : [], fields: [{ name: "current_work", value: `What session ${number} is at` }],
        beats: beats.slice(0, 40), beats_that_day: beats.length, warnings: [],
      };
    },
  };
}

/** @param {string} why @returns {Failure} */
const refused = (why) => ({ code: "refused", message: `Nothing was changed in docs/coordination/claude_sessions.json: ${why}` });
