// What is said about changes, checked without a page: moves and what they mean for who runs, the journal in words, and which
// news is told. Run with `npm test`; needs nothing but Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { byWhom, cleanedElsewhere, happened, noticed, putBackElsewhere, renumbered, these } from "../page/text/changes.js";
import { offers } from "../page/external_changes.js";
import { clockTime, dayOf, moment } from "../page/text/times.js";
import { snoozed } from "../page/text/common.js";

const session = (number, state = "active", session_id = `session-${number}`) => [number, { number, state, session_id, role: "" }];
const swap = [{ from: 13, to: 5 }, { from: 5, to: 13 }];
const line = (facts) => ({
  id: "a", at: "2025-11-17T20:00:00Z", by: "window", what: "cleanup", of: null, numbers: [2], moves: [], is_taken_back: false, can_be_undone: true, ...facts,
});
const alone = () => undefined;

test("a few numbers are named, many are counted", () => {
  assert.equal(these([]), "no session");
  assert.equal(these([7]), "#7");
  assert.equal(these([3, 2]), "#2 and #3");
  assert.equal(these([10, 9, 2, 3, 4]), "#2, #3, #4, #9 and #10", "one more is named as soon as counted");
  assert.equal(these([12, 2, 3, 4, 6, 7]), "#2, #3, #4 and 3 more");
});

test("what a running session notices of its new number", () => {
  const one = [{ from: 13, to: 5 }];
  assert.equal(noticed(one, new Map([session(13)])), "It beats as session-13 until it identifies again; its signs of life go with it.");
  assert.match(noticed(one, new Map([session(13, "active", "builder")])), /^It keeps its ID builder,/);
  assert.match(noticed(one, new Map([session(13, "stale")])), /^It is not running now\. If it comes back, it beats as session-13 /);
  assert.equal(noticed(one, new Map([session(13, "stale", "builder")])), "It is not running now, so nobody notices.");
  assert.equal(noticed(one, new Map()), "");
});

test("in a swap, who is running is who notices", () => {
  assert.match(noticed(swap, new Map([session(13), session(5)])), /^Both are running\./);
  assert.match(noticed(swap, new Map([session(13, "stale"), session(5)])), /^#5 beats as session-5 until/);
  assert.match(noticed(swap, new Map([session(13), session(5, "active", "own")])), /^#13 beats as session-13 until/);
  assert.match(noticed(swap, new Map([session(13, "active", "a"), session(5, "stale", "b")])), /keeps its own ID/);
  assert.match(noticed(swap, new Map([session(13, "stale"), session(5, "inactive")])), /^Neither is running/);
});

test("moves that were made", () => {
  assert.equal(renumbered({ moves: swap.slice(0, 1), change: "c" }), "#13 moved to #5");
  assert.equal(renumbered({ moves: swap, change: "c" }), "#13 moved to #5, #5 to #13");
  assert.equal(renumbered({ moves: [...swap, ...swap], change: "c" }), "4 sessions have new numbers");
  assert.match(renumbered({ moves: [], change: null }), /nothing to change/);
});

test("every kind of change has words, also one nobody knows", () => {
  for (const what of ["cleanup", "undo", "redo", "register", "release", "reactivate", "reassign", "compact", "restore", "new one"]) {
    for (const numbers of [[], [2], [2, 3], [2, 3, 4, 5, 6, 7]]) {
      assert.doesNotMatch(happened(line({ what, numbers }), alone), /undefined|null|^$/, what);
    }
  }
  assert.equal(happened(line({ what: "reassign", numbers: [5], moves: swap.slice(0, 1) }), alone), "Moved #13 to #5");
  assert.equal(happened(line({ what: "reassign", numbers: [13, 5], moves: swap }), alone), "Swapped #5 and #13");
  const many = [1, 2, 3, 4, 5].map((to) => ({ from: to + 1, to }));
  assert.equal(happened(line({ what: "compact", numbers: [1], moves: many }), alone), "Compacted the numbers: #2 → #1, #3 → #2, #4 → #3 and 2 more");
  assert.deepEqual(["tray", "window", "command", "hook", "?"].map(byWhom), ["by the tray", "in this window", "by the command", "by Claude Code", ""]);
});

test("taking back names what was taken back, one deep", () => {
  const changes = new Map([["a", line({})], ["b", line({ id: "b", what: "undo", of: "a" })]]);
  const find = (id) => changes.get(id);
  assert.equal(happened(changes.get("b"), find), "Took back: cleaned up #2");
  assert.equal(happened(line({ id: "c", what: "undo", of: "b" }), find), "Took back a change to #2");
  assert.equal(happened(line({ id: "c", what: "redo", of: "gone" }), find), "Made again a change to #2");
  const itself = line({ id: "z", what: "undo", of: "z" });
  assert.equal(happened(itself, () => itself), "Took back a change to #2", "a journal that points at itself");
});

test("days and times of day", () => {
  const now = new Date(2025, 10, 17, 12).getTime();
  const on = (...when) => dayOf(new Date(...when).getTime(), now).text;
  assert.deepEqual(
    [on(2025, 10, 17, 0), on(2025, 10, 16, 23, 59), on(2025, 10, 15), on(2024, 10, 2)],
    ["Today", "Yesterday", "Sat 15 Nov", "2 Nov 2024"],
  );
  assert.equal(dayOf(now, now).until, new Date(2025, 10, 18).getTime());
  assert.match(clockTime(now), /^12:00/);
  assert.match(moment(new Date(2025, 10, 18, 9).getTime(), now).text, /^tomorrow 0?9:00/);
  assert.match(snoozed(now + 3600000, now).text, /^Notifications snoozed until 0?1/);
});

test("news is told once, and never what this page did", async () => {
  const told = [];
  const over = [];
  const news = offers({ cleaned: (offer) => told.push(cleanedElsewhere(offer)), putBack: (back) => told.push(putBackElsewhere(back)), over: (change) => over.push(change) });
  const offer = (change) => ({ change, marked: [2, 3] });
  news.draw({ undo: offer("old"), put_back: null });
  assert.deepEqual(told, [], "from before the page was opened");
  news.draw({ undo: offer("tray"), put_back: null });
  news.draw({ undo: offer("tray"), put_back: null });
  assert.deepEqual(told.splice(0), ["Cleaned up #2 and #3."]);

  let answer = (_) => {};
  const mine = news.own(new Promise((resolve) => (answer = resolve)));
  news.draw({ undo: offer("mine"), put_back: null });
  answer({ change: "mine" });
  await mine;
  news.draw({ undo: offer("mine"), put_back: null });
  assert.deepEqual(told, [], "the snapshot came before the answer");

  await assert.rejects(news.own(Promise.reject(new Error("no"))));
  news.draw({ undo: null, put_back: { change: "mine", numbers: [2, 3, 4] } });
  news.draw({ undo: null, put_back: { change: "mine", numbers: [2, 3] } });
  assert.deepEqual(told, ["3 sessions are as before again: another program wrote an older copy."]);
  assert.deepEqual(over, ["old", "tray", "mine"]);
});
