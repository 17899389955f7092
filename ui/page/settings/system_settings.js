// The settings that are kept outside of Headcount's configuration: Claude Code's hooks and starting at login.
//
// The engine does not report changes to these, so they are read when the settings are shown and when the window gets the focus.

/** @import { Hooks } from "../../wire" */
/** @import { SettingHandlers } from "./settings.js" */
import { failure } from "../backend.js";
import { button, make, setHidden, setText } from "../parts/element.js";
import { singleLine } from "../text/format/sanitize.js";
import { hooksStatusText, settingsLabels } from "../text/settings.js";
import { settingRow, switchControl } from "./setting_row.js";

/**
 * @param {SettingHandlers} handlers
 * @param {() => Promise<boolean>} isEnabled
 * @param {(isEnabled: boolean) => Promise<void>} setEnabled
 */
export function autostartSetting({ restore }, isEnabled, setEnabled) {
  const box = switchControl("login");
  const setting = settingRow("login", settingsLabels.login, box);
  const refresh = async () => void (box.checked = await isEnabled().catch(() => false));
  box.addEventListener("change", () => void setting.attempt(setEnabled(box.checked), restore).then(refresh));
  return { ...setting, refresh };
}

/**
 * @param {SettingHandlers} handlers
 * @param {object} hooks
 * @param {() => Promise<Hooks>} hooks.load
 * @param {() => Promise<Hooks>} hooks.install
 * @param {() => Promise<Hooks>} hooks.remove
 */
export function hooksSetting({ restore }, { load, install, remove }) {
  let isBusy = false;
  const state = make("p", { class: "effect", role: "status", id: "hooks-status" });
  const installButton = button({ "aria-describedby": state.id }, settingsLabels.install, () => void run(install));
  const removeButton = button({ hidden: true, "aria-describedby": state.id }, settingsLabels.remove, () => void run(remove));
  const setting = settingRow("hooks", settingsLabels.hooks, installButton, removeButton);
  setting.replaceLabel();
  setting.error.before(state);

  /** @param {() => Promise<Hooks>} command */
  async function run(command) {
    if (isBusy) return;
    isBusy = true;
    await setting.attempt(command().then(show), restore, settingsLabels.hooksUnchanged);
    isBusy = false;
  }

  /** @param {Hooks} hooks */
  function show(hooks) {
    setText(state, hooksStatusText(hooks));
    state.toggleAttribute("data-warning", hooks.problem !== null);
    setText(installButton, hooks.can_remove ? settingsLabels.installAgain : settingsLabels.install);
    const focused = document.activeElement;
    setHidden(installButton, !hooks.can_install);
    setHidden(removeButton, !hooks.can_remove);
    // The focus goes to the opposite button, which is visible now.
    if (focused === installButton && !hooks.can_install) removeButton.focus();
    if (focused === removeButton && !hooks.can_remove) installButton.focus();
  }

  async function refresh() {
    try {
      show(await load());
    } catch (reason) {
      setText(state, singleLine(failure(reason).message, 600));
      state.toggleAttribute("data-warning", true);
    }
  }

  return { ...setting, refresh };
}
