// Everybody can use it: axe over every page and state in both themes, and a walk through them by keyboard alone.
//
// Promises: no violation of WCAG 2.2 A and AA or of axe's best practices; after every Tab the focus is on something that
// is visible and inside what is open. Contrast is measured on the pixels' own colours, in a real browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browse, enter } from "./browser.js";
import { states } from "./states.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;
before(async () => void (browser = await browse()));
after(() => browser.close());

for (const theme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds nothing in ${theme}`, async (t) => {
    const page = await browser.context.newPage();
    await page.setViewportSize({ width: 880, height: 720 });
    await page.emulateMedia({ reducedMotion: "reduce" });
    /** @type {string[]} */
    const problems = [];
    page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
    page.on("pageerror", (error) => void problems.push(String(error)));
    for (const [name, state] of Object.entries(states)) {
      await t.test(name, async () => {
        await enter(page, browser.base, state, theme);
        // Through the debugger: the page's own policy allows no script that is not its own.
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`)]), []);
        assert.deepEqual(problems.splice(0), []);
      });
    }
    await page.close();
  });
}

test("the focus is never lost", async (t) => {
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 880, height: 720 });
  for (const [name, state] of Object.entries(states)) {
    await t.test(name, async () => {
      await enter(page, browser.base, state, "light");
      const seen = new Set();
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press(i % 7 === 6 ? "Shift+Tab" : "Tab");
        const at = await page.evaluate(where);
        assert.equal(at.wrong, null, `after ${i + 1} steps: ${at.what}`);
        seen.add(at.what);
      }
      assert.ok(seen.size > 1, `nothing but ${[...seen]}`);
    });
  }
  await page.close();
});

/** Where the focus is, and what is wrong with that. The browser's own controls are no place of the page. */
function where() {
  const at = document.activeElement;
  if (!at || at === document.body) return { what: "the browser", wrong: null };
  const what = at.outerHTML.slice(0, 200);
  const open = document.querySelector("dialog[open]");
  const box = at.getBoundingClientRect();
  const wrong = !at.checkVisibility() ? "not visible"
    : open && !open.contains(at) ? "outside of the open dialog"
    : box.width === 0 || box.height === 0 ? "without a size"
    : box.bottom <= 0 || box.top >= innerHeight ? "scrolled out of sight"
    : null;
  return { what, wrong };
}
