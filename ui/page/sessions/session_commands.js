// What is done to one session at a press, and what is said of it.
//
// Promises: the session that was on screen is meant, not whoever has its number by now; what was done can be taken back where
// it is said; what failed says why and changed nothing. Asks nothing first: each of these can be taken back, but a beat, which
// only says "it is there".

/** @import { Changed, CleanupDone, SessionRow } from "../../wire" */
/** @import { ActionName } from "./actions.js" */
/** @import { Backend, Newcomer } from "../backend.js" */
import { failure } from "../backend.js";
import { allNewHere, backAgain, beatSent, newHere, phrases, signedOff } from "../text/sessions.js";
import { cleaned, failed } from "../text/common.js";

/**
 * @param {object} ways
 * @param {Backend} ways.backend
 * @param {<T extends { change: string | null }>(deed: Promise<T>) => Promise<T>} ways.own for what this page does
 * @param {(text: string, change: string | null) => void} ways.say
 * @param {(text: string) => void} ways.wrong
 * @param {(number: number) => void} ways.review where a cleanup wants more than a press
 */
export function acts({ backend, own, say, wrong, review }) {
  /**
   * @param {Promise<Changed>} deed
   * @param {string} text
   */
  async function tell(deed, text) {
    try {
      say(text, (await own(deed)).change);
    } catch (reason) {
      wrong(failed(phrases.couldNotAct, failure(reason).message));
    }
  }

  /** @param {number} number */
  async function cleanup(number) {
    try {
      /** @type {CleanupDone} */
      const done = await own(backend.cleanup([number], false));
      say(cleaned(done), done.change);
    } catch (reason) {
      const { code, message } = failure(reason);
      // There is too little to go by: the preview says what, and asks.
      if (code === "no_evidence") review(number);
      else wrong(failed(phrases.couldNotAct, message));
    }
  }

  return {
    /** @param {ActionName} name @param {SessionRow} session */
    async run(name, { number, session_id }) {
      const named = { number, session_id };
      switch (name) {
        case "beat": return tell(backend.heartbeat(named), beatSent(number));
        case "release": return tell(backend.release(named), signedOff(number));
        case "reactivate": return tell(backend.reactivate(named), backAgain(number));
        case "cleanup": return cleanup(number);
        default: return undefined; // opens something: not done here
      }
    },

    /** @param {number} pid @returns {Promise<number | null>} the number it got; null: it could not be registered */
    async running(pid) {
      try {
        const { number, change } = await own(backend.registerRunning(pid));
        say(newHere(number), change);
        return number;
      } catch (reason) {
        wrong(failed(phrases.couldNotAct, failure(reason).message));
        return null;
      }
    },

    /** Registers every session that runs and is not registered. @returns {Promise<void>} */
    async allRunning() {
      try {
        const { numbers, change } = await own(backend.registerAllRunning());
        if (numbers.length > 0) say(allNewHere(numbers), change);
      } catch (reason) {
        wrong(failed(phrases.couldNotAct, failure(reason).message));
      }
    },

    /** @param {Newcomer} newcomer @returns {Promise<string | null>} what went wrong, or null */
    async register(newcomer) {
      try {
        const { change } = await own(backend.register(newcomer));
        say(newHere(newcomer.number), change);
        return null;
      } catch (reason) {
        return failed(phrases.couldNotAct, failure(reason).message);
      }
    },
  };
}
