// The groups of the session list: one section for sessions that wait, one per state, and one for lists that are not grouped.

import { make } from "../parts/element.js";
import { rowOffsets } from "../list/row_offsets.js";
import { sessionLabels } from "../text/sessions.js";
import { GROUPS } from "./filter/filter_sessions.js";

/** @typedef {ReturnType<typeof createGroups>[number]} Group */

export function createGroups() {
  return GROUPS.map((key) => {
    const heading = make("h2", { id: `group-${key}` });
    const list = make("ul", { role: "list" });
    const legend = make("span", { class: "legend", "aria-hidden": "true" }, sessionLabels.legend);
    const section = make("section", { class: "group", "data-state": key, "aria-labelledby": heading.id, hidden: true },
      make("div", { class: "heading" }, heading, legend), list);
    return { key, heading, list, section, rows: rowOffsets([], 0, new Map()) };
  });
}
