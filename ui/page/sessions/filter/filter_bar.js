// The search field, state filter and order of the session list.
//
// Guarantees: announces how many sessions are listed; filter and order are stored for the next window, a search is not; "/" focuses the
// search, Escape clears it and returns to the list. The filtering itself is in filter_sessions.js.

/** @import { State } from "../../../wire" */
/** @import { Filter, FilterResult, Order } from "./filter_sessions.js" */
import { button, make, setHidden, setText } from "../../parts/element.js";
import { formatNumber } from "../../text/format/format_number.js";
import { filterLabel, filterNames, listedCount, orderNames, sessionLabels } from "../../text/sessions.js";
import { NO_FILTER, ORDERS, parseStoredFilter, STATES } from "./filter_sessions.js";

const STORAGE_KEY = "headcount.sessions";

/** @type {(State | "all")[]} */
const FILTERS = ["all", ...STATES];

/**
 * @param {(filter: Filter) => void} onChange
 * @param {() => void} onLeave focuses the list
 */
export function filterBar(onChange, onLeave) {
  let filter = parseStoredFilter(localStorage.getItem(STORAGE_KEY));

  const field = make("input", {
    type: "search", class: "search", autocomplete: "off", spellcheck: "false", maxlength: "200",
    placeholder: sessionLabels.search, "aria-label": `${sessionLabels.search}: ${sessionLabels.searchHint}`, title: sessionLabels.searchHint, "aria-keyshortcuts": "/",
  });
  const keyHint = make("kbd", { "aria-hidden": "true" }, "/");
  const filters = FILTERS.map((state) => {
    const radio = make("input", { type: "radio", name: "filter", value: state, class: "visually-hidden" });
    const count = make("span", { class: "filter-count" });
    const label = make("label", { class: "filter", "data-kind": state }, radio, make("span", {}, filterNames[state]), " ", count);
    return { state, radio, count, label };
  });
  const order = make("select", { "aria-label": sessionLabels.order }, ...ORDERS.map((name) => make("option", { value: name }, orderNames[name])));
  const status = make("p", { class: "visually-hidden", role: "status" });
  const noResults = make("p", { class: "no-results", hidden: true },
    make("span", {}, sessionLabels.noResults), " ", button({}, sessionLabels.showAll, () => change(NO_FILTER, true)));
  const element = make("div", { class: "filter-bar", role: "search", "aria-label": sessionLabels.filterBar },
    make("div", { class: "search-field" }, field, keyHint),
    make("div", { class: "filters", role: "radiogroup", "aria-label": sessionLabels.filters }, ...filters.map(({ label }) => label)),
    order, status);

  field.addEventListener("input", () => change({ ...filter, text: field.value }));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      if (field.value !== "") change({ ...filter, text: "" });
      else onLeave();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      onLeave();
    }
  });
  element.addEventListener("change", ({ target }) => {
    const chosen = filters.find(({ radio }) => radio === target);
    if (chosen) change({ ...filter, state: chosen.state });
    if (target === order) change({ ...filter, order: /** @type {Order} */ (order.value) });
  });

  function show() {
    if (field.value !== filter.text) field.value = filter.text;
    keyHint.hidden = filter.text !== "";
    for (const { state, radio } of filters) radio.checked = state === filter.state;
    order.value = filter.order;
  }

  /** @param {Filter} next @param {boolean} [focusSearch] if the element with the focus disappears */
  function change(next, focusSearch = false) {
    filter = next;
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ state: filter.state, order: filter.order }));
    show();
    if (focusSearch) field.focus();
    onChange(filter);
  }

  show();
  return {
    element,
    /** Shown instead of rows. */
    noResults,
    get filter() {
      return filter;
    },
    /** Lists all sessions. */
    reset: () => change(NO_FILTER),
    focus() {
      field.focus();
      field.select();
    },

    /** @param {FilterResult} result */
    draw({ counts, total }) {
      for (const { state, radio, count, label } of filters) {
        const n = counts[state];
        setText(count, formatNumber(n));
        const name = filterLabel(state, n);
        if (radio.getAttribute("aria-label") !== name) radio.setAttribute("aria-label", name);
        // The other states are always offered.
        setHidden(label, n === 0 && (state === "inactive" || state === "unknown") && filter.state !== state);
      }
      setHidden(noResults, total > 0);
      setText(status, filter.text !== "" || filter.state !== "all" ? listedCount(total) : "");
    },
  };
}
