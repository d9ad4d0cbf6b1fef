// Money that goes back, as people see it: a part by the studio, all of it by a buyer without a
// session, and a bank that takes it and gives it back.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Store, fixtures, out, until } from "../lib/store.mjs";
import * as people from "./lib.mjs";

describe(`money that goes back in ${people.browserName}`, () => {
  let store, browser, desk, slug, sandbox;

  before(async () => {
    store = await Store.start({ name: `money-${people.browserName}`, connect: true });
    browser = await people.openBrowser();
    desk = await people.openPage(browser);
    await people.openStudio(desk, store, { email: "robin@studio.example", name: "Robin Producer", studio: "Rabbit Hole" });
    await people.connectStripe(desk, store);
    slug = await people.makeTitle(desk, store, { name: "Big Buck Bunny", price: "4.99" });
    await people.uploadFilm(desk, store, slug, join(fixtures, "bigbuckbunny.mp4"));
    await people.publish(desk, store, slug);
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
  });

  /** Somebody who bought the film; their page on the order. */
  async function buyer(name, boxes, card = "4242 4242 4242 4242") {
    const context = await browser.createBrowserContext();
    const page = await people.openPage(context);
    await people.signUp(page, store, { email: `${name}@viewer.example`, name });
    await people.visit(page, `${store.url}/films/${slug}`);
    if (name === "ada") await people.pictures(page, "money-consent");
    for (const box of boxes) await page.click(`input[name=${box}]`);
    await people.clickAndGo(page, people.byTestId("buy"));
    sandbox = new URL(page.url());
    await people.fillIn(page, { number: card });
    await people.orderPaid(page);
    const order = new URL(page.url()).pathname;
    return { context, page, order, id: order.split("/").pop(), session: sandbox.pathname.split("/").pop() };
  }

  async function knob(path, body) {
    const answer = await fetch(`${sandbox.origin}/_sandbox/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return text === "" ? null : JSON.parse(text);
  }

  async function orderSays(page, order, words) {
    await until(`the order says ${words}`, async () => {
      await people.visit(page, store.url + order);
      return words.test(await people.textOf(page, "main"));
    });
  }

  test("the studio sends a part back", async () => {
    const ada = await buyer("ada", ["at_once", "no_withdrawal"]);
    await people.pictures(ada.page, "money-order");
    await people.visit(desk, `${store.url}/studio/orders`);
    await people.pictures(desk, "money-studio-orders");
    await people.visit(desk, `${store.url}/studio/orders/${ada.id}`);
    await people.fillIn(desk, { amount: "9.99" });
    assert.match(await people.complaints(desk), /At most/);
    await people.pictures(desk, "money-refund-refused");
    await people.fillIn(desk, { amount: "2.00" });
    await orderSays(ada.page, ada.order, /sent back/);
    assert.match(await people.textOf(ada.page, people.byTestId("refunded")), /2\.00/);
    await people.openWatchPage(ada.page, store, slug);
    await people.visit(desk, `${store.url}/studio/orders/${ada.id}`);
    assert.match(await people.textOf(desk, people.byTestId("left")), /2\.99/);
    await people.pictures(desk, "money-studio-order");
    await ada.context.close();
  });

  test("a buyer gets an invoice, and a credit note for what goes back", async () => {
    await people.visit(desk, `${store.url}/studio/payments`);
    await desk.click("input[name=collects_tax]");
    await people.clickAndGo(desk, "form[action='/studio/payments/tax'] button");
    const noa = await buyer("noa", [], "4000 0027 6000 0016");
    const invoice = `${store.url}${noa.order}/invoice`;
    await people.visit(noa.page, invoice);
    assert.ok(await noa.page.$(people.byTestId("no-seller")), "the studio has not said who it is");
    await people.pictures(noa.page, "money-invoice-no-seller");
    await people.visit(desk, `${store.url}/studio/payments/invoices`);
    const seller = { name: "Rabbit Hole Pictures GmbH", street: "Lindenstraße 12", postal_code: "10969", city: "Berlin", country: "DE", registration: "HRB 12345 B, Amtsgericht Charlottenburg", email: "office@rabbit-hole.example", prefix: "RH-", note: "Thank you for watching with us." };
    await people.fillIn(desk, { ...seller, vat_id: "DE12" });
    assert.match(await people.complaints(desk), /DE123456789/);
    await people.pictures(desk, "money-invoice-seller-refused");
    await people.fillIn(desk, { vat_id: "DE 123 456 789" });
    assert.ok(await desk.$(people.byTestId("seller-saved")));
    await people.pictures(desk, "money-invoice-seller");

    await people.visit(noa.page, store.url + noa.order);
    await people.pictures(noa.page, "money-order-before-invoice");
    await people.clickAndGo(noa.page, people.byTestId("ask-invoice"));
    await people.fillIn(noa.page, { name: "Noa Stern GmbH", vat_id: "DE 987 654 321", country: "DE" });
    assert.match(await people.complaints(noa.page), /needs an address/);
    await people.pictures(noa.page, "money-invoice-refused");
    await people.fillIn(noa.page, { street: "Ringstraße 2", postal_code: "20095", city: "Hamburg" });
    assert.match(await people.textOf(noa.page, people.byTestId("invoice")), /Rabbit Hole Pictures GmbH[^]*DE987654321[^]*RH-\d{4}-0001[^]*19\s%/);
    await people.pictures(noa.page, "money-invoice");
    const pdf = await download(noa.page, people.byTestId("invoice-pdf"));
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    writeFileSync(join(out, "invoice.pdf"), pdf);

    await people.visit(desk, `${store.url}/studio/orders/${noa.id}`);
    await people.fillIn(desk, { amount: "2.00" });
    await orderSays(noa.page, noa.order, /Credit note RH-\d{4}-C0001/);
    await people.pictures(noa.page, "money-order-with-invoice");
    await people.clickAndGo(noa.page, `${people.byTestId("documents")} li:nth-child(2) a`);
    await people.pictures(noa.page, "money-credit-note");
    writeFileSync(join(out, "credit-note.pdf"), await download(noa.page, people.byTestId("invoice-pdf")));
    await people.visit(desk, `${store.url}/studio/invoices`);
    assert.equal(await desk.$$eval(`${people.byTestId("invoices")} tbody tr`, (rows) => rows.length), 2);
    await people.pictures(desk, "money-invoices");
    await people.visit(desk, `${store.url}/studio/orders/${noa.id}`);
    await people.pictures(desk, "money-studio-order-with-invoice");
    await noa.context.close();
  });

  test("a buyer withdraws without signing in", async () => {
    const eve = await buyer("eve", []);
    const context = await browser.createBrowserContext();
    const guest = await people.openPage(context);
    await people.visit(guest, `${store.url}/withdraw`);
    await people.pictures(guest, "money-withdraw");
    await people.fillIn(guest, { order: eve.id, email: "eve@viewer.example" });
    await people.visit(guest, await people.linkInMail(guest, store, "eve@viewer.example", "/withdraw/confirm"));
    await people.pictures(guest, "money-withdraw-confirm");
    await people.clickAndGo(guest, people.byTestId("confirm-return"));
    assert.match(await people.textOf(guest, people.byTestId("withdrawn")), /withdrawn/);
    await people.pictures(guest, "money-withdrawn");
    await orderSays(eve.page, eve.order, /Given back/);
    await people.pictures(eve.page, "money-order-given-back");
    await context.close();
    await eve.context.close();
  });

  for (const [name, end, words, watches] of [["lou", "won", /It is yours/, true], ["sam", "lost", /decided for the buyer/, false]]) {
    test(`a bank takes the film away at once, and the dispute is ${end}`, async () => {
      const buys = await buyer(name, []);
      const mayWatch = async () => {
        const answer = await fetch(`${store.url}/watch/${slug}`, { redirect: "manual", headers: { cookie: await cookies(buys.page) } });
        return answer.status === 200;
      };
      const settled = async (what, wanted) => {
        const began = performance.now();
        await until(what, async () => (await mayWatch()) === wanted, 5);
        console.log(`${what} after ${Math.round(performance.now() - began)} ms`);
      };
      assert.ok(await mayWatch());
      const { dispute } = await knob(`dispute/${buys.session}`, {});
      await settled("the film is suspended", false);
      await orderSays(buys.page, buys.order, /bank looks into/);
      await people.visit(desk, `${store.url}/studio/orders/${buys.id}`);
      await people.pictures(desk, `money-dispute-${end}`);
      if (watches) {
        await people.pictures(buys.page, "money-order-contested");
        await people.clickAndGo(desk, people.byTestId("submit-evidence"));
        assert.ok(await desk.$(people.byTestId("evidence-submitted")));
        await people.pictures(desk, "money-evidence-submitted");
      }
      await knob(`disputes/${dispute}`, { status: end });
      await settled(`the dispute is ${end}`, watches);
      await orderSays(buys.page, buys.order, words);
      await people.pictures(buys.page, `money-order-${end}`);
      await buys.context.close();
    });
  }

  test("the operator sees how the books stand, and every order", async () => {
    const context = await browser.createBrowserContext();
    const page = await people.openPage(context);
    await people.signUp(page, store, { email: "olga@store.example", name: "Olga" });
    await people.visit(page, `${store.url}/operator`, 404);
    store.command("operator", "add", "olga@store.example");
    await people.visit(page, `${store.url}/operator?q=ada@viewer.example`);
    await people.pictures(page, "money-operator");
    await people.clickAndGo(page, "tbody th a[href^='/operator/orders/']");
    assert.match(await people.textOf(page, "main"), /studio_net/);
    await people.pictures(page, "money-operator-order");
    await context.close();
  });
});

/** The bytes behind a link, as the page's browser would get them. */
async function download(page, selector) {
  const address = await page.$eval(selector, (link) => link.href);
  const answer = await fetch(address, { headers: { cookie: await cookies(page) } });
  assert.equal(answer.status, 200, address);
  assert.equal(answer.headers.get("content-type"), "application/pdf");
  return Buffer.from(await answer.arrayBuffer());
}

/** What the page's browser would send along. */
async function cookies(page) {
  const all = await page.cookies();
  return all.map(({ name, value }) => `${name}=${value}`).join("; ");
}
