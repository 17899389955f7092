// Accessibility: axe on every state of the page in both themes, and a walk through each by keyboard.
//
// Guarantees: no violation of WCAG 2.2 A and AA or of axe's best practices; after every Tab the focus is on a visible
// element, inside the open dialog if there is one. Contrast is measured in a real browser.

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
        // Evaluated through the debugger, because the page's content security policy blocks foreign scripts.
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

/** The element with the focus, and what is wrong with it. The browser's own controls are ignored. */
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
