// The settings, each applied at once and explained in one line.
//
// Promises: shows what is set and what counts, as the engine tells it: what is changed in the file by hand shows here by
// itself, except in a field that is being typed in; what could not be set is said beside it. Keeps nothing: a control that
// was moved moves back where its setting was refused.

/** @import { Hooks, Setup, Snapshot, Snooze, Theme, TimeoutEffect } from "../../wire" */
/** @import { Clock } from "../parts/live_text.js" */
import { choices, hooksStand, keptIn, wouldChange } from "../text/settings.js";
import { failure } from "../backend.js";
import { button, make, setHidden, setText } from "../parts/element.js";
import { line } from "../text/sanitize.js";
import { instant } from "../text/times.js";
import { failed, snoozed } from "../text/common.js";

/**
 * @typedef {object} Ways
 * @property {() => Promise<Setup>} settings
 * @property {(key: string, value: unknown) => Promise<void>} set
 * @property {(key: "registry" | "heartbeats") => Promise<boolean>} choose
 * @property {(minutes: number) => Promise<TimeoutEffect>} rehearseTimeout
 * @property {(choice: Snooze) => Promise<void>} snooze
 * @property {() => Promise<boolean>} startsAtLogin
 * @property {(isWanted: boolean) => Promise<void>} startAtLogin
 * @property {() => Promise<Hooks>} hooks
 * @property {() => Promise<Hooks>} installHooks
 * @property {() => Promise<Hooks>} removeHooks
 */

const THEMES = /** @type {Theme[]} */ (["system", "light", "dark"]);

/** How long somebody types before what it would mean is looked up. */
const PAUSE = 250;

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 * @param {Ways} ways
 */
export function settings(root, clock, ways) {
  /** @type {Setup | null} */
  let setup = null;
  const complaints = make("div", { role: "alert" });
  const file = make("p", { class: "muted config-file" });

  /**
   * A line of the page: what it is, what it means, its control, and what went wrong with it.
   * @param {string} key
   * @param {{ name: string, about: string }} words
   * @param {(ids: Record<string, string>) => (Node | string)[]} controls
   */
  function setting(key, { name, about }, controls) {
    const ids = { "aria-describedby": `about-${key}` };
    const note = make("p", { class: "overridden", hidden: true }, choices.overruled);
    const wrong = make("p", { class: "error", role: "alert" });
    const row = make(
      "div",
      { class: "setting", "data-key": key },
      make("div", { class: "description" }, make("label", { for: `set-${key}`, id: `name-${key}` }, name), make("p", { class: "muted", id: `about-${key}` }, about), note, wrong),
      make("div", { class: "control" }, ...controls({ ...ids, id: `set-${key}` })),
    );
    /** @param {Promise<unknown>} deed @param {string} [sorry] */
    const attempt = async (deed, sorry = choices.couldNotSet) => {
      setText(wrong, "");
      try {
        await deed;
      } catch (reason) {
        setText(wrong, failed(sorry, failure(reason).message));
        draw();
      }
    };
    return { row, note, wrong, attempt };
  }

  /** @param {"notifications" | "auto_cleanup" | "count_sdk_runs" | "session_titles"} key @param {{ name: string, about: string }} words */
  function toggle(key, words) {
    const box = make("input", { type: "checkbox", role: "switch" });
    const made = setting(key, words, (ids) => {
      for (const [name, value] of Object.entries(ids)) box.setAttribute(name, value);
      return [box];
    });
    box.addEventListener("change", () => void made.attempt(ways.set(key, box.checked)));
    return { ...made, draw: (/** @type {Setup} */ { settings }) => void (box.checked = settings[key]) };
  }

  /** @param {"registry" | "heartbeats"} key @param {{ name: string, about: string }} words */
  function path(key, words) {
    const where = make("bdi");
    const usual = button({ hidden: true }, choices.byDefault, () => void made.attempt(ways.set(key, null)));
    const made = setting(key, words, (ids) => [
      button({ ...ids, "aria-labelledby": `name-${key} set-${key}` }, choices.choose, () => void made.attempt(ways.choose(key))),
      usual,
    ]);
    made.note.before(make("p", { class: "path" }, where));
    return {
      ...made,
      draw(/** @type {Setup} */ now) {
        setText(where, line(now[key], 1000));
        const isLost = usual === document.activeElement && now.settings[key] === null;
        setHidden(usual, now.settings[key] === null);
        if (isLost) made.row.querySelector("button")?.focus();
      },
    };
  }

  function timeout() {
    const field = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "6" });
    const effect = make("p", { class: "effect", role: "status" });
    const made = setting("timeout_minutes", choices.timeout, (ids) => {
      for (const [name, value] of Object.entries(ids)) field.setAttribute(name, value);
      return [field, " ", make("span", { class: "muted" }, choices.minutes)];
    });
    made.wrong.before(effect);
    let wait = 0;

    const typed = () => (/^\d{1,6}$/.test(field.value) && Number(field.value) <= 525600 ? Number(field.value) : null);
    const isSet = () => setup !== null && typed() === setup.settings.timeout_minutes;
    /** @param {number | null} minutes @param {string} text */
    const tell = (minutes, text) => {
      setText(effect, minutes !== null && minutes < 30 ? `${text} ${choices.short}`.trim() : text);
      effect.toggleAttribute("data-warning", minutes !== null && minutes < 30);
    };

    field.addEventListener("input", () => {
      const minutes = typed();
      field.setAttribute("aria-invalid", String(minutes === null));
      setText(made.wrong, minutes === null ? choices.notWhole : "");
      clearTimeout(wait);
      if (minutes === null || isSet()) return tell(minutes, "");
      wait = setTimeout(async () => {
        const found = await ways.rehearseTimeout(minutes).catch(() => null);
        if (typed() === minutes) tell(minutes, found ? wouldChange(minutes, found) : "");
      }, PAUSE);
    });
    const apply = () => {
      const minutes = typed();
      if (minutes !== null && !isSet()) void made.attempt(ways.set("timeout_minutes", minutes));
    };
    field.addEventListener("change", apply);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") apply();
      if (event.key !== "Escape" || !setup) return;
      field.value = String(setup.settings.timeout_minutes);
      field.dispatchEvent(new Event("input"));
    });

    return {
      ...made,
      draw(/** @type {Setup} */ { settings }) {
        // What is being typed stays, unless it is what was set.
        if (document.activeElement === field && field.getAttribute("aria-invalid") === "true") return;
        if (document.activeElement === field && !isSet() && field.dataset.drawn === String(settings.timeout_minutes)) return;
        field.value = field.dataset.drawn = String(settings.timeout_minutes);
        field.removeAttribute("aria-invalid");
        tell(settings.timeout_minutes, "");
      },
    };
  }

  function theme() {
    const made = setting("theme", choices.theme, (ids) => [
      make(
        "div",
        { class: "segments", role: "radiogroup", "aria-labelledby": "name-theme", "aria-describedby": ids["aria-describedby"] ?? "" },
        ...THEMES.map((value) => {
          const radio = make("input", { type: "radio", name: "theme", value, id: value === "system" ? "set-theme" : `theme-${value}` });
          radio.addEventListener("change", () => void made.attempt(ways.set("theme", value)));
          return make("label", {}, radio, make("span", {}, choices.themes[value]));
        }),
      ),
    ]);
    // The whole group has this name; a label for one of its buttons would say it twice.
    made.row.querySelector("label")?.removeAttribute("for");
    return {
      ...made,
      draw(/** @type {Setup} */ { settings }) {
        for (const radio of made.row.querySelectorAll("input")) radio.checked = radio.value === settings.theme;
      },
    };
  }

  function snoozing() {
    const state = make("p", { class: "effect", role: "status" });
    const off = button({ hidden: true }, choices.off, () => void made.attempt(ways.snooze("off")));
    const made = setting("snooze", choices.snooze, (ids) => [
      button(ids, choices.hour, () => void made.attempt(ways.snooze("hour"))),
      button({}, choices.tomorrow, () => void made.attempt(ways.snooze("tomorrow"))),
      off,
    ]);
    made.row.querySelector("label")?.replaceWith(make("span", { class: "name" }, choices.snooze.name));
    made.wrong.before(state);
    return {
      ...made,
      /** @param {string | null} until */
      show(until) {
        const end = instant(until);
        clock.keep(state, (now) => {
          const isOn = end !== null && end > now;
          const isLost = off === document.activeElement && !isOn;
          setHidden(off, !isOn);
          if (isLost) made.row.querySelector("button")?.focus();
          if (!isOn) return setText(state, ""), Infinity;
          const { text, until: changes } = snoozed(end, now);
          setText(state, `${text}.`);
          return Math.min(changes, end);
        });
      },
    };
  }

  function atLogin() {
    const box = make("input", { type: "checkbox", role: "switch" });
    const made = setting("login", choices.login, (ids) => {
      for (const [name, value] of Object.entries(ids)) box.setAttribute(name, value);
      return [box];
    });
    const look = async () => void (box.checked = await ways.startsAtLogin().catch(() => false));
    box.addEventListener("change", () => void made.attempt(ways.startAtLogin(box.checked)).then(look));
    return { ...made, look };
  }

  function hooking() {
    const state = make("p", { class: "effect", role: "status", id: "hooks-status" });
    /** @param {() => Promise<Hooks>} deed */
    const press = async (deed) => {
      if (isBusy) return;
      isBusy = true;
      await made.attempt(deed().then(show), choices.hooksUnchanged);
      isBusy = false;
    };
    const install = button({ "aria-describedby": state.id }, choices.install, () => void press(ways.installHooks));
    const remove = button({ hidden: true, "aria-describedby": state.id }, choices.remove, () => void press(ways.removeHooks));
    let isBusy = false;
    const made = setting("hooks", choices.hooks, () => [install, remove]);
    made.row.querySelector("label")?.replaceWith(make("span", { class: "name" }, choices.hooks.name));
    made.wrong.before(state);

    /** @param {Hooks} hooks */
    function show(hooks) {
      setText(state, hooksStand(hooks));
      state.toggleAttribute("data-warning", hooks.oddity !== null);
      setText(install, hooks.can_remove ? choices.installAgain : choices.install);
      const had = document.activeElement;
      setHidden(install, !hooks.can_install);
      setHidden(remove, !hooks.can_remove);
      // The button that takes it back is the one that is there now.
      if (had === install && !hooks.can_install) remove.focus();
      if (had === remove && !hooks.can_remove) install.focus();
    }
    const look = async () => {
      try {
        show(await ways.hooks());
      } catch (reason) {
        setText(state, line(failure(reason).message, 600));
        state.toggleAttribute("data-warning", true);
      }
    };
    return { ...made, look };
  }

  const drawn = {
    timeout_minutes: timeout(),
    auto_cleanup: toggle("auto_cleanup", choices.auto_cleanup),
    count_sdk_runs: toggle("count_sdk_runs", choices.count_sdk_runs),
    session_titles: toggle("session_titles", choices.session_titles),
    notifications: toggle("notifications", choices.notify),
    registry: path("registry", choices.registry),
    heartbeats: path("heartbeats", choices.heartbeats),
    theme: theme(),
  };
  const quiet = snoozing();
  const login = atLogin();
  const hooks = hooking();
  const group = (/** @type {string} */ title, /** @type {{ row: HTMLElement }[]} */ ...rows) =>
    make("section", { class: "settings-group" }, make("h2", {}, title), ...rows.map(({ row }) => row));
  root.append(
    complaints,
    group(choices.sessions, drawn.timeout_minutes, drawn.auto_cleanup, drawn.count_sdk_runs, drawn.session_titles, hooks),
    group(choices.notifications, drawn.notifications, quiet),
    group(choices.files, drawn.registry, drawn.heartbeats),
    group(choices.window, drawn.theme, login),
    file,
  );

  function draw() {
    if (!setup) return;
    const { settings, overruled } = setup;
    document.documentElement.dataset.theme = settings.theme;
    for (const [key, each] of Object.entries(drawn)) {
      each.draw(setup);
      setHidden(each.note, !overruled.includes(key));
    }
    const said = setup.complaints.map((complaint) => make("p", {}, line(complaint, 600)));
    const note = said.length > 0 ? [make("section", { class: "note", "data-tone": "trouble" }, ...said)] : [];
    if (complaints.textContent !== note.map(({ textContent }) => textContent).join("")) complaints.replaceChildren(...note);
    setText(file, setup.file === null ? "" : keptIn(line(setup.file, 1000)));
  }

  return {
    /** @param {Setup} next */
    hear(next) {
      setup = next;
      draw();
    },
    /** What was answered, unless something newer was heard meanwhile. @param {Setup} first */
    begin(first) {
      setup ??= first;
      draw();
    },
    /** Puts the focus on what changes a setting. @param {string} key */
    point(key) {
      /** @type {HTMLElement | null} */ (root.querySelector(`[data-key="${key}"] :is(button, input):not([hidden])`))?.focus();
    },
    /** Looks at what nobody reports. */
    refresh: () => Promise.all([login.look(), hooks.look()]),
    /** @param {Snapshot} snapshot */
    draw: ({ snoozed_until }) => quiet.show(snoozed_until),
  };
}
