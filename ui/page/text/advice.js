// What to do about each warning, caution and error.
//
// Guarantees: every code in wire.d.ts has a text (the type check fails otherwise); an unknown code gets a general one. The
// engine's message is shown beside this text and not repeated here.

/** @import { CautionCode } from "../../wire" */
import { fill } from "./format/fill.js";
import { remedies, sessionWarnings } from "./messages.js";

/** @type {Record<CautionCode, { title: string, fix: string, blocksCleanup?: boolean }>} */
const cautions = {
  no_heartbeats_folder: {
    title: "No heartbeats available",
    fix: "Check each session before you mark it.",
  },
  heartbeats_unreadable: {
    title: "No heartbeats available",
    fix: "Check the folder’s permissions first.",
  },
  everything_stale: {
    title: "No session shows a sign of life",
    fix: "Check each session before you mark it.",
  },
  just_woke: {
    title: "The computer was asleep",
    fix: "Wait a few minutes, or check each session before you mark it.",
  },
  registry_unreadable: {
    title: "The registry cannot be read",
    fix: "No session can be marked until it can be read again.",
    blocksCleanup: true,
  },
};

/** @type {Record<string, string>} */
const troubles = {
  io: "Check that the file exists and that you may read it.",
  not_a_file: "Replace it with the registry file, or choose another registry.",
  too_large: "Restore a copy that contains only sessions.",
};

/**
 * What a warning means. For a warning about one session the message follows from its code; the engine's own names files too.
 * @param {string} code
 * @param {number} number the session's
 */
export function sessionWarning(code, number) {
  const text = lookUp(sessionWarnings, code);
  return text === undefined ? `Unknown warning (${code}).` : fill(text, String(number));
}

/** What to do about a warning. @param {string} code */
export const warningRemedy = (code) => lookUp(remedies, code) ?? "Compare its entry with the others in the registry.";

/**
 * @param {string} code
 * @returns {{ title: string, fix: string, blocksCleanup: boolean }} `blocksCleanup`: cleanup cannot be confirmed while this caution lasts
 */
export function cautionAdvice(code) {
  const caution = lookUp(cautions, code) ?? { title: "Check before cleaning up", fix: "Check each session before you mark it." };
  return { blocksCleanup: false, ...caution };
}

/**
 * Looks up a code; `undefined` if it is unknown, as one from a newer engine than this page may be.
 * @template T
 * @param {Record<string, T>} table
 * @param {string} code
 * @returns {T | undefined}
 */
function lookUp(table, code) {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

/** @param {string} code @returns {{ title: string, fix: string }} */
export function troubleAdvice(code) {
  if (code === "internal") return { title: "Internal error", fix: "Headcount restarts by itself. If this message stays, quit it and start it again." };
  return {
    title: "The registry cannot be read",
    // For an unreadable file the engine's message says how to repair it.
    fix: `${lookUp(troubles, code) ?? ""} Headcount reads the file again as soon as it changes, and writes nothing until then.`.trim(),
  };
}
