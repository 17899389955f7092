// Texts for what a session is doing, beside its state.

/** @import { Activity } from "../../wire" */
/** @import { TimedText } from "./format/times.js" */
import { capitalized } from "./format/fill.js";
import { elapsed, joinTexts, parseTime } from "./format/times.js";
import { texts } from "./messages.js";

/** @param {Activity} activity */
function words({ kind, for: wanted }) {
  switch (kind) {
    case "working": return texts.working;
    case "waiting": return wanted === "permission" ? texts.waitsForPermission : texts.waitsForAnswer;
    case "idle": return texts.idle;
    case "background_shell": return texts.backgroundShell;
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
  const text = activity ? capitalized(words(activity)) : "";
  const since = activity && text !== "" ? parseTime(activity.since) : null;
  return joinTexts([text, since === null ? null : elapsed(since, now)], ", ");
}
