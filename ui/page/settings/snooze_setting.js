// Pauses notifications for a while, and shows until when.

/** @import { Snooze } from "../../wire" */
/** @import { LiveText } from "../parts/live_text.js" */
/** @import { SettingHandlers } from "./settings.js" */
import { button, make, setHidden, setText } from "../parts/element.js";
import { snoozedText } from "../text/common.js";
import { settingsLabels } from "../text/settings.js";
import { parseTime } from "../text/format/times.js";
import { controlAttributes, settingRow } from "./setting_row.js";

/**
 * @param {SettingHandlers} handlers
 * @param {LiveText} liveText
 * @param {(choice: Snooze) => Promise<void>} snooze
 */
export function snoozeSetting({ restore }, liveText, snooze) {
  /** @param {Snooze} choice */
  const choose = (choice) => void setting.attempt(snooze(choice), restore);
  const state = make("p", { class: "effect", role: "status" });
  const off = button({ hidden: true }, settingsLabels.off, () => choose("off"));
  const hour = button(controlAttributes("snooze"), settingsLabels.hour, () => choose("hour"));
  const tomorrow = button({}, settingsLabels.tomorrow, () => choose("tomorrow"));
  const setting = settingRow("snooze", settingsLabels.snooze, hour, tomorrow, off);
  setting.replaceLabel();
  setting.error.before(state);

  return {
    ...setting,
    /** @param {string | null} until */
    show(until) {
      const end = parseTime(until);
      liveText.set(state, (now) => {
        const isSnoozed = end !== null && end > now;
        const losesFocus = off === document.activeElement && !isSnoozed;
        setHidden(off, !isSnoozed);
        if (losesFocus) hour.focus();
        if (!isSnoozed) return setText(state, ""), Infinity;
        const { text, until: changes } = snoozedText(end, now);
        setText(state, `${text}.`);
        return Math.min(changes, end);
      });
    },
  };
}
