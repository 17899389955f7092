// What looks odd in the files, folded away at the end: nobody has to act on it, but it is never hidden.
//
// Promises: says for each what it means and what to do; stays as open or closed as it was left. Does not repeat what
// belongs to one session: its row has that.

/** @import { Snapshot } from "../../wire" */
import { make, setText } from "./element.js";
import { line } from "../text/sanitize.js";
import { warningRemedy } from "../text/advice.js";
import { andMore, odditiesTally } from "../text/common.js";

const MOST = 50;

/** @param {HTMLElement} root */
export function oddities(root) {
  const summary = make("summary");
  const list = make("ul", { class: "advice" });
  const box = make("details", { class: "warnings", hidden: true }, summary, list);
  root.append(box);
  let as = "";

  return {
    /** @param {Snapshot} snapshot */
    draw({ warnings }) {
      const now = JSON.stringify(warnings.slice(0, MOST + 1)) + warnings.length;
      if (now === as) return;
      as = now;
      box.hidden = warnings.length === 0;
      setText(summary, odditiesTally(warnings.length));
      list.replaceChildren(
        ...warnings.slice(0, MOST).map(({ code, message, path }) =>
          make(
            "li",
            {},
            make("span", { class: "what" }, line(message, 600) || warningRemedy(code).what), " ",
            make("span", { class: "fix" }, warningRemedy(code).fix),
            ...(path ? [" ", make("span", { class: "path" }, make("bdi", {}, line(path, 1000)))] : []),
          ),
        ),
        ...(warnings.length > MOST ? [make("li", {}, andMore(warnings.length - MOST))] : []),
      );
    },
  };
}
