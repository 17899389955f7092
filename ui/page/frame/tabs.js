// The tabs of the window: Sessions, History and Settings.
//
// Guarantees: the ARIA tab list pattern (one tab stop; arrows move and select), and the keys 1, 2 and 3 outside of text fields. The
// selected tab is kept in the address only, so that a reload returns to it. Does not fill the panels.

import { labels } from "../text/common.js";
import { button, elementById, isDialogOpen, make } from "../parts/element.js";

/** @typedef {"sessions" | "history" | "settings"} TabName */

/** @type {TabName[]} */
const TABS = ["sessions", "history", "settings"];

/**
 * @param {HTMLElement} root
 * @param {(name: TabName) => void} onShow called when another tab is shown
 */
export function tabs(root, onShow) {
  /** @type {TabName} */
  let current = "sessions";
  const list = make("div", { class: "segments", role: "tablist", "aria-label": labels.tabs.label });
  const items = TABS.map((name, i) => {
    const panel = elementById(`${name}-page`);
    const tab = button(
      { role: "tab", id: `${name}-tab`, "aria-controls": panel.id, "aria-keyshortcuts": String(i + 1) },
      labels.tabs[name],
      () => show(name),
    );
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return { name, tab, panel };
  });
  root.append(list);

  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const at = TABS.indexOf(current);
    const to =
      event.key === "ArrowRight" ? Math.min(at + 1, TABS.length - 1)
      : event.key === "ArrowLeft" ? Math.max(at - 1, 0)
      : event.key === "End" ? TABS.length - 1
      : event.key === "Home" ? 0
      : at;
    const next = items[to];
    if (to === at || !next) return;
    event.preventDefault();
    show(next.name);
    next.tab.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const name = TABS[Number(event.key) - 1];
    const isTyping = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select");
    if (!name || isTyping || isDialogOpen()) return;
    event.preventDefault();
    if (name === current) return;
    show(name);
    focus();
  });
  window.addEventListener("hashchange", () => show(tabFromAddress()));

  /** @param {TabName} name */
  function show(name) {
    const isOther = name !== current;
    current = name;
    update();
    if (!isOther) return;
    if (tabFromAddress() !== name) history.replaceState(null, "", `#${name}`);
    window.scrollTo({ top: 0, behavior: "instant" });
    onShow(name);
  }

  function update() {
    for (const { name, tab, panel } of items) {
      tab.setAttribute("aria-selected", String(name === current));
      tab.tabIndex = name === current ? 0 : -1;
      panel.hidden = name !== current;
    }
  }

  /** Focuses the selected tab. */
  const focus = () => items.find(({ name }) => name === current)?.tab.focus({ preventScroll: true });

  update();
  return {
    show,
    get current() {
      return current;
    },
    focus,
  };
}

/** The tab named by the address. @returns {TabName} */
export function tabFromAddress() {
  return TABS.find((name) => location.hash === `#${name}`) ?? "sessions";
}
