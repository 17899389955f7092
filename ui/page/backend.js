// The interface between the page and the engine.
//
// Guarantees: this is the only module that uses Tauri. In the app, requests are commands and notifications are events; in a
// plain browser (no `__TAURI__`) the mock backend, which is not part of the app, stands in for Tauri. Keeps no state,
// does not retry and does not reword: a failed request rejects with a `Failure`.

/** @import { CommandName } from "../commands" */
/** @import { Changed, CleanupDone, Details, Failure, HistoryLine, Hooks, KeptCopy, Move, SnapshotDelta, Registered, RegisteredAll, Renumbered, Setup, ShowResult, Snooze, TimeoutEffect, UndoDone } from "../wire" */

/**
 * @typedef {object} Backend
 * @property {() => Promise<SnapshotDelta>} snapshot the whole snapshot
 * @property {(numbers: number[], force: boolean) => Promise<CleanupDone>} cleanup `force` only after a confirmed caution
 * @property {(change: string) => Promise<UndoDone>} undo
 * @property {() => Promise<HistoryLine[]>} history newest first
 * @property {(number: number) => Promise<Details>} details of one session
 * @property {(number: number) => Promise<ShowResult>} show brings the terminal of a session to the front
 * @property {(session: NewSession) => Promise<Changed>} register
 * @property {(pid: number) => Promise<Registered>} registerRunning a running session that is not registered
 * @property {() => Promise<RegisteredAll>} registerAllRunning all of them
 * @property {(session: SessionRef) => Promise<Changed>} heartbeat
 * @property {(session: SessionRef) => Promise<Changed>} release
 * @property {(session: SessionRef) => Promise<Changed>} reactivate
 * @property {(session: SessionRef, isKept: boolean) => Promise<Changed>} keep
 * @property {(session: SessionRef, minutes: number | null) => Promise<Changed>} setOwnTimeout null: the general timeout
 * @property {(from: number, to: number) => Promise<Move[]>} previewReassign without changing anything; empty: it already has that number
 * @property {(from: number, to: number, shown: Move[]) => Promise<Renumbered>} reassign refused if the moves differ from those shown
 * @property {() => Promise<Move[]>} previewCompact without changing anything
 * @property {(shown: Move[]) => Promise<Renumbered>} compact refused if the moves differ from those shown
 * @property {() => Promise<Setup>} settings the configured and the effective settings
 * @property {(key: string, value: unknown) => Promise<void>} set null: resets it to the default
 * @property {(key: "registry" | "heartbeats") => Promise<boolean>} choose with the system's file dialog; false: cancelled
 * @property {(minutes: number) => Promise<TimeoutEffect>} previewTimeout without changing anything
 * @property {(choice: Snooze) => Promise<void>} snooze
 * @property {() => Promise<boolean>} isAutostartEnabled
 * @property {(isEnabled: boolean) => Promise<void>} setAutostart
 * @property {() => Promise<Hooks>} hooks the state of Claude Code's hooks
 * @property {() => Promise<Hooks>} installHooks into the user's settings; returns their new state
 * @property {() => Promise<Hooks>} removeHooks
 * @property {() => Promise<KeptCopy | null>} newestCopy the newest readable copy of the registry; null: there is none, or it is not needed
 * @property {(id: string) => Promise<string | null>} restore a copy over an unreadable or missing registry; returns where the replaced file is kept
 * @property {(listener: (setup: Setup) => void) => Promise<void>} onSettings
 * @property {() => Promise<string | null>} place which place the window was asked to open
 * @property {(listener: (delta: SnapshotDelta) => void) => Promise<void>} onDelta
 * @property {(listener: (place: string) => void) => Promise<void>} onPlace
 */

/** @typedef {{ number: number, session_id: string }} SessionRef a session as shown: the request is refused if its number belongs to another session by now */
/** @typedef {{ number: number, role: string, goal: string, session_id: string | null }} NewSession */

/**
 * The part of Tauri's global that the page uses.
 * @typedef {object} Tauri
 * @property {{ invoke: (command: CommandName, payload?: Record<string, unknown>) => Promise<any> }} core
 * @property {{ listen: (event: string, listener: (event: { payload: any }) => void) => Promise<() => void> }} event
 */

/** @returns {Promise<Backend>} */
export async function connect() {
  const tauri = /** @type {Tauri | undefined} */ (Reflect.get(window, "__TAURI__"));
  if (tauri) return desktop(tauri);
  const { mockTauri } = await import("../mock_backend/mock_backend.js");
  return desktop(await mockTauri(new URLSearchParams(location.search)));
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
    show: (number) => core.invoke("show", { number }),
    register: ({ number, role, goal, session_id }) => core.invoke("register", { number, role, goal, sessionId: session_id }),
    registerRunning: (pid) => core.invoke("register_running", { pid }),
    registerAllRunning: () => core.invoke("register_all_running"),
    heartbeat: (session) => core.invoke("heartbeat", { named: session }),
    release: (session) => core.invoke("release", { named: session }),
    reactivate: (session) => core.invoke("reactivate", { named: session }),
    keep: (session, isKept) => core.invoke("keep", { named: session, isKept }),
    setOwnTimeout: (session, minutes) => core.invoke("set_own_timeout", { named: session, minutes }),
    previewReassign: (from, to) => core.invoke("preview_reassign", { from, to }),
    reassign: (from, to, shown) => core.invoke("reassign", { from, to, shown }),
    previewCompact: () => core.invoke("preview_compact"),
    compact: (shown) => core.invoke("compact", { shown }),
    settings: () => core.invoke("settings"),
    set: (key, value) => core.invoke("set", { key, value }),
    choose: (key) => core.invoke("choose", { key }),
    previewTimeout: (minutes) => core.invoke("preview_timeout", { minutes }),
    snooze: (choice) => core.invoke("snooze", { choice }),
    isAutostartEnabled: () => core.invoke("starts_at_login"),
    setAutostart: (isEnabled) => core.invoke("start_at_login", { isWanted: isEnabled }),
    hooks: () => core.invoke("hooks"),
    installHooks: () => core.invoke("install_hooks"),
    removeHooks: () => core.invoke("remove_hooks"),
    newestCopy: () => core.invoke("newest_copy"),
    restore: (id) => core.invoke("restore", { id }),
    onSettings: async (listener) => void (await event.listen("settings", ({ payload }) => listener(payload))),
    place: () => core.invoke("place"),
    onDelta: async (listener) => void (await event.listen("delta", ({ payload }) => listener(payload))),
    onPlace: async (listener) => void (await event.listen("place", ({ payload }) => listener(payload))),
  };
}

/**
 * The failure of a rejected request. Tauri itself rejects with plain strings (for a command that is not allowed, for example), so
 * the shape is checked.
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
