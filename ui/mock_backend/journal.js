// The changes made in the mock backend, and how to undo them.
//
// Guarantees: newest first; an undone change is marked, and undoing is a change of its own. Undoing a change of the fixture changes only
// the list.

/** @import { Actor, HistoryLine, Move } from "../wire" */

const RECORDED_AT = Date.parse("2025-11-17T20:00:00Z");

/** @param {HistoryLine[]} older */
export function journal(older) {
  const by = Date.now() - RECORDED_AT;
  const lines = older.map((line) => ({ ...line, at: new Date(Date.parse(line.at) + by).toISOString() }));
  lines.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  /** @type {Map<string, () => void>} */
  const undoById = new Map();
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
      undoById.set(id, back);
      lines.unshift({ id, at: new Date().toISOString(), by: actor, what, of, numbers, moves, is_taken_back: false, can_be_undone: true });
      return id;
    },

    /** @param {string} id @returns {number[] | null} the numbers; null: there is no such change */
    undo(id) {
      const line = lines.find((each) => each.id === id);
      if (!line?.can_be_undone) return null;
      undoById.get(id)?.();
      Object.assign(line, { is_taken_back: true, can_be_undone: false });
      this.add("undo", line.numbers, () => {}, { of: id, moves: line.moves.map(({ from, to }) => ({ from: to, to: from })) });
      return line.numbers;
    },
  };
}
