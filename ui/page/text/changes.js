// What is about to be changed, what was, and by whom, in words. Part of the words (see common.js).
//
// Promises: every move is named on its own; a kind of change that is not known here still reads as a change to those
// numbers. Does not say more than the journal does.

/** @import { Actor, HistoryLine, Move, PutBack, Renumbered, SessionRow, UndoOffer } from "../../wire" */
/** @import { Phrase } from "./times.js" */
import { figure } from "./format_number.js";
import { line } from "./sanitize.js";
import { moment, together } from "./times.js";
import { role, words } from "./common.js";

export const deeds = {
  newNumber: "New number",
  freeNumbers: "Free:",
  typeNumber: "Type a number from 1 up.",
  hasItAlready: "It has that number already.",
  someoneElse: "Another session has this number now. Close this and look again.",
  apply: "Apply",
  applying: "Applying…",
  movesLabel: "Who moves where",
  compact: "Compact…",
  compactTitle: "Compact the numbers",
  compactLead:
    "Running sessions get the numbers 1, 2, 3 … in the order they have now. Who is in the way takes a number that was left. You can undo it.",
  compactNotice:
    "A running session beats under its old number until it identifies again; its signs of life go with it.",
  inOrder: "The running sessions are numbered 1, 2, 3 … already. There is nothing to change.",
  couldNotRenumber: "No number was changed.",
  historyEmpty: "Nothing has been changed yet",
  historyEmptyHow: "Every cleanup, every new number and everything else that Headcount changes is listed here, with a way back.",
  historyReading: "Reading what was changed…",
  couldNotReadHistory: "The list of changes could not be read.",
  takenBack: "taken back",
  nowKept: "What stands in its place now is kept first, as one more copy in this folder:",
  wasThere: "This registry was there before, and is gone.",
  putBack: "Put it back",
  puttingBack: "Putting it back…",
  couldNotPutBack: "The copy was not put back.",
  couldNotLook: "Whether there is a good copy could not be told.",
};

/** @param {number} from */
export const renumberTitle = (from) => `Another number for session ${from}`;
/** @param {number} number */
export const tagged = (number) => `#${number}`;

/**
 * "Value Architect moves to #5"; a screen reader hears the number too, which the eye sees as a tag.
 * @param {SessionRow | undefined} session
 */
export const mover = (session) => (session ? role(session) : words.noRole);
/** @param {Move} move */
export const moveMeaning = ({ from, to }) => `#${from} moves to #${to}`;

/**
 * What the sessions that move will notice, one sentence or two.
 * @param {Move[]} moves
 * @param {Map<number, SessionRow>} known by number, before the moves
 */
export function noticed(moves, known) {
  const movers = moves.flatMap(({ from }) => known.get(from) ?? []);
  const [first] = movers;
  if (!first) return "";
  // An id of its own is left alone by a move, so its beats still find it.
  const strays = movers.filter(({ number, session_id, state }) => state === "active" && session_id === ownId(number));
  const [stray] = strays;
  if (strays.length > 1) {
    return "Both are running. Until they identify again, each one beats under the number that the other now has; their signs of life go with them.";
  }
  if (stray) {
    return `${movers.length === 1 ? "It" : tagged(stray.number)} beats as ${ownId(stray.number)} until it identifies again; its signs of life go with it.`;
  }
  if (movers.some(({ state }) => state === "active")) {
    if (movers.length > 1) return "Who is running keeps its own ID, so its beats still find it.";
    return `It keeps its ID ${line(first.session_id, 60)}, so its beats still find it.`;
  }
  if (movers.length > 1) return "Neither is running now, so nobody notices.";
  if (first.session_id !== ownId(first.number)) return "It is not running now, so nobody notices.";
  return `It is not running now. If it comes back, it beats as ${ownId(first.number)} until it identifies again.`;
}

/** The id that goes with a number. @param {number} number */
const ownId = (number) => `session-${number}`;

/** @param {Renumbered} done */
export function renumbered({ moves }) {
  const [first, second] = moves;
  if (!first) return deeds.inOrder;
  if (moves.length > 3) return `${figure(moves.length)} sessions have new numbers`;
  const rest = [second, moves[2]].flatMap((move) => (move ? [`#${move.from} to #${move.to}`] : []));
  return [`#${first.from} moved to #${first.to}`, ...rest].join(", ");
}

/**
 * #2, #3 and 7 more.
 * @param {number[]} numbers
 * @param {number} [most]
 */
export function these(numbers, most = 4) {
  if (numbers.length === 0) return "no session";
  const sorted = numbers.toSorted((a, b) => a - b).map((number) => `#${number}`);
  // "and 1 more" is longer than the number it hides.
  const shown = sorted.length <= most + 1 ? sorted : sorted.slice(0, most - 1);
  const left = sorted.length - shown.length;
  if (left > 0) return `${shown.join(", ")} and ${figure(left)} more`;
  return shown.length === 1 ? `${shown[0]}` : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/**
 * What happened, from its start: "Cleaned up #2, #3 and 7 more".
 * @param {HistoryLine} change
 * @param {(id: string) => HistoryLine | undefined} find the change that this one is about
 * @returns {string}
 */
export function happened(change, find) {
  const who = these(change.numbers);
  switch (change.what) {
    case "cleanup": return `Cleaned up ${who}`;
    case "register": return `Registered ${who}`;
    case "release": return `Signed off ${who}`;
    case "reactivate": return `Reactivated ${who}`;
    case "reassign": return moved(change.moves) ?? `Moved a session to ${who}`;
    case "compact": return `Compacted the numbers: ${paths(change.moves) || who}`;
    case "restore": return "Put back a copy of the registry";
    case "undo":
    case "redo": {
      const verb = change.what === "undo" ? "Took back" : "Made again";
      const origin = change.of === null ? undefined : find(change.of);
      // An undo of an undo of an undo is one line too.
      if (!origin || origin.of !== null) return `${verb} a change to ${who}`;
      return `${verb}: ${uncapital(happened(origin, find))}`;
    }
    default: return `Changed ${who}`;
  }
}

/** @param {Move[]} moves */
function moved(moves) {
  const [first, second] = moves;
  if (!first) return null;
  if (second?.from === first.to && second.to === first.from) return `Swapped ${these([first.from, first.to])}`;
  return `Moved #${first.from} to #${first.to}`;
}

/** #13 → #5, #8 → #2 and 3 more. @param {Move[]} moves @param {number} [most] */
export function paths(moves, most = 3) {
  const shown = moves.slice(0, moves.length === most + 1 ? most + 1 : most).map(({ from, to }) => `#${from} → #${to}`);
  const left = moves.length - shown.length;
  return shown.join(", ") + (left > 0 ? ` and ${figure(left)} more` : "");
}

/** @param {number} at ms @param {number} n sessions in it @param {number} now ms @returns {Phrase} */
export const copyOffered = (at, n, now) => together(["Put back the copy of ", moment(at, now), ` (${sessionsTally(n)})…`], "");

/** @param {number} at ms @param {number} n sessions in it @param {number} now ms @returns {Phrase} */
export const copyTaken = (at, n, now) =>
  together(["The registry becomes what it was before Headcount’s change at ", moment(at, now), `, with ${sessionsTally(n)}. That change is not in it, nor is any later one.`], "");

/** @param {number} at ms @param {string | null} kept where what was there is @param {number} now ms */
export function backAsItWas(at, kept, now) {
  const done = `The registry is as it was before ${moment(at, now).text}.`;
  return kept === null ? done : `${done} What was there is kept as ${line(kept, 1000)}`;
}

/** @param {number} n */
const sessionsTally = (n) => `${figure(n)} ${n === 1 ? "session" : "sessions"}`;

/** @type {Record<Actor, string>} */
const actors = { tray: "by the tray", window: "in this window", command: "by the command", hook: "by Claude Code" };
/** @param {Actor} by */
export const byWhom = (by) => actors[by] ?? "";

/** @param {UndoOffer} offer */
export const cleanedElsewhere = ({ marked }) => `Cleaned up ${these(marked)}.`;

/** @param {PutBack} putBack */
export const putBackElsewhere = ({ numbers }) =>
  `${numbers.length === 1 ? "1 session is" : `${figure(numbers.length)} sessions are`} as before again: another program wrote an older copy.`;

/** @param {string} text */
const uncapital = (text) => text.charAt(0).toLowerCase() + text.slice(1);
