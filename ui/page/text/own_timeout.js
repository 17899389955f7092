// Texts about sessions that are kept, and about the timeout of one session.

import { duration } from "./format/times.js";

export const ownTimeoutLabels = {
  about: "Minutes without a sign of life until this session is stale, in place of the setting.",
  minutes: "Minutes",
  set: "Set",
};

/** @param {number} number */
export const ownTimeoutTitle = (number) => `Timeout of session ${number}`;
/** @param {number | null} minutes */
export const ownTimeoutText = (minutes) => (minutes === null ? "" : `Stale after ${duration(minutes)}`);
/** @param {number} number @param {number | null} minutes */
export const timeoutSetText = (number, minutes) => (minutes === null ? `#${number} has the general timeout.` : `#${number} is stale after ${duration(minutes)}.`);
/** @param {number} number */
export const keptText = (number) => `#${number} is kept: it is not cleaned up.`;
/** @param {number} number */
export const notKeptText = (number) => `#${number} is no longer kept.`;
