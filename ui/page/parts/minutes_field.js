// A text field for a timeout in minutes, and what is typed into it.

import { make } from "./element.js";

/** The longest timeout: one year. Headcount refuses longer ones itself. */
const MAX_MINUTES = 525_600;

/** @param {Record<string, string>} attributes */
export function minutesField(attributes) {
  return make("input", { type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "6", ...attributes });
}

/** The minutes of a typed text; null if it is not a valid timeout. @param {string} text */
export function parseMinutes(text) {
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : Infinity;
  return minutes <= MAX_MINUTES ? minutes : null;
}
