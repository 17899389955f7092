// Creates the views, connects them to the engine's snapshots, and starts the page.
//
// Guarantees: keeps no state but the last snapshot; draws at most once per frame, however many snapshots arrive, and not while the window
// is hidden. The views draw; the engine decides everything about sessions.

/** @import { Snapshot } from "../wire" */
import { failure } from "./backend.js";
import { backend, events, initialState } from "./bootstrap.js";
import { cleanupDialog } from "./cleanup/cleanup_dialog.js";
import { commands as createCommands } from "./commands.js";
import { externalChanges } from "./external_changes.js";
import { history as createHistory } from "./history/history.js";
import { restoreOffer } from "./history/restore_offer.js";
import { navigation as createNavigation } from "./navigation.js";
import { banner as createBanner } from "./frame/banner.js";
import { elementById } from "./parts/element.js";
import { footer } from "./frame/footer.js";
import { headline as createHeadline } from "./frame/headline.js";
import { liveText as createLiveText } from "./parts/live_text.js";
import { shortcuts } from "./parts/shortcuts.js";
import { tabFromAddress, tabs as createTabs } from "./frame/tabs.js";
import { toast as createToast } from "./parts/toast.js";
import { warningList } from "./frame/warnings.js";
import { welcome } from "./frame/welcome.js";
import { registerDialog as createRegisterDialog } from "./register/register_dialog.js";
import { unregistered } from "./register/unregistered.js";
import { dragNumber } from "./renumber/drag_number.js";
import { numberStrip } from "./renumber/number_strip.js";
import { renumberDialog as createRenumberDialog } from "./renumber/renumber_dialog.js";
import { sessionList } from "./sessions/session_list.js";
import { timeoutDialog } from "./sessions/timeout_dialog.js";
import { settings as createSettings } from "./settings/settings.js";
import { labels, windowTitle } from "./text/common.js";
import { externalCleanupText, revertedText } from "./text/history.js";

/** @type {Snapshot | null} */
let latest = null;
let frame = 0;

const liveText = createLiveText();
const toast = createToast(elementById("toast"));
const changes = externalChanges({
  onCleanup: (offer) => toast.show(externalCleanupText(offer), { change: offer.change, undo: () => void commands.undo(offer.change) }),
  onRevert: (change) => toast.show(revertedText(change), { isError: true }),
  onUndoExpired: (change) => toast.withdraw(change),
});
const commands = createCommands({
  backend,
  track,
  toast,
  reviewCleanup: (number) => (navigation.go("review"), cleanup.tickOnly(number)),
  onUndo: async () => void (tabs.current === "history" && (await history.refresh())),
});

const list = sessionList(elementById("sessions"), liveText, {
  loadDetails: backend.details,
  onAction(name, session) {
    if (name === "renumber") navigation.openRenumber(session.number);
    else if (name === "register") navigation.openRegister(session.number);
    else if (name === "timeout") navigation.openTimeout(session);
    else void commands.runAction(name, session);
  },
});
const headline = createHeadline(elementById("headline"), {
  onCleanup: () => navigation.go("review"),
  onCompact: () => navigation.openRenumber(null),
});
/** The browser returns the focus to what opened the dialog, if that still exists. */
const restoreFocus = () => void (document.activeElement !== document.body || headline.focus() || list.focus());
const cleanup = cleanupDialog(liveText, { cleanup: commands.cleanup, onClose: restoreFocus });
const renumber = createRenumberDialog({
  previewReassign: backend.previewReassign,
  previewCompact: backend.previewCompact,
  reassign: (from, to, shown) => navigation.renumber(() => backend.reassign(from, to, shown), from),
  compact: (shown) => navigation.renumber(() => backend.compact(shown), null),
  onClose: restoreFocus,
});
const registration = createRegisterDialog({
  register: commands.register,
  onClose(number) {
    if (number === null) restoreFocus();
    else navigation.focusWhenListed(number);
  },
});
const timeout = timeoutDialog({ set: commands.setOwnTimeout, onClose: restoreFocus });
const history = createHistory(elementById("history-page"), liveText, { load: backend.history, undo: commands.undo });
const settings = createSettings(elementById("settings-page"), liveText, backend);
const tabs = createTabs(elementById("tabs"), (name) => {
  if (name === "history") void history.refresh();
  if (name === "settings") void settings.refresh();
});
window.addEventListener("focus", () => void (tabs.current === "settings" && settings.refresh()));

const navigation = createNavigation({
  current,
  tabs,
  list,
  headline: elementById("headline"),
  dialogs: { cleanup, renumber, registration, timeout },
  commands,
  toast,
});
shortcuts({
  "/": () => (tabs.show("sessions"), list.focusSearch()),
  a: () => navigation.openRegister(null),
});
dragNumber(elementById("sessions"), elementById("number-strip"), (from, to) => navigation.openRenumber(from, to));

const restoreHandlers = { ...backend, onRestored: (/** @type {string} */ text) => toast.show(text) };
const banner = createBanner(elementById("banner"), restoreOffer(liveText, restoreHandlers));
const views = [
  headline,
  banner,
  numberStrip(elementById("number-strip"), { reveal: (number) => navigation.go(`session-${number}`), register: navigation.openRegister }),
  welcome(elementById("welcome"), () => (tabs.show("settings"), settings.focus("hooks")), restoreOffer(liveText, restoreHandlers, "restore-missing")),
  unregistered(elementById("unregistered"), async (pid) => {
    const number = await commands.registerRunning(pid);
    if (number !== null) navigation.focusWhenListed(number);
  }, commands.registerAllRunning),
  list,
  warningList(elementById("warnings")),
  footer(elementById("footer"), liveText),
  cleanup,
  renumber,
  history,
  settings,
  changes,
];

/** @param {Snapshot} snapshot */
function receive(snapshot) {
  latest = snapshot;
  // The browser runs no frames while the window is hidden; the next one draws only the latest snapshot.
  frame ||= requestAnimationFrame(draw);
}

/** The latest snapshot, drawn. */
function current() {
  if (frame) drawNow();
  return latest;
}

function drawNow() {
  cancelAnimationFrame(frame);
  draw();
}

function draw() {
  frame = 0;
  if (!latest) return;
  const focused = document.activeElement;
  const restoreScroll = list.preserveScroll(latest);
  for (const view of views) view.draw(latest);
  restoreScroll();
  navigation.onDraw();
  // The element with the focus may be hidden now, as the cleanup button is when nothing is stale any more.
  const isFocusHidden = focused instanceof HTMLElement && focused !== document.body && !focused.checkVisibility();
  if (isFocusHidden && (tabs.current !== "sessions" || !list.focus())) tabs.focus();
  document.title = windowTitle(latest);
  showLoaded();
}

/** Shows that loading has finished, with a snapshot or a failure. */
function showLoaded() {
  elementById("loading").hidden = true;
  if (elementById("main").hasAttribute("aria-busy")) performance.mark("first-draw"); // read by the tests
  elementById("main").removeAttribute("aria-busy");
}

/**
 * Waits for a command of the user: its result is shown at once, and not reported as a change by another program.
 * @template {{ change: string | null }} T
 * @param {Promise<T>} command
 */
async function track(command) {
  list.showAtOnce();
  try {
    return await changes.track(command);
  } finally {
    list.showAtOnce();
  }
}

elementById("loading").textContent = labels.loading;
events.place.subscribe(navigation.go);
events.snapshot.subscribe(receive);
try {
  const { place, setup } = await initialState;
  settings.initialize(setup);
  events.settings.subscribe(settings.update);
  drawNow();
  if (!navigation.start(place)) tabs.show(tabFromAddress());
} catch (reason) {
  banner.showFailure(failure(reason));
  showLoaded();
}
