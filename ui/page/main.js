// The window: joins the engine's snapshots to what is on screen, and what the person does to the engine.
//
// Promises: holds no state but the last snapshot; however many snapshots arrive, it draws at most once a frame, and not at
// all while the window is hidden. Does not decide anything about sessions, and draws nothing itself.

/** @import { Renumbered, Snapshot } from "../wire" */
import { acts } from "./sessions/session_commands.js";
import { failure } from "./backend.js";
import { banner } from "./parts/banner.js";
import { carry } from "./renumber/drag_number.js";
import { clock } from "./parts/live_text.js";
import { cleanedElsewhere, deeds, putBackElsewhere, renumbered } from "./text/changes.js";
import { place as landmark } from "./parts/element.js";
import { backend, begun, heard } from "./bootstrap.js";
import { footing } from "./parts/footer.js";
import { headline } from "./parts/headline.js";
import { history } from "./history/history.js";
import { keys } from "./parts/shortcuts.js";
import { newcomer } from "./sessions/register_dialog.js";
import { notice } from "./parts/toast.js";
import { oddities } from "./parts/warnings.js";
import { offers } from "./external_changes.js";
import { places } from "./parts/tabs.js";
import { renumber } from "./renumber/renumber_dialog.js";
import { rescue } from "./history/restore_offer.js";
import { review } from "./sessions/cleanup_dialog.js";
import { sessions } from "./sessions/session_list.js";
import { settings } from "./settings/settings.js";
import { strip } from "./renumber/number_strip.js";
import { unregistered } from "./sessions/unregistered.js";
import { welcome } from "./parts/welcome.js";
import { cleaned, couldNotClean, couldNotUndo, failed, noSession, restored, title, words } from "./text/common.js";

const living = clock();
/** @type {Snapshot | null} */
let latest = null;
/** Asked for before there was anything to show. @type {string | null} */
let awaited = null;
let frame = 0;

const said = notice(landmark("toast"));
const list = sessions(landmark("sessions"), living, {
  details: backend.details,
  act(name, session) {
    if (name === "renumber") ask(session.number);
    else if (name === "register") enrol(session.number);
    else void one.run(name, session);
  },
});
const top = headline(landmark("headline"), { review: () => go("review"), compact: () => ask(null) });
/** Both previews: the browser gives the focus back to what opened them, if that is still there. */
const closed = () => void (document.activeElement !== document.body || top.focus() || list.focus());
const plan = review(living, { cleanup, closed });
const numbers = renumber({
  rehearseReassign: backend.rehearseReassign,
  rehearseCompact: backend.rehearseCompact,
  reassign: (from, to, shown) => move(() => backend.reassign(from, to, shown), from),
  compact: (shown) => move(() => backend.compact(shown)),
  closed,
});
const past = history(landmark("history-page"), living, { read: backend.history, undo });
const choices = settings(landmark("settings-page"), living, backend);
const tabs = places(landmark("tabs"), (name) => {
  if (name === "history") void past.refresh();
  if (name === "settings") void choices.refresh();
});
window.addEventListener("focus", () => void (tabs.here === "settings" && choices.refresh()));
const news = offers({
  cleaned: (offer) => said.show(cleanedElsewhere(offer), { of: offer.change, undo: () => void undo(offer.change) }),
  putBack: (back) => said.show(putBackElsewhere(back), { bad: true }),
  over: (change) => said.withdraw(change),
});
const one = acts({
  backend,
  own: byHand,
  say: (text, change) => said.show(text, change === null ? {} : { of: change, undo: () => void undo(change) }),
  wrong: (text) => said.show(text, { bad: true }),
  review: (number) => void (go("review"), plan.only(number)),
});
const entry = newcomer({
  register: one.register,
  closed(number) {
    if (number === null) closed();
    else arriveAt(number);
  },
});
keys({
  "/": () => (tabs.enter("sessions"), list.search()),
  a: () => enrol(null),
});
carry(landmark("sessions"), landmark("number-strip"), (from, to) => ask(from, to));
/** The session that was moved, until the list has it under its new number. @type {{ from: number, to: number } | null} */
let followed = null;
let drawn = 0;
const rescuer = { ...backend, restored: (/** @type {string} */ text) => said.show(text) };
const alarm = banner(landmark("banner"), rescue(living, rescuer));
const views = [
  top,
  alarm,
  strip(landmark("number-strip"), { reveal: (number) => go(`session-${number}`), register: enrol }),
  welcome(landmark("welcome"), () => (tabs.enter("settings"), choices.point("hooks")), rescue(living, rescuer, "restore-missing")),
  unregistered(landmark("unregistered"), async (pid) => {
    const number = await one.running(pid);
    if (number !== null) arriveAt(number);
  }, one.allRunning),
  list,
  oddities(landmark("warnings")),
  footing(landmark("footer"), living),
  plan,
  numbers,
  past,
  choices,
  news,
];

/** @param {Snapshot} snapshot */
function receive(snapshot) {
  latest = snapshot;
  // The browser runs no frame while the window is hidden, so the first one back draws only the newest.
  frame ||= requestAnimationFrame(draw);
}

/** Draws now what would be drawn with the next frame. */
function show() {
  cancelAnimationFrame(frame);
  draw();
}

function draw() {
  frame = 0;
  if (!latest) return;
  const held = document.activeElement;
  const release = list.hold(latest);
  for (const view of views) view.draw(latest);
  release();
  drawn += 1;
  follow();
  // What had the focus may be gone, as the cleanup button is when nothing is stale any more.
  if (held instanceof HTMLElement && held !== document.body && !held.checkVisibility() && (tabs.here !== "sessions" || !list.focus())) tabs.focus();
  document.title = title(latest);
  arrived();
}

/** There is something to read now: the picture, or why there is none. */
function arrived() {
  landmark("loading").hidden = true;
  if (landmark("main").hasAttribute("aria-busy")) performance.mark("first-draw"); // for whoever measures
  landmark("main").removeAttribute("aria-busy");
}

/**
 * Goes where the tray, a notification or the person asked for: "sessions", "history", "review", "session-5".
 * @param {string} where
 */
function go(where) {
  if (!latest) {
    awaited = where;
    return;
  }
  if (frame) show();
  if (where === "review") {
    if (numbers.isOpen) numbers.close();
    if (latest.cleanup.numbers.length > 0 && !latest.trouble) plan.open(latest);
    else if (!latest.trouble) said.show(`${words.nothingStale}.`);
    return;
  }
  for (const sheet of [plan, numbers, entry]) if (sheet.isOpen) sheet.close();
  tabs.enter(where === "history" || where === "settings" ? where : "sessions");
  const number = /^session-(\d+)$/.exec(where)?.[1];
  if (number && !list.reveal(Number(number))) said.show(noSession(number));
}

/**
 * Opens the preview of new numbers.
 * @param {number | null} from null: all that run
 * @param {number | null} [to]
 */
function ask(from, to = null) {
  if (!latest || document.querySelector("dialog[open]")) return;
  if (frame) show();
  numbers.open(latest, from, to);
}

/** Opens the sheet for a new session. @param {number | null} number null: the lowest that is free */
function enrol(number) {
  if (!latest || latest.trouble || document.querySelector("dialog[open]")) return;
  entry.open(latest, number);
}

/**
 * Waits for something that was asked for here: what it comes to shows at once, and is told once.
 * @template {{ change: string | null }} T
 * @param {Promise<T>} deed
 */
async function byHand(deed) {
  list.expect();
  try {
    return await news.own(deed);
  } finally {
    list.expect();
  }
}

/**
 * @param {() => Promise<Renumbered>} deed
 * @param {number} [from] the session to follow to its new number
 */
async function move(deed, from) {
  said.clear();
  const before = drawn;
  try {
    const done = await byHand(deed());
    const { change, moves } = done;
    said.show(renumbered(done), change === null ? {} : { undo: () => void undo(change) });
    const own = moves.find((each) => each.from === from);
    followed = own ?? null;
    // After the dialog has closed and the browser has given the focus back.
    if (drawn > before) setTimeout(follow);
    return null;
  } catch (reason) {
    return failed(deeds.couldNotRenumber, failure(reason).message);
  }
}

/** The focus goes to a session that is new, as soon as the list has it. @param {number} number */
function arriveAt(number) {
  if (!list.point(number)) followed = { from: number, to: number };
}

/** The focus goes with the session that was moved, unless the person went on to something else. */
function follow() {
  if (!followed || document.querySelector("dialog[open]")) return;
  const { from, to } = followed;
  followed = null;
  const at = document.activeElement;
  if (from === to || list.isAt(from) || at === document.body || !at?.checkVisibility() || landmark("headline").contains(at)) list.point(to);
}

/**
 * @param {number[]} numbers
 * @param {boolean} force
 */
async function cleanup(numbers, force) {
  said.clear();
  try {
    const done = await byHand(backend.cleanup(numbers, force));
    const { change } = done;
    said.show(cleaned(done), change === null ? {} : { of: change, undo: () => void undo(change) });
    return null;
  } catch (reason) {
    return failed(couldNotClean, failure(reason).message);
  }
}

/** @param {string} change */
async function undo(change) {
  try {
    said.show(restored(await byHand(backend.undo(change))));
  } catch (reason) {
    said.show(failed(couldNotUndo, failure(reason).message), { bad: true, undo: () => void undo(change) });
  }
  if (tabs.here === "history") await past.refresh();
}

landmark("loading").textContent = words.reading;
heard.places.listen(go);
heard.snapshots.listen(receive);
try {
  const { place, setup } = await begun;
  choices.begin(setup);
  heard.setups.listen(choices.hear);
  show();
  const asked = awaited ?? place;
  if (asked) go(asked);
  else tabs.enter(tabs.addressed());
} catch (reason) {
  alarm.fail(failure(reason));
  arrived();
}
