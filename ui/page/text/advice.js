// What each warning, caution and error code means, and what to do about it.
//
// Guarantees: every code in wire.d.ts has a text (the type check fails otherwise); an unknown code gets a general one. The
// engine's message, which names the file or the number, is shown beside this text and not repeated here.

/** @import { CautionCode, WarningCode } from "../../wire" */

/** @typedef {{ what: string, fix: string }} Advice */

/** @type {Record<WarningCode, Advice>} */
const warnings = {
  broken_heartbeat: {
    what: "Its newest heartbeat file cannot be read. The beat still counts, by the time in its name.",
    fix: "Look at the script that writes it: often an unescaped ! or a literal $(date …) breaks the JSON.",
  },
  clock_skew: {
    what: "A time it recorded lies in the future, so its beat counts as now.",
    fix: "Check the clock and the time zone of the computer that writes it.",
  },
  mtime_disagrees: {
    what: "Its newest heartbeat file is much newer than the time written in it.",
    fix: "A checkout or a copy does this and needs nothing. Otherwise check the script's time zone.",
  },
  duplicate_session_id: {
    what: "Another session has the same session ID, so both get the same heartbeats.",
    fix: "Give one of the two its own session_id in the registry.",
  },
  number_mismatch: {
    what: "The number inside its entry is not the number it is filed under. Headcount goes by the latter.",
    fix: "Make the entry's number equal to its key in the registry.",
  },
  bad_key: {
    what: "An entry is filed under something that is not a number. It is left alone.",
    fix: "File it under a free number.",
  },
  bad_entry: {
    what: "An entry is not an object. It is left alone.",
    fix: "Replace it by a proper entry, or remove it.",
  },
  unknown_status: {
    what: "Its status is missing or not one Headcount knows, so it is never changed.",
    fix: "Set its status to active or inactive in the registry.",
  },
  no_heartbeats_folder: {
    what: "There is no heartbeats folder, or it cannot be read.",
    fix: "Check that the folder exists where Headcount looks and may be read.",
  },
  near_miss: {
    what: "A heartbeat's ID differs from this session's only in case or leading zeros, so it does not count.",
    fix: "Let the session beat under exactly the session ID in the registry.",
  },
};

/** @type {Record<CautionCode, { title: string, fix: string, blocksCleanup?: boolean }>} */
const cautions = {
  no_heartbeats_folder: {
    title: "No heartbeats to go by",
    fix: "A running session looks just like a stale one now. Check each session before you mark any.",
  },
  heartbeats_unreadable: {
    title: "No heartbeats to go by",
    fix: "A running session looks just like a stale one now. Check the folder's permissions first.",
  },
  everything_stale: {
    title: "No session shows a sign of life",
    fix: "Check each session before you mark any.",
  },
  just_woke: {
    title: "Back from sleep",
    fix: "Wait a little, or check each session before you mark any.",
  },
  registry_unreadable: {
    title: "The registry cannot be read",
    fix: "Nothing can be marked until it can be read again.",
    blocksCleanup: true,
  },
};

/** @type {Record<string, string>} */
const troubles = {
  io: "Check that the file is there and that you may read it.",
  not_a_file: "Put the registry's file in its place, or start Headcount with another registry.",
  too_large: "Put back a copy that holds sessions only.",
};

/** @param {string} code @returns {Advice} */
export function warningAdvice(code) {
  return lookUp(warnings, code) ?? { what: `Something about it looks odd (${code}).`, fix: "Compare its entry with the others in the registry." };
}

/**
 * @param {string} code
 * @returns {{ title: string, fix: string, blocksCleanup: boolean }} `blocksCleanup`: cleanup cannot be confirmed while this caution lasts
 */
export function cautionAdvice(code) {
  const caution = lookUp(cautions, code) ?? { title: "Headcount is not sure", fix: "Check each session before you mark any." };
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
  if (code === "internal") return { title: "Headcount had an error", fix: "It starts over by itself. If this stays, close it and open it again." };
  return {
    title: "The registry cannot be read",
    // For an unreadable file the engine's message says how to repair it.
    fix: `${lookUp(troubles, code) ?? ""} Headcount looks again by itself as soon as the file changes, and writes nothing until then.`.trim(),
  };
}
