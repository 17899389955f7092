// The states of the page for screenshots and accessibility tests, by name.

const click = (name) => async (page) => void (await page.getByRole("button", { name }).first().click());
const at = (key, act) => async (page) => {
  await page.keyboard.press(key);
  await act?.(page);
};

/** Opens the offer to restore a copy, clicks a button in it, and waits for a text. */
const restore = (name, text) => async (page) => {
  await page.getByRole("button", { name: /^Restore the copy/ }).click();
  if (name) await page.getByRole("button", { name }).click();
  await page.getByText(text ?? "is kept as another copy").waitFor();
};

/** @type {Record<string, { query: string, act?: (page: any) => Promise<void>, isMain?: boolean }>} */
export const states = {
  "sessions": { query: "fixture=story", isMain: true },
  "sessions-calm": { query: "fixture=calm" },
  "sessions-details": { query: "fixture=story&place=session-2" },
  "sessions-hostile": { query: "fixture=hostile" },
  "sessions-crowd": { query: "fixture=crowd&size=300" },
  "first-run": { query: "fixture=empty", isMain: true },
  "first-run-running": { query: "fixture=running", isMain: true },
  "registry-gone": { query: "fixture=empty&copy=gone", act: (page) => page.getByRole("button", { name: /^Restore the copy/ }).waitFor(), isMain: true },
  "registry-gone-plan": { query: "fixture=empty&copy=gone", act: restore(undefined, "That change and all later ones") },
  "everything-stale": { query: "fixture=everything-stale" },
  "no-heartbeats": { query: "fixture=no-heartbeats" },
  "unreadable": { query: "fixture=unreadable", isMain: true },
  "unreadable-from-the-start": { query: "fixture=unreadable-from-the-start" },
  "unreadable-without-a-copy": { query: "fixture=unreadable&copy=none" },
  "unreadable-copies-too": { query: "fixture=unreadable&fail=copies", act: (page) => page.getByText("could not look for a copy").waitFor() },
  "restore": { query: "fixture=unreadable", act: restore(), isMain: true },
  "restore-refused": { query: "fixture=unreadable&fail=restore", act: restore(/^Restore$/, "The copy was not restored.") },
  "restored": { query: "fixture=unreadable", act: restore(/^Restore$/, "The replaced file is kept as") },
  "polling": { query: "fixture=story", act: (page) => page.evaluate(() => globalThis.mockBackend.change((snapshot) => (snapshot.is_polling = true))) },
  "review": { query: "fixture=story&place=review", isMain: true },
  "review-caution": { query: "fixture=everything-stale&place=review" },
  "review-refused": {
    query: "fixture=story&place=review&fail=cleanup",
    act: async (page) => {
      await page.getByRole("button", { name: /^Mark 9/ }).click();
      await page.getByText("locked by process 4711").waitFor();
    },
  },
  "cleaned": {
    query: "fixture=story&place=review",
    act: async (page) => {
      await page.getByRole("button", { name: /^Mark 9/ }).click();
      await page.locator(".toast").waitFor();
    },
  },
  "compact": { query: "fixture=story", act: click(/^Compact/) },
  "shortcuts": { query: "fixture=story", act: at("?") },
  "register": { query: "fixture=story", act: at("a") },
  "history": { query: "fixture=story&place=history", isMain: true },
  "history-empty": { query: "fixture=story&history=none&place=history" },
  "settings": { query: "fixture=story&place=settings", isMain: true },
  "settings-timeout": {
    query: "fixture=story&place=settings",
    act: async (page) => {
      await page.getByLabel("Stale after").fill("10");
      await page.getByText(/After 10 min/).waitFor();
    },
  },
  "settings-nonsense": { query: "fixture=story&place=settings", act: (page) => page.getByLabel("Stale after").fill("soon") },
  "settings-refused": {
    query: "fixture=story&place=settings&fail=set",
    act: async (page) => {
      await page.getByRole("switch", { name: "Clean up automatically" }).click();
      await page.getByText("Permission denied").waitFor();
    },
  },
  "settings-said": { query: "fixture=story&place=settings&said=registry" },
  "settings-complaint": { query: "fixture=story&place=settings&config=broken" },
  "settings-hooks": { query: "fixture=story&place=settings&hooks=installed", act: (page) => page.getByRole("button", { name: "Remove" }).waitFor() },
  "settings-hooks-broken": { query: "fixture=story&place=settings&hooks=broken", act: (page) => page.getByRole("button", { name: "Install again" }).waitFor() },
  "settings-hooks-project": { query: "fixture=story&place=settings&hooks=project", act: (page) => page.getByText("of one project").waitFor() },
  "settings-hooks-refused": {
    query: "fixture=story&place=settings&fail=hooks",
    act: async (page) => {
      await page.getByRole("button", { name: "Install" }).click();
      await page.getByText("nor in a folder of PATH").waitFor();
    },
  },
  "settings-hooks-switched-off": { query: "fixture=story&place=settings&hooks=off", act: (page) => page.getByText("disableAllHooks").waitFor() },
  "settings-snoozed": {
    query: "fixture=story&place=settings",
    act: async (page) => {
      await page.getByRole("button", { name: "For 1 hour" }).click();
      await page.getByRole("button", { name: "Turn on again" }).waitFor();
    },
  },
};
