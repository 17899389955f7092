// One session in the list: a button with its role and state, a menu button, and details that open below.
//
// Guarantees: a session keeps its element while it is in view; a text node is written only if its text changes, and nothing if the session
// did not change; ages stay correct. The button's accessible name contains the state. The row's position in the list is the
// caller's (see session_list.js).

/** @import { Details, SessionRow } from "../../../wire" */
/** @import { LiveText } from "../../parts/live_text.js" */
import { make, setText } from "../../parts/element.js";
import { warningCount } from "../../text/common.js";
import { singleLine } from "../../text/format/sanitize.js";
import { stateNames } from "../../text/messages.js";
import { condition, roleText, secondaryEvidence, spokenNumber, terminalName } from "../../text/session_state.js";
import { menuLabel, pidText } from "../../text/sessions.js";
import { joinTexts } from "../../text/format/times.js";
import { activityChart } from "../details/activity_chart.js";
import { details } from "../details/details.js";
import { isWaiting } from "../filter/filter_sessions.js";

/** @typedef {ReturnType<typeof sessionRow>} Row */

let lastId = 0;

/**
 * @param {LiveText} liveText
 * @param {object} options
 * @param {(number: number) => Promise<Details>} options.loadDetails
 * @param {(isOpen: boolean) => void} options.onToggle
 */
export function sessionRow(liveText, { loadDetails, onToggle }) {
  const id = `details-${++lastId}`;
  /** @type {SessionRow | null} */
  let drawn = null;
  /** @type {ReturnType<typeof details> | null} */
  let panelContent = null;

  const spoken = make("span", { class: "visually-hidden" });
  const tag = make("span", { class: "tag", "aria-hidden": "true" });
  const role = make("bdi", { class: "role" });
  const state = make("span", { class: "visually-hidden" });
  const warnings = make("span", { class: "warning-count", hidden: true });
  const goal = make("bdi", { class: "goal" });
  const reason = make("span", { class: "reason" });
  const evidence = make("span", { class: "status-detail" });
  const chart = activityChart();
  const rowButton = make(
    "button",
    { type: "button", class: "row-button", tabindex: "-1", "aria-expanded": "false", "aria-controls": id },
    // The spaces are not displayed; they separate the words of the accessible name.
    spoken, " ",
    tag,
    make("span", { class: "identity" }, make("span", { class: "title-line" }, role, state, " ", warnings), " ", goal), " ",
    chart.element,
    make("span", { class: "row-status" }, reason, " ", evidence),
  );
  const menuButton = make("button", { type: "button", class: "menu-button", tabindex: "-1", "aria-haspopup": "menu", "aria-keyshortcuts": "M" }, "⋯");
  const panel = make("div", { class: "details", id, hidden: true });
  const element = make("li", { class: "row" }, rowButton, menuButton, panel);

  rowButton.addEventListener("click", () => {
    setOpen(panel.hidden !== false);
    onToggle(!panel.hidden);
  });

  /** @param {boolean} isOpen */
  function setOpen(isOpen) {
    if (panel.hidden === !isOpen) return;
    panel.hidden = !isOpen;
    rowButton.setAttribute("aria-expanded", String(isOpen));
    if (!drawn) return;
    if (isOpen) (panelContent ??= details(panel, loadDetails)).show(drawn);
    liveText.set(element, writeTimes);
  }

  /** Writes the texts that depend on the time. @param {number} now */
  function writeTimes(now) {
    if (!drawn) return Infinity;
    const first = condition(drawn, now);
    const isAboutProcess = drawn.reason === "process" || drawn.reason === "ended";
    const pid = isAboutProcess && drawn.pid !== null ? pidText(drawn.pid) : "";
    const second = joinTexts([secondaryEvidence(drawn, now), pid, terminalName(drawn)]);
    setText(reason, first.text);
    setText(evidence, second.text);
    const inPanel = panelContent && !panel.hidden ? panelContent.writeTimes(drawn, now) : Infinity;
    return Math.min(first.until, second.until, inPanel, chart.draw(drawn.histogram, now));
  }

  return {
    element,
    rowButton,
    menuButton,
    setOpen,

    /** @param {SessionRow} session */
    update(session) {
      if (session === drawn) return;
      drawn = session;
      element.dataset.state = session.state;
      element.dataset.number = String(session.number);
      element.toggleAttribute("data-waiting", isWaiting(session));
      element.toggleAttribute("data-beating", session.state === "inactive" && session.is_beating);
      setText(spoken, spokenNumber(session.number));
      setText(tag, String(session.number));
      setText(role, roleText(session));
      role.classList.toggle("missing", singleLine(session.role) === "");
      setText(state, `, ${stateNames[session.state]},`);
      setText(goal, singleLine(session.goal));
      warnings.hidden = session.warnings.length === 0;
      setText(warnings, warnings.hidden ? "" : warningCount(session.warnings.length));
      menuButton.setAttribute("aria-label", menuLabel(session.number));
      if (!panel.hidden) panelContent?.show(session);
      liveText.set(element, writeTimes);
    },

    /** Position and total for screen readers: only rows in view have elements. @param {number} at from 0 @param {number} total */
    setPosition(at, total) {
      if (element.ariaPosInSet !== String(at + 1)) element.setAttribute("aria-posinset", String(at + 1));
      if (element.ariaSetSize !== String(total)) element.setAttribute("aria-setsize", String(total));
    },

    remove() {
      liveText.delete(element);
      element.remove();
    },
  };
}
