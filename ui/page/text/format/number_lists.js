// Formats lists of session numbers: "#2, #3 and 7 more", "1, 3, 6–9".

import { texts } from "../messages.js";
import { fill } from "./fill.js";
import { formatNumber } from "./format_number.js";

/**
 * "#2, #3 and 7 more".
 * @param {number[]} numbers
 * @param {number} [most]
 */
export function numberList(numbers, most = 4) {
  if (numbers.length === 0) return "no session";
  const sorted = numbers.toSorted((a, b) => a - b).map((number) => `#${number}`);
  // "and 1 more" is longer than the number it hides.
  const shown = sorted.length <= most + 1 ? sorted : sorted.slice(0, most - 1);
  const left = sorted.length - shown.length;
  if (left > 0) return `${shown.join(", ")} and ${formatNumber(left)} more`;
  return shown.length === 1 ? `${shown[0]}` : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/**
 * "1, 3, 6–9".
 * @param {number[]} numbers ascending
 * @param {number} [most] maximum number of ranges before "… and 3 more"
 */
export function ranges(numbers, most = 12) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  const shown = runs.slice(0, most).map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`));
  const left = runs.slice(most).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return shown.join(", ") + (left > 0 ? ` ${andMore(left)}` : "");
}

/** @param {number} n */
export const andMore = (n) => `… and ${formatNumber(n)} more`;

/**
 * "1 session", "2 sessions".
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export const count = (n, one, many) => `${formatNumber(n)} ${n === 1 ? one : many}`;

/** @param {number} n */
export const sessionCount = (n) => (n === 1 ? texts.oneSession : fill(texts.sessions, formatNumber(n)));
