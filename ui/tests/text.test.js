// What the page says, checked without a page: spans and when they change, evidence in words, foreign text made harmless.
// Run with `npm test`; needs nothing but Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { line, passage } from "../page/text/sanitize.js";
import { cautionRemedy, troubleRemedy, warningRemedy } from "../page/text/advice.js";
import { ago, duration, moment, span, together } from "../page/text/times.js";
import { cleaned, evidence, ranges, reason, restored, shortRole, support } from "../page/text/common.js";

const NOW = Date.parse("2025-11-17T20:00:00Z");
const S = 1000, M = 60 * S, H = 60 * M, D = 24 * H;
const iso = (age) => new Date(NOW - age).toISOString();
const session = (facts) => ({
  number: 2, session_id: "session-2", role: "Architect - Coordination", goal: "", terminal: null, status: "active", state: "stale",
  reason: "timeout", last_heartbeat: iso(5 * H + 32 * M), last_sign_of_life: iso(5 * H + 32 * M), age_seconds: 19920,
  is_beating: false, warnings: [], ...facts,
});

test("a span rounds down and says exactly until when it holds", () => {
  for (const [age, text] of [
    [0, "under a minute"], [59 * S, "under a minute"], [M, "1 min"], [2 * H - S, "1 h 59 min"], [2 * H, "2 h"],
    [5 * H + 32 * M, "5 h 32 min"], [D - S, "23 h 59 min"], [D, "1 day"], [2 * D - S, "1 day"], [2 * D, "2 days"], [3 * D, "3 days"],
  ]) {
    const since = NOW - age;
    const { text: said, until } = span(since, NOW);
    assert.equal(said, text);
    assert.equal(span(since, until - 1).text, text, `${text} still holds`);
    assert.notEqual(span(since, until).text, text, `${text} is over`);
  }
});

test("a time in the future is now, not negative", () => {
  assert.equal(ago(NOW + 90 * S, NOW).text, "just now");
  assert.ok(ago(NOW + 90 * S, NOW).until > NOW);
});

test("a moment changes at midnight, also across a change of the clock", () => {
  const noon = new Date(2025, 2, 30, 12).getTime();
  const before = new Date(2025, 2, 29, 23, 59).getTime();
  assert.match(moment(before, noon).text, /^yesterday /);
  assert.equal(moment(before, noon).until, new Date(2025, 2, 31).getTime());
  assert.match(moment(new Date(2024, 10, 2, 9, 28).getTime(), noon).text, /^2 Nov 2024, /);
});

test("phrases together hold as long as the shortest of them", () => {
  assert.deepEqual(together([{ text: "a", until: 5 }, null, "", "b"]), { text: "a · b", until: 5 });
});

test("settings in minutes", () => {
  assert.deepEqual([0, 45, 90, 120, 525600].map(duration), ["0 min", "45 min", "1 h 30 min", "2 h", "365 days"]);
});

test("every reason has words, with and without times", () => {
  for (const why of ["heartbeat", "registered", "process", "timeout", "never", "ended", "disconnected", "marked", "status", "new one"]) {
    for (const times of [{}, { last_heartbeat: null }, { last_heartbeat: null, last_sign_of_life: null }]) {
      const row = session({ reason: why, ...times });
      for (const say of [reason, support, evidence]) assert.doesNotMatch(say(row, NOW).text, /undefined|null|NaN|^$/, `${why} ${say.name}`);
    }
  }
  assert.equal(reason(session({}), NOW).text, "No beat for 5 h 32 min");
  assert.equal(reason(session({ reason: "marked", is_beating: true }), NOW).text, "Marked inactive, but it beats");
});

test("evidence names the beat, and the age where the reason does not", () => {
  assert.match(evidence(session({}), NOW).text, /^No beat for 5 h 32 min · last beat /);
  assert.match(evidence(session({ reason: "ended" }), NOW).text, /^Its process ended · last beat .*, 5 h 32 min ago$/);
  assert.match(evidence(session({ reason: "never", last_heartbeat: null }), NOW).text, /^Never beat · registered .* ago$/);
});

test("what was done and what was left", () => {
  assert.equal(cleaned({ marked: [2, 3], skipped: [], change: "c" }), "2 sessions marked inactive.");
  assert.equal(cleaned({ marked: [], skipped: [{ number: 5, why: "is active" }], change: null }), "Nothing was changed. #5 is active: left alone.");
  const refused = [1, 2, 3, 4, 5].map((number) => ({ number, why: "was changed since" }));
  assert.match(restored({ restored: [9], refused, change: "c" }), /^1 session put back\. .* 2 others not put back too\.$/);
});

test("numbers as people write them", () => {
  assert.equal(ranges([1, 3, 6, 7, 9, 10, 11]), "1, 3, 6, 7, 9–11");
  assert.equal(ranges([1, 3, 5, 7, 8], 2), "1, 3 … and 3 more");
});

test("text from the registry comes out as one harmless line", () => {
  assert.equal(line("  a\n\tb\u0007 c\r\n"), "a b c");
  assert.equal(line("pay\u202egnirotinom\u202c"), "paygnirotinom");
  assert.equal(line("\u200b\u200d\u2066 \u0301"), "", "nothing to see");
  assert.equal(line("👩‍👩‍👧 ok"), "👩‍👩‍👧 ok");
  assert.equal(line("x".repeat(1_000_000)).length, 241);
  assert.equal(line("x".repeat(239) + "🧹🧹"), "x".repeat(239) + "…", "no half characters");
  assert.deepEqual(passage("a\r\nb\u202e", 10), { text: "a\nb", rest: 0 });
  assert.equal(passage("x".repeat(2000)).rest, 500);
});

test("one word for a slot", () => {
  for (const [role, word] of [["Architect - Coordination", "Architect"], ["Value Architect", "Value"], ["", "no role"], ["Chat", "Chat"]]) {
    assert.equal(shortRole(session({ role })), word);
  }
});

test("codes nobody knows still get an answer", () => {
  for (const remedy of [warningRemedy("?"), cautionRemedy("?"), troubleRemedy("?")]) assert.ok(remedy.fix.length > 10);
});
