// One line of the settings page: name, explanation, control, and an error if the change was refused.

import { failure } from "../backend.js";
import { make, setText } from "../parts/element.js";
import { failureText } from "../text/common.js";
import { settingsLabels } from "../text/settings.js";

/** @typedef {{ name: string, about: string }} SettingText */
/** @typedef {ReturnType<typeof settingRow>} SettingRow */

/**
 * @param {string} key
 * @param {SettingText} text
 * @param {...(Node | string)} controls the main one with `controlAttributes`
 */
export function settingRow(key, { name, about }, ...controls) {
  const overridden = make("p", { class: "overridden", hidden: true }, settingsLabels.overridden);
  const error = make("p", { class: "error", role: "alert" });
  const label = make("label", { for: `set-${key}`, id: `name-${key}` }, name);
  const description = make("div", { class: "description" }, label, make("p", { class: "muted", id: `about-${key}` }, about), overridden, error);
  const row = make("div", { class: "setting", "data-key": key }, description, make("div", { class: "control" }, ...controls));

  return {
    row,
    overridden,
    error,
    /** Shows the name as text, for a row without a control that a label could name. */
    replaceLabel: () => label.replaceWith(make("span", { class: "name" }, name)),

    /**
     * Waits for a change; if it is refused, shows why and restores the control.
     * @param {Promise<unknown>} change
     * @param {() => void} restore
     * @param {string} [what]
     */
    async attempt(change, restore, what = settingsLabels.failed) {
      setText(error, "");
      try {
        await change;
      } catch (reason) {
        setText(error, failureText(what, failure(reason).message));
        restore();
      }
    },
  };
}

/** Attributes that connect a control to its label and explanation. @param {string} key */
export const controlAttributes = (key) => ({ id: `set-${key}`, "aria-describedby": `about-${key}` });

/** @param {string} key */
export const switchControl = (key) => make("input", { type: "checkbox", role: "switch", ...controlAttributes(key) });
