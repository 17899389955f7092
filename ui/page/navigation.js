// Goes to a place of the window ("sessions", "history", "settings", "review", "session-5"), opens dialogs, and moves the focus to
// sessions that were registered or renumbered.
//
// Guarantees: a place requested before the first snapshot is shown after it; the focus follows a session only if the user has not moved it
// elsewhere.

/** @import { Renumbered, SessionRow, Snapshot } from "../wire" */
import { isDialogOpen } from "./parts/element.js";
import { labels, noSessionText } from "./text/common.js";

/**
 * @param {object} options
 * @param {() => Snapshot | null} options.current the latest snapshot, which the views show; null before the first
 * @param {ReturnType<typeof import("./frame/tabs.js").tabs>} options.tabs
 * @param {ReturnType<typeof import("./sessions/session_list.js").sessionList>} options.list
 * @param {HTMLElement} options.headline
 * @param {object} options.dialogs
 * @param {ReturnType<typeof import("./cleanup/cleanup_dialog.js").cleanupDialog>} options.dialogs.cleanup
 * @param {ReturnType<typeof import("./renumber/renumber_dialog.js").renumberDialog>} options.dialogs.renumber
 * @param {ReturnType<typeof import("./register/register_dialog.js").registerDialog>} options.dialogs.registration
 * @param {ReturnType<typeof import("./sessions/timeout_dialog.js").timeoutDialog>} options.dialogs.timeout
 * @param {ReturnType<typeof import("./commands.js").commands>} options.commands
 * @param {ReturnType<typeof import("./parts/toast.js").toast>} options.toast
 */
export function navigation({ current, tabs, list, headline, dialogs, commands, toast }) {
  /** Requested before the first snapshot. @type {string | null} */
  let requested = null;
  /** The session to focus once the list shows it under its new number. @type {{ from: number, to: number } | null} */
  let focusTarget = null;
  let draws = 0;

  /** @param {string} place */
  function go(place) {
    const snapshot = current();
    if (!snapshot) requested = place;
    else if (place === "review") openCleanup(snapshot);
    else showPlace(place);
  }

  /** @param {Snapshot} snapshot */
  function openCleanup(snapshot) {
    if (dialogs.renumber.isOpen) dialogs.renumber.close();
    if (snapshot.trouble) return;
    if (snapshot.cleanup.numbers.length > 0) dialogs.cleanup.open(snapshot);
    else toast.show(`${labels.nothingStale}.`);
  }

  /** @param {string} place */
  function showPlace(place) {
    for (const dialog of Object.values(dialogs)) if (dialog.isOpen) dialog.close();
    tabs.show(place === "history" || place === "settings" ? place : "sessions");
    const number = /^session-(\d+)$/.exec(place)?.[1];
    if (number && !list.reveal(Number(number))) toast.show(noSessionText(number));
  }

  /** Focuses the session that was registered or renumbered, unless the user moved the focus elsewhere. */
  function followTarget() {
    if (!focusTarget || isDialogOpen()) return;
    const { from, to } = focusTarget;
    focusTarget = null;
    const focused = document.activeElement;
    const isUserElsewhere = from !== to && !list.hasFocus(from) && focused !== document.body && focused?.checkVisibility() && !headline.contains(focused);
    if (!isUserElsewhere) list.focusSession(to);
  }

  return {
    go,

    /** Goes to a place requested before the first snapshot, or when the window was opened; false if there is none. @param {string | null} place */
    start(place) {
      const first = requested ?? place;
      if (!first) return false;
      go(first);
      return true;
    },

    /** To be called after each draw. */
    onDraw() {
      draws += 1;
      followTarget();
    },

    /**
     * Opens the preview of new numbers.
     * @param {number | null} from null: all running sessions
     * @param {number | null} [to]
     */
    openRenumber(from, to = null) {
      if (isDialogOpen()) return;
      const snapshot = current();
      if (snapshot) dialogs.renumber.open(snapshot, from, to);
    },

    /** Opens the dialog to register a session. @param {number | null} number null: the lowest free number */
    openRegister(number) {
      if (isDialogOpen()) return;
      const snapshot = current();
      if (snapshot && !snapshot.trouble) dialogs.registration.open(snapshot, number);
    },

    /** Opens the dialog for a session's own timeout. @param {SessionRow} session */
    openTimeout(session) {
      const snapshot = current();
      if (snapshot && !snapshot.trouble && !isDialogOpen()) dialogs.timeout.open(session, snapshot.timeout_minutes);
    },

    /**
     * Renumbers sessions, and then focuses one of them under its new number.
     * @param {() => Promise<Renumbered>} send
     * @param {number | null} from
     * @returns {Promise<string | null>} an error text, or null
     */
    async renumber(send, from) {
      const before = draws;
      const outcome = await commands.renumber(send);
      if ("error" in outcome) return outcome.error;
      focusTarget = outcome.result.moves.find((move) => move.from === from) ?? null;
      // If the result was drawn already: after the dialog has closed and the browser has returned the focus.
      if (draws > before) setTimeout(followTarget);
      return null;
    },

    /** Focuses a session as soon as the list shows it. @param {number} number */
    focusWhenListed(number) {
      if (!list.focusSession(number)) focusTarget = { from: number, to: number };
    },
  };
}
