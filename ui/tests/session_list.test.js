// The session list's logic: search, filter and order, rows in view, activity chart. Run with `npm test`; needs only Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { rowOffsets } from "../page/list/row_offsets.js";
import { chartPath, chartWindow, STEP_MS, stepsWithBeats, WIDTH_STEPS } from "../page/sessions/details/activity_chart.js";
import { filterSessions, NO_FILTER, parseStoredFilter } from "../page/sessions/filter/filter_sessions.js";
import { rowAfterKey } from "../page/sessions/row/row_navigation.js";

const session = (number, state, facts = {}) => ({
  number, state, role: "", goal: "", terminal: null, session_id: `session-${number}`, last_sign_of_life: null, ...facts,
});
const sessions = [
  session(1, "active", { role: "Builder, marketing", last_sign_of_life: "2025-11-17T19:00:00Z" }),
  session(2, "stale", { role: "Architect", goal: "Keep 12 honest", terminal: "s002" }),
  session(12, "stale", { role: "ARCHITECT of scale", last_sign_of_life: "2025-11-17T20:00:00Z" }),
  session(13, "inactive", { session_id: "collective-mind" }),
];
const numbers = ({ groups }) => groups.map(({ key, members }) => [key, ...members.map(({ number }) => number)]);
const filtered = (filter) => filterSessions(sessions, { ...NO_FILTER, ...filter });

test("stale sessions come first, each group by number", () => {
  assert.deepEqual(numbers(filtered({})), [["stale", 2, 12], ["active", 1], ["inactive", 13]]);
  assert.deepEqual(numbers(filtered({ order: "number" })), [["all", 1, 2, 12, 13]]);
  assert.deepEqual(numbers(filtered({ order: "recent" })), [["all", 12, 1, 2, 13]]);
});

test("sessions that wait come before all others, in one group", () => {
  const waiting = { activity: { kind: "waiting", for: "permission", since: null } };
  const all = [session(3, "stale"), session(1, "active", waiting), session(2, "active", { activity: { kind: "idle", since: null } }), session(4, "inactive", waiting)];
  assert.deepEqual(numbers(filterSessions(all, NO_FILTER)), [["waiting", 1, 4], ["stale", 3], ["active", 2]]);
  const active = filterSessions(all, { ...NO_FILTER, state: "active" });
  assert.deepEqual([numbers(active), active.counts.active], [[["waiting", 1], ["active", 2]], 2]);
});

test("a filter lists one state, and the counts are of all matches", () => {
  const stale = filtered({ state: "stale", text: "architect" });
  assert.deepEqual(numbers(stale), [["stale", 2, 12]]);
  assert.deepEqual(stale.counts, { all: 2, stale: 2, active: 0, inactive: 0, unknown: 0 });
  assert.deepEqual([filtered({ state: "unknown" }).groups, filtered({ state: "active" }).total], [[], 1]);
});

test("every word of a search must match, in any field", () => {
  for (const [text, found] of [
    ["architect scale", [12]], ["  MARKETING ", [1]], ["s002", [2]], ["collective", [13]], ["honest architect", [2]],
    ["1", [1, 2, 12, 13]], ["12", [2, 12]], ["#12", [12]], ["#1", [1]], ["13", [13]], ["session-1", [1, 12]], ["missing", []], ["$(x)", []],
  ]) {
    assert.deepEqual(filterSessions(sessions, { ...NO_FILTER, order: "number", text }).groups.flatMap(({ members }) => members.map(({ number }) => number)), found, text);
  }
});

test("only the beginning of a long role is searched", () => {
  const enormous = session(1, "active", { role: `${"x".repeat(1 << 20)}needle` });
  assert.equal(filterSessions([enormous], { ...NO_FILTER, text: "needle" }).total, 0);
});

test("an invalid stored filter is ignored", () => {
  assert.deepEqual(parseStoredFilter('{"state":"stale","order":"recent","text":"x"}'), { text: "", state: "stale", order: "recent" });
  for (const odd of [null, "", "{", "[]", '{"state":"?","order":7}', "null"]) assert.deepEqual(parseStoredFilter(odd), NO_FILTER, odd);
});

test("rows in a range are found without the others", () => {
  const all = rowOffsets(Array.from({ length: 10_000 }, (_, i) => i + 1), 60, new Map());
  assert.equal(all.height, 600_000);
  assert.deepEqual(all.between(60, 180), [1, 2]);
  assert.deepEqual(all.between(59, 181), [0, 1, 2, 3]);
  assert.deepEqual(all.between(599_990, 700_000), [9999]);
  assert.deepEqual([all.between(-500, 0), all.between(600_000, 700_000)], [[], []]);
  assert.deepEqual(all.between(0, 60, [5000, -1, 20_000]), [0, 5000]);
  assert.deepEqual(rowOffsets([], 60, new Map()).between(0, 100, [0]), []);
});

test("a row has its measured height", () => {
  const open = rowOffsets([7, 8, 9], 60, new Map([[8, 300], [100, 5]]));
  assert.deepEqual([open.top(0), open.top(1), open.top(2), open.height], [0, 60, 360, 420]);
  assert.deepEqual([open.between(100, 200), open.between(350, 370)], [[1], [1, 2]]);
});

test("heartbeats become lines, counted back from the last", () => {
  const histogram = { last: 100, steps: "8" };
  assert.deepEqual([stepsWithBeats(histogram), chartPath(histogram)], [[0], "M0 0V10"]);
  assert.deepEqual(stepsWithBeats({ last: 1, steps: "c01" }), [0, 1, 11]);
  assert.deepEqual(stepsWithBeats({ last: 1, steps: "?" }), []);
});

test("the chart is a day wide and moves left as time passes", () => {
  const histogram = { last: 1000, steps: "8" };
  const then = 1000 * STEP_MS;
  const { left, until } = chartWindow(histogram, then);
  assert.equal(left + WIDTH_STEPS, 0.5, "the current step ends at the right edge");
  assert.equal(until, then + STEP_MS);
  assert.equal(chartWindow(histogram, until - 1).left, left);
  assert.equal(chartWindow(histogram, until).left, left + 1, "by whole steps, so that lines stay on whole pixels");
  assert.equal(chartWindow(histogram, then + 24 * 3600_000).left, 0.5, "after a day it has left the chart");
});

test("navigation keys stay within the list", () => {
  const numbers = [2, 3, 5, 8];
  for (const [key, from, to] of [
    ["ArrowDown", 3, 5], ["ArrowUp", 3, 2], ["ArrowUp", 2, 2], ["ArrowDown", 8, 8], ["PageDown", 2, 8], ["Home", 8, 2], ["End", 2, 8], ["x", 2, undefined],
  ]) {
    assert.equal(rowAfterKey(key, numbers, from), to, `${key} from ${from}`);
  }
});
