// Texts for cleaning up stale sessions and for undoing it.

/** @import { CleanupDone, Skipped, UndoDone } from "../../wire" */
import { fill } from "./format/fill.js";
import { formatNumber } from "./format/format_number.js";
import { count, sessionCount } from "./format/number_lists.js";
import { singleLine } from "./format/sanitize.js";
import { duration, joinTexts } from "./format/times.js";
import { texts } from "./messages.js";

export const cleanupLabels = {
  title: "Clean up stale sessions",
  empty: "No session is stale any more.",
  all: "All",
  confirm: "I checked that the selected sessions have ended.",
  working: "Marking…",
  recovered: "No longer stale. It will not be changed.",
  added: "Became stale while this dialog was open",
  failed: `${texts.nothingChanged}.`,
  undoFailed: "The change could not be undone.",
};

/** @param {number} n */
export const cleanUpLabel = (n) => fill(texts.cleanUpStale, formatNumber(n));
/** @param {number} n */
export const reviewLabel = (n) => `Review ${formatNumber(n)} stale…`;
/** @param {number} n */
export const markInactiveLabel = (n) => (n === 0 ? "Mark as inactive" : `Mark ${formatNumber(n)} as inactive`);
/** @param {number} minutes */
export const cleanupIntro = (minutes) =>
  "Marking a session as inactive frees its number. Nothing is deleted, and you can undo it. " +
  `These sessions are registered as active, but showed no sign of life for more than ${duration(minutes)}, or have ended.`;

/** @param {CleanupDone} result */
export function cleanupResult({ marked, skipped }) {
  const text = marked.length === 0 ? texts.nothingChanged : fill(texts.countMarkedInactive, sessionCount(marked.length));
  return joinTexts([`${text}.`, skippedText(skipped, "not changed")], " ").text;
}

/** @param {UndoDone} result */
export function undoResult({ restored, refused }) {
  const text = restored.length === 0 ? texts.nothingRestored : fill(texts.countRestored, sessionCount(restored.length));
  return joinTexts([`${text}.`, skippedText(refused, "not restored")], " ").text;
}

/**
 * "#5 is active: not changed." The engine's reasons continue a sentence that starts with a number: "is active".
 * @param {Skipped[]} skipped
 * @param {string} outcome
 */
function skippedText(skipped, outcome) {
  const named = skipped.slice(0, 3).map(({ number, why }) => `#${number} ${singleLine(why, 200)}: ${outcome}.`);
  if (skipped.length > 3) named.push(`${count(skipped.length - 3, "other", "others")} ${outcome}.`);
  return named.join(" ");
}
