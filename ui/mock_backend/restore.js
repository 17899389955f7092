// Restoring an unreadable or missing registry in the mock backend.
//
// Guarantees: a restore makes the registry readable, with the last known sessions or those of the story. In the address, `copy=gone` makes
// an empty registry a missing one, `copy=none` removes the copy, and `fail=restore` lets the restore fail.

/** @import { KeptCopy, Snapshot } from "../wire" */
/** @import { journal } from "./journal.js" */

const FOLDER = "/home/me/.local/state/headcount/registries/home/me/shop/docs/coordination/claude_sessions.json/copies";

/**
 * @param {Snapshot} snapshot
 * @param {URLSearchParams} options
 * @param {ReturnType<typeof journal>} changes
 * @param {() => Promise<Snapshot>} story
 * @param {() => void} publish
 */
export function mockRestore(snapshot, options, changes, story, publish) {
  const at = new Date(Date.now() - 3_600_000).toISOString();

  /** @returns {Promise<KeptCopy | null>} */
  async function newestCopy() {
    const isGone = options.get("copy") === "gone" && snapshot.sessions.length === 0;
    if ((snapshot.trouble?.code !== "registry_unreadable" && !isGone) || options.get("copy") === "none") return null;
    if (options.get("fail") === "copies") throw { code: "io", message: `Could not read the folder ${FOLDER}: Permission denied (os error 13)` };
    return { id: "20251117T200000.000000", at, sessions: snapshot.sessions.length || 12, folder: FOLDER };
  }

  return {
    newestCopy,
    /** @param {string} id */
    async restore(id) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      if (options.get("fail") === "restore") throw { code: "io", message: `Could not write ${FOLDER}/20251117T210000.000000.json: No space left on device (os error 28). Free some space there, then try again` };
      if (!(await newestCopy())) throw { code: "no_copy", message: `There is no copy ${id} of this registry; \`headcount restore\` lists them` };
      const isGone = snapshot.trouble === null;
      if (snapshot.sessions.length === 0) snapshot.sessions = (await story()).sessions;
      snapshot.trouble = null;
      snapshot.cleanup.caution = null;
      changes.add("restore", [], () => {});
      publish();
      return isGone ? null : `${FOLDER}/20251117T210000.000000.json`;
    },
  };
}
