// The menu of a session: all its actions, with their keys.
//
// Guarantees: the ARIA menu pattern (arrows, Home, End, the keys of the actions; Escape returns the focus); one menu for all rows; closes when
// its session disappears or changes state. Only reports the chosen action.

/** @import { SessionRow } from "../../wire" */
/** @import { ActionName } from "./actions.js" */
import { make } from "../parts/element.js";
import { actionNames, menuLabel } from "../text/sessions.js";
import { actionForKey, actionsFor } from "./actions.js";

/** Distance from the window's edges, in pixels. */
const MARGIN = 8;

/**
 * @param {HTMLElement} root
 * @param {(name: ActionName, session: SessionRow) => void} onChoose
 * @param {() => void} onClose
 */
export function sessionMenu(root, onChoose, onClose) {
  /** @type {SessionRow | null} */
  let session = null;
  /** @type {HTMLElement | null} */
  let opener = null;
  const box = make("div", { class: "menu", role: "menu", popover: "auto" });
  root.append(box);

  box.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    session = null;
    onClose();
  });
  box.addEventListener("click", ({ target }) => {
    const item = target instanceof Element ? target.closest("button") : null;
    if (item?.dataset.action) choose(/** @type {ActionName} */ (item.dataset.action));
  });
  box.addEventListener("keydown", (event) => {
    if (!session) return;
    const items = [...box.querySelectorAll("button")];
    const from = items.findIndex((item) => item === document.activeElement);
    const to =
      event.key === "ArrowDown" ? (from + 1) % items.length
      : event.key === "ArrowUp" ? (from - 1 + items.length) % items.length
      : event.key === "Home" ? 0
      : event.key === "End" ? items.length - 1
      : -1;
    event.stopPropagation();
    if (to >= 0) {
      event.preventDefault();
      items[to]?.focus();
    } else if (["Escape", "Tab", "m"].includes(event.key) || event.key === "ContextMenu") {
      event.preventDefault();
      close();
    } else if (event.key !== "Enter") {
      const name = actionForKey(event, session);
      if (!name) return;
      event.preventDefault();
      choose(name);
    }
  });

  /** @param {ActionName} name */
  function choose(name) {
    const chosen = session;
    close();
    if (chosen) onChoose(name, chosen);
  }

  function close() {
    if (!session) return;
    const focusTarget = opener;
    box.hidePopover();
    focusTarget?.focus({ preventScroll: true });
  }

  /** Places the menu inside the window. @param {{ x: number, y: number }} at */
  function setPosition({ x, y }) {
    const { width, height } = box.getBoundingClientRect();
    const left = Math.max(MARGIN, Math.min(x, innerWidth - width - MARGIN));
    const fitsBelow = y + height + MARGIN <= innerHeight;
    const top = fitsBelow ? y : Math.max(MARGIN, Math.min(y - height, innerHeight - height - MARGIN));
    Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
  }

  return {
    /** The session it is open for; null while it is closed. */
    get session() {
      return session;
    },
    close,

    /** Closes the menu if its actions may have changed. @param {SessionRow | undefined} latest */
    update(latest) {
      if (session && (!latest || latest.session_id !== session.session_id || latest.state !== session.state || latest.is_kept !== session.is_kept)) close();
    },

    /**
     * @param {SessionRow} target
     * @param {HTMLElement} from gets the focus when the menu closes
     * @param {{ x: number, y: number }} at
     */
    open(target, from, at) {
      close();
      session = target;
      opener = from;
      box.setAttribute("aria-label", menuLabel(target.number));
      box.replaceChildren(
        ...actionsFor(target).map(({ name, key }) =>
          make("button", { type: "button", role: "menuitem", tabindex: "-1", "data-action": name, "aria-keyshortcuts": key.toUpperCase() },
            make("span", {}, actionNames[name]), " ", make("kbd", { "aria-hidden": "true" }, key))),
      );
      // The browser returns the focus to this element if it closes the popover itself.
      from.focus({ preventScroll: true });
      box.showPopover();
      setPosition(at);
      box.querySelector("button")?.focus();
    },
  };
}
