// Texts for changing session numbers: the dialog, each move, and what a running session notices.

/** @import { Move, Renumbered, SessionRow } from "../../wire" */
import { formatNumber } from "./format/format_number.js";
import { singleLine } from "./format/sanitize.js";
import { NO_ROLE, roleText } from "./session_state.js";

export const renumberLabels = {
  newNumber: "New number",
  freeNumbers: "Free numbers:",
  invalidNumber: "Enter a number of at least 1.",
  sameNumber: "The session already has this number.",
  sessionReplaced: "Another session has this number now. Close this dialog and try again.",
  changeNumber: "Change number",
  compactNumbers: "Compact numbers",
  applying: "Changing…",
  movesLabel: "Moves",
  compact: "Compact…",
  compactTitle: "Compact numbers",
  compactIntro:
    "Running sessions get the numbers 1, 2, 3 … in their current order. A session already using one of these gets a freed number. You can undo it.",
  compactConsequence:
    "A running session sends heartbeats under its old number until it identifies again. Its recorded heartbeats move with it.",
  alreadyCompact: "Nothing to change: the running sessions already have the numbers 1, 2, 3 …",
  failed: "No number was changed.",
};

/** @param {number} from */
export const renumberTitle = (from) => `Change number of session ${from}`;

/** @param {SessionRow | undefined} session */
export const movedRole = (session) => (session ? roleText(session) : NO_ROLE);

/** @param {Move} move */
export const moveText = ({ from, to }) => `#${from} moves to #${to}`;

/** The session ID that goes with a number. @param {number} number */
const defaultId = (number) => `session-${number}`;

/**
 * What the moved sessions will notice, in one sentence or two. A session with the default ID keeps beating under its old number
 * until it identifies again; an ID of its own is kept by a move, so its heartbeats are still matched.
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
    return "Both are running. Until they identify again, each sends heartbeats under its old number, which the other one has now. Their recorded heartbeats move with them.";
  }
  if (one) {
    return `${moved.length === 1 ? "It" : `#${one.number}`} sends heartbeats as ${defaultId(one.number)} until it identifies again. Its recorded heartbeats move with it.`;
  }
  if (moved.some(({ state }) => state === "active")) {
    if (moved.length > 1) return "The running session keeps its own ID, so its heartbeats still match.";
    return `It keeps its ID ${singleLine(first.session_id, 60)}, so its heartbeats still match.`;
  }
  if (moved.length > 1) return "Neither is running, so nothing else changes.";
  if (first.session_id !== defaultId(first.number)) return "It is not running, so nothing else changes.";
  return `It is not running. If it returns, it sends heartbeats as ${defaultId(first.number)} until it identifies again.`;
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
