// Formats durations and points in time.
//
// Guarantees: every relative text carries the time until which it is correct, so that it can be updated exactly then; ages
// round down, so 119 min 59 s never reads as 2 h; English text, with the user's 12 or 24 hour clock. Pure: `now` is a parameter.

import { texts } from "../messages.js";
import { fill } from "./fill.js";
import { formatNumber } from "./format_number.js";
import { TIME_UNITS } from "./time_units.js";

/** @typedef {{ text: string, until: number }} TimedText `until`: ms since the epoch; Infinity: never changes */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The system's hour cycle (h11, h12, h23, h24); undefined if it has none. */
const hourCycle = once(() => new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle);

/** 09:28, but 9:28 am. @returns {Intl.DateTimeFormatOptions} */
const timeOptions = () => ({ hour: hourCycle()?.startsWith("h1") ? "numeric" : "2-digit", minute: "2-digit" });

const timeFormat = format(timeOptions);
const weekdayFormat = format(() => ({ weekday: "short" }));
const dayFormat = format(() => ({ day: "numeric", month: "short" }));
const dateFormat = format(() => ({ day: "numeric", month: "short", year: "numeric" }));
const fullFormat = format(() => ({ weekday: "short", day: "numeric", month: "short", year: "numeric", ...timeOptions(), second: "2-digit" }));

/**
 * Creates a date formatter on first use: creating one is slow, and the first draw needs one of the five.
 * @param {() => Intl.DateTimeFormatOptions} options
 * @returns {(at: Date | number) => string}
 */
function format(options) {
  const made = once(() => {
    const cycle = hourCycle();
    return new Intl.DateTimeFormat("en-GB", { ...options(), ...(cycle && { hourCycle: cycle }) });
  });
  return (at) => made().format(at);
}

/**
 * @template T
 * @param {() => T} make
 * @returns {() => T}
 */
function once(make) {
  /** @type {{ value: T } | undefined} */
  let made;
  return () => (made ??= { value: make() }).value;
}

/**
 * Time elapsed: "under a minute", "14 min", "5 h 32 min", "1 day", "3 days". The tray and the command use the same units, and
 * seconds below a minute; here seconds would need a timer per row.
 * @param {number} since ms
 * @param {number} now ms
 * @returns {TimedText}
 */
export function elapsed(since, now) {
  const age = Math.max(0, now - since);
  if (age < MINUTE) return { text: "under a minute", until: since + MINUTE };
  const at = TIME_UNITS.findLastIndex(({ seconds }) => age >= seconds * SECOND);
  const [smaller, unit] = TIME_UNITS.slice(at - 1, at + 1);
  if (!unit || !smaller) throw new Error("no unit below a minute");
  const length = unit.seconds * SECOND;
  const rest = unit.has_rest ? wholeUnits(age % length, smaller.seconds * SECOND) : 0;
  const text = named(wholeUnits(age, length), unit) + (rest === 0 ? "" : ` ${named(rest, smaller)}`);
  const step = unit.has_rest ? smaller.seconds * SECOND : length;
  return { text, until: since + (wholeUnits(age, step) + 1) * step };
}

/** "3 days". @param {number} count @param {{ one: string, many: string }} unit */
const named = (count, unit) => `${formatNumber(count)} ${count === 1 ? unit.one : unit.many}`;

/**
 * "just now", "14 min ago".
 * @param {number} since ms
 * @param {number} now ms
 * @returns {TimedText}
 */
export function ago(since, now) {
  const { text, until } = elapsed(since, now);
  return { text: now - since < MINUTE ? "just now" : fill(texts.ago, text), until };
}

/**
 * A point in time: "09:28", "yesterday 09:28", "Sat 09:28", "2 Nov, 09:28", "2 Nov 2024, 09:28".
 * @param {number} at ms
 * @param {number} now ms
 * @returns {TimedText}
 */
export function dateTime(at, now) {
  const today = new Date(now).setHours(0, 0, 0, 0);
  const then = new Date(at);
  const day = new Date(at).setHours(0, 0, 0, 0);
  // Rounded, because a day with a daylight-saving change has 23 or 25 hours.
  const days = Math.round((today - day) / DAY);
  const clock = timeFormat(then);
  const text =
    days === 0 ? clock
    : days === 1 ? `yesterday ${clock}`
    : days === -1 ? `tomorrow ${clock}`
    : days > 1 && days < 7 ? `${weekdayFormat(then)} ${clock}`
    : then.getFullYear() === new Date(now).getFullYear() ? `${dayFormat(then)}, ${clock}`
    : `${dateFormat(then)}, ${clock}`;
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  return { text, until: midnight.getTime() };
}

/**
 * The day, as a heading: "Today", "Yesterday", "Sat 15 Nov", "2 Nov 2024".
 * @param {number} at ms
 * @param {number} now ms
 * @returns {TimedText}
 */
export function dayHeading(at, now) {
  const { until } = dateTime(at, now);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY);
  const text =
    days === 0 ? "Today"
    : days === 1 ? "Yesterday"
    : new Date(at).getFullYear() === new Date(now).getFullYear() ? `${weekdayFormat(at)} ${dayFormat(at)}`
    : dateFormat(at);
  return { text, until };
}

/**
 * The time of day: "09:28".
 * @param {number} at ms
 */
export function timeOfDay(at) {
  return timeFormat(new Date(at));
}

/**
 * Date and time to the second; never changes.
 * @param {number} at ms
 */
export function fullDateTime(at) {
  return fullFormat(new Date(at));
}

/**
 * A setting in minutes: "2 h", "1 h 30 min", "45 min", "7 days".
 * @param {number} minutes
 */
export function duration(minutes) {
  if (minutes >= 2880 && minutes % 1440 === 0) return `${minutes / 1440} days`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/**
 * Joins texts; the result is correct until the first of them changes.
 * @param {(TimedText | string | null)[]} parts strings never change; null and "" are left out
 * @param {string} [separator]
 * @returns {TimedText}
 */
export function joinTexts(parts, separator = " · ") {
  const texts = parts.map((part) => (typeof part === "string" ? { text: part, until: Infinity } : part));
  const shown = texts.filter((part) => part !== null && part.text !== "");
  return {
    text: shown.map((part) => part?.text).join(separator),
    until: Math.min(Infinity, ...shown.map((part) => part?.until ?? Infinity)),
  };
}

/**
 * @param {string | null} time RFC 3339
 * @returns {number | null} ms, null if absent or malformed
 */
export function parseTime(time) {
  if (time === null) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : at;
}

/**
 * @param {number} amount
 * @param {number} unit
 */
function wholeUnits(amount, unit) {
  return Math.floor(amount / unit);
}
