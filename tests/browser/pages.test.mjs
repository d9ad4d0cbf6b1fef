// Every page, found by following its links as nobody, as a viewer and as a studio member: no axe
// finding in light or dark, valid HTML, no sideways scrolling on a phone, no request to elsewhere,
// nothing in the console. Pictures of all of them are left for people to look at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { HtmlValidate } from "html-validate";
import { Store, fixtures, shotPath } from "../lib/store.mjs";
import * as people from "./lib.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const html = new HtmlValidate({
  extends: ["html-validate:standard", "html-validate:a11y", "html-validate:document"],
  rules: {
    // Matters of style, and rules that contradict what our templates do on purpose.
    "no-trailing-whitespace": "off",
    "attr-quotes": "off",
    "doctype-style": "off",
    "void-style": "off",
    "long-title": "off",
    "require-sri": "off", // every file is our own, under a name that is its hash
    "prefer-native-element": "off", // a table that scrolls and the player are no sections of the text
    "aria-label-misuse": ["error", { allowAnyNamable: true }], // the film names its <video>
    "no-inline-style": "error",
  },
});
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 860 };
// What a link leads to that is no page, or ends the visit.
const NOT_PAGES = /\/(logout|metrics|sitemap\.xml|robots\.txt|healthz|readyz|artwork|static|containers|media)\b/;

/** `/films/big-buck-bunny?page=2` and `/films/other` are one kind of page. */
function kindOf(url, slugs) {
  const { pathname } = new URL(url);
  return pathname
    .split("/")
    .map((part) => (slugs.has(part) || /^\w+_[0-9a-f-]{8,}/.test(part) || /^[0-9a-f-]{20,}$/.test(part) ? "{}" : part))
    .join("/")
    .replace(/^\/(films|studios|watch|legal)\/[^/]+/, "/$1/{}")
    .replace(/^\/studio\/titles\/(?!new$)[^/]+/, "/studio/titles/{}");
}

describe("every page", () => {
  let store, browser, slug;

  before(async () => {
    store = await Store.start({ name: "pages", films: true });
    browser = await people.openBrowser();
    const desk = await people.openPage(browser);
    await people.openStudio(desk, store, { email: "robin@studio.example", name: "Robin", studio: "Rabbit Hole" });
    slug = await people.makeTitle(desk, store, { name: "Big Buck Bunny", price: "4.99" });
    await people.uploadFilm(desk, store, slug, join(fixtures, "bigbuckbunny.mp4"));
    await people.publish(desk, store, slug);
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
  });

  /** Follows the links from `starts`; runs `check` once for each kind of page. */
  async function walk(page, starts, check) {
    const seen = new Set();
    const slugs = new Set([slug]);
    const waiting = starts.map((path) => new URL(path, store.url).href);
    while (waiting.length > 0) {
      const url = waiting.shift();
      const kind = kindOf(url, slugs);
      if (seen.has(kind)) continue;
      seen.add(kind);
      await check(url, kind);
      const links = await page.$$eval("a[href]", (anchors) => anchors.map((a) => a.href.split("#")[0]));
      waiting.push(...links.filter((link) => link.startsWith(`${store.url}/`) && !NOT_PAGES.test(new URL(link).pathname)));
    }
    return seen;
  }

  async function inspect(page, url, kind, role) {
    const faults = [];
    page.faults.length = 0;
    await page.setViewport(DESKTOP);
    const answer = await page.goto(url, { waitUntil: "load" });
    const ours = new Set([store.url, new URL(page.url()).origin]);
    const raw = await answer.text().catch(() => "");
    if (/text\/html/.test(answer.headers()["content-type"])) {
      const report = await html.validateString(raw);
      for (const { line, ruleId, message } of report.results[0]?.messages ?? []) faults.push(`html ${line}: ${message} (${ruleId})`);
    }
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
      await page.evaluate(axe); // by the debugger, which the page's policy on scripts does not bind
      const found = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
        const places = (nodes) => nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
        return violations.map(({ id, help, nodes }) => ({ id, help, nodes: places(nodes) }));
      });
      for (const { id, help, nodes } of found) faults.push(`axe ${scheme}: ${help} (${id}): ${nodes.join(" · ")}`);
      const name = `${role}${kind.replaceAll(/[^a-z0-9]+/gi, "-")}`;
      await page.screenshot({ path: shotPath(`${name}-desktop-${scheme}`), fullPage: true });
      await page.setViewport(PHONE);
      const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      if (content > room) faults.push(`${scheme}: ${content} px wide on a phone of ${room}`);
      await page.screenshot({ path: shotPath(`${name}-phone-${scheme}`), fullPage: true });
      await page.setViewport(DESKTOP);
    }
    faults.push(...page.faults.filter((fault) => !/status of 40[34]|status of 422/.test(fault)));
    faults.push(...page.foreign.splice(0).filter((origin) => !ours.has(origin)).map((origin) => `a request to ${origin}`));
    return faults.map((fault) => `${role} ${kind}: ${fault}`);
  }

  async function inspectAll(role, tab, starts, expected) {
    tab.foreign = [];
    tab.on("request", (request) => /^(http|ws)/.test(request.url()) && tab.foreign.push(new URL(request.url()).origin));
    const faults = [];
    const seen = await walk(tab, starts, async (url, kind) => faults.push(...(await inspect(tab, url, kind, role))));
    console.log(`${role}: ${[...seen].sort().join(" ")}`);
    for (const kind of expected) assert.ok(seen.has(kind), `no link leads ${role} to ${kind}`);
    assert.deepEqual(faults, []);
  }

  test("for nobody in particular", async () => {
    const visitors = await browser.createBrowserContext();
    const tab = await people.openPage(visitors);
    await inspectAll("nobody", tab, ["/", "/films", `/films/${slug}`, "/films?q=nothing-like-this", "/login", "/signup", "/studio/signup", "/no/such/page"], ["/", "/films", "/films/{}", "/studios/{}", "/signup", "/login", "/studio/signup"]);
    await visitors.close();
  });

  test("for a viewer who bought a film", async () => {
    const viewers = await browser.createBrowserContext();
    const tab = await people.openPage(viewers);
    await people.signUp(tab, store, { email: "ada@viewer.example", name: "Ada" });
    await people.buy(tab, store, slug);
    await people.orderPaid(tab);
    const order = new URL(tab.url());
    await inspectAll("viewer", tab, ["/library", `/watch/${slug}`, order.pathname, "/account"], ["/library", "/watch/{}"]);
    await viewers.close();
  });

  test("for a studio", async () => {
    const [desk] = await browser.pages();
    const tab = desk ?? (await browser.newPage());
    tab.faults ??= [];
    await inspectAll("studio", tab, ["/studio", `/studio/titles/${slug}`, "/studio/titles/new", `/studio/titles/${slug}/upload`, `/studio/titles/${slug}/offers`, "/studio/sales", "/studio/tokens"], ["/studio", "/studio/titles/new", "/studio/sales", "/studio/tokens"]);
  });
});
