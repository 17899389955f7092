// The window: joins the engine's snapshots to what is on screen, and what the person does to the engine.
//
// Promises: holds no state but the last snapshot; however many snapshots arrive, it draws at most once a frame, and not at
// all while the window is hidden. Does not decide anything about sessions, and draws nothing itself.

/** @import { Snapshot } from "../wire" */
import { connect, failure } from "./backend.js";
import { banner } from "./banner.js";
import { clock } from "./clock.js";
import { place as landmark } from "./element.js";
import { footing } from "./footing.js";
import { headline } from "./headline.js";
import { notice } from "./notice.js";
import { oddities } from "./oddities.js";
import { review } from "./review.js";
import { sessions } from "./sessions.js";
import { strip } from "./strip.js";
import { welcome } from "./welcome.js";
import { cleaned, couldNotClean, couldNotUndo, failed, noSession, restored, title, words } from "./words.js";

const backend = await connect();
const living = clock();
/** @type {Snapshot | null} */
let latest = null;
/** Asked for before there was anything to show. @type {string | null} */
let awaited = null;
let frame = 0;

const said = notice(landmark("notice"));
const list = sessions(landmark("sessions"), living);
const top = headline(landmark("headline"), () => go("review"));
const plan = review(living, {
  cleanup,
  // The browser gives the focus back to what opened it, if that is still there.
  closed: () => void (document.activeElement !== document.body || top.focus() || list.focus()),
});
const alarm = banner(landmark("banner"));
const views = [
  top,
  alarm,
  strip(landmark("strip"), (number) => go(`session-${number}`)),
  welcome(landmark("welcome")),
  list,
  oddities(landmark("oddities")),
  footing(landmark("footing")),
  plan,
];

/** @param {Snapshot} snapshot */
function receive(snapshot) {
  latest = snapshot;
  // The browser runs no frame while the window is hidden, so the first one back draws only the newest.
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  if (!latest) return;
  const held = document.activeElement;
  const release = list.hold(latest);
  for (const view of views) view.draw(latest);
  release();
  // What had the focus may be gone, as the cleanup button is when nothing is stale any more.
  if (held instanceof HTMLElement && held !== document.body && !held.checkVisibility()) list.focus();
  document.title = title(latest);
  arrived();
}

/** There is something to read now: the picture, or why there is none. */
function arrived() {
  landmark("reading").hidden = true;
  landmark("sessions-page").removeAttribute("aria-busy");
}

/**
 * Goes where the tray, a notification or the person asked for: "sessions", "review", "session-5".
 * @param {string} where
 */
function go(where) {
  if (!latest) {
    awaited = where;
    return;
  }
  if (frame) cancelAnimationFrame(frame), draw();
  if (where === "review") {
    if (latest.cleanup.numbers.length > 0 && !latest.trouble) plan.open(latest);
    else if (!latest.trouble) said.show(`${words.nothingStale}.`);
    return;
  }
  if (plan.isOpen) plan.close();
  const number = /^session-(\d+)$/.exec(where)?.[1];
  if (number && !list.reveal(Number(number))) said.show(noSession(number));
}

/**
 * @param {number[]} numbers
 * @param {boolean} force
 */
async function cleanup(numbers, force) {
  said.clear();
  try {
    const done = await backend.cleanup(numbers, force);
    const { change } = done;
    said.show(cleaned(done), change === null ? {} : { undo: () => void undo(change) });
    return null;
  } catch (reason) {
    return failed(couldNotClean, failure(reason).message);
  }
}

/** @param {string} change */
async function undo(change) {
  try {
    said.show(restored(await backend.undo(change)));
  } catch (reason) {
    said.show(failed(couldNotUndo, failure(reason).message), { bad: true, undo: () => void undo(change) });
  }
}

landmark("reading").textContent = words.reading;
try {
  await Promise.all([backend.onSnapshot(receive), backend.onPlace(go)]);
  const [snapshot, where] = await Promise.all([backend.snapshot(), backend.place()]);
  // An event that came in meanwhile is newer than this answer.
  latest ??= snapshot;
  draw();
  const asked = awaited ?? where;
  if (asked) go(asked);
} catch (reason) {
  alarm.fail(failure(reason));
  arrived();
}
