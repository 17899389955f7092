// A registry that cannot be read in the twin, or is gone, and the copy that brings it back.
//
// Promises: there is a copy where a copy helps, as the engine has it; putting it back makes the registry readable, with the
// sessions that were last known, or the story's. `copy=gone` makes an empty registry one that is gone; `copy=none` and
// `fail=restore` in the address say otherwise.

/** @import { KeptCopy, Snapshot } from "../wire" */
/** @import { journal } from "./journal.js" */

const FOLDER = "/home/me/.local/state/headcount/registries/home/me/shop/docs/coordination/claude_sessions.json/copies";

/**
 * @param {Snapshot} snapshot
 * @param {URLSearchParams} asked
 * @param {ReturnType<typeof journal>} past
 * @param {() => Promise<Snapshot>} story
 * @param {() => void} tell
 */
export function mockRestore(snapshot, asked, past, story, tell) {
  const at = new Date(Date.now() - 3_600_000).toISOString();

  /** @returns {Promise<KeptCopy | null>} */
  async function newestCopy() {
    const isGone = asked.get("copy") === "gone" && snapshot.sessions.length === 0;
    if ((snapshot.trouble?.code !== "registry_unreadable" && !isGone) || asked.get("copy") === "none") return null;
    if (asked.get("fail") === "copies") throw { code: "io", message: `Could not read the folder ${FOLDER}: Permission denied (os error 13)` };
    return { id: "20251117T200000.000000", at, sessions: snapshot.sessions.length || 12, folder: FOLDER };
  }

  return {
    newestCopy,
    /** @param {string} id */
    async restore(id) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      if (asked.get("fail") === "restore") throw { code: "io", message: `Could not write ${FOLDER}/20251117T210000.000000.json: No space left on device (os error 28). Make room there, then try again` };
      if (!(await newestCopy())) throw { code: "no_copy", message: `There is no copy ${id} of this registry; \`headcount restore\` lists them` };
      const isGone = snapshot.trouble === null;
      if (snapshot.sessions.length === 0) snapshot.sessions = (await story()).sessions;
      snapshot.trouble = null;
      snapshot.cleanup.caution = null;
      past.add("restore", [], () => {});
      tell();
      return isGone ? null : `${FOLDER}/20251117T210000.000000.json`;
    },
  };
}
