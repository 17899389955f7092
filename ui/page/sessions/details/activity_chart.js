// A small chart of a session's heartbeats in the last day.
//
// Guarantees: one SVG path per session, rebuilt only when its heartbeats change; as time passes only the viewBox moves. Decorative: the
// same information is in the row's text and, in the details, as a list of times.

/** @import { ActivityHistogram } from "../../../wire" */

/** Duration of a step, in ms. */
export const STEP_MS = 600_000;
/** Width of the chart in steps: one day. */
export const WIDTH_STEPS = 144;

const SVG = "http://www.w3.org/2000/svg";

/** The steps with heartbeats, counted back from the last one. @param {ActivityHistogram} histogram @returns {number[]} */
export function stepsWithBeats({ steps }) {
  return [...steps].flatMap((digit, at) => {
    const bits = Number.parseInt(digit, 16) || 0;
    return [8, 4, 2, 1].flatMap((bit, i) => ((bits & bit) > 0 ? [4 * at + i] : []));
  });
}

/** One vertical line per step with heartbeats; the last one is at x = 0. @param {ActivityHistogram} histogram */
export const chartPath = (histogram) => stepsWithBeats(histogram).map((step) => `M${-step} 0V10`).join("");

/**
 * The left edge of the chart, in steps relative to the last heartbeat, and until when it is correct. It moves by whole steps, so that
 * a line stays on whole pixels.
 * @param {ActivityHistogram} histogram
 * @param {number} now ms
 */
export function chartWindow({ last }, now) {
  const end = Math.floor(now / STEP_MS) + 1; // of the current step, so that a new heartbeat is visible
  return { left: end - (last + 0.5) - WIDTH_STEPS, until: end * STEP_MS };
}

export function activityChart() {
  const path = document.createElementNS(SVG, "path");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(path);
  const element = document.createElement("span");
  element.className = "activity";
  element.setAttribute("aria-hidden", "true");
  element.append(svg);
  let drawn = "";

  return {
    element,
    /** @param {ActivityHistogram | undefined} histogram @param {number} now @returns {number} until when the chart is correct */
    draw(histogram, now) {
      const steps = histogram?.steps ?? "";
      if (steps !== drawn) {
        drawn = steps;
        path.setAttribute("d", histogram ? chartPath(histogram) : "");
      }
      if (!histogram) return Infinity;
      const { left, until } = chartWindow(histogram, now);
      const viewBox = `${left} 0 ${WIDTH_STEPS} 10`;
      if (svg.getAttribute("viewBox") !== viewBox) svg.setAttribute("viewBox", viewBox);
      return until;
    },
  };
}
