// Fills the placeholder of a shared text (messages.js).

/** @import { TimedText } from "./times.js" */

/** "1 session marked inactive". @param {string} text with `{}` @param {string} value */
export const fill = (text, value) => text.replace("{}", () => value);

/** The same with a text that changes with time. @param {string} text with `{}` @param {TimedText} value @returns {TimedText} */
export const fillTimed = (text, value) => ({ text: fill(text, value.text), until: value.until });

/** With an upper-case first letter, as the beginning of a line. @param {string} text */
export const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
