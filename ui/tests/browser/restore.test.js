// A registry that cannot be read, and the way out by keyboard alone: what is offered, what is said before, and where the focus
// is in between and at the end.

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
const offer = () => page.getByRole("button", { name: /^Put back the copy of .*\(12 sessions\)…$/ });

/** Presses Tab until a button has the focus. @param {RegExp} name */
async function tabTo(name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (name.test(await page.evaluate(() => document.activeElement?.textContent ?? ""))) return;
  }
  assert.fail(`Tab does not come to ${name}`);
}

for (const fixture of ["fixture=unreadable", "fixture=unreadable&place=history"]) {
  test(`a copy is put back by keyboard: ${fixture}`, async () => {
    await enter(page, browser.base, { query: fixture }, "light");
    await offer().waitFor();
    await tabTo(/^Put back the copy/);
    await page.keyboard.press("Enter");
    const plan = page.getByRole("group", { name: /^Put back the copy/ });
    assert.equal(await focused(), "restore-plan");
    assert.match(await plan.innerText(), /^The registry becomes what it was before Headcount’s change at .*, with 12 sessions\./);
    // What opened it does not put it back, however often it is pressed.
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "restore-offer");
    assert.equal(await plan.isVisible(), false);

    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText(/^The registry is as it was before .*What was there is kept as \/home\/me\//).waitFor();
    await page.waitForFunction(() => document.title === "Headcount: 3 active · 9 stale");
    assert.equal(await offer().isVisible(), false);
    const isHistory = fixture.includes("history");
    assert.match(String(await focused()), isHistory ? /^history-tab$/ : /^face/);
    if (isHistory) await page.getByText("Put back a copy of the registry").nth(1).waitFor(); // beside the one of the fixture
  });
}

test("what could not be put back is said where it was asked for", async () => {
  await enter(page, browser.base, { query: "fixture=unreadable&fail=restore" }, "light");
  await offer().click();
  const put = page.getByRole("button", { name: "Put it back" });
  await put.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText(/^The copy was not put back\. .*No space left/).waitFor();
  assert.equal(await put.evaluate((button) => button === document.activeElement), true);
  assert.equal(await page.title(), "Headcount: the registry cannot be read");
});

test("no copy, no offer; and it goes with its cause", async () => {
  await enter(page, browser.base, { query: "fixture=unreadable&copy=none" }, "light");
  await page.getByText("What to do").waitFor();
  assert.equal(await offer().isVisible(), false);
  await enter(page, browser.base, { query: "fixture=unreadable-from-the-start" }, "light");
  assert.equal(await offer().isVisible(), false, "one that may not be read is not mended so");

  await enter(page, browser.base, { query: "fixture=unreadable" }, "light");
  await offer().click();
  await page.getByRole("button", { name: "Put it back" }).focus();
  // Another program writes a whole one: there is nothing to confirm any more.
  await page.evaluate(() => globalThis.mockBackend.change((snapshot) => ((snapshot.trouble = null), (snapshot.cleanup.caution = null))));
  await page.waitForFunction(() => document.title === "Headcount: 3 active · 9 stale");
  assert.match(String(await focused()), /^face/);
  assert.equal(await page.locator("#banner").innerText(), "");
});

test("a registry that is gone comes back by keyboard", async () => {
  await enter(page, browser.base, { query: "fixture=empty&copy=gone" }, "light");
  await page.getByText("This registry was there before, and is gone.").waitFor();
  await tabTo(/^Put back the copy/);
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "restore-missing-plan");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/^The registry is as it was before [^.]*\.$/).waitFor();
  await page.waitForFunction(() => document.title === "Headcount: 3 active · 9 stale");
  assert.match(String(await focused()), /^face/);

  // Where there was never anybody, nothing is said of it.
  await enter(page, browser.base, { query: "fixture=empty" }, "light");
  await page.getByText("No sessions yet").waitFor();
  assert.equal(await page.getByText("and is gone").isVisible(), false);
});
