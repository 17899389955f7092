// The places of the window, and the way between them: Sessions, History and Settings.
//
// Promises: a tab list as screen readers know it (one tab stop, arrows move and choose), and the keys 1, 2 and 3 from anywhere
// but a field; where the person is stands in the address and nowhere else, so a reload comes back to it. Does not fill a
// place.

import { button, make, place as landmark } from "./element.js";
import { words } from "../text/common.js";

/** @typedef {"sessions" | "history" | "settings"} PlaceName */

/** @type {PlaceName[]} */
const ALL = ["sessions", "history", "settings"];

/**
 * @param {HTMLElement} root where the tabs go
 * @param {(name: PlaceName) => void} entered
 */
export function places(root, entered) {
  /** @type {PlaceName} */
  let here = "sessions";
  const list = make("div", { class: "segments", role: "tablist", "aria-label": words.placesLabel });
  const tabs = ALL.map((name, i) => {
    const panel = landmark(`${name}-page`);
    const tab = button(
      { role: "tab", id: `${name}-tab`, "aria-controls": panel.id, "aria-keyshortcuts": String(i + 1) },
      words.places[name],
      () => enter(name),
    );
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return { name, tab, panel };
  });
  root.append(list);

  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const at = ALL.indexOf(here);
    const to =
      event.key === "ArrowRight" ? Math.min(at + 1, ALL.length - 1)
      : event.key === "ArrowLeft" ? Math.max(at - 1, 0)
      : event.key === "End" ? ALL.length - 1
      : event.key === "Home" ? 0
      : at;
    const next = tabs[to];
    if (to === at || !next) return;
    event.preventDefault();
    enter(next.name);
    next.tab.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const name = ALL[Number(event.key) - 1];
    const isTyping = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select");
    if (!name || isTyping || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (name === here) return;
    enter(name);
    tabs.find((each) => each.name === name)?.tab.focus({ preventScroll: true });
  });
  window.addEventListener("hashchange", () => enter(addressed()));

  /** @param {PlaceName} name */
  function enter(name) {
    const isNew = name !== here;
    here = name;
    show();
    if (!isNew) return;
    if (addressed() !== name) history.replaceState(null, "", `#${name}`);
    window.scrollTo({ top: 0, behavior: "instant" });
    entered(name);
  }

  function show() {
    for (const { name, tab, panel } of tabs) {
      tab.setAttribute("aria-selected", String(name === here));
      tab.tabIndex = name === here ? 0 : -1;
      panel.hidden = name !== here;
    }
  }

  show();
  return {
    enter,
    get here() {
      return here;
    },
    /** Where the address says: what a reload comes back to. */
    addressed,
    /** Puts the focus on the tab of this place. */
    focus: () => tabs.find(({ name }) => name === here)?.tab.focus({ preventScroll: true }),
  };
}

/** @returns {PlaceName} */
function addressed() {
  return ALL.find((name) => location.hash === `#${name}`) ?? "sessions";
}
