// The settings of the mock backend, kept in memory.

/** @import { Hooks, Setup, Snapshot, Snooze } from "../wire" */

/**
 * @param {Snapshot} snapshot
 * @param {URLSearchParams} options
 * @param {() => void} publish
 */
export function mockSettings(snapshot, options, publish) {
  /** @type {Set<(setup: Setup) => void>} */
  const listeners = new Set();
  let isAutostartEnabled = false;
  let hooks = hooksOf(options.get("hooks"));
  const theme = options.get("theme");
  /** @type {Setup} */
  const setup = {
    file: "/home/me/.config/headcount/config.toml",
    settings: {
      registry: null, heartbeats: null, timeout_minutes: snapshot.timeout_minutes, notifications: true,
      theme: theme === "light" || theme === "dark" ? theme : "system", auto_cleanup: false, count_sdk_runs: false, session_titles: true,
      trusted_folders: [],
    },
    registry: snapshot.registry,
    heartbeats: snapshot.heartbeats,
    timeout_minutes: snapshot.timeout_minutes,
    overruled: options.get("said") === "registry" ? ["registry", "heartbeats"] : [],
    complaints: options.get("config") === "broken" ? [`The configuration /home/me/.config/headcount/config.toml: the key "registri" is unknown.`] : [],
  };

  /** @param {string} key @param {unknown} value */
  function set(key, value) {
    if (options.get("fail") === "set") throw { code: "io", message: "Could not write /home/me/.config/headcount/config.toml: Permission denied" };
    Object.assign(setup.settings, { [key]: value });
    if (key === "timeout_minutes") snapshot.timeout_minutes = setup.timeout_minutes = Number(value);
    for (const listener of listeners) listener(structuredClone(setup));
    publish();
  }

  /** @param {number} minutes @param {"active" | "stale"} state */
  const would = (minutes, state) =>
    snapshot.sessions
      .filter((each) => each.state === state && each.reason !== "ended" && ((each.age_seconds ?? Infinity) > minutes * 60) === (state === "active"))
      .map(({ number }) => number);

  return {
    settings: async () => structuredClone(setup),
    /** @param {string} key @param {unknown} value */
    set: async (key, value) => set(key, value),
    /** @param {"registry" | "heartbeats"} key */
    choose: async (key) => (set(key, `/home/me/chosen/${key}`), true),
    /** @param {number} minutes */
    previewTimeout: async (minutes) => ({ stale: would(minutes, "active"), active: would(minutes, "stale") }),
    /** @param {Snooze} choice */
    snooze: async (choice) => {
      snapshot.snoozed_until = choice === "off" ? null : new Date(Date.now() + (choice === "hour" ? 1 : 14) * 3_600_000).toISOString();
      publish();
    },
    isAutostartEnabled: async () => isAutostartEnabled,
    /** @param {boolean} isEnabled */
    setAutostart: async (isEnabled) => void (isAutostartEnabled = isEnabled),
    /** @param {(setup: Setup) => void} listener */
    onSettings: async (listener) => void listeners.add(listener),
    hooks: async () => structuredClone(hooks),
    installHooks: async () => {
      if (options.get("fail") === "hooks") throw { code: "no_command", message: "Hooks run the command headcount, which is neither next to /usr/bin/headcount-tray nor in a folder of PATH: install it there, then try again" };
      return structuredClone((hooks = hooksOf("installed")));
    },
    removeHooks: async () => structuredClone((hooks = hooksOf(null))),
  };
}

/** How hooks stand: `installed`, `broken`, `off`, `project`, or not there. @param {string | null} how @returns {Hooks} */
function hooksOf(how) {
  const path = "/home/me/.claude/settings.json";
  const gone = { message: `${path} runs /home/me/old/headcount, which does not exist or cannot be executed.`, remedy: null };
  const off = { message: "Claude Code's hooks are switched off.", remedy: "Remove `disableAllHooks` from its settings." };
  if (how === "project") return { places: [{ place: "project", path: "/home/me/shop/.claude/settings.json" }], problem: null, can_install: true, can_remove: false };
  const is = how !== null;
  return {
    places: is ? [{ place: "user", path }] : [],
    problem: how === "broken" ? gone : how === "off" ? off : null,
    can_install: !is || how === "broken",
    can_remove: is,
  };
}
