// Texts of the settings page: name and one-line explanation of each setting, and what a change would do.

/** @import { Hooks, HooksPlace, Theme, TimeoutEffect } from "../../wire" */
import { numberList } from "./number_lists.js";
import { formatNumber } from "./format_number.js";
import { singleLine } from "./sanitize.js";
import { duration } from "./times.js";

export const settingsLabels = {
  sessions: "Sessions",
  timeout: { name: "Stale after", about: "Minutes without a sign of life until a session counts as stale." },
  minutes: "minutes",
  auto_cleanup: {
    name: "Clean up by itself",
    about: "Marks a session inactive without asking when its process is proven gone. It can be undone.",
  },
  session_titles: { name: "Show numbers in Claude Code", about: "A session's title there is its number and role, unless you named it." },
  count_sdk_runs: { name: "Count runs by programs", about: "Whether claude -p and SDK runs are sessions too." },
  hooks: { name: "Claude Code’s hooks", about: "With them, sessions register, beat and sign off by themselves." },
  install: "Install",
  installAgain: "Install again",
  remove: "Remove",
  hooksUnchanged: "Nothing was changed.",
  notInstalled: "Not installed.",
  notifications: "Notifications",
  notify: { name: "Tell me when sessions go stale", about: "One notification for all of them, and never twice for the same one." },
  snooze: { name: "Snooze", about: "Keeps notifications quiet for a while." },
  hour: "For 1 hour",
  tomorrow: "Until tomorrow",
  off: "Turn on again",
  files: "Files",
  registry: { name: "Registry", about: "The file that says which sessions there are." },
  heartbeats: { name: "Heartbeats folder", about: "Where sessions leave their signs of life; usually beside the registry." },
  choose: "Choose…",
  useDefault: "Use the default",
  window: "Window",
  theme: { name: "Theme", about: "Light, dark, or as the rest of the desktop." },
  themes: /** @type {Record<Theme, string>} */ ({ system: "System", light: "Light", dark: "Dark" }),
  login: { name: "Start at login", about: "Starts the tray app with the desktop, over the sessions it counts now." },
  failed: "This was not set.",
  overridden: "Decided when Headcount was started: by its command line, HEADCOUNT_REGISTRY or the folder it was started in. What is set here counts where it is not.",
  shortTimeout: "Below 30 minutes a session that thinks for long may be called stale while it runs.",
  invalidTimeout: "Type a whole number of minutes, 0 to 525600.",
  noEffect: "It would change nothing right now.",
};

/** @param {string} file */
export const configFileText = (file) => `Kept in ${file}. You can edit it by hand; changes count at once.`;

/** @param {number} minutes @param {TimeoutEffect} effect */
export function timeoutEffectText(minutes, { stale, active }) {
  const parts = [
    ...(stale.length > 0 ? [`${moreSessions(stale.length)} would be stale: ${numberList(stale)}.`] : []),
    ...(active.length > 0 ? [`${moreSessions(active.length)} would be active again: ${numberList(active)}.`] : []),
  ];
  return `After ${duration(minutes)}: ${parts.length === 0 ? settingsLabels.noEffect.replace("It", "it") : parts.join(" ")}`;
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
export function hooksStatusText({ places, oddity }) {
  // The engine marks commands with backticks, for terminals.
  if (oddity) return `${singleLine(oddity.message, 1000)} ${singleLine(oddity.remedy ?? "", 600)}`.trim().replace(/`([^`]*)`/g, "“$1”");
  return places.map(({ place, path }) => installed[place](singleLine(path, 1000))).join(" ") || settingsLabels.notInstalled;
}

/** @param {number} n */
const moreSessions = (n) => `${formatNumber(n)} more ${n === 1 ? "session" : "sessions"}`;
