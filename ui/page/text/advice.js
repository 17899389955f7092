// What each warning, caution and error code means, and what to do about it.
//
// Guarantees: every code in wire.d.ts has a text (the type check fails otherwise); an unknown code gets a general one. The
// engine's message, which names the file or the number, is shown beside this text and not repeated here.

/** @import { CautionCode, WarningCode } from "../../wire" */

/** @typedef {{ what: string, fix: string }} Advice */

/** @type {Record<WarningCode, Advice>} */
const warnings = {
  broken_heartbeat: {
    what: "Its newest heartbeat file cannot be read. The heartbeat still counts, with the time in the file name.",
    fix: "Check the script that writes it: often an unescaped ! or a literal $(date …) breaks the JSON.",
  },
  clock_skew: {
    what: "A recorded time is in the future, so the heartbeat counts as now.",
    fix: "Check the clock and the time zone of the computer that writes it.",
  },
  mtime_disagrees: {
    what: "Its newest heartbeat file is much newer than the time written in it.",
    fix: "After a checkout or a copy this is harmless. Otherwise check the script’s time zone.",
  },
  duplicate_session_id: {
    what: "Another session has the same session ID, so both get the same heartbeats.",
    fix: "Give one of the two its own session_id in the registry.",
  },
  number_mismatch: {
    what: "The number in the entry differs from its key in the registry. Headcount uses the key.",
    fix: "Set the entry’s number to its key in the registry.",
  },
  bad_key: {
    what: "The key of an entry is not a number. The entry is ignored.",
    fix: "Move it to a free number.",
  },
  bad_entry: {
    what: "An entry is not an object. It is ignored.",
    fix: "Replace it with a valid entry, or remove it.",
  },
  unknown_status: {
    what: "Its status is missing or unknown, so Headcount never changes it.",
    fix: "Set its status to active or inactive in the registry.",
  },
  no_heartbeats_folder: {
    what: "The heartbeats folder is missing or cannot be read.",
    fix: "Check that the folder exists and can be read.",
  },
  near_miss: {
    what: "A heartbeat’s ID differs from the session’s only in case or leading zeros, so it does not count.",
    fix: "Make the session send heartbeats with exactly the ID in the registry.",
  },
};

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

/** @param {string} code @returns {Advice} */
export function warningAdvice(code) {
  return lookUp(warnings, code) ?? { what: `Unknown warning (${code}).`, fix: "Compare its entry with the others in the registry." };
}

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
