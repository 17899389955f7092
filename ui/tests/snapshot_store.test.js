// The snapshot store: identity of unchanged sessions, outdated deltas, gaps. Run with `npm test`; needs only Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { snapshotStore } from "../page/snapshot_store.js";

const row = (number, role = "") => ({ number, role });
const delta = (serial, facts = {}) => ({ serial, is_whole: false, sessions: [], gone: [], rest: {}, ...facts });
const whole = (serial, sessions, rest = {}) => delta(serial, { is_whole: true, sessions, rest });

function setUp(answers) {
  const seen = [];
  let requests = 0;
  const store = snapshotStore(async () => answers[requests++], (snapshot) => seen.push(snapshot));
  return { store, seen, requests: () => requests };
}

test("a session that did not change stays the same object", async () => {
  const { store, seen } = setUp([whole(1, [row(1), row(2), row(3)], { counts: "a", at: 1 })]);
  await store.load();
  store.apply(delta(2, { sessions: [row(2, "new")], rest: { at: 2 } }));
  const [before, after] = seen;
  assert.deepEqual(after, { counts: "a", at: 2, sessions: [row(1), row(2, "new"), row(3)] });
  assert.ok(after.sessions[0] === before.sessions[0] && after.sessions[2] === before.sessions[2]);
  store.apply(delta(3, { rest: { at: 3 } }));
  assert.equal(seen[2].sessions, after.sessions, "no session changed");
});

test("added and removed sessions keep the order", async () => {
  const { store, seen } = setUp([whole(1, [row(2), row(5)])]);
  await store.load();
  store.apply(delta(2, { sessions: [row(1), row(3)], gone: [5] }));
  assert.deepEqual(seen.at(-1).sessions.map(({ number }) => number), [1, 2, 3]);
});

test("outdated deltas are ignored, and deltas during a request are applied after it", async () => {
  const { store, seen, requests } = setUp([whole(3, [row(1)])]);
  const answer = store.load();
  store.apply(delta(2, { sessions: [row(1, "old")] }));
  store.apply(delta(4, { sessions: [row(1, "new")] }));
  assert.equal(seen.length, 0, "nothing is reported before the whole snapshot");
  await answer;
  assert.deepEqual(seen.at(-1).sessions, [row(1, "new")]);
  assert.deepEqual([seen.length, requests()], [1, 1]);
});

test("after a gap the whole snapshot is requested once", async () => {
  const { store, seen, requests } = setUp([whole(1, [row(1)]), whole(5, [row(1, "whole")])]);
  await store.load();
  store.apply(delta(3, { sessions: [row(1, "three")] }));
  store.apply(delta(4, { sessions: [row(1, "four")] }));
  await new Promise(setImmediate);
  assert.deepEqual([seen.at(-1).sessions, requests()], [[row(1, "whole")], 2]);
  store.apply(delta(6, { sessions: [row(1, "six")] }));
  assert.deepEqual(seen.at(-1).sessions, [row(1, "six")]);
});

test("a whole snapshot replaces everything, whenever it arrives", async () => {
  const { store, seen } = setUp([whole(1, [row(1), row(2)], { trouble: "x" })]);
  await store.load();
  store.apply(whole(9, [row(2)]));
  assert.deepEqual(seen.at(-1), { sessions: [row(2)] });
});
