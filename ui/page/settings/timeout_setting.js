// The timeout after which a session counts as stale, with a preview of what another value would change.
//
// Guarantees: a value being typed is not overwritten, unless it is the one that was set; an invalid value is not sent.

/** @import { Setup, TimeoutEffect } from "../../wire" */
/** @import { SettingHandlers } from "./settings.js" */
import { make, setText } from "../parts/element.js";
import { minutesField, parseMinutes } from "../parts/minutes_field.js";
import { settingsLabels, timeoutEffectText } from "../text/settings.js";
import { controlAttributes, settingRow } from "./setting_row.js";

/** Debounce of the preview while typing, in ms. */
const DEBOUNCE = 250;
/** Below this, a session that thinks for long may become stale while it runs. */
const MIN_SAFE_MINUTES = 30;

/**
 * @param {SettingHandlers} handlers
 * @param {(minutes: number) => Promise<TimeoutEffect>} preview
 */
export function timeoutSetting({ set, restore }, preview) {
  /** @type {number | null} */
  let configured = null;
  let timer = 0;
  const field = minutesField(controlAttributes("timeout_minutes"));
  const effect = make("p", { class: "effect", role: "status" });
  const setting = settingRow("timeout_minutes", settingsLabels.timeout, field, " ", make("span", { class: "muted" }, settingsLabels.minutes));
  setting.error.before(effect);

  /** The typed minutes; null if they are invalid. */
  const typed = () => parseMinutes(field.value);
  const isConfigured = () => configured !== null && typed() === configured;

  /** @param {number | null} minutes @param {string} text */
  function showEffect(minutes, text) {
    const isShort = minutes !== null && minutes < MIN_SAFE_MINUTES;
    setText(effect, isShort ? `${text} ${settingsLabels.shortTimeout}`.trim() : text);
    effect.toggleAttribute("data-warning", isShort);
  }

  function apply() {
    const minutes = typed();
    if (minutes !== null && !isConfigured()) void setting.attempt(set("timeout_minutes", minutes), restore);
  }

  field.addEventListener("input", () => {
    const minutes = typed();
    field.setAttribute("aria-invalid", String(minutes === null));
    setText(setting.error, minutes === null ? settingsLabels.invalidTimeout : "");
    clearTimeout(timer);
    if (minutes === null || isConfigured()) return showEffect(minutes, "");
    timer = setTimeout(async () => {
      const found = await preview(minutes).catch(() => null);
      if (typed() === minutes) showEffect(minutes, found ? timeoutEffectText(minutes, found) : "");
    }, DEBOUNCE);
  });
  field.addEventListener("change", apply);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") apply();
    if (event.key !== "Escape" || configured === null) return;
    field.value = String(configured);
    field.dispatchEvent(new Event("input"));
  });

  return {
    ...setting,
    draw(/** @type {Setup} */ { settings: { timeout_minutes } }) {
      configured = timeout_minutes;
      const isTyping = document.activeElement === field;
      if (isTyping && field.getAttribute("aria-invalid") === "true") return;
      if (isTyping && !isConfigured() && field.dataset.drawn === String(timeout_minutes)) return;
      field.value = field.dataset.drawn = String(timeout_minutes);
      field.removeAttribute("aria-invalid");
      showEffect(timeout_minutes, "");
    },
  };
}
