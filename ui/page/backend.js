// The one door between the page and the engine.
//
// Promises: this is the only file that names Tauri. In the app, requests are commands and news are events; opened in a
// plain browser (no `__TAURI__`), the same interface is answered by the twin, which is not part of the app.
// Does not keep state, retry, or reword: what fails rejects with a `Failure`.

/** @import { Changed, CleanupDone, Details, Failure, HistoryLine, Hooks, KeptCopy, Move, News, Registered, RegisteredAll, Renumbered, Setup, Snooze, TimeoutEffect, UndoDone } from "../wire" */

/**
 * @typedef {object} Backend
 * @property {() => Promise<News>} snapshot everything that is known now
 * @property {(numbers: number[], force: boolean) => Promise<CleanupDone>} cleanup `force` only after a confirmed caution
 * @property {(change: string) => Promise<UndoDone>} undo
 * @property {() => Promise<HistoryLine[]>} history the newest first
 * @property {(number: number) => Promise<Details>} details of one session
 * @property {(newcomer: Newcomer) => Promise<Changed>} register
 * @property {(pid: number) => Promise<Registered>} registerRunning a session that runs and is not registered
 * @property {() => Promise<RegisteredAll>} registerAllRunning every such session
 * @property {(named: Named) => Promise<Changed>} heartbeat
 * @property {(named: Named) => Promise<Changed>} release
 * @property {(named: Named) => Promise<Changed>} reactivate
 * @property {(from: number, to: number) => Promise<Move[]>} rehearseReassign changes nothing; none: it has that number
 * @property {(from: number, to: number, shown: Move[]) => Promise<Renumbered>} reassign refused where the moves are others by now
 * @property {() => Promise<Move[]>} rehearseCompact changes nothing
 * @property {(shown: Move[]) => Promise<Renumbered>} compact the same
 * @property {() => Promise<Setup>} settings what is set, and what counts
 * @property {(key: string, value: unknown) => Promise<void>} set null: its default
 * @property {(key: "registry" | "heartbeats") => Promise<boolean>} choose in the system's dialog; whether one was chosen
 * @property {(minutes: number) => Promise<TimeoutEffect>} rehearseTimeout changes nothing
 * @property {(choice: Snooze) => Promise<void>} snooze
 * @property {() => Promise<boolean>} startsAtLogin
 * @property {(isWanted: boolean) => Promise<void>} startAtLogin
 * @property {() => Promise<Hooks>} hooks how Claude Code's hooks stand
 * @property {() => Promise<Hooks>} installHooks in the person's settings; how they stand then
 * @property {() => Promise<Hooks>} removeHooks
 * @property {() => Promise<KeptCopy | null>} newestCopy the newest good copy of the registry, where it would mend it
 * @property {(id: string) => Promise<string | null>} restore puts a copy back, where the registry cannot be read; where what was there is kept
 * @property {(hear: (setup: Setup) => void) => Promise<void>} onSettings
 * @property {() => Promise<string | null>} place where the window was asked to open
 * @property {(hear: (news: News) => void) => Promise<void>} onNews what changed, as soon as it does
 * @property {(hear: (place: string) => void) => Promise<void>} onPlace
 */

/** @typedef {{ number: number, session_id: string }} Named a session as it was on screen: another one with its number is not meant */
/** @typedef {{ number: number, role: string, goal: string, session_id: string | null }} Newcomer */

/**
 * The part of Tauri's global that the page uses.
 * @typedef {object} Tauri
 * @property {{ invoke: (command: string, payload?: Record<string, unknown>) => Promise<any> }} core
 * @property {{ listen: (event: string, hear: (event: { payload: any }) => void) => Promise<() => void> }} event
 */

/** @returns {Promise<Backend>} */
export async function connect() {
  const tauri = /** @type {Tauri | undefined} */ (Reflect.get(window, "__TAURI__"));
  if (tauri) return desktop(tauri);
  const { twin } = await import("../mock_backend/mock_backend.js");
  return twin(new URLSearchParams(location.search));
}

/**
 * @param {Tauri} tauri
 * @returns {Backend}
 */
function desktop({ core, event }) {
  return {
    snapshot: () => core.invoke("snapshot"),
    cleanup: (numbers, force) => core.invoke("cleanup", { numbers, force }),
    undo: (change) => core.invoke("undo", { change }),
    history: () => core.invoke("history"),
    details: (number) => core.invoke("details", { number }),
    register: ({ number, role, goal, session_id }) => core.invoke("register", { number, role, goal, sessionId: session_id }),
    registerRunning: (pid) => core.invoke("register_running", { pid }),
    registerAllRunning: () => core.invoke("register_all_running"),
    heartbeat: (named) => core.invoke("heartbeat", { named }),
    release: (named) => core.invoke("release", { named }),
    reactivate: (named) => core.invoke("reactivate", { named }),
    rehearseReassign: (from, to) => core.invoke("rehearse_reassign", { from, to }),
    reassign: (from, to, shown) => core.invoke("reassign", { from, to, shown }),
    rehearseCompact: () => core.invoke("rehearse_compact"),
    compact: (shown) => core.invoke("compact", { shown }),
    settings: () => core.invoke("settings"),
    set: (key, value) => core.invoke("set", { key, value }),
    choose: (key) => core.invoke("choose", { key }),
    rehearseTimeout: (minutes) => core.invoke("rehearse_timeout", { minutes }),
    snooze: (choice) => core.invoke("snooze", { choice }),
    startsAtLogin: () => core.invoke("starts_at_login"),
    startAtLogin: (isWanted) => core.invoke("start_at_login", { isWanted }),
    hooks: () => core.invoke("hooks"),
    installHooks: () => core.invoke("install_hooks"),
    removeHooks: () => core.invoke("remove_hooks"),
    newestCopy: () => core.invoke("newest_copy"),
    restore: (id) => core.invoke("restore", { id }),
    onSettings: async (hear) => void (await event.listen("settings", ({ payload }) => hear(payload))),
    place: () => core.invoke("place"),
    onNews: async (hear) => void (await event.listen("news", ({ payload }) => hear(payload))),
    onPlace: async (hear) => void (await event.listen("place", ({ payload }) => hear(payload))),
  };
}

/**
 * What a rejected request said. Tauri itself rejects with plain strings (a command that is not allowed, say), so the
 * shape is checked instead of believed.
 * @param {unknown} reason
 * @returns {Failure}
 */
export function failure(reason) {
  if (typeof reason === "object" && reason !== null && "message" in reason) {
    const code = "code" in reason ? String(reason.code) : "unexpected";
    return { code, message: String(reason.message) };
  }
  return { code: "unexpected", message: String(reason) };
}
