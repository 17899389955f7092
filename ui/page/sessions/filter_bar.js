// Search, filter and order of the list.
//
// Promises: says at once how many are listed; filter and order are remembered from window to window, a search ends with its
// window; "/" comes here from anywhere, Escape clears and goes back to the list. Does not look for anything itself.

/** @import { State } from "../../wire" */
/** @import { Listing, Order, Wish } from "./filter_sessions.js" */
import { button, make, setHidden, setText } from "../parts/element.js";
import { figure } from "../text/format_number.js";
import { filterMeaning, filterNames, listed, orderNames, phrases } from "../text/sessions.js";
import { EVERYTHING, ORDERS, remembered, STATES } from "./filter_sessions.js";

const KEPT = "headcount.sessions";

/** @type {(State | "all")[]} */
const FILTERS = ["all", ...STATES];

/**
 * @param {(wish: Wish) => void} wished
 * @param {() => void} done back to the list
 */
export function finder(wished, done) {
  let wish = remembered(localStorage.getItem(KEPT));

  const field = make("input", {
    type: "search", class: "search", autocomplete: "off", spellcheck: "false", maxlength: "200",
    placeholder: phrases.search, "aria-label": `${phrases.search}: ${phrases.searchHint}`, title: phrases.searchHint, "aria-keyshortcuts": "/",
  });
  const slash = make("kbd", { "aria-hidden": "true" }, "/");
  const filters = FILTERS.map((state) => {
    const tick = make("input", { type: "radio", name: "filter", value: state, class: "visually-hidden" });
    const tally = make("span", { class: "filter-count" });
    const element = make("label", { class: "filter", "data-kind": state }, tick, make("span", {}, filterNames[state]), " ", tally);
    return { state, tick, tally, element };
  });
  const order = make("select", { "aria-label": phrases.orderLabel }, ...ORDERS.map((name) => make("option", { value: name }, orderNames[name])));
  const told = make("p", { class: "visually-hidden", role: "status" });
  const nothing = make("p", { class: "no-results", hidden: true },
    make("span", {}, phrases.nothingFound), " ", button({}, phrases.showAll, () => change(EVERYTHING, true)));
  const element = make("div", { class: "filter-bar", role: "search", "aria-label": phrases.finderLabel },
    make("div", { class: "search-field" }, field, slash),
    make("div", { class: "filters", role: "radiogroup", "aria-label": phrases.filterLabel }, ...filters.map((each) => each.element)),
    order, told);

  field.addEventListener("input", () => change({ ...wish, text: field.value }));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      if (field.value !== "") change({ ...wish, text: "" });
      else done();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      done();
    }
  });
  element.addEventListener("change", ({ target }) => {
    const filter = filters.find(({ tick }) => tick === target);
    if (filter) change({ ...wish, state: filter.state });
    if (target === order) change({ ...wish, order: /** @type {Order} */ (order.value) });
  });

  function show() {
    if (field.value !== wish.text) field.value = wish.text;
    slash.hidden = wish.text !== "";
    for (const { state, tick } of filters) tick.checked = state === wish.state;
    order.value = wish.order;
  }

  /** @param {Wish} next @param {boolean} [back] the focus goes to the search, because what had it goes */
  function change(next, back = false) {
    wish = next;
    localStorage.setItem(KEPT, JSON.stringify({ state: wish.state, order: wish.order }));
    show();
    if (back) field.focus();
    wished(wish);
  }

  show();
  return {
    element,
    /** Shown instead of rows. */
    nothing,
    get wish() {
      return wish;
    },
    /** To see a session that is not listed. */
    reset: () => change(EVERYTHING),
    focus() {
      field.focus();
      field.select();
    },

    /** @param {Listing} listing */
    draw({ tallies, total }) {
      for (const { state, tick, tally, element: label } of filters) {
        const n = tallies[state];
        setText(tally, figure(n));
        const meaning = filterMeaning(state, n);
        if (tick.getAttribute("aria-label") !== meaning) tick.setAttribute("aria-label", meaning);
        // The ordinary three are always there; the others once there is one.
        setHidden(label, n === 0 && (state === "inactive" || state === "unknown") && wish.state !== state);
      }
      setHidden(nothing, total > 0);
      if (wish.text !== "" || wish.state !== "all") setText(told, listed(total));
      else setText(told, "");
    },
  };
}
