// What can be set, in words. Part of the words (see common.js).
//
// Promises: every setting is explained in one line; what another timeout would change is said with the sessions' numbers.

/** @import { Hooks, HooksPlace, Theme, TimeoutEffect } from "../../wire" */
import { these } from "./changes.js";
import { figure } from "./format_number.js";
import { line } from "./sanitize.js";
import { duration } from "./times.js";

export const choices = {
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
  byDefault: "Use the default",
  window: "Window",
  theme: { name: "Theme", about: "Light, dark, or as the rest of the desktop." },
  themes: /** @type {Record<Theme, string>} */ ({ system: "System", light: "Light", dark: "Dark" }),
  login: { name: "Start at login", about: "Starts the tray app with the desktop, over the sessions it counts now." },
  couldNotSet: "This was not set.",
  overruled: "Decided when Headcount was started: by its command line, HEADCOUNT_REGISTRY or the folder it was started in. What is set here counts where it is not.",
  short: "Below 30 minutes a session that thinks for long may be called stale while it runs.",
  notWhole: "Type a whole number of minutes, 0 to 525600.",
  sameAsNow: "It would change nothing right now.",
};

/** @param {string} file */
export const keptIn = (file) => `Kept in ${file}. You can edit it by hand; changes count at once.`;

/** @param {number} minutes @param {TimeoutEffect} effect */
export function wouldChange(minutes, { stale, active }) {
  const said = [
    ...(stale.length > 0 ? [`${more(stale.length)} would be stale: ${these(stale)}.`] : []),
    ...(active.length > 0 ? [`${more(active.length)} would be active again: ${these(active)}.`] : []),
  ];
  return `After ${duration(minutes)}: ${said.length === 0 ? choices.sameAsNow.replace("It", "it") : said.join(" ")}`;
}

/** @type {Record<HooksPlace, (path: string) => string>} */
const installed = {
  user: (path) => `Installed in your settings, ${path}.`,
  plugin: (path) => `Installed as a plugin, ${path}.`,
  project: (path) => `Installed in the settings of one project, ${path}. They are changed with “headcount hooks”.`,
  local: (path) => `Installed in your settings for one project, ${path}.`,
  managed: (path) => `Installed by your organisation, ${path}.`,
};

/** How the hooks stand: what is odd about them comes before where they are. @param {Hooks} hooks */
export function hooksStand({ places, oddity }) {
  // What a terminal would be given between backticks.
  if (oddity) return `${line(oddity.message, 1000)} ${line(oddity.remedy ?? "", 600)}`.trim().replace(/`([^`]*)`/g, "“$1”");
  return places.map(({ place, path }) => installed[place](line(path, 1000))).join(" ") || choices.notInstalled;
}

/** @param {number} n */
const more = (n) => `${figure(n)} more ${n === 1 ? "session" : "sessions"}`;
