// Texts for cleaning up stale sessions and for undoing it.

/** @import { CleanupDone, Skipped, UndoDone } from "../../wire" */
import { formatNumber } from "./format_number.js";
import { count, sessionCount } from "./number_lists.js";
import { singleLine } from "./sanitize.js";
import { duration, joinTexts } from "./times.js";

export const cleanupLabels = {
  title: "Clean up stale sessions",
  empty: "Nothing is stale any more. There is nothing to clean up.",
  all: "All",
  confirm: "I have checked: the sessions ticked below are really gone.",
  working: "Marking…",
  recovered: "No longer stale; it will be left alone.",
  added: "Went stale while this was open",
  failed: "Nothing was changed.",
  undoFailed: "This could not be undone.",
};

/** @param {number} n */
export const cleanUpLabel = (n) => `Clean up ${formatNumber(n)} stale…`;
/** @param {number} n */
export const reviewLabel = (n) => `Review ${formatNumber(n)} stale…`;
/** @param {number} n */
export const markInactiveLabel = (n) => (n === 0 ? "Nothing ticked" : `Mark ${formatNumber(n)} as inactive`);
/** @param {number} minutes */
export const cleanupIntro = (minutes) =>
  `These sessions are registered as active, but gave no sign of life for more than ${duration(minutes)}, or have ended. ` +
  "Marking one as inactive frees its number. Nothing is deleted, and you can undo it.";

/** @param {CleanupDone} result */
export function cleanupResult({ marked, skipped }) {
  const text = marked.length === 0 ? "Nothing was changed." : `${sessionCount(marked.length)} marked inactive.`;
  return joinTexts([text, skippedText(skipped, "left alone")], " ").text;
}

/** @param {UndoDone} result */
export function undoResult({ restored, refused }) {
  const text = restored.length === 0 ? "Nothing was put back." : `${sessionCount(restored.length)} put back.`;
  return joinTexts([text, skippedText(refused, "not put back")], " ").text;
}

/**
 * "#5 is active: left alone." The engine's reasons continue a sentence that starts with a number: "is active".
 * @param {Skipped[]} skipped
 * @param {string} outcome
 */
function skippedText(skipped, outcome) {
  const named = skipped.slice(0, 3).map(({ number, why }) => `#${number} ${singleLine(why, 200)}: ${outcome}.`);
  if (skipped.length > 3) named.push(`${count(skipped.length - 3, "other", "others")} ${outcome} too.`);
  return named.join(" ");
}
