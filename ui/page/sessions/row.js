// One session in the list: a face that is always there, what can be done with it beside that, and details that open below.
//
// Promises: the same element for the same session for as long as it is in view; a text node is touched only when its text
// changes, and nothing at all when the session did not; ages stay right by themselves. The face is a button that says its own
// state, so Enter and Space open it. Does not know its neighbours or its place in the list (see session_list.js), and changes
// nothing in the registry.

/** @import { Details, SessionRow } from "../../wire" */
/** @import { Clock } from "../parts/live_text.js" */
import { details as detailsIn } from "./details.js";
import { make, setText } from "../parts/element.js";
import { line } from "../text/sanitize.js";
import { moreAbout, process } from "../text/sessions.js";
import { picture } from "./activity_chart.js";
import { together } from "../text/times.js";
import { reason, role, sessionNumber, stateWords, support, terminal, warningsTally } from "../text/common.js";

/** @typedef {ReturnType<typeof sessionRow>} Row */

let serial = 0;

/**
 * @param {Clock} clock
 * @param {object} ways
 * @param {(number: number) => Promise<Details>} ways.details
 * @param {(isOpen: boolean) => void} ways.opened
 */
export function sessionRow(clock, { details: read, opened }) {
  const id = `details-${++serial}`;
  /** @type {SessionRow | null} */
  let shown = null;
  /** @type {ReturnType<typeof detailsIn> | null} */
  let details = null;

  const spoken = make("span", { class: "visually-hidden" });
  const tag = make("span", { class: "tag", "aria-hidden": "true" });
  const name = make("bdi", { class: "role" });
  const state = make("span", { class: "visually-hidden" });
  const warned = make("span", { class: "warning-count", hidden: true });
  const goal = make("bdi", { class: "goal" });
  const why = make("span", { class: "reason" });
  const sub = make("span", { class: "status-detail" });
  const pulse = picture();
  const face = make(
    "button",
    { type: "button", class: "row-button", tabindex: "-1", "aria-expanded": "false", "aria-controls": id },
    // The spaces show nowhere; they keep the words apart in the button's accessible name.
    spoken, " ",
    tag,
    make("span", { class: "identity" }, make("span", { class: "title-line" }, name, state, " ", warned), " ", goal), " ",
    pulse.element,
    make("span", { class: "status" }, why, " ", sub),
  );
  const more = make("button", { type: "button", class: "menu-button", tabindex: "-1", "aria-haspopup": "menu", "aria-keyshortcuts": "M" }, "⋯");
  const panel = make("div", { class: "details", id, hidden: true });
  const element = make("li", { class: "row" }, face, more, panel);

  face.addEventListener("click", () => {
    open(panel.hidden !== false);
    opened(!panel.hidden);
  });

  /** @param {boolean} wanted */
  function open(wanted) {
    if (panel.hidden === !wanted) return;
    panel.hidden = !wanted;
    face.setAttribute("aria-expanded", String(wanted));
    if (!shown) return;
    if (wanted) (details ??= detailsIn(panel, read, () => {})).fill(shown);
    clock.keep(element, tell);
  }

  /** @param {number} now */
  function tell(now) {
    if (!shown) return Infinity;
    const because = reason(shown, now);
    const isAboutProcess = shown.reason === "process" || shown.reason === "ended";
    const pid = isAboutProcess && shown.pid !== null ? process(shown.pid) : "";
    const below = together([support(shown, now), pid, terminal(shown)]);
    setText(why, because.text);
    setText(sub, below.text);
    const rest = details && !panel.hidden ? details.tell(shown, now) : Infinity;
    return Math.min(because.until, below.until, rest, pulse.tell(shown.pulse, now));
  }

  return {
    element,
    face,
    more,
    open,

    /** @param {SessionRow} session */
    update(session) {
      if (session === shown) return;
      shown = session;
      element.dataset.state = session.state;
      element.dataset.number = String(session.number);
      element.toggleAttribute("data-beating", session.state === "inactive" && session.is_beating);
      setText(spoken, sessionNumber(session.number));
      setText(tag, String(session.number));
      setText(name, role(session));
      name.classList.toggle("missing", line(session.role) === "");
      setText(state, `, ${stateWords[session.state]},`);
      setText(goal, line(session.goal));
      warned.hidden = session.warnings.length === 0;
      setText(warned, warned.hidden ? "" : warningsTally(session.warnings.length));
      more.setAttribute("aria-label", moreAbout(session.number));
      if (!panel.hidden) details?.fill(session);
      clock.keep(element, tell);
    },

    /** Says its place to who cannot see that there are more rows than elements. @param {number} at from 0 @param {number} of */
    place(at, of) {
      if (element.ariaPosInSet !== String(at + 1)) element.setAttribute("aria-posinset", String(at + 1));
      if (element.ariaSetSize !== String(of)) element.setAttribute("aria-setsize", String(of));
    },

    drop() {
      clock.drop(element);
      element.remove();
    },
  };
}
