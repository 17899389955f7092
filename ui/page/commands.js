// The commands that change the registry, and the toast that reports each result.
//
// Guarantees: a command applies to the session that was shown, even if another one has its number by now; a change can be undone from its
// toast; a failure says why, and changed nothing. No confirmation is asked, because every change can be undone.

/** @import { Changed, Renumbered, SessionRow } from "../wire" */
/** @import { Backend, NewSession } from "./backend.js" */
/** @import { ActionName } from "./sessions/actions.js" */
import { failure } from "./backend.js";
import { cleanupLabels, cleanupResult, undoResult } from "./text/cleanup.js";
import { failureText } from "./text/common.js";
import { keptText, notKeptText, timeoutSetText } from "./text/own_timeout.js";
import { renumberLabels, renumberResult } from "./text/renumber.js";
import { allRegisteredText, beatSentText, notShownText, reactivatedText, registeredText, releasedText, sessionLabels } from "./text/sessions.js";

/**
 * @param {object} options
 * @param {Backend} options.backend
 * @param {<T extends { change: string | null }>(command: Promise<T>) => Promise<T>} options.track for every command sent
 * @param {ReturnType<typeof import("./parts/toast.js").toast>} options.toast
 * @param {(number: number) => void} options.reviewCleanup opens the preview for a cleanup that has to be confirmed
 * @param {() => Promise<void>} options.onUndo
 */
export function commands({ backend, track, toast, reviewCleanup, onUndo }) {
  /** @param {string} text @param {string | null} change */
  const report = (text, change) => toast.show(text, change === null ? {} : { change, undo: () => void undo(change) });
  /** @param {string} what @param {unknown} reason */
  const errorText = (what, reason) => failureText(what, failure(reason).message);
  /** @param {unknown} reason */
  const reportFailure = (reason) => toast.show(errorText(sessionLabels.actionFailed, reason), { isError: true });

  /** @param {Promise<Changed>} command @param {string} text */
  async function run(command, text) {
    try {
      report(text, (await track(command)).change);
    } catch (reason) {
      reportFailure(reason);
    }
  }

  /** @param {number} number */
  async function cleanupOne(number) {
    try {
      const result = await track(backend.cleanup([number], false));
      report(cleanupResult(result), result.change);
    } catch (reason) {
      if (failure(reason).code === "no_evidence") reviewCleanup(number);
      else reportFailure(reason);
    }
  }

  /** Only a failure is reported: otherwise the terminal is in front. @param {number} number */
  async function show(number) {
    try {
      const { outcome, text, command } = await backend.show(number);
      if (outcome === "shown") return;
      toast.show(notShownText(number, text, command), { isError: true, ...(command === null ? {} : { copy: command }) });
    } catch (reason) {
      toast.show(failureText(sessionLabels.showFailed, failure(reason).message), { isError: true });
    }
  }

  /** @param {string} change */
  async function undo(change) {
    try {
      toast.show(undoResult(await track(backend.undo(change))));
    } catch (reason) {
      toast.show(errorText(cleanupLabels.undoFailed, reason), { isError: true, undo: () => void undo(change) });
    }
    await onUndo();
  }

  return {
    undo,

    /** @param {ActionName} name @param {SessionRow} session */
    async runAction(name, { number, session_id }) {
      const session = { number, session_id };
      switch (name) {
        case "show": return show(number);
        case "beat": return run(backend.heartbeat(session), beatSentText(number));
        case "release": return run(backend.release(session), releasedText(number));
        case "reactivate": return run(backend.reactivate(session), reactivatedText(number));
        case "keep": return run(backend.keep(session, true), keptText(number));
        case "unkeep": return run(backend.keep(session, false), notKeptText(number));
        case "cleanup": return cleanupOne(number);
        default: return undefined; // opens a dialog: not a command
      }
    },

    /** @param {number[]} numbers @param {boolean} force @returns {Promise<string | null>} an error text, or null */
    async cleanup(numbers, force) {
      toast.clear();
      try {
        const result = await track(backend.cleanup(numbers, force));
        report(cleanupResult(result), result.change);
        return null;
      } catch (reason) {
        return errorText(cleanupLabels.failed, reason);
      }
    },

    /** @param {() => Promise<Renumbered>} send @returns {Promise<{ result: Renumbered } | { error: string }>} */
    async renumber(send) {
      toast.clear();
      try {
        const result = await track(send());
        report(renumberResult(result), result.change);
        return { result };
      } catch (reason) {
        return { error: errorText(renumberLabels.failed, reason) };
      }
    },

    /** @param {number} pid @returns {Promise<number | null>} its number; null if it could not be registered */
    async registerRunning(pid) {
      try {
        const { number, change } = await track(backend.registerRunning(pid));
        report(registeredText(number), change);
        return number;
      } catch (reason) {
        reportFailure(reason);
        return null;
      }
    },

    /** Registers every running session that is not registered. */
    async registerAllRunning() {
      try {
        const { numbers, change } = await track(backend.registerAllRunning());
        if (numbers.length > 0) report(allRegisteredText(numbers), change);
      } catch (reason) {
        reportFailure(reason);
      }
    },

    /** @param {SessionRow} session @param {number | null} minutes @returns {Promise<string | null>} an error text, or null */
    async setOwnTimeout({ number, session_id }, minutes) {
      try {
        const { change } = await track(backend.setOwnTimeout({ number, session_id }, minutes));
        report(timeoutSetText(number, minutes), change);
        return null;
      } catch (reason) {
        return errorText(sessionLabels.actionFailed, reason);
      }
    },

    /** @param {NewSession} session @returns {Promise<string | null>} an error text, or null */
    async register(session) {
      try {
        const { change } = await track(backend.register(session));
        report(registeredText(session.number), change);
        return null;
      } catch (reason) {
        return errorText(sessionLabels.actionFailed, reason);
      }
    },
  };
}
