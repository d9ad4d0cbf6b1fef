// A made-up language, written from English with every message half as long again: no page sticks
// out sideways, whichever way it is read, and scripts speak the language as well.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Store, root } from "../lib/store.mjs";
import * as people from "./lib.mjs";

const VIEWPORTS = [
  { width: 360, height: 740 },
  { width: 640, height: 400 },
  { width: 1280, height: 860 },
];

/** Every message in brackets, with a long word behind it, as German has. */
function pseudo(english) {
  const longer = (text) => `⟦${text} ${"ä".repeat(Math.min(Math.ceil(text.length / 2), 24))}⟧`;
  return english
    .split("\n")
    .map((line) => line.replace(/^([\w-]+ = | {3}[ *]\[\w+\] )(?!.*->$)(.+)$/, (_, key, text) => key + longer(text)))
    .join("\n");
}

describe("a longer language", () => {
  let store, browser, page, folder;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "matinee-messages."));
    mkdirSync(folder, { recursive: true });
    const english = readFileSync(join(root, "messages/en.ftl"), "utf8");
    writeFileSync(join(folder, "en-XA.ftl"), pseudo(english));
    store = await Store.start({ name: "languages", films: true, env: { MATINEE_MESSAGES: folder } });
    browser = await people.openBrowser();
    page = await openReader();
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Somebody new, who reads the made-up language. */
  async function openReader() {
    const reader = await people.openPage(await browser.createBrowserContext());
    await reader.setExtraHTTPHeaders({ "Accept-Language": "en-XA" });
    return reader;
  }

  /** Opens a page and looks what sticks out, at three widths and in both directions. */
  async function fits(path) {
    await page.goto(new URL(path, store.url).href, { waitUntil: "load" });
    const faults = [];
    assert.equal(await page.$eval("html", (html) => html.lang), "en-XA", path);
    for (const viewport of VIEWPORTS) {
      await page.setViewport(viewport);
      for (const dir of ["rtl", "ltr"]) {
        const [content, room] = await page.evaluate((to) => {
          document.documentElement.dir = to;
          return [document.documentElement.scrollWidth, document.documentElement.clientWidth];
        }, dir);
        if (content > room) faults.push(`${path} ${dir}: ${content} px wide where there are ${room}`);
      }
    }
    return faults;
  }

  test("nothing sticks out", async () => {
    await page.goto(`${store.url}/films`, { waitUntil: "load" });
    const film = await page.$eval('a[href^="/films/"]', (link) => new URL(link.href).pathname);
    const faults = [];
    for (const path of ["/", "/films", film, "/login", "/signup", "/no/such/page", "/legal/privacy"]) {
      faults.push(...(await fits(path)));
    }
    await people.signUp(page, store, { email: "lou@viewer.example", name: "Lou" });
    for (const path of ["/library", "/account"]) faults.push(...(await fits(path)));
    assert.deepEqual(faults, []);
  });

  test("scripts speak it too", async () => {
    page = await openReader();
    await people.openStudio(page, store, { email: "robin@studio.example", name: "Robin", studio: "Rabbit Hole" });
    const slug = await people.makeTitle(page, store, { name: "Big Buck Bunny", price: "4.99" });
    const path = `/studio/titles/${slug}/upload`;
    assert.deepEqual(await fits(path), []);
    const words = await page.$eval("[data-words]", (card) => JSON.parse(card.dataset.words));
    assert.match(words["uploader-says-paused"], /^⟦Paused\./);
    assert.match(words["uploader-says-sent-of"], /\{sent\}.*\{all\}/);
  });
});
