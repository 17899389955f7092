// Formats counts: "7", "1,000".
//
// Guarantees: English grouping, as in the rest of the page. Creating an Intl.NumberFormat is slow and the first draw formats
// a dozen numbers, so the formatter is created only for numbers that need grouping.

/** @type {Intl.NumberFormat | undefined} */
let grouped;

/** @param {number} n */
export function formatNumber(n) {
  return n < 1000 ? String(n) : (grouped ??= new Intl.NumberFormat("en")).format(n);
}
