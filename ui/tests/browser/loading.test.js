// What the browser requests to open the page: every file once, nothing missing, nothing found late, nothing unused.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, enter } from "./browser.js";

const STORY = { query: "recording=story" };
const FOLDER = new URL("../../page/", import.meta.url);

/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;
/** @type {import("playwright-core").Page} */
let page;
/** Paths of the page's own files, in the order of their requests. @type {string[]} */
let requested;
/** @type {string[]} */
let failed;
before(async () => void (browser = await browse()));
after(() => browser.close());

/** Opens an empty tab that records its requests. */
async function record() {
  await page?.close();
  page = await browser.context.newPage();
  requested = [];
  failed = [];
  page.on("request", (request) => {
    if (request.url().startsWith(browser.base)) requested.push(new URL(request.url()).pathname.slice("/page/".length));
  });
  page.on("response", (response) => void (response.status() >= 400 && failed.push(response.url())));
}

/** @param {string} extension */
const sorted = (extension) => requested.filter((path) => path.endsWith(extension)).toSorted();
/** @param {string} folder @param {string} extension */
const files = async (folder, extension) =>
  (await readdir(new URL(folder, FOLDER), { recursive: true })).filter((path) => path.endsWith(extension)).map((path) => folder + path).toSorted();

test("index.html preloads exactly the modules that are imported", async () => {
  await record();
  await page.route(/\/page\/\?/, async (route) => {
    const response = await route.fetch();
    const html = (await response.text()).replaceAll(/<link rel="modulepreload"[^>]*>/g, "");
    await route.fulfill({ response, body: html });
  });
  await enter(page, browser.base, STORY, "light");
  const imported = sorted(".js");

  await record();
  await enter(page, browser.base, STORY, "light");
  assert.deepEqual(sorted(".js"), imported);
  const preloaded = await page.evaluate(() => [...document.querySelectorAll("link[rel=modulepreload], script[src]")].map((element) => element.getAttribute("href") ?? element.getAttribute("src")));
  assert.deepEqual(preloaded.toSorted(), imported);
});

test("every module and style sheet of the page is used, and none is missing", async () => {
  await record();
  await enter(page, browser.base, STORY, "light");
  assert.deepEqual(sorted(".js"), await files("", ".js"));
  assert.deepEqual(sorted(".css"), await files("style/", ".css"));
  assert.deepEqual(failed, []);
});

test("nothing is requested after the page is drawn", async () => {
  await record();
  await enter(page, browser.base, STORY, "light");
  const before = requested.length;
  for (const key of ["2", "3", "1", "?", "Escape", "a", "Escape"]) await page.keyboard.press(key);
  await page.getByRole("button", { name: /^Clean up 9 stale/ }).click();
  await page.getByRole("button", { name: "Cancel" }).last().click();
  assert.deepEqual(requested.slice(before), []);
});

test("the first snapshot is requested before main.js and the views have loaded", async () => {
  await record();
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  await page.route(/\/page\/(main\.js|.+\/.+\.js)$/, async (route) => {
    await held;
    await route.continue();
  });
  const snapshot = page.waitForRequest(/recorded\/story\.json/);
  const entered = enter(page, browser.base, STORY, "light");
  await snapshot;
  release();
  await entered;
});
