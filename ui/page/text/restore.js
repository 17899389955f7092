// Texts for restoring a backup copy of the registry.

/** @import { TimedText } from "./times.js" */
import { sessionCount } from "./number_lists.js";
import { singleLine } from "./sanitize.js";
import { dateTime, joinTexts } from "./times.js";

export const restoreLabels = {
  currentIsKept: "What stands in its place now is kept first, as one more copy in this folder:",
  registryMissing: "This registry was there before, and is gone.",
  restore: "Put it back",
  restoring: "Putting it back…",
  failed: "The copy was not put back.",
  lookupFailed: "Whether there is a good copy could not be told.",
};

/** @param {number} at ms @param {number} n sessions in the copy @param {number} now ms @returns {TimedText} */
export const restoreButton = (at, n, now) => joinTexts(["Put back the copy of ", dateTime(at, now), ` (${sessionCount(n)})…`], "");

/** @param {number} at ms @param {number} n sessions in the copy @param {number} now ms @returns {TimedText} */
export const restoreConsequence = (at, n, now) =>
  joinTexts(["The registry becomes what it was before Headcount’s change at ", dateTime(at, now), `, with ${sessionCount(n)}. That change is not in it, nor is any later one.`], "");

/** @param {number} at ms @param {string | null} kept path of the copy of the replaced file @param {number} now ms */
export function restoreResult(at, kept, now) {
  const result = `The registry is as it was before ${dateTime(at, now).text}.`;
  return kept === null ? result : `${result} What was there is kept as ${singleLine(kept, 1000)}`;
}
