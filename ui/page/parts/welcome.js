// The page where there is nothing to count: what Headcount watches, and how a session gets here. Where there was something before
// and the registry is gone, the way to have it back.
//
// Promises: shown only when there is no session and nothing is wrong; says nothing that is not so yet.

/** @import { Snapshot } from "../../wire" */
import { button, make, setText } from "./element.js";
import { line } from "../text/sanitize.js";
import { staleAfter, words } from "../text/common.js";

/**
 * @param {HTMLElement} root
 * @param {() => void} hooks goes where hooks are set up
 * @param {{ element: HTMLElement, about: (isNeeded: boolean) => void }} way back to a registry that is gone
 */
export function welcome(root, hooks, way) {
  const registry = make("bdi");
  const heartbeats = make("bdi");
  const timeout = make("p", { class: "muted" });
  const heading = make("h2", { id: "welcome-title" }, words.welcomeTitle);
  root.setAttribute("aria-labelledby", heading.id);
  // A strip with nobody in it yet.
  const picture = make("div", { class: "slots", "aria-hidden": "true" });
  for (let number = 1; number <= 5; number++) {
    picture.append(make("span", { class: "slot", "data-state": "free" }, make("span", { class: "number" }, String(number))));
  }
  root.append(
    picture,
    heading,
    way.element,
    make("p", {}, words.welcomeHow),
    button({ class: "primary" }, words.welcomeHooks, hooks),
    make("p", { class: "muted" }, words.welcomeWatching),
    make("p", { class: "path" }, registry),
    make("p", { class: "muted" }, words.welcomeBeats),
    make("p", { class: "path" }, heartbeats),
    timeout,
  );

  return {
    /** @param {Snapshot} snapshot */
    draw({ sessions, trouble, registry: at, heartbeats: beats, timeout_minutes, counts }) {
      const isShown = sessions.length === 0 && trouble === null;
      // Asked once, when it comes to this: copies are not watched.
      if (isShown === root.hidden) way.about(isShown);
      root.hidden = !isShown;
      setText(heading, counts.running > 0 ? words.welcomeRunning : words.welcomeTitle);
      setText(registry, line(at, 1000));
      setText(heartbeats, line(beats, 1000));
      setText(timeout, `${staleAfter(timeout_minutes)}.`);
    },
  };
}
