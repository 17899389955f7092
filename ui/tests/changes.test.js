// Texts about changes, and which changes of other programs are reported. Run with `npm test`; needs only Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { externalChanges } from "../page/external_changes.js";
import { snoozedText } from "../page/text/common.js";
import { actorText, describeChange, externalCleanupText, revertedText } from "../page/text/history.js";
import { numberList, ranges } from "../page/text/format/number_lists.js";
import { moveConsequence, renumberResult } from "../page/text/renumber.js";
import { dateTime, dayHeading, timeOfDay } from "../page/text/format/times.js";

const session = (number, state = "active", session_id = `session-${number}`) => [number, { number, state, session_id, role: "" }];
const swap = [{ from: 13, to: 5 }, { from: 5, to: 13 }];
const line = (facts) => ({
  id: "a", at: "2025-11-17T20:00:00Z", by: "window", what: "cleanup", of: null, numbers: [2], moves: [], is_taken_back: false, can_be_undone: true, ...facts,
});
const notFound = () => undefined;

test("a list names a few numbers and counts the rest", () => {
  assert.equal(numberList([]), "no session");
  assert.equal(numberList([7]), "#7");
  assert.equal(numberList([3, 2]), "#2 and #3");
  assert.equal(numberList([10, 9, 2, 3, 4]), "#2, #3, #4, #9 and #10", "one more is named as soon as counted");
  assert.equal(numberList([12, 2, 3, 4, 6, 7]), "#2, #3, #4 and 3 more");
});

test("a move says what the session notices", () => {
  const one = [{ from: 13, to: 5 }];
  assert.equal(moveConsequence(one, new Map([session(13)])), "It sends heartbeats as session-13 until it identifies again. Its recorded heartbeats move with it.");
  assert.match(moveConsequence(one, new Map([session(13, "active", "builder")])), /^It keeps its ID builder,/);
  assert.match(moveConsequence(one, new Map([session(13, "stale")])), /^It is not running\. If it returns, it sends heartbeats as session-13 /);
  assert.equal(moveConsequence(one, new Map([session(13, "stale", "builder")])), "It is not running, so nothing else changes.");
  assert.equal(moveConsequence(one, new Map()), "");
});

test("a swap says what the running sessions notice", () => {
  assert.match(moveConsequence(swap, new Map([session(13), session(5)])), /^Both are running\./);
  assert.match(moveConsequence(swap, new Map([session(13, "stale"), session(5)])), /^#5 sends heartbeats as session-5 until/);
  assert.match(moveConsequence(swap, new Map([session(13), session(5, "active", "own")])), /^#13 sends heartbeats as session-13 until/);
  assert.match(moveConsequence(swap, new Map([session(13, "active", "a"), session(5, "stale", "b")])), /keeps its own ID/);
  assert.match(moveConsequence(swap, new Map([session(13, "stale"), session(5, "inactive")])), /^Neither is running/);
});

test("renumber result lists up to three moves", () => {
  assert.equal(renumberResult({ moves: swap.slice(0, 1), change: "c" }), "#13 moved to #5");
  assert.equal(renumberResult({ moves: swap, change: "c" }), "#13 moved to #5, #5 to #13");
  assert.equal(renumberResult({ moves: [...swap, ...swap], change: "c" }), "4 sessions have new numbers");
  assert.match(renumberResult({ moves: [], change: null }), /^Nothing to change/);
});

test("every kind of change has a description, also an unknown one", () => {
  for (const what of ["cleanup", "undo", "redo", "register", "release", "reactivate", "reassign", "compact", "restore", "new one"]) {
    for (const numbers of [[], [2], [2, 3], [2, 3, 4, 5, 6, 7]]) {
      assert.doesNotMatch(describeChange(line({ what, numbers }), notFound), /undefined|null|^$/, what);
    }
  }
  assert.equal(describeChange(line({ what: "reassign", numbers: [5], moves: swap.slice(0, 1) }), notFound), "Moved #13 to #5");
  assert.equal(describeChange(line({ what: "reassign", numbers: [13, 5], moves: swap }), notFound), "Swapped #5 and #13");
  const many = [1, 2, 3, 4, 5].map((to) => ({ from: to + 1, to }));
  assert.equal(describeChange(line({ what: "compact", numbers: [1], moves: many }), notFound), "Compacted numbers: #2 → #1, #3 → #2, #4 → #3 and 2 more");
  assert.deepEqual(["tray", "window", "command", "hook", "?"].map(actorText), ["from the tray", "from the window", "from the command line", "by Claude Code", ""]);
});

test("undo and redo name the change they refer to, one level deep", () => {
  const changes = new Map([["a", line({})], ["b", line({ id: "b", what: "undo", of: "a" })]]);
  const find = (id) => changes.get(id);
  assert.equal(describeChange(changes.get("b"), find), "Undid: cleaned up #2");
  assert.equal(describeChange(line({ id: "c", what: "undo", of: "b" }), find), "Undid a change to #2");
  assert.equal(describeChange(line({ id: "c", what: "redo", of: "gone" }), find), "Redid a change to #2");
  const itself = line({ id: "z", what: "undo", of: "z" });
  assert.equal(describeChange(itself, () => itself), "Undid a change to #2", "a journal that points at itself");
});

test("day headings and times", () => {
  const now = new Date(2025, 10, 17, 12).getTime();
  const on = (...when) => dayHeading(new Date(...when).getTime(), now).text;
  assert.deepEqual(
    [on(2025, 10, 17, 0), on(2025, 10, 16, 23, 59), on(2025, 10, 15), on(2024, 10, 2)],
    ["Today", "Yesterday", "Sat 15 Nov", "2 Nov 2024"],
  );
  assert.equal(dayHeading(now, now).until, new Date(2025, 10, 18).getTime());
  assert.match(timeOfDay(now), /^12:00/);
  assert.match(dateTime(new Date(2025, 10, 18, 9).getTime(), now).text, /^tomorrow 0?9:00/);
  assert.match(snoozedText(now + 3600000, now).text, /^Notifications snoozed until 0?1/);
});

test("ranges of numbers", () => {
  assert.equal(ranges([1, 3, 6, 7, 9, 10, 11]), "1, 3, 6, 7, 9–11");
  assert.equal(ranges([1, 3, 5, 7, 8], 2), "1, 3 … and 3 more");
});

test("external changes are reported once, changes of this page never", async () => {
  const reported = [];
  const expired = [];
  const changes = externalChanges({
    onCleanup: (offer) => reported.push(externalCleanupText(offer)),
    onRevert: (change) => reported.push(revertedText(change)),
    onUndoExpired: (change) => expired.push(change),
  });
  const offer = (change) => ({ change, marked: [2, 3] });
  changes.draw({ undo: offer("old"), reverted_change: null });
  assert.deepEqual(reported, [], "from before the page was opened");
  changes.draw({ undo: offer("tray"), reverted_change: null });
  changes.draw({ undo: offer("tray"), reverted_change: null });
  assert.deepEqual(reported.splice(0), ["Cleaned up #2 and #3."]);

  let finish = (_) => {};
  const command = changes.track(new Promise((resolve) => (finish = resolve)));
  changes.draw({ undo: offer("own"), reverted_change: null });
  finish({ change: "own" });
  await command;
  changes.draw({ undo: offer("own"), reverted_change: null });
  assert.deepEqual(reported, [], "the snapshot arrived before the command's result");

  await assert.rejects(changes.track(Promise.reject(new Error("no"))));
  changes.draw({ undo: null, reverted_change: { change: "own", numbers: [2, 3, 4] } });
  changes.draw({ undo: null, reverted_change: { change: "own", numbers: [2, 3] } });
  assert.deepEqual(reported, ["Another program reverted a change of 3 sessions."]);
  assert.deepEqual(expired, ["old", "tray", "own"]);
});
