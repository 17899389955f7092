// The beats of the last day as a small picture, with the timeout drawn in.
//
// Promises: one path a session, made again only when its beats changed; as time passes it moves to the left by itself, without
// being made again. Decoration: whoever cannot see it has the same in words and, in the details, every beat by its time.

/** @import { Pulse } from "../../wire" */

/** A step of a pulse, in ms. */
export const STEP = 600_000;
/** How many steps the picture is wide: a day. */
export const WIDE = 144;

const SVG = "http://www.w3.org/2000/svg";

/** How many steps before the last one there were beats. @param {Pulse} pulse @returns {number[]} */
export function beatsAgo({ steps }) {
  return [...steps].flatMap((digit, at) => {
    const bits = Number.parseInt(digit, 16) || 0;
    return [8, 4, 2, 1].flatMap((bit, i) => ((bits & bit) > 0 ? [4 * at + i] : []));
  });
}

/** A stroke a step with beats; the last one stands at 0. @param {Pulse} pulse */
export const strokes = (pulse) => beatsAgo(pulse).map((ago) => `M${-ago} 0V10`).join("");

/**
 * The left edge of the picture, in steps from the last beat's, and until when that is right. It moves by whole steps: at a
 * step a pixel, strokes between two pixels would be two grey ones.
 * @param {Pulse} pulse
 * @param {number} now ms
 */
export function edge({ last }, now) {
  const end = Math.floor(now / STEP) + 1; // of the step that runs: a beat of just now is seen
  return { left: end - (last + 0.5) - WIDE, until: end * STEP };
}

export function picture() {
  const path = document.createElementNS(SVG, "path");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(path);
  const element = document.createElement("span");
  element.className = "activity";
  element.setAttribute("aria-hidden", "true");
  element.append(svg);
  let as = "";

  return {
    element,
    /** @param {Pulse | undefined} pulse @param {number} now @returns {number} until when it is right */
    tell(pulse, now) {
      const next = pulse?.steps ?? "";
      if (next !== as) {
        as = next;
        path.setAttribute("d", pulse ? strokes(pulse) : "");
      }
      if (!pulse) return Infinity;
      const { left, until } = edge(pulse, now);
      const box = `${left} 0 ${WIDE} 10`;
      if (svg.getAttribute("viewBox") !== box) svg.setAttribute("viewBox", box);
      return until;
    },
  };
}
