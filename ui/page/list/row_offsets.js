// Where the rows of a long list stand, and which of them are in view, without having them.
//
// Promises: rows are of one height until they were measured to be of another; what is in view is found in a few steps among ten
// thousand. Pure: it is told heights and places and touches no element.

/** @typedef {ReturnType<typeof stretch>} Stretch */

/**
 * @param {number[]} keys of the rows, in their order
 * @param {number} standard the height of a row that was not measured
 * @param {Map<number, number>} measured heights by key
 */
export function stretch(keys, standard, measured) {
  const tops = new Float64Array(keys.length + 1);
  for (const [at, key] of keys.entries()) tops[at + 1] = (tops[at] ?? 0) + (measured.get(key) ?? standard);
  const height = tops[keys.length] ?? 0;

  /** The row at a height, the last one for all that lies below. @param {number} y */
  function at(y) {
    let low = 0;
    let high = keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  return {
    keys,
    height,
    /** @param {number} row */
    top: (row) => tops[row] ?? height,
    /**
     * The rows that touch this stretch, and those that are wanted wherever they are, in their order.
     * @param {number} from
     * @param {number} to
     * @param {number[]} [wanted]
     */
    between(from, to, wanted = []) {
      const rows = new Set(wanted.filter((row) => row >= 0 && row < keys.length));
      if (keys.length > 0 && to > 0 && from < height) {
        for (let row = at(Math.max(from, 0)); row < keys.length && (tops[row] ?? 0) < to; row++) rows.add(row);
      }
      return [...rows].sort((a, b) => a - b);
    },
  };
}
