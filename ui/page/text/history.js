// Texts for changes that were made: the history, and changes made by other programs.
//
// Guarantees: a kind of change that is unknown here reads as a change to those numbers.

/** @import { Actor, HistoryLine, Move, RevertedChange, UndoOffer } from "../../wire" */
import { numberList, sessionCount } from "./format/number_lists.js";
import { moveList } from "./renumber.js";

export const historyLabels = {
  empty: "No changes yet",
  emptyHint: "Every change that Headcount makes to the registry is listed here, and can be undone.",
  reading: "Loading the history…",
  failed: "The history could not be loaded.",
  undone: "undone",
};

/**
 * Describes a change: "Cleaned up #2, #3 and 7 more".
 * @param {HistoryLine} change
 * @param {(id: string) => HistoryLine | undefined} find the change that an undo or redo refers to
 * @returns {string}
 */
export function describeChange(change, find) {
  const numbers = numberList(change.numbers);
  switch (change.what) {
    case "cleanup": return `Cleaned up ${numbers}`;
    case "register": return `Registered ${numbers}`;
    case "release": return `Signed off ${numbers}`;
    case "reactivate": return `Reactivated ${numbers}`;
    case "reassign": return describeMove(change.moves) ?? `Moved a session to ${numbers}`;
    case "compact": return `Compacted numbers: ${moveList(change.moves) || numbers}`;
    case "keep": return `Kept ${numbers}`;
    case "unkeep": return `Stopped keeping ${numbers}`;
    case "timeout": return `Changed the timeout of ${numbers}`;
    case "restore": return "Restored a copy of the registry";
    case "undo":
    case "redo": {
      const verb = change.what === "undo" ? "Undid" : "Redid";
      const origin = change.of === null ? undefined : find(change.of);
      // An undo of an undo is not described further: its text would nest.
      if (!origin || origin.of !== null) return `${verb} a change to ${numbers}`;
      return `${verb}: ${lowerFirst(describeChange(origin, find))}`;
    }
    default: return `Changed ${numbers}`;
  }
}

/** @param {Move[]} moves */
function describeMove(moves) {
  const [first, second] = moves;
  if (!first) return null;
  if (second?.from === first.to && second.to === first.from) return `Swapped ${numberList([first.from, first.to])}`;
  return `Moved #${first.from} to #${first.to}`;
}

/** @type {Record<Actor, string>} */
const actors = { tray: "from the tray", window: "from the window", command: "from the command line", hook: "by Claude Code" };
/** @param {Actor} by */
export const actorText = (by) => actors[by] ?? "";

/** @param {UndoOffer} offer */
export const externalCleanupText = ({ marked }) => `Cleaned up ${numberList(marked)}.`;

/** @param {RevertedChange} change */
export const revertedText = ({ numbers }) =>
  `Another program reverted a change of ${sessionCount(numbers.length)}.`;

/** @param {string} text */
const lowerFirst = (text) => text.charAt(0).toLowerCase() + text.slice(1);
