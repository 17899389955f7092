// The welcome page: by keyboard to the hooks in the settings.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, enter } from "./browser.js";

/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;
before(async () => void (browser = await browse()));
after(() => browser.close());

test("the welcome page leads to the hooks by keyboard", async () => {
  const page = await browser.context.newPage();
  await enter(page, browser.base, { query: "recording=empty" }, "light");
  await page.getByRole("button", { name: "Set up hooks…" }).press("Enter");
  const install = page.getByRole("button", { name: "Install", exact: true });
  await page.getByText("Not installed").waitFor();
  assert.ok(await install.evaluate((button) => button === document.activeElement));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Remove" }).waitFor();
});
