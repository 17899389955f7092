// Texts of the settings page: name and one-line explanation of each setting, and what a change would do.

/** @import { Hooks, HooksPlace, Theme, TimeoutEffect } from "../../wire" */
import { numberList } from "./format/number_lists.js";
import { formatNumber } from "./format/format_number.js";
import { singleLine } from "./format/sanitize.js";
import { duration } from "./format/times.js";
import { texts } from "./messages.js";

export const settingsLabels = {
  sessions: "Sessions",
  timeout: { name: "Stale after", about: "Minutes without a sign of life until a session counts as stale." },
  minutes: "minutes",
  auto_cleanup: {
    name: "Clean up automatically",
    about: "Marks a session as inactive, without asking, when its process has ended. You can undo it.",
  },
  session_titles: { name: "Show numbers in Claude Code", about: "Sets a session’s title to its number and role, unless you named it." },
  count_sdk_runs: { name: "Count automated runs", about: "Counts claude -p and SDK runs as sessions." },
  hooks: { name: "Claude Code hooks", about: "Sessions register, send heartbeats and sign off automatically." },
  install: "Install",
  installAgain: "Install again",
  remove: "Remove",
  hooksUnchanged: `${texts.nothingChanged}.`,
  notInstalled: "Not installed.",
  notifications: "Notifications",
  notify: { name: "Show notifications", about: "About stale sessions: one notification for all of them, and never twice for the same session." },
  notifyWaiting: { name: "Notify when a session waits for you", about: "After 20 seconds, unless another number is set in the file (notify_waiting_after)." },
  notifyFinished: { name: "Notify when a session has finished", about: "After a turn of more than two minutes." },
  snooze: { name: "Snooze", about: "Pauses notifications." },
  hour: texts.snoozeHour,
  tomorrow: texts.snoozeTomorrow,
  off: "Resume",
  files: "Files",
  registry: { name: "Registry", about: "The file that lists the sessions." },
  heartbeats: { name: "Heartbeats folder", about: "The folder to which sessions write heartbeats, usually next to the registry." },
  choose: "Choose…",
  useDefault: "Use default",
  window: "Window",
  theme: { name: "Theme", about: "Light, dark, or the same as the system." },
  themes: /** @type {Record<Theme, string>} */ ({ system: "System", light: "Light", dark: "Dark" }),
  login: { name: texts.startAtLogin, about: "Starts the tray app when you log in, with the current registry." },
  failed: "The setting was not changed.",
  overridden: "Overridden by the command line, HEADCOUNT_REGISTRY or the folder in which Headcount was started. This setting applies when it is started without them.",
  shortTimeout: "Below 30 minutes, a session that thinks for long may count as stale while it is running.",
  invalidTimeout: "Enter a whole number of minutes from 0 to 525600.",
  noEffect: "No session would change now.",
};

/** @param {string} file */
export const configFileText = (file) => `Stored in ${file}. You can edit the file; changes apply at once.`;

/** @param {number} minutes @param {TimeoutEffect} effect */
export function timeoutEffectText(minutes, { stale, active }) {
  const parts = [
    ...(stale.length > 0 ? [`${moreSessions(stale.length)} would be stale: ${numberList(stale)}.`] : []),
    ...(active.length > 0 ? [`${moreSessions(active.length)} would be active again: ${numberList(active)}.`] : []),
  ];
  return `After ${duration(minutes)}: ${parts.length === 0 ? settingsLabels.noEffect.replace("No", "no") : parts.join(" ")}`;
}

/** @type {Record<HooksPlace, (path: string) => string>} */
const installed = {
  user: (path) => `Installed in your settings, ${path}.`,
  plugin: (path) => `Installed as a plugin, ${path}.`,
  project: (path) => `Installed in the settings of one project, ${path}. They are changed with “headcount hooks”.`,
  local: (path) => `Installed in your settings for one project, ${path}.`,
  managed: (path) => `Installed by your organisation, ${path}.`,
};

/** Whether and where the hooks are installed; a problem with them comes first. @param {Hooks} hooks */
export function hooksStatusText({ places, problem }) {
  // The engine marks commands with backticks, for terminals.
  if (problem) return `${singleLine(problem.message, 1000)} ${singleLine(problem.remedy ?? "", 600)}`.trim().replace(/`([^`]*)`/g, "“$1”");
  return places.map(({ place, path }) => installed[place](singleLine(path, 1000))).join(" ") || settingsLabels.notInstalled;
}

/** @param {number} n */
const moreSessions = (n) => `${formatNumber(n)} more ${n === 1 ? "session" : "sessions"}`;
