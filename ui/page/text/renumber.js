// Texts for changing session numbers: the dialog, each move, and what a running session notices.

/** @import { Move, Renumbered, SessionRow } from "../../wire" */
import { formatNumber } from "./format_number.js";
import { singleLine } from "./sanitize.js";
import { NO_ROLE, roleText } from "./session_state.js";

export const renumberLabels = {
  newNumber: "New number",
  freeNumbers: "Free:",
  invalidNumber: "Type a number from 1 up.",
  sameNumber: "It has that number already.",
  sessionReplaced: "Another session has this number now. Close this and look again.",
  apply: "Apply",
  applying: "Applying…",
  movesLabel: "Who moves where",
  compact: "Compact…",
  compactTitle: "Compact the numbers",
  compactIntro:
    "Running sessions get the numbers 1, 2, 3 … in the order they have now. Who is in the way takes a number that was left. You can undo it.",
  compactConsequence:
    "A running session beats under its old number until it identifies again; its signs of life go with it.",
  alreadyCompact: "The running sessions are numbered 1, 2, 3 … already. There is nothing to change.",
  failed: "No number was changed.",
};

/** @param {number} from */
export const renumberTitle = (from) => `Another number for session ${from}`;

/** @param {SessionRow | undefined} session */
export const movedRole = (session) => (session ? roleText(session) : NO_ROLE);

/** @param {Move} move */
export const moveText = ({ from, to }) => `#${from} moves to #${to}`;

/** The session ID that goes with a number. @param {number} number */
const defaultId = (number) => `session-${number}`;

/**
 * What the moved sessions will notice, in one sentence or two. A session with the default ID keeps beating under its old number
 * until it identifies again; an ID of its own is kept by a move, so its beats are still matched.
 * @param {Move[]} moves
 * @param {Map<number, SessionRow>} sessions by number, before the moves
 */
export function moveConsequence(moves, sessions) {
  const moved = moves.flatMap(({ from }) => sessions.get(from) ?? []);
  const [first] = moved;
  if (!first) return "";
  const misdirected = moved.filter(({ number, session_id, state }) => state === "active" && session_id === defaultId(number));
  const [one] = misdirected;
  if (misdirected.length > 1) {
    return "Both are running. Until they identify again, each one beats under the number that the other now has; their signs of life go with them.";
  }
  if (one) {
    return `${moved.length === 1 ? "It" : `#${one.number}`} beats as ${defaultId(one.number)} until it identifies again; its signs of life go with it.`;
  }
  if (moved.some(({ state }) => state === "active")) {
    if (moved.length > 1) return "Who is running keeps its own ID, so its beats still find it.";
    return `It keeps its ID ${singleLine(first.session_id, 60)}, so its beats still find it.`;
  }
  if (moved.length > 1) return "Neither is running now, so nobody notices.";
  if (first.session_id !== defaultId(first.number)) return "It is not running now, so nobody notices.";
  return `It is not running now. If it comes back, it beats as ${defaultId(first.number)} until it identifies again.`;
}

/** "#13 moved to #5, #5 to #13". @param {Renumbered} result */
export function renumberResult({ moves }) {
  const [first, second] = moves;
  if (!first) return renumberLabels.alreadyCompact;
  if (moves.length > 3) return `${formatNumber(moves.length)} sessions have new numbers`;
  const rest = [second, moves[2]].flatMap((move) => (move ? [`#${move.from} to #${move.to}`] : []));
  return [`#${first.from} moved to #${first.to}`, ...rest].join(", ");
}

/** "#13 → #5, #8 → #2 and 3 more". @param {Move[]} moves @param {number} [most] */
export function moveList(moves, most = 3) {
  const shown = moves.slice(0, moves.length === most + 1 ? most + 1 : most).map(({ from, to }) => `#${from} → #${to}`);
  const left = moves.length - shown.length;
  return shown.join(", ") + (left > 0 ? ` and ${formatNumber(left)} more` : "");
}
