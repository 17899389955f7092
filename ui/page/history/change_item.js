// One change in the history: time, description, who made it, and its Undo button.

/** @import { HistoryLine } from "../../wire" */
import { button, make, setText } from "../parts/element.js";
import { labels } from "../text/common.js";
import { actorText, describeChange, historyLabels } from "../text/history.js";
import { moveList } from "../text/renumber.js";
import { fullDateTime, parseTime, timeOfDay } from "../text/format/times.js";

/** @param {(change: string) => Promise<void>} undo */
export function changeItem(undo) {
  let id = "";
  let isUndoing = false;
  const time = make("time");
  const what = make("span", { class: "what" });
  const by = make("span", { class: "by" });
  const undone = make("span", { class: "undone" }, historyLabels.undone);
  const undoButton = button({ class: "undo" }, labels.undo, () => {
    if (isUndoing) return;
    isUndoing = true; // instead of disabling the button, which would lose the focus
    void undo(id).finally(() => (isUndoing = false));
  });
  const element = make("li", { class: "change", tabindex: "-1" }, time, " ", make("span", { class: "text" }, what, " ", by, " ", undone), " ", undoButton);

  return {
    element,
    /** @param {HistoryLine} change @param {(id: string) => HistoryLine | undefined} find */
    update(change, find) {
      id = change.id;
      const at = parseTime(change.at) ?? 0;
      setText(time, timeOfDay(at));
      time.dateTime = change.at;
      time.title = fullDateTime(at);
      const description = describeChange(change, find);
      setText(what, description);
      // The tooltip has what the description leaves out.
      what.title =
        change.moves.length > 3 ? moveList(change.moves, Infinity)
        : change.numbers.length > 5 ? change.numbers.map((number) => `#${number}`).join(", ")
        : "";
      setText(by, actorText(change.by));
      undone.hidden = !change.is_taken_back;
      element.toggleAttribute("data-undone", change.is_taken_back);
      const losesFocus = undoButton === document.activeElement && !change.can_be_undone;
      undoButton.hidden = !change.can_be_undone;
      if (losesFocus) element.focus({ preventScroll: true });
      undoButton.setAttribute("aria-label", `${labels.undo}: ${description}`);
    },
  };
}
