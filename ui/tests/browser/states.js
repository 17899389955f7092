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
  "sessions": { query: "recording=story", isMain: true },
  "sessions-calm": { query: "recording=calm" },
  "sessions-details": { query: "recording=story&place=session-2" },
  "sessions-hostile": { query: "recording=hostile" },
  "sessions-megabyte": {
    query: "recording=hostile",
    act: (page) => page.evaluate(() => globalThis.mockBackend.change((snapshot) => (snapshot.sessions[2].role = "Enormous ".repeat(116_509)))),
  },
  "sessions-crowd": { query: "recording=crowd" },
  "first-run": { query: "recording=empty", isMain: true },
  "first-run-running": { query: "recording=running", isMain: true },
  "registry-gone": { query: "recording=registry-missing", act: (page) => page.getByRole("button", { name: /^Restore the copy/ }).waitFor(), isMain: true },
  "registry-gone-plan": { query: "recording=registry-missing", act: restore(undefined, "That change and all later ones") },
  "everything-stale": { query: "recording=everything-stale" },
  "no-heartbeats": { query: "recording=no-heartbeats" },
  "unreadable": { query: "recording=unreadable", isMain: true },
  "unreadable-from-the-start": { query: "recording=unreadable-from-the-start" },
  "unreadable-without-a-copy": { query: "recording=unreadable-no-copy" },
  "unreadable-copies-too": { query: "recording=unreadable-copies", act: (page) => page.getByText("could not look for a copy").waitFor() },
  "restore": { query: "recording=unreadable", act: restore(), isMain: true },
  "restore-refused": { query: "recording=restore-fails", act: restore(/^Restore$/, "The copy was not restored.") },
  "restored": { query: "recording=unreadable", act: restore(/^Restore$/, "The replaced file is kept as") },
  "polling": { query: "recording=story", act: (page) => page.evaluate(() => globalThis.mockBackend.change((snapshot) => (snapshot.is_polling = true))) },
  "review": { query: "recording=story&place=review", isMain: true },
  "review-caution": { query: "recording=everything-stale&place=review" },
  "review-refused": {
    query: "recording=change-fails&place=review",
    act: async (page) => {
      await page.getByRole("button", { name: /^Mark 9/ }).click();
      await page.getByText("Could not write the journal").waitFor();
    },
  },
  "cleaned": {
    query: "recording=story&place=review",
    act: async (page) => {
      await page.getByRole("button", { name: /^Mark 9/ }).click();
      await page.locator(".toast").waitFor();
    },
  },
  "compact": { query: "recording=story", act: click(/^Compact/) },
  "shortcuts": { query: "recording=story", act: at("?") },
  "register": { query: "recording=story", act: at("a") },
  "history": { query: "recording=story&place=history", isMain: true },
  "history-empty": { query: "recording=calm&place=history" },
  "settings": { query: "recording=settings&place=settings", isMain: true },
  "settings-timeout": {
    query: "recording=settings&place=settings",
    act: async (page) => {
      await page.getByLabel("Stale after").fill("10");
      await page.getByText(/After 10 min/).waitFor();
    },
  },
  "settings-nonsense": { query: "recording=settings&place=settings", act: (page) => page.getByLabel("Stale after").fill("soon") },
  "settings-refused": {
    query: "recording=settings-read-only&place=settings",
    act: async (page) => {
      await page.getByRole("switch", { name: "Clean up automatically" }).click();
      await page.getByText("The setting was not changed.").waitFor();
    },
  },
  "settings-said": { query: "recording=settings-overridden&place=settings" },
  "settings-complaint": { query: "recording=settings-invalid&place=settings" },
  "settings-hooks": { query: "recording=hooks-installed&place=settings", act: (page) => page.getByRole("button", { name: "Remove" }).waitFor() },
  "settings-hooks-broken": { query: "recording=hooks-broken&place=settings", act: (page) => page.getByRole("button", { name: "Install again" }).waitFor() },
  "settings-hooks-project": { query: "recording=hooks-in-project&place=settings", act: (page) => page.getByText("of one project").waitFor() },
  "settings-hooks-refused": {
    query: "recording=hooks-without-command&place=settings",
    act: async (page) => {
      await page.getByRole("button", { name: "Install" }).click();
      await page.getByText("Nothing was changed.").waitFor();
    },
  },
  "settings-hooks-switched-off": { query: "recording=hooks-disabled&place=settings", act: (page) => page.getByText("disableAllHooks").waitFor() },
  "settings-snoozed": {
    query: "recording=settings&place=settings",
    act: async (page) => {
      await page.getByRole("button", { name: "For 1 hour" }).click();
      await page.getByRole("button", { name: "Resume" }).waitFor();
    },
  },
};
