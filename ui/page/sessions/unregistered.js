// Claude Code sessions that run and that the registry does not know, each with the way into it.
//
// Promises: on top of everything, because their numbers may be given to others meanwhile; there only while there are any; a
// line that stays keeps its element, so that a press hits what was aimed at. Does not look for processes: the engine does.

/** @import { Snapshot, Unregistered } from "../../wire" */
import { arrange, button, make, setHidden, setText } from "../parts/element.js";
import { kindNames, phrases, process, registerThis, runningUnknown, runsSince, statusNames } from "../text/sessions.js";
import { line } from "../text/sanitize.js";
import { instant, together } from "../text/times.js";
import { andMore, words } from "../text/common.js";

/** So many are listed: more is a machine that nobody sits at. */
const MOST = 20;

/** @typedef {{ element: HTMLElement, update: (session: Unregistered) => void }} Line */

/**
 * @param {HTMLElement} root
 * @param {(pid: number) => Promise<void>} register
 * @param {() => Promise<void>} registerAll
 */
export function unregistered(root, register, registerAll) {
  const heading = make("h2", { id: "unregistered-title" });
  let isRegisteringAll = false;
  const all = button({ class: "register" }, phrases.registerAll, () => {
    if (isRegisteringAll) return;
    isRegisteringAll = true;
    void registerAll().finally(() => (isRegisteringAll = false));
  });
  const list = make("ul", { role: "list" });
  const rest = make("p", { class: "muted", hidden: true });
  root.setAttribute("aria-labelledby", heading.id);
  root.append(make("div", { class: "section-header" }, heading, all), list, rest);
  /** @type {Map<number, Line>} */
  const lines = new Map();

  /** @param {number} pid @returns {Line} */
  function newLine(pid) {
    const name = make("bdi", { class: "role" });
    const where = make("bdi", { class: "goal" });
    const what = make("span", { class: "status-detail" });
    let isOnItsWay = false;
    const press = button({ class: "register" }, "", () => {
      if (isOnItsWay) return;
      isOnItsWay = true; // not disabled: a disabled button loses the focus
      void register(pid).finally(() => (isOnItsWay = false));
    });
    const element = make("li", {}, make("span", { class: "identity" }, name, " ", where), " ", what, " ", press);
    setText(press, phrases.register);
    return {
      element,
      update({ name: called, cwd, kind, since, status }) {
        setText(name, line(called) || words.noRole);
        setText(where, line(cwd ?? "", 500));
        const started = instant(since);
        const parts = [status ? statusNames[status] : null, kindNames[kind] ?? "", started === null ? null : runsSince(started, Date.now()), process(pid)];
        setText(what, together(parts).text);
        press.setAttribute("aria-label", registerThis(line(called, 60) || process(pid)));
      },
    };
  }

  return {
    /** @param {Snapshot} snapshot */
    draw({ unregistered: running, trouble }) {
      const shown = trouble ? [] : running.slice(0, MOST);
      setHidden(root, shown.length === 0);
      setHidden(all, running.length < 2);
      setText(heading, runningUnknown(running.length));
      setHidden(rest, running.length <= MOST);
      setText(rest, running.length > MOST ? andMore(running.length - MOST) : "");
      const pids = new Set(shown.map(({ pid }) => pid));
      for (const [pid] of lines) if (!pids.has(pid)) lines.delete(pid);
      arrange(list, shown.map((session) => {
        const line = lines.get(session.pid) ?? newLine(session.pid);
        lines.set(session.pid, line);
        line.update(session);
        return line.element;
      }));
    },
  };
}
