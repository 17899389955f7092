// A recording of the engine (crates/engine/tests/recordings): the states of one workspace, and the answers of each command in each state.
//
// Guarantees: an answer is exactly the engine's, with its times moved to now. A request that was not recorded fails and is named.

/** @import { CommandName } from "../commands" */
/** @import { Failure, Setup, Snapshot } from "../wire" */

/** @typedef {Record<string, unknown>} Payload */
/** @typedef {{ command: CommandName, payload: Payload, result?: unknown, failure?: Failure, next?: number }} Answer `next`: the state after it */
/** @typedef {{ before: number | null, snapshot: Snapshot, reads: Answer[], actions: Answer[] }} State */

/** The time of every recording's first state. */
const RECORDED_AT = Date.parse("2025-11-17T20:00:00Z");
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
/** The length of a step of an activity histogram. */
const STEP_MS = 600_000;

/**
 * @param {string} name of a file in recorded/
 * @param {string | null} theme instead of the recorded one
 * @returns {Promise<ReturnType<typeof player>>}
 */
export async function recording(name, theme) {
  const file = await fetch(new URL(`recorded/${name}.json`, import.meta.url));
  if (!file.ok) throw new Error(`There is no recording ${name}.`);
  const { states } = shifted(await file.json(), Date.now() - RECORDED_AT);
  const [first] = /** @type {State[]} */ (states);
  const setup = /** @type {Setup | undefined} */ (first?.reads.find(({ command }) => command === "settings")?.result);
  if (setup && theme) Object.assign(setup.settings, { theme });
  return player(states);
}

/** @param {State[]} states */
function player(states) {
  let at = 0;
  const state = () => /** @type {State} */ (states[at]);

  /** @param {"reads" | "actions"} kind @param {string} request @param {State | undefined} from @returns {Answer | undefined} */
  function find(kind, request, from = state()) {
    const answer = from[kind].find(({ command, payload }) => key(command, payload) === request);
    // An answer to a read that did not change is recorded only once.
    if (answer || kind === "actions" || from.before === null) return answer;
    return find(kind, request, states[from.before]);
  }

  return {
    snapshot: () => state().snapshot,
    settings: () => /** @type {Setup} */ (find("reads", key("settings", {}))?.result),

    /**
     * @param {CommandName} command
     * @param {Payload} [payload]
     * @returns {{ result: unknown, isAction: boolean }}
     * @throws {Failure}
     */
    answer(command, payload = {}) {
      const request = key(command, payload);
      const answer = find("actions", request) ?? find("reads", request);
      if (!answer) throw { code: "not_recorded", message: `The mock backend has no recorded answer to ${request} here.` };
      if (answer.failure) throw answer.failure;
      at = answer.next ?? at;
      return { result: answer.result, isAction: answer.next !== undefined };
    },
  };
}

/** The request as text, with sorted names. @param {string} command @param {Payload} payload */
const key = (command, payload) => `${command} ${JSON.stringify(sorted(payload))}`;

/** @param {unknown} value @returns {unknown} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined).sort().map(([name, field]) => [name, sorted(field)]));
}

/**
 * The value with every time moved.
 * @param {any} value
 * @param {number} by ms
 * @returns {any}
 */
function shifted(value, by) {
  if (typeof value === "string") return TIME.test(value) ? new Date(Date.parse(value) + by).toISOString() : value;
  if (Array.isArray(value)) return value.map((each) => shifted(each, by));
  if (typeof value !== "object" || value === null) return value;
  const moved = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shifted(field, by)]));
  if ("steps" in moved && "last" in moved) moved.last += Math.round(by / STEP_MS);
  return moved;
}
