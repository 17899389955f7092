// Makes text from the registry safe to display.
//
// Agents write roles and goals, so these may contain anything. Guarantees: the result has no control characters and no
// directional overrides (an override can make "evil" read as "live"), and is no longer than the limit. Markup is not escaped,
// because text is never inserted as markup (see element.js).

const WHITESPACE_AND_CONTROLS = /[\s\u0000-\u001f\u007f-\u009f]+/g;
const CONTROLS_EXCEPT_NEWLINE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Invisible characters that reorder, hide or tag others. Joiners are kept: emoji and several scripts need them. */
const INVISIBLE_CHARACTERS = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const VISIBLE = /[^\s\p{C}\p{M}]/u;

/**
 * Returns the text on one line; empty if nothing in it is visible.
 * @param {string} text
 * @param {number} [limit] in UTF-16 units; text beyond it is never scanned
 */
export function singleLine(text, limit = 240) {
  const { head, rest } = truncate(text, limit);
  const clean = head.replace(WHITESPACE_AND_CONTROLS, " ").replace(INVISIBLE_CHARACTERS, "").trim();
  if (!VISIBLE.test(clean)) return "";
  return rest > 0 ? `${clean}…` : clean;
}

/**
 * Returns the text with its line breaks, up to a limit; `rest` is the number of characters left out.
 * @param {string} text
 * @param {number} [limit]
 */
export function multiLine(text, limit = 1500) {
  const { head, rest } = truncate(text, limit);
  const clean = head.replace(/\r\n?/g, "\n").replace(CONTROLS_EXCEPT_NEWLINE, " ").replace(INVISIBLE_CHARACTERS, "").trim();
  return { text: VISIBLE.test(clean) ? clean : "", rest };
}

/**
 * @param {string} text
 * @param {number} limit
 */
function truncate(text, limit) {
  if (text.length <= limit) return { head: text, rest: 0 };
  // Never split a surrogate pair.
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return { head: text.slice(0, end), rest: text.length - end };
}
