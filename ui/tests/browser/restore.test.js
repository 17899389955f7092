// Restoring a copy of an unreadable or missing registry by keyboard: the offer, what it says, and where the focus goes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, enter } from "./browser.js";

/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;
/** @type {import("playwright-core").Page} */
let page;
before(async () => {
  browser = await browse();
  page = await browser.context.newPage();
  await page.setViewportSize({ width: 880, height: 720 });
});
after(() => browser.close());

const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className || document.activeElement?.textContent);
const offer = () => page.getByRole("button", { name: /^Restore the copy of .*\(12 sessions\)…$/ });

/** Presses Tab until a button has the focus. @param {RegExp} name */
async function tabTo(name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (name.test(await page.evaluate(() => document.activeElement?.textContent ?? ""))) return;
  }
  assert.fail(`Tab does not reach ${name}`);
}

for (const query of ["recording=unreadable", "recording=unreadable&place=history"]) {
  test(`a copy is restored by keyboard: ${query}`, async () => {
    await enter(page, browser.base, { query }, "light");
    await offer().waitFor();
    await tabTo(/^Restore the copy/);
    await page.keyboard.press("Enter");
    const plan = page.getByRole("group", { name: /^Restore the copy/ });
    assert.equal(await focused(), "restore-plan");
    assert.match(await plan.innerText(), /^The registry will be as it was before Headcount’s change at .*, with 12 sessions\./);
    // A second Enter must not restore.
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "restore-offer");
    assert.equal(await plan.isVisible(), false);

    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText(/^Restored the registry from before .*The replaced file is kept as \/home\/me\//).waitFor();
    await page.waitForFunction(() => document.title === "Headcount: 5 running · 2 not registered · 9 stale");
    assert.equal(await offer().isVisible(), false);
    const isHistory = query.includes("history");
    assert.match(String(await focused()), isHistory ? /^history-tab$/ : /^row-button/);
    if (isHistory) await page.getByText("Restored a copy of the registry").waitFor();
  });
}

test("a failed restore is shown in the offer", async () => {
  await enter(page, browser.base, { query: "recording=restore-fails" }, "light");
  await offer().click();
  const restore = page.getByRole("button", { name: "Restore", exact: true });
  await restore.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText(/^The copy was not restored\. Could not write/).waitFor();
  assert.equal(await restore.evaluate((button) => button === document.activeElement), true);
  assert.equal(await page.title(), "Headcount: the registry cannot be read");
});

test("nothing is offered without a copy, and the offer disappears with its cause", async () => {
  await enter(page, browser.base, { query: "recording=unreadable-no-copy" }, "light");
  await page.getByText("What to do").waitFor();
  assert.equal(await offer().isVisible(), false);
  await enter(page, browser.base, { query: "recording=unreadable-from-the-start" }, "light");
  assert.equal(await offer().isVisible(), false, "a copy does not help against missing permissions");

  await enter(page, browser.base, { query: "recording=unreadable" }, "light");
  await offer().click();
  await page.getByRole("button", { name: "Restore", exact: true }).focus();
  // Another program repairs the registry.
  await page.evaluate(() => globalThis.mockBackend.change((snapshot) => ((snapshot.trouble = null), (snapshot.cleanup.caution = null))));
  await page.waitForFunction(() => document.title === "Headcount: 5 running · 2 not registered · 9 stale");
  assert.match(String(await focused()), /^row-button/);
  assert.equal(await page.locator("#banner").innerText(), "");
});

test("a missing registry is restored by keyboard", async () => {
  await enter(page, browser.base, { query: "recording=registry-missing" }, "light");
  await page.getByText("This registry existed before and is missing now.").waitFor();
  await tabTo(/^Restore the copy/);
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "restore-missing-plan");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/^Restored the registry from before [^.]*\.$/).waitFor();
  await page.waitForFunction(() => document.title === "Headcount: 5 running · 2 not registered · 9 stale");
  assert.match(String(await focused()), /^row-button/);

  // A registry that never existed is not missing.
  await enter(page, browser.base, { query: "recording=empty" }, "light");
  await page.getByText("No sessions yet").waitFor();
  assert.equal(await page.getByText("existed before").isVisible(), false);
});
