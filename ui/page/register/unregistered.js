// The Claude Code sessions that run but are not registered, each with a Register button.
//
// Guarantees: shown above the list, because their numbers may be given to others meanwhile, and only while there are any; an unchanged line
// keeps its element, so that a click hits what was aimed at. The engine finds the processes.

/** @import { Snapshot, Unregistered } from "../../wire" */
import { activityText } from "../text/activity.js";
import { button, make, reconcileChildren, setHidden, setText } from "../parts/element.js";
import { andMore } from "../text/format/number_lists.js";
import { singleLine } from "../text/format/sanitize.js";
import { NO_ROLE } from "../text/session_state.js";
import { kindNames, pidText, registerLabel, runningSince, sessionLabels, unregisteredTitle } from "../text/sessions.js";
import { joinTexts, parseTime } from "../text/format/times.js";

const MAX_LISTED = 20;

/** @typedef {{ element: HTMLElement, update: (session: Unregistered) => void }} Item */

/**
 * @param {HTMLElement} root
 * @param {(pid: number) => Promise<void>} register
 * @param {() => Promise<void>} registerAll
 */
export function unregistered(root, register, registerAll) {
  const heading = make("h2", { id: "unregistered-title" });
  const all = asyncButton(sessionLabels.registerAll, registerAll);
  const list = make("ul", { role: "list" });
  const rest = make("p", { class: "muted", hidden: true });
  root.setAttribute("aria-labelledby", heading.id);
  root.append(make("div", { class: "section-header" }, heading, all), list, rest);
  /** @type {Map<number, Item>} */
  const items = new Map();

  /** @param {number} pid @returns {Item} */
  function newItem(pid) {
    const role = make("bdi", { class: "role" });
    const folder = make("bdi", { class: "goal" });
    const facts = make("span", { class: "status-detail" });
    const registerButton = asyncButton(sessionLabels.register, () => register(pid));
    const element = make("li", {}, make("span", { class: "identity" }, role, " ", folder), " ", facts, " ", registerButton);
    return {
      element,
      update({ name, cwd, kind, since, activity }) {
        setText(role, singleLine(name) || NO_ROLE);
        setText(folder, singleLine(cwd ?? "", 500));
        const started = parseTime(since);
        const now = Date.now();
        const parts = [activityText(activity, now), kindNames[kind] ?? "", started === null ? null : runningSince(started, now), pidText(pid)];
        setText(facts, joinTexts(parts).text);
        registerButton.setAttribute("aria-label", registerLabel(singleLine(name, 60) || pidText(pid)));
      },
    };
  }

  return {
    /** @param {Snapshot} snapshot */
    draw({ unregistered: running, trouble }) {
      const shown = trouble ? [] : running.slice(0, MAX_LISTED);
      setHidden(root, shown.length === 0);
      setHidden(all, running.length < 2);
      setText(heading, unregisteredTitle(running.length));
      setHidden(rest, running.length <= MAX_LISTED);
      setText(rest, running.length > MAX_LISTED ? andMore(running.length - MAX_LISTED) : "");
      const pids = new Set(shown.map(({ pid }) => pid));
      for (const [pid] of items) if (!pids.has(pid)) items.delete(pid);
      reconcileChildren(list, shown.map((session) => {
        const item = items.get(session.pid) ?? newItem(session.pid);
        items.set(session.pid, item);
        item.update(session);
        return item.element;
      }));
    },
  };
}

/**
 * A button that ignores clicks while its command runs; it is not disabled, because a disabled button loses the focus.
 * @param {string} text
 * @param {() => Promise<void>} command
 */
function asyncButton(text, command) {
  let isRunning = false;
  return button({ class: "register" }, text, () => {
    if (isRunning) return;
    isRunning = true;
    void command().finally(() => (isRunning = false));
  });
}
