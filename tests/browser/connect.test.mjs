// A studio is paid to an account of its own: from Stripe's questions to the first sale, and what the
// shop says when the account is gone.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Store, fixtures, until } from "../lib/store.mjs";
import * as people from "./lib.mjs";

const standing = (page) => page.$eval(people.byTestId("payments"), (part) => part.dataset.standing);

describe(`a studio's own account in ${people.browserName}`, () => {
  let store, browser, desk, slug, sandbox, account;

  before(async () => {
    store = await Store.start({ name: `connect-${people.browserName}`, connect: true });
    browser = await people.openBrowser();
    desk = await people.openPage(browser);
    await people.openStudio(desk, store, { email: "robin@studio.example", name: "Robin Producer", studio: "Rabbit Hole" });
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
  });

  test("a film waits for the account", async () => {
    slug = await people.makeTitle(desk, store, { name: "Big Buck Bunny", price: "4.99" });
    await people.uploadFilm(desk, store, slug, join(fixtures, "bigbuckbunny.mp4"));
    await until("the film has been checked", async () => {
      await people.visit(desk, `${store.url}/studio/titles/${slug}`);
      return /4 of 6 done/.test(await people.textOf(desk, "main"));
    }, 60);
    assert.ok(await desk.$(`${people.byTestId("publish")}[disabled]`));
    await people.picture(desk, "connect-checklist");
  });

  test("the owner leaves Stripe's questions, comes back to them, and finishes", async () => {
    await people.visit(desk, `${store.url}/studio/payments`);
    assert.equal(await standing(desk), "not-connected");
    await people.picture(desk, "connect-none");
    await people.clickAndGo(desk, people.byTestId("connect"));
    sandbox = new URL(desk.url()).origin;
    assert.notEqual(sandbox, store.origin);
    await people.picture(desk, "connect-questions");
    const used = desk.url();
    await people.clickAndGo(desk, people.byTestId("sandbox-leave"));
    assert.equal(await standing(desk), "begun");
    await people.picture(desk, "connect-begun");
    // A link works once; whoever follows it again is led to a fresh one.
    await desk.goto(used, { waitUntil: "load" });
    assert.ok(desk.url().startsWith(`${sandbox}/connect/`) && desk.url() !== used);
    await people.clickAndGo(desk, people.byTestId("sandbox-finish"));
    assert.equal(await standing(desk), "ready");
    account = /acct_\w+/.exec(await people.textOf(desk, "main"))[0];
    await people.picture(desk, "connect-ready");
  });

  test("the film is published, bought, and paid to the account", async () => {
    await people.publish(desk, store, slug);
    const viewers = await browser.createBrowserContext();
    const page = await people.openPage(viewers);
    await people.signUp(page, store, { email: "ada@viewer.example", name: "Ada" });
    await people.buy(page, store, slug);
    await people.orderPaid(page);
    await people.visit(desk, `${store.url}/studio/sales`);
    assert.match(await people.textOf(desk, people.byTestId("sales-net")), /\d/);
    await people.picture(desk, "connect-sales");
    await viewers.close();
  });

  test("when the connection ends, the shop sells nothing and says so kindly", async () => {
    const body = JSON.stringify({ deauthorize: true });
    const cut = await fetch(`${sandbox}/_sandbox/accounts/${account}`, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(cut.status, 200);
    await until("the page says so", async () => {
      await people.visit(desk, `${store.url}/studio/payments`);
      return (await standing(desk)) === "cut-off";
    });
    await people.picture(desk, "connect-cut-off");
    const visitors = await browser.createBrowserContext();
    const page = await people.openPage(visitors);
    await people.visit(page, `${store.url}/films/${slug}`);
    assert.equal(await page.$(people.byTestId("buy")), null);
    assert.match(await people.textOf(page, "main"), /cannot be bought at the moment/);
    await people.picture(page, "connect-film");
    await visitors.close();
    assert.deepEqual(desk.faults, []);
  });
});
