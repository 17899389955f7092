// The list of warnings about the files, collapsed at the end of the page.
//
// Guarantees: says for each warning what it means and what to do; stays open or closed as the user left it. Warnings about one
// session are shown in its row instead.

/** @import { Snapshot } from "../../wire" */
import { warningRemedy } from "../text/advice.js";
import { fileWarningCount } from "../text/common.js";
import { andMore } from "../text/format/number_lists.js";
import { singleLine } from "../text/format/sanitize.js";
import { make, setText } from "../parts/element.js";

const MAX_LISTED = 50;

/** @param {HTMLElement} root */
export function warningList(root) {
  const summary = make("summary");
  const list = make("ul", { class: "advice" });
  const box = make("details", { class: "warnings", hidden: true }, summary, list);
  root.append(box);
  let drawn = "";

  return {
    /** @param {Snapshot} snapshot */
    draw({ warnings }) {
      const current = JSON.stringify(warnings.slice(0, MAX_LISTED + 1)) + warnings.length;
      if (current === drawn) return;
      drawn = current;
      box.hidden = warnings.length === 0;
      setText(summary, fileWarningCount(warnings.length));
      list.replaceChildren(
        ...warnings.slice(0, MAX_LISTED).map(({ code, message, path }) =>
          make(
            "li",
            {},
            make("span", { class: "what" }, singleLine(message, 600)), " ",
            make("span", { class: "fix" }, warningRemedy(code)),
            ...(path ? [" ", make("span", { class: "path" }, make("bdi", {}, singleLine(path, 1000)))] : []),
          ),
        ),
        ...(warnings.length > MAX_LISTED ? [make("li", {}, andMore(warnings.length - MAX_LISTED))] : []),
      );
    },
  };
}
