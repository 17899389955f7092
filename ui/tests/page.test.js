// What index.html names, held against what the page's files import.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const page = new URL("../page/", import.meta.url);
const html = await readFile(new URL("index.html", page), "utf8");
const named = (pattern) => [...html.matchAll(pattern)].map(([, name]) => name).toSorted();

test("every module is asked for at once, and none that is not there", async () => {
  const modules = (await readdir(page, { recursive: true })).filter((name) => name.endsWith(".js")).toSorted();
  assert.deepEqual(named(/<(?:link rel="modulepreload" href|script type="module" src)="([^"]+)"/g), modules);
});

test("every style sheet is used", async () => {
  const sheets = (await readdir(new URL("style/", page))).map((name) => `style/${name}`).toSorted();
  assert.deepEqual(named(/<link rel="stylesheet" href="([^"]+)"/g), sheets);
});

test("what is asked first waits for nothing that only drawing needs", async () => {
  const read = async (name) => [...(await readFile(new URL(name, page), "utf8")).matchAll(/^import .* from "\.\/([^"]+)"/gm)].map(([, from]) => from);
  const reached = new Set(["bootstrap.js"]);
  for (const name of reached) for (const from of await read(name)) reached.add(from);
  assert.deepEqual([...reached].toSorted(), ["backend.js", "bootstrap.js", "snapshot_store.js"]);
});
