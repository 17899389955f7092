// What the list shows and where, checked without a page: search, filter and order, rows in view, beats as strokes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { beatsAgo, edge, STEP, strokes, WIDE } from "../page/sessions/activity_chart.js";
import { EVERYTHING, remembered, sieve } from "../page/sessions/filter_sessions.js";
import { stretch } from "../page/list/row_offsets.js";

const session = (number, state, facts = {}) => ({
  number, state, role: "", goal: "", terminal: null, session_id: `session-${number}`, last_sign_of_life: null, ...facts,
});
const everybody = [
  session(1, "active", { role: "Builder, marketing", last_sign_of_life: "2025-11-17T19:00:00Z" }),
  session(2, "stale", { role: "Architect", goal: "Keep 12 honest", terminal: "s002" }),
  session(12, "stale", { role: "ARCHITECT of scale", last_sign_of_life: "2025-11-17T20:00:00Z" }),
  session(13, "inactive", { session_id: "collective-mind" }),
];
const numbers = ({ groups }) => groups.map(({ key, members }) => [key, ...members.map(({ number }) => number)]);
const look = (wish) => sieve(everybody, { ...EVERYTHING, ...wish });

test("who needs a person is on top, by number", () => {
  assert.deepEqual(numbers(look({})), [["stale", 2, 12], ["active", 1], ["inactive", 13]]);
  assert.deepEqual(numbers(look({ order: "number" })), [["all", 1, 2, 12, 13]]);
  assert.deepEqual(numbers(look({ order: "recent" })), [["all", 12, 1, 2, 13]]);
});

test("a filter lists one state, and the tallies tell of all that was found", () => {
  const stale = look({ state: "stale", text: "architect" });
  assert.deepEqual(numbers(stale), [["stale", 2, 12]]);
  assert.deepEqual(stale.tallies, { all: 2, stale: 2, active: 0, inactive: 0, unknown: 0 });
  assert.deepEqual([look({ state: "unknown" }).groups, look({ state: "active" }).total], [[], 1]);
});

test("every word must be found, in any of the fields", () => {
  for (const [text, found] of [
    ["architect scale", [12]], ["  MARKETING ", [1]], ["s002", [2]], ["collective", [13]], ["honest architect", [2]],
    ["1", [1, 2, 12, 13]], ["12", [2, 12]], ["#12", [12]], ["#1", [1]], ["13", [13]], ["session-1", [1, 12]], ["nobody", []], ["$(x)", []],
  ]) {
    assert.deepEqual(sieve(everybody, { ...EVERYTHING, order: "number", text }).groups.flatMap(({ members }) => members.map(({ number }) => number)), found, text);
  }
});

test("a megabyte of role is looked at a little", () => {
  const enormous = session(1, "active", { role: `${"x".repeat(1 << 20)}needle` });
  assert.equal(sieve([enormous], { ...EVERYTHING, text: "needle" }).total, 0);
});

test("what was asked for is remembered as far as it makes sense", () => {
  assert.deepEqual(remembered('{"state":"stale","order":"recent","text":"x"}'), { text: "", state: "stale", order: "recent" });
  for (const odd of [null, "", "{", "[]", '{"state":"?","order":7}', "null"]) assert.deepEqual(remembered(odd), EVERYTHING, odd);
});

test("rows in view are found without the others", () => {
  const all = stretch(Array.from({ length: 10_000 }, (_, i) => i + 1), 60, new Map());
  assert.equal(all.height, 600_000);
  assert.deepEqual(all.between(60, 180), [1, 2]);
  assert.deepEqual(all.between(59, 181), [0, 1, 2, 3]);
  assert.deepEqual(all.between(599_990, 700_000), [9999]);
  assert.deepEqual([all.between(-500, 0), all.between(600_000, 700_000)], [[], []]);
  assert.deepEqual(all.between(0, 60, [5000, -1, 20_000]), [0, 5000]);
  assert.deepEqual(stretch([], 60, new Map()).between(0, 100, [0]), []);
});

test("a row that is open is as high as it is", () => {
  const open = stretch([7, 8, 9], 60, new Map([[8, 300], [100, 5]]));
  assert.deepEqual([open.top(0), open.top(1), open.top(2), open.height], [0, 60, 360, 420]);
  assert.deepEqual([open.between(100, 200), open.between(350, 370)], [[1], [1, 2]]);
});

test("beats are strokes, told from the last", () => {
  const pulse = { last: 100, steps: "8" };
  assert.deepEqual([beatsAgo(pulse), strokes(pulse)], [[0], "M0 0V10"]);
  assert.deepEqual(beatsAgo({ last: 1, steps: "c01" }), [0, 1, 11]);
  assert.deepEqual(beatsAgo({ last: 1, steps: "?" }), []);
});

test("the picture moves to the left as time passes, a day wide", () => {
  const pulse = { last: 1000, steps: "8" };
  const then = 1000 * STEP;
  const { left, until } = edge(pulse, then);
  assert.equal(left + WIDE, 0.5, "the step that runs ends at the right edge");
  assert.equal(until, then + STEP);
  assert.equal(edge(pulse, until - 1).left, left);
  assert.equal(edge(pulse, until).left, left + 1, "by whole steps, so that strokes stay on pixels");
  assert.equal(edge(pulse, then + 24 * 3600_000).left, 0.5, "after a day it is gone at the left");
});
