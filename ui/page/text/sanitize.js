// Text from the registry, made safe to look at.
//
// Agents write roles and goals, so they may hold anything. Promises: no control character and no directional override
// comes through (an override can make "evil" read as "live"), and no text is longer than asked for. Does not escape
// markup: it is never shown as markup (see element.js).

const GAPS = /[\s\u0000-\u001f\u007f-\u009f]+/g;
const CONTROLS_BUT_LINES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Shapeless characters that turn, hide or tag others. The joiners stay: emoji and several scripts are written with them. */
const TRICKS = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const VISIBLE = /[^\s\p{C}\p{M}]/u;

/**
 * One line of it; empty when there would be nothing to see.
 * @param {string} text
 * @param {number} [limit] in UTF-16 units, so that a megabyte is never walked
 */
export function line(text, limit = 240) {
  const { head, rest } = cut(text, limit);
  const clean = head.replace(GAPS, " ").replace(TRICKS, "").trim();
  if (!VISIBLE.test(clean)) return "";
  return rest > 0 ? `${clean}…` : clean;
}

/**
 * The whole of it, line breaks kept, up to a limit; `rest` says how many characters are not shown.
 * @param {string} text
 * @param {number} [limit]
 */
export function passage(text, limit = 1500) {
  const { head, rest } = cut(text, limit);
  const clean = head.replace(/\r\n?/g, "\n").replace(CONTROLS_BUT_LINES, " ").replace(TRICKS, "").trim();
  return { text: VISIBLE.test(clean) ? clean : "", rest };
}

/**
 * @param {string} text
 * @param {number} limit
 */
function cut(text, limit) {
  if (text.length <= limit) return { head: text, rest: 0 };
  // Never between the two halves of one character.
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return { head: text.slice(0, end), rest: text.length - end };
}
