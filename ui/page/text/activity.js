// Texts for what a session is doing, beside its state.

/** @import { Activity } from "../../wire" */
/** @import { TimedText } from "./format/times.js" */
import { elapsed, joinTexts, parseTime } from "./format/times.js";

/** @param {Activity} activity */
function words({ kind, for: wanted }) {
  switch (kind) {
    case "working": return "Working";
    case "waiting": return wanted === "permission" ? "Waits for a permission" : "Waits for an answer";
    case "idle": return "Idle";
    case "background_shell": return "Background shell";
    default: return "";
  }
}

/**
 * "Waits for a permission, 3 min"; empty if the activity is not known.
 * @param {Activity | undefined} activity
 * @param {number} now
 * @returns {TimedText}
 */
export function activityText(activity, now) {
  const text = activity ? words(activity) : "";
  const since = activity && text !== "" ? parseTime(activity.since) : null;
  return joinTexts([text, since === null ? null : elapsed(since, now)], ", ");
}
