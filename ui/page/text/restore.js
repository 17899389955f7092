// Texts for restoring a backup copy of the registry.

/** @import { TimedText } from "./format/times.js" */
import { sessionCount } from "./format/number_lists.js";
import { singleLine } from "./format/sanitize.js";
import { dateTime, joinTexts } from "./format/times.js";

export const restoreLabels = {
  currentIsKept: "The current file is kept as another copy in this folder:",
  registryMissing: "This registry existed before and is missing now.",
  restore: "Restore",
  restoring: "Restoring…",
  failed: "The copy was not restored.",
  lookupFailed: "Headcount could not look for a copy to restore.",
};

/** @param {number} at ms @param {number} n sessions in the copy @param {number} now ms @returns {TimedText} */
export const restoreButton = (at, n, now) => joinTexts(["Restore the copy of ", dateTime(at, now), ` (${sessionCount(n)})…`], "");

/** @param {number} at ms @param {number} n sessions in the copy @param {number} now ms @returns {TimedText} */
export const restoreConsequence = (at, n, now) =>
  joinTexts(["The registry will be as it was before Headcount’s change at ", dateTime(at, now), `, with ${sessionCount(n)}. That change and all later ones will be missing.`], "");

/** @param {number} at ms @param {string | null} kept path of the copy of the replaced file @param {number} now ms */
export function restoreResult(at, kept, now) {
  const result = `Restored the registry from before ${dateTime(at, now).text}.`;
  return kept === null ? result : `${result} The replaced file is kept as ${singleLine(kept, 1000)}`;
}
