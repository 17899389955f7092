// Spans and moments in words.
//
// Promises: every phrase says until when it stays right, so that nobody has to guess when to look again; ages round
// down, so 119 min 59 s never reads as 2 h; the language is English, the clock (12 or 24 h) is the person's own.
// Does not read the clock: now is an argument.

import { figure } from "./format_number.js";

/** @typedef {{ text: string, until: number }} Phrase `until`: ms since the epoch, Infinity for good */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 12 or 24 hours; none where the system does not say. */
const hourCycle = once(() => new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle);

/** 09:28, but 9:28 am. @returns {Intl.DateTimeFormatOptions} */
const clockFace = () => ({ hour: hourCycle()?.startsWith("h1") ? "numeric" : "2-digit", minute: "2-digit" });

const timeOfDay = format(clockFace);
const weekday = format(() => ({ weekday: "short" }));
const dayOfYear = format(() => ({ day: "numeric", month: "short" }));
const fullDate = format(() => ({ day: "numeric", month: "short", year: "numeric" }));
const everything = format(() => ({ weekday: "short", day: "numeric", month: "short", year: "numeric", ...clockFace(), second: "2-digit" }));

/**
 * A way to write moments, made when it is first needed: they are slow to make, and the first picture needs one of five.
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
 * How long since: "under a minute", "14 min", "5 h 32 min", "1 day", "3 days". In the tray's and the command's steps, but for
 * the first: seconds would need a timer each.
 * @param {number} since ms
 * @param {number} now ms
 * @returns {Phrase}
 */
export function span(since, now) {
  const age = Math.max(0, now - since);
  if (age < MINUTE) return { text: "under a minute", until: since + MINUTE };
  const [unit, text] =
    age < HOUR ? [MINUTE, `${whole(age, MINUTE)} min`]
    : age < DAY ? [MINUTE, hoursAndMinutes(age)]
    : age < 2 * DAY ? [DAY, "1 day"]
    : [DAY, `${figure(whole(age, DAY))} days`];
  return { text, until: since + (whole(age, unit) + 1) * unit };
}

/**
 * "just now", "14 min ago".
 * @param {number} since ms
 * @param {number} now ms
 * @returns {Phrase}
 */
export function ago(since, now) {
  const { text, until } = span(since, now);
  return { text: now - since < MINUTE ? "just now" : `${text} ago`, until };
}

/**
 * A moment as people say it: "09:28", "yesterday 09:28", "Sat 09:28", "2 Nov, 09:28", "2 Nov 2024, 09:28".
 * @param {number} at ms
 * @param {number} now ms
 * @returns {Phrase}
 */
export function moment(at, now) {
  const today = new Date(now).setHours(0, 0, 0, 0);
  const then = new Date(at);
  const day = new Date(at).setHours(0, 0, 0, 0);
  // Rounded, because a day with a clock change has 23 or 25 hours.
  const days = Math.round((today - day) / DAY);
  const clock = timeOfDay(then);
  const text =
    days === 0 ? clock
    : days === 1 ? `yesterday ${clock}`
    : days === -1 ? `tomorrow ${clock}`
    : days > 1 && days < 7 ? `${weekday(then)} ${clock}`
    : then.getFullYear() === new Date(now).getFullYear() ? `${dayOfYear(then)}, ${clock}`
    : `${fullDate(then)}, ${clock}`;
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  return { text, until: midnight.getTime() };
}

/**
 * The day of a moment, as a heading: "Today", "Yesterday", "Sat 15 Nov", "2 Nov 2024".
 * @param {number} at ms
 * @param {number} now ms
 * @returns {Phrase}
 */
export function dayOf(at, now) {
  const { until } = moment(at, now);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY);
  const text =
    days === 0 ? "Today"
    : days === 1 ? "Yesterday"
    : new Date(at).getFullYear() === new Date(now).getFullYear() ? `${weekday(at)} ${dayOfYear(at)}`
    : fullDate(at);
  return { text, until };
}

/**
 * The time of day alone, below a heading that names the day: "09:28".
 * @param {number} at ms
 */
export function clockTime(at) {
  return timeOfDay(new Date(at));
}

/**
 * Down to the second, with its date, good for ever.
 * @param {number} at ms
 */
export function fullMoment(at) {
  return everything(new Date(at));
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
 * Several phrases as one, right for as long as all of them are.
 * @param {(Phrase | string | null)[]} parts strings are good for ever, null and "" are left out
 * @param {string} [separator]
 * @returns {Phrase}
 */
export function together(parts, separator = " · ") {
  const phrases = parts.map((part) => (typeof part === "string" ? { text: part, until: Infinity } : part));
  const said = phrases.filter((phrase) => phrase !== null && phrase.text !== "");
  return {
    text: said.map((phrase) => phrase?.text).join(separator),
    until: Math.min(Infinity, ...said.map((phrase) => phrase?.until ?? Infinity)),
  };
}

/**
 * @param {string | null} time RFC 3339
 * @returns {number | null} ms, or null for none
 */
export function instant(time) {
  if (time === null) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : at;
}

/** @param {number} age */
function hoursAndMinutes(age) {
  const minutes = whole(age % HOUR, MINUTE);
  return `${whole(age, HOUR)} h${minutes === 0 ? "" : ` ${minutes} min`}`;
}

/**
 * @param {number} amount
 * @param {number} unit
 */
function whole(amount, unit) {
  return Math.floor(amount / unit);
}
