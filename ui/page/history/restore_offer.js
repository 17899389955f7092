// The way out where the registry cannot be read, or is gone: the newest good copy, put back after a look at what that means.
//
// Promises: offered only where the engine says that a copy helps; nothing is changed before it was said in place what will
// happen, and confirmed; what failed is said there. The focus stays in here until there is nothing here any more. Does not
// know what is wrong with the registry, nor which copy is good.

/** @import { KeptCopy } from "../../wire" */
/** @import { Clock } from "../parts/live_text.js" */
import { failure } from "../backend.js";
import { backAsItWas, copyOffered, copyTaken, deeds } from "../text/changes.js";
import { button, make, setHidden, setText } from "../parts/element.js";
import { line } from "../text/sanitize.js";
import { instant } from "../text/times.js";
import { failed, words } from "../text/common.js";

/**
 * @typedef {object} Rescuer
 * @property {() => Promise<KeptCopy | null>} newestCopy
 * @property {(id: string) => Promise<string | null>} restore
 * @property {(text: string) => void} restored what was done, in words
 */

/**
 * @param {Clock} clock
 * @param {Rescuer} ways
 * @param {"restore" | "restore-missing"} id restore-missing: there is nothing in its place that would be kept
 */
export function rescue(clock, { newestCopy, restore, restored }, id = "restore") {
  /** @type {KeptCopy | null} */
  let copy = null;
  let asked = 0;
  let isOnItsWay = false;

  const offer = button({ id: `${id}-offer`, "aria-expanded": "false", "aria-controls": `${id}-plan` }, "", () => ask(plan.hidden !== false));
  const becomes = make("p", { id: `${id}-becomes` });
  const folder = make("bdi");
  const kept = make("p", { id: `${id}-kept` }, deeds.nowKept);
  const isGone = id === "restore-missing";
  const go = button({ class: "primary" }, deeds.putBack, () => void run());
  const cancel = button({}, words.cancel, () => ask(false));
  const plan = make(
    "div",
    { id: `${id}-plan`, role: "group", tabindex: "-1", "aria-labelledby": offer.id, "aria-describedby": isGone ? becomes.id : `${becomes.id} ${kept.id}`, hidden: true },
    becomes,
    ...(isGone ? [] : [kept, make("p", { class: "path" }, folder)]),
    make("div", { class: "actions" }, go, cancel),
  );
  const wrong = make("p", { class: "error", role: "alert" });
  const lead = isGone ? [make("p", {}, deeds.wasThere)] : [];
  const element = make("div", { class: "restore-offer", hidden: true }, ...lead, offer, plan, wrong);
  plan.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || isOnItsWay) return;
    event.preventDefault();
    ask(false);
  });

  /** Opens or closes what says what will happen. @param {boolean} isWanted */
  function ask(isWanted) {
    if (isOnItsWay) return;
    setText(wrong, "");
    setHidden(plan, !isWanted);
    offer.setAttribute("aria-expanded", String(isWanted));
    // Not on what puts it back: a second Enter must not do so before anything was read.
    (isWanted ? plan : offer).focus();
  }

  /** @param {KeptCopy | null} found */
  function show(found) {
    const isAnother = found?.id !== copy?.id;
    copy = found;
    setHidden(element, found === null && wrong.textContent === "");
    setHidden(offer, found === null);
    if (found === null || isAnother) setHidden(plan, true), offer.setAttribute("aria-expanded", "false");
    if (found === null) return clock.drop(offer);
    const at = instant(found.at) ?? 0;
    clock.keep(offer, (now) => {
      const { text, until } = copyOffered(at, found.sessions, now);
      setText(offer, text);
      setText(becomes, copyTaken(at, found.sessions, now).text);
      return until;
    });
    setText(folder, line(found.folder, 1000));
  }

  async function look() {
    const mine = ++asked;
    try {
      const found = await newestCopy();
      if (mine === asked) show(found);
    } catch (reason) {
      if (mine !== asked) return;
      setText(wrong, failed(deeds.couldNotLook, failure(reason).message));
      show(null);
    }
  }

  async function run() {
    if (!copy || isOnItsWay) return;
    const { at, id } = copy;
    isOnItsWay = true; // not disabled: a disabled button loses the focus
    setText(wrong, "");
    setText(go, deeds.puttingBack);
    try {
      restored(backAsItWas(instant(at) ?? 0, await restore(id), Date.now()));
    } catch (reason) {
      setText(wrong, failed(deeds.couldNotPutBack, failure(reason).message));
    } finally {
      isOnItsWay = false;
      setText(go, deeds.putBack);
    }
  }

  return {
    element,
    /** Whether it is needed now. @param {boolean} isNeeded */
    about(isNeeded) {
      setText(wrong, "");
      if (isNeeded) return void look();
      asked += 1;
      show(null);
    },
  };
}
