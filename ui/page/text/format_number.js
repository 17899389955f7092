// How many, as people read it: "7", "1,000".
//
// Promises: the language is English, as everything here; costs nothing below a thousand, where there is nothing to group (a
// format of the system's is slow to make, and the first picture says a dozen numbers).

/** @type {Intl.NumberFormat | undefined} */
let grouped;

/** @param {number} n */
export function figure(n) {
  return n < 1000 ? String(n) : (grouped ??= new Intl.NumberFormat("en")).format(n);
}
