// Opens the page with the mock backend in a real browser, for the tests and the screenshots.
//
// Guarantees: one browser and one local server, both closed at the end.

import { createServer } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json" };
/** The app's policy, but with `connect-src` for the mock backend, which fetches its recording. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";
const PROGRAMS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @returns a browser, and the address of the page with the mock backend */
export async function browse() {
  const server = createServer(async (request, response) => {
    if (request.url === "/favicon.ico") return void response.writeHead(204).end();
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
    try {
      const body = await readFile(join(ROOT, path.endsWith("/") ? `${path}index.html` : path));
      response.writeHead(200, { "content-type": KINDS[extname(path)] ?? "text/html", "content-security-policy": POLICY }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const program = PROGRAMS.find((path) => path && existsSync(path));
  if (!program) throw new Error("There is no Chromium here: install Debian's package chromium, or name one in $CHROMIUM");
  const home = await mkdtemp(join(tmpdir(), "headcount-browser-"));
  const context = await chromium.launchPersistentContext(home, {
    executablePath: program,
    headless: true,
    bypassCSP: false,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
  return {
    context,
    base: `http://127.0.0.1:${server.address().port}/page/`,
    async close() {
      await context.close();
      server.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * Goes to a state and waits until it is drawn.
 * @param {import("playwright-core").Page} page
 * @param {string} base
 * @param {{ query: string, act?: (page: import("playwright-core").Page) => Promise<void> }} state
 * @param {"light" | "dark"} theme
 */
export async function enter(page, base, { query, act }, theme) {
  // A different address in between: the browser does not reload a page if only the hash differs.
  await page.goto("about:blank");
  await page.goto(`${base}?${query}&theme=${theme}`);
  await page.waitForSelector("main:not([aria-busy])");
  await act?.(page);
}
