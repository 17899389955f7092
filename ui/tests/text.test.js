// Texts of the page: relative times and when they change, evidence, advice, sanitizing. Run with `npm test`; needs only Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseMinutes } from "../page/parts/minutes_field.js";
import { cautionAdvice, sessionWarning, troubleAdvice, warningRemedy } from "../page/text/advice.js";
import { cleanupResult, undoResult } from "../page/text/cleanup.js";
import { multiLine, singleLine } from "../page/text/format/sanitize.js";
import { cleanupEvidence, condition, secondaryEvidence, shortRole, stateReason } from "../page/text/session_state.js";
import { ago, dateTime, duration, elapsed, joinTexts } from "../page/text/format/times.js";

const NOW = Date.parse("2025-11-17T20:00:00Z");
const S = 1000, M = 60 * S, H = 60 * M, D = 24 * H;
const iso = (age) => new Date(NOW - age).toISOString();
const session = (facts) => ({
  number: 2, session_id: "session-2", role: "Architect - Coordination", goal: "", terminal: null, status: "active", state: "stale",
  reason: "timeout", last_heartbeat: iso(5 * H + 32 * M), last_sign_of_life: iso(5 * H + 32 * M), age_seconds: 19920,
  is_beating: false, warnings: [], ...facts,
});

test("an elapsed time rounds down and says until when it is correct", () => {
  for (const [age, text] of [
    [0, "under a minute"], [59 * S, "under a minute"], [M, "1 min"], [2 * H - S, "1 h 59 min"], [2 * H, "2 h"],
    [5 * H + 32 * M, "5 h 32 min"], [D - S, "23 h 59 min"], [D, "1 day"], [2 * D - S, "1 day"], [2 * D, "2 days"], [3 * D, "3 days"],
  ]) {
    const since = NOW - age;
    const { text: result, until } = elapsed(since, NOW);
    assert.equal(result, text);
    assert.equal(elapsed(since, until - 1).text, text, `${text} is still correct`);
    assert.notEqual(elapsed(since, until).text, text, `${text} is outdated`);
  }
});

test("a time in the future reads as just now", () => {
  assert.equal(ago(NOW + 90 * S, NOW).text, "just now");
  assert.ok(ago(NOW + 90 * S, NOW).until > NOW);
});

test("a date changes at midnight, also on a day with a daylight-saving change", () => {
  const noon = new Date(2025, 2, 30, 12).getTime();
  const before = new Date(2025, 2, 29, 23, 59).getTime();
  assert.match(dateTime(before, noon).text, /^yesterday /);
  assert.equal(dateTime(before, noon).until, new Date(2025, 2, 31).getTime());
  assert.match(dateTime(new Date(2024, 10, 2, 9, 28).getTime(), noon).text, /^2 Nov 2024, /);
});

test("joined texts are correct until the first of them changes", () => {
  assert.deepEqual(joinTexts([{ text: "a", until: 5 }, null, "", "b"]), { text: "a · b", until: 5 });
});

test("durations in minutes", () => {
  assert.deepEqual([0, 45, 90, 120, 525600].map(duration), ["0 min", "45 min", "1 h 30 min", "2 h", "365 days"]);
});

test("every reason has a text, with and without times", () => {
  for (const why of ["heartbeat", "registered", "process", "timeout", "never", "ended", "disconnected", "marked", "status", "new one"]) {
    for (const times of [{}, { last_heartbeat: null }, { last_heartbeat: null, last_sign_of_life: null }]) {
      const row = session({ reason: why, ...times });
      for (const describe of [stateReason, secondaryEvidence, cleanupEvidence]) assert.doesNotMatch(describe(row, NOW).text, /undefined|null|NaN|^$/, `${why} ${describe.name}`);
    }
  }
  assert.equal(stateReason(session({}), NOW).text, "No heartbeat for 5 h 32 min");
  assert.equal(stateReason(session({ reason: "marked", is_beating: true }), NOW).text, "Marked inactive, but sends heartbeats");
});

test("the condition of an active session is its activity, and that of others both", () => {
  const of = (activity, facts) => condition(session({ state: "active", reason: "process", is_background: false, activity, ...facts }), NOW).text;
  const asking = { kind: "waiting", for: "permission", since: iso(3 * M) };
  assert.equal(of(asking, {}), "Waits for a permission, 3 min");
  assert.equal(of({ kind: "waiting", for: "answer", since: null }, {}), "Waits for an answer");
  assert.equal(of({ kind: "working", since: iso(5 * S) }, {}), "Working, under a minute");
  assert.equal(of({ kind: "idle", since: null }, { is_background: true }), "Idle, in the background");
  assert.equal(of({ kind: "background_shell", since: null }, {}), "Background shell");
  assert.equal(of({ kind: "idle", since: null }, { is_background: true, is_kept: true }), "Kept · Idle, in the background");
  assert.equal(of(asking, { state: "inactive", reason: "marked" }), "Waits for a permission, 3 min · Marked inactive");
  for (const unknown of [undefined, { kind: "something new", since: null }]) assert.equal(of(unknown, {}), "Process running");
});

test("evidence names the last heartbeat, and the age if the reason does not", () => {
  assert.match(cleanupEvidence(session({}), NOW).text, /^No heartbeat for 5 h 32 min · last heartbeat /);
  assert.match(cleanupEvidence(session({ reason: "ended" }), NOW).text, /^Process ended · last heartbeat .*, 5 h 32 min ago$/);
  assert.match(cleanupEvidence(session({ reason: "never", last_heartbeat: null }), NOW).text, /^No heartbeat · registered .* ago$/);
});

test("results say what was changed and what was skipped", () => {
  assert.equal(cleanupResult({ marked: [2, 3], skipped: [], change: "c" }), "2 sessions marked inactive.");
  assert.equal(cleanupResult({ marked: [], skipped: [{ number: 5, why: "is active" }], change: null }), "Nothing was changed. #5 is active: not changed.");
  const refused = [1, 2, 3, 4, 5].map((number) => ({ number, why: "was changed since" }));
  assert.match(undoResult({ restored: [9], refused, change: "c" }), /^1 session restored\. .* 2 others not restored\.$/);
});

test("text from the registry becomes one line without control characters", () => {
  assert.equal(singleLine("  a\n\tb\u0007 c\r\n"), "a b c");
  assert.equal(singleLine("pay\u202egnirotinom\u202c"), "paygnirotinom");
  assert.equal(singleLine("\u200b\u200d\u2066 \u0301"), "", "nothing visible");
  assert.equal(singleLine("👩‍👩‍👧 ok"), "👩‍👩‍👧 ok");
  assert.equal(singleLine("x".repeat(1_000_000)).length, 241);
  assert.equal(singleLine("x".repeat(239) + "🧹🧹"), "x".repeat(239) + "…", "no split surrogate pair");
  assert.deepEqual(multiLine("a\r\nb\u202e", 10), { text: "a\nb", rest: 0 });
  assert.equal(multiLine("x".repeat(2000)).rest, 500);
});

test("a role is shortened to one word", () => {
  for (const [role, word] of [["Architect - Coordination", "Architect"], ["Value Architect", "Value"], ["", "no role"], ["Chat", "Chat"]]) {
    assert.equal(shortRole(session({ role })), word);
  }
});

test("unknown codes get general advice", () => {
  for (const advice of [warningRemedy("?"), cautionAdvice("?").fix, troubleAdvice("?").fix]) assert.ok(advice.length > 10);
  assert.equal(sessionWarning("?", 5), "Unknown warning (?).");
  assert.match(sessionWarning("clock_skew", 5), /^A time of session 5 is /);
});

test("a timeout is a whole number of minutes up to a year", () => {
  assert.deepEqual(["0", "30", "525600"].map(parseMinutes), [0, 30, 525_600]);
  assert.deepEqual(["", "-1", "1.5", " 30", "525601", "999999", "x"].map(parseMinutes), Array(7).fill(null));
});
