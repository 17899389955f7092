// The menu of one session: everything that can be done with it, each with its key.
//
// Promises: a menu as screen readers and keyboards know it (arrows, Home and End, the keys of the actions themselves, Escape
// gives the focus back); one for all rows, made when it is asked for; it closes when its session is gone or another one.
// Does not do anything: it says what was chosen.

/** @import { SessionRow } from "../../wire" */
/** @import { ActionName } from "./actions.js" */
import { actionOf, actionsOf } from "./actions.js";
import { make } from "../parts/element.js";
import { actionNames, menuOf } from "../text/sessions.js";

/** Room to the window's edges, in pixels. */
const MARGIN = 8;

/**
 * @param {HTMLElement} root
 * @param {(name: ActionName, session: SessionRow) => void} chosen
 * @param {() => void} over it was closed, whatever by
 */
export function menu(root, chosen, over) {
  /** @type {SessionRow | null} */
  let about = null;
  /** @type {HTMLElement | null} */
  let opener = null;
  const box = make("div", { class: "menu", role: "menu", popover: "auto" });
  root.append(box);

  box.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    about = null;
    over();
  });
  box.addEventListener("click", ({ target }) => {
    const item = target instanceof Element ? target.closest("button") : null;
    if (item?.dataset.action) choose(/** @type {ActionName} */ (item.dataset.action));
  });
  box.addEventListener("keydown", (event) => {
    if (!about) return;
    const items = [...box.querySelectorAll("button")];
    const here = items.findIndex((item) => item === document.activeElement);
    const to =
      event.key === "ArrowDown" ? (here + 1) % items.length
      : event.key === "ArrowUp" ? (here - 1 + items.length) % items.length
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
      const name = actionOf(event, about);
      if (!name) return;
      event.preventDefault();
      choose(name);
    }
  });

  /** @param {ActionName} name */
  function choose(name) {
    const session = about;
    close();
    if (session) chosen(name, session);
  }

  function close() {
    if (!about) return;
    const back = opener;
    box.hidePopover();
    back?.focus({ preventScroll: true });
  }

  /** In the window, beside where it was asked for. @param {{ x: number, y: number }} at */
  function stand({ x, y }) {
    const { width, height } = box.getBoundingClientRect();
    const left = Math.max(MARGIN, Math.min(x, innerWidth - width - MARGIN));
    const fits = y + height + MARGIN <= innerHeight;
    const top = fits ? y : Math.max(MARGIN, Math.min(y - height, innerHeight - height - MARGIN));
    Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
  }

  return {
    /** The session it is about; null while it is closed. */
    get about() {
      return about;
    },
    close,

    /** Keeps up with its session. @param {SessionRow | undefined} latest */
    update(latest) {
      if (about && (!latest || latest.session_id !== about.session_id || latest.state !== about.state)) close();
    },

    /**
     * @param {SessionRow} session
     * @param {HTMLElement} from where the focus goes back to
     * @param {{ x: number, y: number }} at
     */
    open(session, from, at) {
      close();
      about = session;
      opener = from;
      box.setAttribute("aria-label", menuOf(session.number));
      box.replaceChildren(
        ...actionsOf(session).map(({ name, key }) =>
          make("button", { type: "button", role: "menuitem", tabindex: "-1", "data-action": name, "aria-keyshortcuts": key.toUpperCase() },
            make("span", {}, actionNames[name]), " ", make("kbd", { "aria-hidden": "true" }, key))),
      );
      // Where the focus goes back to, whoever closes it.
      from.focus({ preventScroll: true });
      box.showPopover();
      stand(at);
      box.querySelector("button")?.focus();
    },
  };
}
