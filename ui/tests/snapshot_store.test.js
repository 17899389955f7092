// The picture put together from news, checked without a page: what stays the same object, what is too old, what was missed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { picture } from "../page/snapshot_store.js";

const row = (number, role = "") => ({ number, role });
const piece = (serial, facts = {}) => ({ serial, is_whole: false, sessions: [], gone: [], rest: {}, ...facts });
const whole = (serial, sessions, rest = {}) => piece(serial, { is_whole: true, sessions, rest });

function listener(answers) {
  const seen = [];
  let asked = 0;
  const told = picture(async () => answers[asked++], (snapshot) => seen.push(snapshot));
  return { told, seen, asked: () => asked };
}

test("a session that did not change stays the same object", async () => {
  const { told, seen } = listener([whole(1, [row(1), row(2), row(3)], { counts: "a", at: 1 })]);
  await told.ask();
  told.hear(piece(2, { sessions: [row(2, "new")], rest: { at: 2 } }));
  const [before, after] = seen;
  assert.deepEqual(after, { counts: "a", at: 2, sessions: [row(1), row(2, "new"), row(3)] });
  assert.ok(after.sessions[0] === before.sessions[0] && after.sessions[2] === before.sessions[2]);
  told.hear(piece(3, { rest: { at: 3 } }));
  assert.equal(seen[2].sessions, after.sessions, "nobody changed");
});

test("who comes and goes is at its place", async () => {
  const { told, seen } = listener([whole(1, [row(2), row(5)])]);
  await told.ask();
  told.hear(piece(2, { sessions: [row(1), row(3)], gone: [5] }));
  assert.deepEqual(seen.at(-1).sessions.map(({ number }) => number), [1, 2, 3]);
});

test("what is older than the picture changes nothing, and what came meanwhile is taken in", async () => {
  const { told, seen, asked } = listener([whole(3, [row(1)])]);
  const answer = told.ask();
  told.hear(piece(2, { sessions: [row(1, "old")] }));
  told.hear(piece(4, { sessions: [row(1, "new")] }));
  assert.equal(seen.length, 0, "nothing is shown before the whole is there");
  await answer;
  assert.deepEqual(seen.at(-1).sessions, [row(1, "new")]);
  assert.deepEqual([seen.length, asked()], [1, 1]);
});

test("after a gap everything is asked for, once", async () => {
  const { told, seen, asked } = listener([whole(1, [row(1)]), whole(5, [row(1, "whole")])]);
  await told.ask();
  told.hear(piece(3, { sessions: [row(1, "three")] }));
  told.hear(piece(4, { sessions: [row(1, "four")] }));
  await new Promise(setImmediate);
  assert.deepEqual([seen.at(-1).sessions, asked()], [[row(1, "whole")], 2]);
  told.hear(piece(6, { sessions: [row(1, "six")] }));
  assert.deepEqual(seen.at(-1).sessions, [row(1, "six")]);
});

test("a whole picture replaces everything, whenever it comes", async () => {
  const { told, seen } = listener([whole(1, [row(1), row(2)], { trouble: "x" })]);
  await told.ask();
  told.hear(whole(9, [row(2)]));
  assert.deepEqual(seen.at(-1), { sessions: [row(2)] });
});
