// The settings tab. Each change is applied at once.
//
// Guarantees: shows the configured and the effective settings as the engine reports them; a change made in the file by hand is shown
// without a reload. A control returns to the configured value if its change is refused.

/** @import { Setup, Snapshot } from "../../wire" */
/** @import { Backend } from "../backend.js" */
/** @import { LiveText } from "../parts/live_text.js" */
import { make, setHidden, setText } from "../parts/element.js";
import { singleLine } from "../text/format/sanitize.js";
import { configFileText, settingsLabels } from "../text/settings.js";
import { delaySetting, pathSetting, switchSetting, themeSetting } from "./config_settings.js";
import { snoozeSetting } from "./snooze_setting.js";
import { autostartSetting, hooksSetting } from "./system_settings.js";
import { timeoutSetting } from "./timeout_setting.js";

/**
 * @typedef {object} SettingHandlers
 * @property {Backend["set"]} set
 * @property {Backend["choose"]} choose
 * @property {() => void} restore draws the configured values again
 */

/**
 * @param {HTMLElement} root
 * @param {LiveText} liveText
 * @param {Backend} backend
 */
export function settings(root, liveText, backend) {
  /** @type {Setup | null} */
  let setup = null;
  const handlers = { set: backend.set, choose: backend.choose, restore: draw };
  const complaints = make("div", { role: "alert" });
  const file = make("p", { class: "muted config-file" });
  const configSettings = {
    timeout_minutes: timeoutSetting(handlers, backend.previewTimeout),
    auto_cleanup: switchSetting(handlers, "auto_cleanup", settingsLabels.auto_cleanup),
    count_sdk_runs: switchSetting(handlers, "count_sdk_runs", settingsLabels.count_sdk_runs),
    session_titles: switchSetting(handlers, "session_titles", settingsLabels.session_titles),
    notifications: switchSetting(handlers, "notifications", settingsLabels.notify),
    notify_waiting_after: delaySetting(handlers, "notify_waiting_after", settingsLabels.notifyWaiting),
    notify_finished: switchSetting(handlers, "notify_finished", settingsLabels.notifyFinished),
    registry: pathSetting(handlers, "registry", settingsLabels.registry),
    heartbeats: pathSetting(handlers, "heartbeats", settingsLabels.heartbeats),
    theme: themeSetting(handlers),
  };
  const snooze = snoozeSetting(handlers, liveText, backend.snooze);
  const autostart = autostartSetting(handlers, backend.isAutostartEnabled, backend.setAutostart);
  const hooks = hooksSetting(handlers, { load: backend.hooks, install: backend.installHooks, remove: backend.removeHooks });
  const { timeout_minutes, auto_cleanup, count_sdk_runs, session_titles, registry, heartbeats, theme } = configSettings;
  const { notifications, notify_waiting_after, notify_finished } = configSettings;
  root.append(
    complaints,
    group(settingsLabels.sessions, timeout_minutes, auto_cleanup, count_sdk_runs, session_titles, hooks),
    group(settingsLabels.notifications, notifications, notify_waiting_after, notify_finished, snooze),
    group(settingsLabels.files, registry, heartbeats),
    group(settingsLabels.window, theme, autostart),
    file,
  );

  function draw() {
    if (!setup) return;
    document.documentElement.dataset.theme = setup.settings.theme;
    for (const [key, setting] of Object.entries(configSettings)) {
      setting.draw(setup);
      setHidden(setting.overridden, !setup.overruled.includes(key));
    }
    const lines = setup.complaints.map((complaint) => singleLine(complaint, 600));
    if (complaints.textContent !== lines.join("")) {
      const notes = lines.length > 0 ? [make("section", { class: "note", "data-tone": "trouble" }, ...lines.map((text) => make("p", {}, text)))] : [];
      complaints.replaceChildren(...notes);
    }
    setText(file, setup.file === null ? "" : configFileText(singleLine(setup.file, 1000)));
  }

  return {
    /** @param {Setup} next */
    update(next) {
      setup = next;
      draw();
    },
    /** The settings at the start, unless an update came first. @param {Setup} initial */
    initialize(initial) {
      setup ??= initial;
      draw();
    },
    /** Focuses the control of a setting. @param {string} key */
    focus(key) {
      /** @type {HTMLElement | null} */ (root.querySelector(`[data-key="${key}"] :is(button, input):not([hidden])`))?.focus();
    },
    /** Reads the settings whose changes the engine does not report. */
    refresh: () => Promise.all([autostart.refresh(), hooks.refresh()]),
    /** @param {Snapshot} snapshot */
    draw: ({ snoozed_until }) => snooze.show(snoozed_until),
  };
}

/** @param {string} title @param {...{ row: HTMLElement }} rows */
const group = (title, ...rows) => make("section", { class: "settings-group" }, make("h2", {}, title), ...rows.map(({ row }) => row));
