// Computes the offsets of the rows of a virtual list, and which rows are in a range.
//
// Guarantees: a row has the standard height unless another was measured; rows in a range are found by binary search. Pure: uses no
// DOM elements.

/** @typedef {ReturnType<typeof rowOffsets>} RowOffsets */

/**
 * @param {number[]} keys of the rows, in order
 * @param {number} standard height of a row that was not measured
 * @param {Map<number, number>} measured heights by key
 */
export function rowOffsets(keys, standard, measured) {
  const tops = new Float64Array(keys.length + 1);
  for (const [at, key] of keys.entries()) tops[at + 1] = (tops[at] ?? 0) + (measured.get(key) ?? standard);
  const height = tops[keys.length] ?? 0;

  /** The row at an offset; the last row for offsets below the list. @param {number} y */
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
     * The indices of the rows that overlap a range, and of pinned rows, in order.
     * @param {number} from
     * @param {number} to
     * @param {number[]} [pinned]
     */
    between(from, to, pinned = []) {
      const rows = new Set(pinned.filter((row) => row >= 0 && row < keys.length));
      if (keys.length > 0 && to > 0 && from < height) {
        for (let row = at(Math.max(from, 0)); row < keys.length && (tops[row] ?? 0) < to; row++) rows.add(row);
      }
      return [...rows].sort((a, b) => a - b);
    },
  };
}
