// The settings that are kept in the configuration file, but for the timeout (see timeout_setting.js): switches, paths and the theme.

/** @import { Setup, Theme } from "../../wire" */
/** @import { SettingHandlers } from "./settings.js" */
/** @import { SettingText } from "./setting_row.js" */
import { button, make, setHidden, setText } from "../parts/element.js";
import { singleLine } from "../text/format/sanitize.js";
import { settingsLabels } from "../text/settings.js";
import { controlAttributes, settingRow, switchControl } from "./setting_row.js";

const THEMES = /** @type {Theme[]} */ (["system", "light", "dark"]);

/**
 * @param {SettingHandlers} handlers
 * @param {"notifications" | "notify_finished" | "auto_cleanup" | "count_sdk_runs" | "session_titles"} key
 * @param {SettingText} text
 */
export function switchSetting({ set, restore }, key, text) {
  const box = switchControl(key);
  const setting = settingRow(key, text, box);
  box.addEventListener("change", () => void setting.attempt(set(key, box.checked), restore));
  return { ...setting, draw: (/** @type {Setup} */ { settings }) => void (box.checked = settings[key]) };
}

/**
 * A switch between the default number of seconds and 0. Another number is set in the file.
 * @param {SettingHandlers} handlers
 * @param {"notify_waiting_after"} key
 * @param {SettingText} text
 */
export function delaySetting({ set, restore }, key, text) {
  const box = switchControl(key);
  const setting = settingRow(key, text, box);
  box.addEventListener("change", () => void setting.attempt(set(key, box.checked ? null : 0), restore));
  return { ...setting, draw: (/** @type {Setup} */ { settings }) => void (box.checked = settings[key] > 0) };
}

/**
 * @param {SettingHandlers} handlers
 * @param {"registry" | "heartbeats"} key
 * @param {SettingText} text
 */
export function pathSetting({ set, choose, restore }, key, text) {
  const path = make("bdi");
  const chooseButton = button({ ...controlAttributes(key), "aria-labelledby": `name-${key} set-${key}` }, settingsLabels.choose,
    () => void setting.attempt(choose(key), restore));
  const useDefault = button({ hidden: true }, settingsLabels.useDefault, () => void setting.attempt(set(key, null), restore));
  const setting = settingRow(key, text, chooseButton, useDefault);
  setting.overridden.before(make("p", { class: "path" }, path));
  return {
    ...setting,
    draw(/** @type {Setup} */ setup) {
      setText(path, singleLine(setup[key], 1000));
      const isDefault = setup.settings[key] === null;
      const losesFocus = useDefault === document.activeElement && isDefault;
      setHidden(useDefault, isDefault);
      if (losesFocus) chooseButton.focus();
    },
  };
}

/** @param {SettingHandlers} handlers */
export function themeSetting({ set, restore }) {
  const radios = THEMES.map((value) => {
    const radio = make("input", { type: "radio", name: "theme", value, id: value === "system" ? "set-theme" : `theme-${value}` });
    radio.addEventListener("change", () => void setting.attempt(set("theme", value), restore));
    return radio;
  });
  const segments = make("div", { class: "segments", role: "radiogroup", "aria-labelledby": "name-theme", "aria-describedby": "about-theme" },
    ...radios.map((radio, i) => make("label", {}, radio, make("span", {}, settingsLabels.themes[THEMES[i] ?? "system"]))));
  const setting = settingRow("theme", settingsLabels.theme, segments);
  // The label names the whole group; a label for one of its buttons would be announced twice.
  setting.row.querySelector("label")?.removeAttribute("for");
  return {
    ...setting,
    draw(/** @type {Setup} */ { settings }) {
      for (const radio of radios) radio.checked = radio.value === settings.theme;
    },
  };
}
