// Parses a typed session number, and offers the lowest free numbers as buttons.

import { make } from "./element.js";
import { renumberLabels } from "../text/renumber.js";

/** Maximum number of free numbers offered. */
const MAX_OFFERED = 6;

/** The number typed into a field, with or without "#"; null if it is not a session number. @param {string} text */
export function parseNumber(text) {
  const digits = text.trim().replace(/^#/, "");
  const number = /^\d+$/.test(digits) ? Number(digits) : 0;
  return number > 0 && Number.isSafeInteger(number) ? number : null;
}

/** @param {(number: string) => void} onPick */
export function freeNumbers(onPick) {
  const element = make("div", { class: "free-numbers", role: "group", "aria-label": renumberLabels.freeNumbers });
  let drawn = "";
  element.addEventListener("click", ({ target }) => {
    const picked = target instanceof Element && target.closest("button");
    if (picked) onPick(picked.textContent);
  });

  return {
    element,
    /** @param {number[]} free ascending */
    update(free) {
      const offered = free.slice(0, MAX_OFFERED).map(String);
      element.hidden = offered.length === 0;
      // Unchanged buttons keep their focus.
      if (offered.join() === drawn) return;
      drawn = offered.join();
      element.replaceChildren(make("span", { "aria-hidden": "true" }, renumberLabels.freeNumbers), ...offered.map((number) => make("button", { type: "button" }, number)));
    },
  };
}
