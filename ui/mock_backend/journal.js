// What was changed in the twin, and the way back from it, in memory.
//
// Promises: answers like the engine's journal: the newest first, a change that was taken back says so, and taking back is a
// change of its own. What the fixture tells of the past is told with its times moved to now; taking that back changes only
// the list.

/** @import { Actor, HistoryLine, Move } from "../wire" */

const TOLD_AT = Date.parse("2025-11-17T20:00:00Z");

/** @param {HistoryLine[]} past */
export function journal(past) {
  const by = Date.now() - TOLD_AT;
  const lines = past.map((line) => ({ ...line, at: new Date(Date.parse(line.at) + by).toISOString() }));
  lines.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  /** @type {Map<string, () => void>} */
  const ways = new Map();
  let serial = 0;

  return {
    /** @returns {HistoryLine[]} */
    lines: () => structuredClone(lines),

    /**
     * @param {string} what
     * @param {number[]} numbers the sessions, by the number they have now
     * @param {() => void} back
     * @param {{ by?: Actor, of?: string | null, moves?: Move[] }} [how]
     */
    add(what, numbers, back, { by: actor = "window", of = null, moves = [] } = {}) {
      const id = `change-${++serial}`;
      ways.set(id, back);
      lines.unshift({ id, at: new Date().toISOString(), by: actor, what, of, numbers, moves, is_taken_back: false, can_be_undone: true });
      return id;
    },

    /** @param {string} id @returns {number[] | null} null: there is no such change */
    takeBack(id) {
      const line = lines.find((each) => each.id === id);
      if (!line?.can_be_undone) return null;
      ways.get(id)?.();
      Object.assign(line, { is_taken_back: true, can_be_undone: false });
      this.add("undo", line.numbers, () => {}, { of: id, moves: line.moves.map(({ from, to }) => ({ from: to, to: from })) });
      return line.numbers;
    },
  };
}
