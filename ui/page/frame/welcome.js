// The page shown while there are no sessions: what Headcount watches and how to register a session. If the registry existed before
// and is missing, the offer to restore it.

/** @import { Snapshot } from "../../wire" */
import { staleAfterText, welcomeLabels } from "../text/common.js";
import { singleLine } from "../text/format/sanitize.js";
import { button, make, setText } from "../parts/element.js";

/**
 * @param {HTMLElement} root
 * @param {() => void} onSetUpHooks
 * @param {{ element: HTMLElement, setNeeded: (isNeeded: boolean) => void }} restoreOffer
 */
export function welcome(root, onSetUpHooks, restoreOffer) {
  const registryPath = make("bdi");
  const heartbeatsPath = make("bdi");
  const timeout = make("p", { class: "muted" });
  const heading = make("h2", { id: "welcome-title" }, welcomeLabels.title);
  root.setAttribute("aria-labelledby", heading.id);
  // A decorative number strip with free numbers only.
  const picture = make("div", { class: "slots", "aria-hidden": "true" });
  for (let number = 1; number <= 5; number++) {
    picture.append(make("span", { class: "slot", "data-state": "free" }, make("span", { class: "number" }, String(number))));
  }
  root.append(
    picture,
    heading,
    restoreOffer.element,
    make("p", {}, welcomeLabels.how),
    button({ class: "primary" }, welcomeLabels.setUpHooks, onSetUpHooks),
    make("p", { class: "muted" }, welcomeLabels.registry),
    make("p", { class: "path" }, registryPath),
    make("p", { class: "muted" }, welcomeLabels.heartbeats),
    make("p", { class: "path" }, heartbeatsPath),
    timeout,
  );

  return {
    /** @param {Snapshot} snapshot */
    draw({ sessions, trouble, registry, heartbeats, timeout_minutes, counts }) {
      const isShown = sessions.length === 0 && trouble === null;
      // Looked up only when the page appears: the engine does not watch copies.
      if (isShown === root.hidden) restoreOffer.setNeeded(isShown);
      root.hidden = !isShown;
      setText(heading, counts.running > 0 ? welcomeLabels.titleWhileRunning : welcomeLabels.title);
      setText(registryPath, singleLine(registry, 1000));
      setText(heartbeatsPath, singleLine(heartbeats, 1000));
      setText(timeout, `${staleAfterText(timeout_minutes)}.`);
    },
  };
}
