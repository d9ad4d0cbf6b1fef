// Every page, found by following its links as nobody, as a viewer and as a studio member: no axe
// finding in light or dark, valid HTML, no sideways scrolling on a phone, at 200 % or right to
// left, no request to elsewhere, nothing in the console. Pictures of all of them are left for
// people to look at.
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
    // The store's own files come with the page from the same place; only another's need a seal.
    "require-sri": ["error", { target: "crossorigin" }],
    "aria-label-misuse": ["error", { allowAnyNamable: true }], // the film names its <video>
    "no-inline-style": "error",
  },
});
const PHONE = { width: 360, height: 740 };
const ZOOMED = { width: 640, height: 400 };
const DESKTOP = { width: 1280, height: 860 };
// What a link leads to that is no page, or ends the visit.
const NOT_PAGES = /\/(logout|metrics|statements\/key|sitemap\.xml|robots\.txt|healthz|readyz|account\/export|artwork|static|containers|media)\b|\.(csv|txt|pdf|json)$/;
// What is the same whoever looks; once is enough.
const SAME_FOR_ALL = /^\/(legal|dev|signup)\b/;

/** `/films/big-buck-bunny?page=2` and `/films/other` are one kind of page. */
function kindOf(url, slugs) {
  const { pathname } = new URL(url);
  return pathname
    .split("/")
    .map((part) => (slugs.has(part) || /^\w+_[0-9a-f-]{8,}/.test(part) || /^[0-9a-f-]{20,}$/.test(part) ? "{}" : part))
    .join("/")
    .replace(/\/statements\/(year|draft)-[^/]+$/, "/statements/{$1}")
    .replace(/^\/(films|studios|watch)\/[^/]+/, "/$1/{}")
    .replace(/^\/studio\/titles\/(?!new$)[^/]+/, "/studio/titles/{}");
}

describe("every page", () => {
  let store, browser, desk, slug;
  const seenByAll = new Set();

  before(async () => {
    store = await Store.start({ name: "pages-store", films: true, connect: true });
    browser = await people.openBrowser();
    desk = await people.openPage(browser);
    await people.openStudio(desk, store, { email: "robin@studio.example", name: "Robin", studio: "Rabbit Hole" });
    await people.connectStripe(desk, store);
    slug = await people.makeTitle(desk, store, { name: "Big Buck Bunny", price: "4.99" });
    await people.uploadFilm(desk, store, slug, join(fixtures, "bigbuckbunny.mp4"));
    await people.publish(desk, store, slug);
    await people.visit(desk, `${store.url}/studio/payments/invoices`);
    await people.fillIn(desk, { name: "Rabbit Hole GmbH", street: "Lindenstraße 12", city: "Berlin", country: "DE", vat_id: "DE123456789", note: "VAT exempt, § 19 UStG" });
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
  });

  /** Follows the links from `starts`; runs `check` once for each kind of page. */
  async function walk(page, starts, check) {
    const seen = new Set(seenByAll);
    const slugs = new Set([slug]);
    const waiting = starts.map((path) => new URL(path, store.url).href);
    while (waiting.length > 0) {
      const url = waiting.shift();
      const kind = kindOf(url, slugs);
      if (seen.has(kind)) continue;
      seen.add(kind);
      if (SAME_FOR_ALL.test(kind)) seenByAll.add(kind);
      await check(url, kind);
      const links = await page.$$eval("a[href]", (anchors) => anchors.map((a) => a.href.split("#")[0]));
      waiting.push(...links.filter((link) => link.startsWith(`${store.url}/`) && !NOT_PAGES.test(new URL(link).pathname)));
    }
    return seen;
  }

  /** Goes to an address and looks at what it finds there. */
  async function inspect(page, url, kind, role) {
    page.faults.length = page.foreign.length = 0;
    await page.setViewport(DESKTOP);
    const answer = await page.goto(url, { waitUntil: "load" });
    const isPage = /text\/html/.test(answer.headers()["content-type"]);
    return look(page, kind, role, isPage ? await answer.text() : "");
  }

  /** Looks at the page as it stands; `raw` is its HTML as it came. */
  async function look(page, kind, role, raw = "") {
    const faults = [];
    const ours = new Set([store.url, new URL(page.url()).origin]);
    if (raw) {
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
      await page.screenshot({ path: shotPath(`${name}-phone-${scheme}`), fullPage: true });
      await page.setViewport(DESKTOP);
    }
    faults.push(...(await overflows(page)));
    faults.push(...page.faults.filter((fault) => !/status of (403|404|410|422)/.test(fault)));
    faults.push(...page.foreign.splice(0).filter((origin) => !ours.has(origin)).map((origin) => `a request to ${origin}`));
    return faults.map((fault) => `${role} ${kind}: ${fault}`);
  }

  /** What sticks out sideways: on a phone, and at 200 % on a small notebook, in both directions. */
  async function overflows(page) {
    const faults = [];
    for (const viewport of [PHONE, ZOOMED]) {
      await page.setViewport(viewport);
      for (const dir of ["ltr", "rtl"]) {
        const [content, room] = await page.evaluate((to) => {
          document.documentElement.dir = to;
          return [document.documentElement.scrollWidth, document.documentElement.clientWidth];
        }, dir);
        if (content > room) faults.push(`${dir}: ${content} px wide where there are ${room}`);
      }
      await page.evaluate(() => (document.documentElement.dir = "ltr"));
    }
    await page.setViewport(DESKTOP);
    return faults;
  }

  /** Sends a form nearly empty and looks at how the page says no. */
  async function refuse(page, path, fields, role) {
    await people.visit(page, store.url + path);
    await people.fillIn(page, fields);
    assert.notEqual(await people.complaints(page), "", `${path} took everything`);
    return look(page, `${path}-refused`, role);
  }

  /** A page that also remembers whom it asked for anything. */
  function watched(tab) {
    tab.foreign = [];
    tab.on("request", (request) => /^(http|ws)/.test(request.url()) && tab.foreign.push(new URL(request.url()).origin));
    return tab;
  }

  async function inspectAll(role, tab, starts, expected) {
    const faults = [];
    const seen = await walk(tab, starts, async (url, kind) => faults.push(...(await inspect(tab, url, kind, role))));
    console.log(`${role}: ${[...seen].sort().join(" ")}`);
    for (const kind of expected) assert.ok(seen.has(kind), `no link leads ${role} to ${kind}`);
    assert.deepEqual(faults, []);
  }

  test("for nobody in particular", async () => {
    const visitors = await browser.createBrowserContext();
    const tab = watched(await people.openPage(visitors));
    await inspectAll("nobody", tab, ["/", "/films", `/films/${slug}`, "/films?q=nothing-like-this", "/login", "/signup", "/studio/signup", "/no/such/page"], ["/", "/films", "/films/{}", "/studios/{}", "/signup", "/login", "/studio/signup", "/legal/terms"]);
    const refused = [
      ...(await refuse(tab, "/login", { email: "nobody@viewer.example", password: "wrong" }, "nobody")),
      ...(await refuse(tab, "/signup", { email: "not an address" }, "nobody")),
    ];
    assert.deepEqual(refused, []);
    await visitors.close();
  });

  test("for a viewer who buys a film", async () => {
    const viewers = await browser.createBrowserContext();
    const tab = watched(await people.openPage(viewers));
    await people.signUp(tab, store, { email: "lou@viewer.example", name: "Lou" });
    await people.visit(tab, `${store.url}/films/${slug}`);
    await people.clickAndGo(tab, people.byTestId("buy"));
    assert.deepEqual(await inspect(tab, tab.url(), "/pay", "viewer"), []);
    await people.fillIn(tab, { number: "4242 4242 4242 4242" });
    await people.orderPaid(tab);
    const order = new URL(tab.url());
    const invoice = `${order.pathname}/invoice`;
    assert.deepEqual(await inspect(tab, store.url + invoice, "/orders/invoice-asked", "viewer"), []);
    assert.deepEqual(await refuse(tab, invoice, { name: "", country: "", vat_id: "?" }, "viewer"), []);
    await people.fillIn(tab, { name: "Lou", country: "DE", vat_id: "" });
    await inspectAll("viewer", tab, ["/library", `/watch/${slug}`, order.pathname, "/account", "/account/erase", "/withdraw"], ["/account/erase", "/library", "/watch/{}", "/orders/{}", "/orders/{}/invoice", "/orders/{}/return"]);
    assert.deepEqual(await refuse(tab, "/account/erase", { current_password: "not it" }, "viewer"), []);
    assert.deepEqual(await refuse(tab, "/withdraw", { order: "", email: "not an address" }, "viewer"), []);
    await people.visit(tab, `${store.url}/withdraw`);
    await people.fillIn(tab, { order: order.pathname.split("/")[2], email: "lou@viewer.example" });
    const confirm = await people.linkInMail(tab, store, "lou@viewer.example", "/withdraw/confirm");
    assert.deepEqual(await inspect(tab, confirm, "/withdraw/confirm", "viewer"), []);
    await viewers.close();
  });

  test("for a studio", async () => {
    await desk.bringToFront(); // a hidden page draws no pictures
    const tab = watched(desk);
    await inspectAll("studio", tab, ["/studio", `/studio/titles/${slug}`, "/studio/titles/new", `/studio/titles/${slug}/upload`, `/studio/titles/${slug}/offers`, `/studio/titles/${slug}/splits`, "/studio/statements", "/studio/sales", "/studio/orders", "/studio/tokens"], ["/studio/orders", "/studio/orders/{}", "/studio", "/studio/titles/new", "/studio/statements", "/studio/sales", "/studio/payments", "/studio/payments/invoices", "/studio/invoices", "/studio/invoices/{}", "/studio/tokens"]);
    assert.deepEqual(await refuse(tab, "/studio/titles/new", { synopsis: "A film without a name." }, "studio"), []);
    const path = `/studio/titles/${await people.makeTitle(tab, store, { name: "A draft", price: "1.00" })}`;
    assert.deepEqual(await inspect(tab, store.url + path, "/studio/titles/draft", "studio"), []);
  });

  test("for a studio with closed months", async () => {
    const owners = await browser.createBrowserContext();
    const tab = watched(await people.openPage(owners));
    await people.signIn(tab, store, { email: "ines@halyard.example", password: "lamplight over the sea" });
    const starts = ["/studio/statements", "/studio/titles/the-tidekeeper/splits"];
    const faults = [];
    for (const kind of ["month", "year", "draft"]) {
      await people.visit(tab, `${store.url}/studio/statements`);
      const address = { month: "statement_", year: "year-", draft: "draft-" }[kind];
      const link = await tab.$eval(`main a[href^="/studio/statements/${address}"]:not([href*="."])`, (a) => a.href);
      faults.push(...(await inspect(tab, link, `/studio/statements/{${kind}}`, "owner")));
    }
    for (const path of starts) faults.push(...(await inspect(tab, store.url + path, path, "owner")));
    await people.visit(tab, `${store.url}/studio/statements`);
    const somebody = await tab.$eval('main a[href^="/studio/participants/"]', (link) => link.href);
    faults.push(...(await inspect(tab, somebody, "/studio/participants/{}", "owner")));
    faults.push(...(await refuse(tab, new URL(somebody).pathname, { email: "nowhere" }, "owner")));
    assert.deepEqual(faults, []);
    await owners.close();
  });

  test("for somebody who shares in a film", async () => {
    const participants = await browser.createBrowserContext();
    const tab = watched(await people.openPage(participants));
    const faults = [...(await inspect(tab, `${store.url}/statements`, "/statements/ask", "participant"))];
    await people.fillIn(tab, { email: "noor@haddad.example" });
    faults.push(...(await look(tab, "/statements/asked", "participant")));
    const link = await people.linkInMail(tab, store, "noor@haddad.example", "/statements/enter");
    faults.push(...(await inspect(tab, link, "/statements/enter", "participant")));
    await people.clickAndGo(tab, 'main form[method="post"] button');
    faults.push(...(await inspect(tab, `${store.url}/statements`, "/statements", "participant")));
    for (const kind of ["statement_", "year-", "draft-"]) {
      await people.visit(tab, `${store.url}/statements`);
      const own = await tab.$(`main a[href^="/statements/${kind}"]:not([href*="."])`);
      if (own) faults.push(...(await inspect(tab, await own.evaluate((a) => a.href), `/statements/${kind}`, "participant")));
    }
    faults.push(...(await inspect(tab, link, "/statements/over", "participant")));
    assert.deepEqual(faults, []);
    await participants.close();
  });

  test("for an operator", async () => {
    const operators = await browser.createBrowserContext();
    const tab = watched(await people.openPage(operators));
    await people.signIn(tab, store, { email: "olga@store.example", password: "lamplight over the sea" });
    await inspectAll("operator", tab, ["/operator"], ["/operator", "/operator/orders/{}"]);
    await operators.close();
  });

  test("for a studio on its way to be paid", async () => {
    const owners = await browser.createBrowserContext();
    const tab = watched(await people.openPage(owners));
    await people.openStudio(tab, store, { email: "sasha@studio.example", name: "Sasha", studio: "Night Owls" });
    const faults = [];
    const inspectPayments = async (name) => faults.push(...(await inspect(tab, `${store.url}/studio/payments`, `/studio/payments-${name}`, "studio")));
    await inspectPayments("none");
    await people.clickAndGo(tab, people.byTestId("connect"));
    faults.push(...(await look(tab, "/connect", "studio")));
    await people.clickAndGo(tab, people.byTestId("sandbox-leave"));
    await inspectPayments("begun");
    await people.connectStripe(tab, store, { answer: "submit" });
    await inspectPayments("restricted");
    await people.connectStripe(tab, store);
    await inspectPayments("ready");
    assert.deepEqual(faults, []);
    await owners.close();
  });
});
