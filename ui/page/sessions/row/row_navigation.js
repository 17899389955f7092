// The row that a navigation key leads to. Pure.

/** Rows that Page Up and Page Down move by. */
const PAGE_ROWS = 10;

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS, Home: -Infinity, End: Infinity };

/**
 * The number of the row that a key leads to; undefined if it is not a navigation key, or if there are no rows.
 * @param {string} key
 * @param {number[]} numbers of all rows, in order
 * @param {number} from
 */
export function rowAfterKey(key, numbers, from) {
  if (!Object.hasOwn(STEPS, key)) return undefined;
  const step = STEPS[/** @type {keyof typeof STEPS} */ (key)];
  return numbers[Math.max(0, Math.min(numbers.indexOf(from) + step, numbers.length - 1))];
}
