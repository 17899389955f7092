// Screenshots of every state in both themes and three widths, and of the main ones with 200 % text, in target/screens/. The clock is
// fixed, so that two runs can be compared.

import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { browse, enter } from "./browser.js";
import { states } from "./states.js";

const FOLDER = fileURLToPath(new URL("../../../target/screens/", import.meta.url));
const WIDTHS = [480, 880, 1600];

await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const browser = await browse();
const page = await browser.context.newPage();
await page.emulateMedia({ reducedMotion: "reduce" });
await page.clock.setFixedTime("2025-11-17T20:00:00Z"); // the time of the recordings
let taken = 0;
for (const [name, state] of Object.entries(states)) {
  for (const theme of /** @type {const} */ (["light", "dark"])) {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 720 });
      await enter(page, browser.base, state, theme);
      await page.screenshot({ path: `${FOLDER}${name}-${theme}-${width}.png` });
      taken += 1;
    }
    if (!state.isMain) continue;
    await page.setViewportSize({ width: 880, height: 720 });
    await enter(page, browser.base, state, theme);
    // Larger text, as set in the system: every length is in rem.
    await page.evaluate(() => document.styleSheets[0]?.insertRule("html { font-size: 200% }"));
    await page.screenshot({ path: `${FOLDER}${name}-${theme}-880-large.png` });
    taken += 1;
  }
}
await browser.close();
console.log(`${taken} screenshots in ${FOLDER}`);
