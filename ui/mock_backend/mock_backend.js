// The backend of the page in a plain browser, for development and tests: it stands in for Tauri and replays a recording of the engine.
//
// `page/?recording=story&theme=dark&place=review`. Guarantees: decides nothing; a command leads from one recorded state to the next. Not
// shipped, and never writes anything.

/** @import { Snapshot, SnapshotDelta } from "../wire" */
/** @import { Tauri } from "../page/backend.js" */
import { recording } from "./recording.js";

/** How long an action takes, so that the page shows that it waits. */
const ACTION_MS = 150;

/**
 * @param {URLSearchParams} options
 * @returns {Promise<Tauri>}
 */
export async function mockTauri(options) {
  const player = await recording(options.get("recording") ?? "story", options.get("theme"));
  let snapshot = structuredClone(player.snapshot());
  let serial = 0;
  /** @type {Map<string, (event: { payload: any }) => void>} */
  const listeners = new Map();

  /** @param {string} event @param {unknown} payload */
  const emit = (event, payload) => listeners.get(event)?.({ payload: structuredClone(payload) });
  /** @returns {SnapshotDelta} */
  const whole = () => {
    const { sessions, ...rest } = snapshot;
    return { serial: ++serial, is_whole: true, sessions, gone: [], rest };
  };

  // For the console and for tests: mockBackend.change((snapshot) => …), mockBackend.go("session-5").
  Reflect.set(window, "mockBackend", {
    /** Alters what the window shows, as if the files had changed. @param {(snapshot: Snapshot) => void} alter */
    change: (alter) => (alter(snapshot), emit("delta", whole())),
    /** @param {string} place */
    go: (place) => emit("place", place),
  });

  return {
    core: {
      async invoke(command, payload) {
        if (command === "snapshot") return structuredClone(whole());
        if (command === "place") return options.get("place");
        const before = JSON.stringify(player.settings());
        const { result, isAction } = player.answer(command, payload);
        if (isAction) {
          await new Promise((resolve) => setTimeout(resolve, ACTION_MS));
          snapshot = structuredClone(player.snapshot());
          emit("delta", whole());
          if (JSON.stringify(player.settings()) !== before) emit("settings", player.settings());
        }
        return structuredClone(result);
      },
    },
    event: {
      async listen(event, listener) {
        listeners.set(event, listener);
        return () => void listeners.delete(event);
      },
    },
  };
}
