// Statements of account, as people get them: a studio changes who shares, takes its statements
// home, and proves them there with the store switched off. Somebody who shares comes in by mail.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Store, binary, shotPath } from "../lib/store.mjs";
import * as people from "./lib.mjs";

const DEMO_PASSWORD = "lamplight over the sea";

/** Checks files as somebody does who has nothing but them. */
function verify(...args) {
  const { status, stdout, stderr } = spawnSync(binary, ["verify-statement", ...args], { cwd: "/", env: {}, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

describe(`statements in ${people.browserName}`, () => {
  let store, browser, desk, folder;
  const files = {};
  let key;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "matinee-statements."));
    store = await Store.start({ name: `statements-${people.browserName}`, films: true, connect: true });
    browser = await people.openBrowser();
    desk = await people.openPage(browser);
    await people.signIn(desk, store, { email: "ines@halyard.example", password: DEMO_PASSWORD });
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Saves what a link of the page leads to, with the session of the page. */
  async function save(page, href, name) {
    const [status, base64] = await page.evaluate(async (address) => {
      const answer = await fetch(address);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return [answer.status, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))];
    }, href);
    assert.equal(status, 200, href);
    const path = join(folder, name);
    writeFileSync(path, Buffer.from(base64, "base64"));
    return path;
  }

  const links = (page, selector) => page.$$eval(selector, (anchors) => anchors.map((a) => a.href));

  /** The pages of a PDF as pictures, where poppler is installed. */
  function print(file, name) {
    spawnSync("pdftoppm", ["-r", "96", "-png", file, shotPath(name).replace(/\.png$/, "")]);
  }

  test("the studio changes who shares in a film", async () => {
    await people.visit(desk, `${store.url}/studio/titles/paper-suns/splits`);
    const set = async (selector, value) => {
      await desk.$eval(selector, (field, to) => (field.value = to), value);
    };
    await set("#share", "50");
    await people.clickAndGo(desk, "main form button[type=submit]");
    assert.match(await people.complaints(desk), /83\.00 percent/);
    await set("#share-2", "50");
    await people.clickAndGo(desk, "main form button[type=submit]");
    assert.match(await people.textOf(desk, "main table tbody tr:first-child"), /The studio 50 %, Elias Brandt 50 %/);
    await people.pictures(desk, "statements-splits");
  });

  test("the studio takes a month and a year home", async () => {
    await people.visit(desk, `${store.url}/studio/statements`);
    await people.pictures(desk, "statements-list");
    key = (await desk.evaluate(async () => (await fetch("/statements/key")).text())).trim();
    const [month] = await links(desk, `${people.byTestId("statements")} th a`);
    await people.visit(desk, month);
    await people.pictures(desk, "statements-month");
    for (const kind of ["pdf", "csv", "json"]) files[kind] = await save(desk, `${month}.${kind}`, `month.${kind}`);
    print(files.pdf, "statement-month");
    await people.visit(desk, `${store.url}/studio/statements`);
    const years = await links(desk, `${people.byTestId("years")} th a`);
    const over = years.filter((year) => !year.includes("participant")).at(-1);
    await people.visit(desk, over);
    assert.equal(await desk.$(people.byTestId("statement-draft")), null, "the older year is over");
    await people.pictures(desk, "statements-year");
    files.year = await save(desk, `${over}.pdf`, "year.pdf");
    print(files.year, "statement-year");
    files.months = [];
    for (const [at, link] of (await links(desk, `${people.byTestId("statement-months")} th a`)).entries()) {
      files.months.push(await save(desk, `${link}.json`, `month-of-year-${at}.json`));
    }
  });

  test("somebody who shares comes in by mail and takes their own", async () => {
    const context = await browser.createBrowserContext();
    const page = await people.openPage(context);
    await people.visit(page, `${store.url}/statements`);
    await people.pictures(page, "statements-ask");
    await people.fillIn(page, { email: "noor@haddad.example" });
    await people.visit(page, await people.linkInMail(page, store, "noor@haddad.example", "/statements/enter"));
    await people.pictures(page, "statements-enter");
    await people.clickAndGo(page, 'main form[method="post"] button');
    assert.match(await people.textOf(page, "h1"), /Noor Haddad/);
    await people.pictures(page, "statements-participant");
    const [own] = await links(page, `${people.byTestId("statements")} th a`);
    await people.visit(page, own);
    await people.pictures(page, "statements-participant-month");
    files.own = await save(page, `${own}.pdf`, "own.pdf");
    await people.visit(page, `${store.url}/studio/statements`).catch(() => {});
    assert.doesNotMatch(page.url(), /\/studio\/statements$/, "the studio's stay closed");
    await context.close();
  });

  test("a buyer's invoice and its credit note are there, and the operator sees every order", async () => {
    const context = await browser.createBrowserContext();
    const page = await people.openPage(context);
    await people.signIn(page, store, { email: "tomas@ostrava.example", password: DEMO_PASSWORD });
    await people.visit(page, `${store.url}/studio/sales?period=all`);
    await people.pictures(page, "statements-sales-of-tax");
    await people.visit(page, `${store.url}/studio/invoices`);
    assert.match(await people.textOf(page, people.byTestId("invoices")), /OF-\d{4}-0001[^]*OF-\d{4}-C0001/);
    const [file] = await links(page, `${people.byTestId("invoices")} a[href*="/studio/invoices/"]`);
    print(await save(page, `${file}.pdf`, "invoice.pdf"), "statement-invoice");
    await context.close();
    const desks = await browser.createBrowserContext();
    const operator = await people.openPage(desks);
    await people.signIn(operator, store, { email: "olga@store.example", password: DEMO_PASSWORD });
    await people.visit(operator, `${store.url}/operator`);
    assert.match(await people.textOf(operator, "main"), /Night Line[^]*Partly sent back/);
    await people.pictures(operator, "statements-operator");
    await desks.close();
  });

  test("the files prove themselves with the store switched off, and a flipped byte is refused", async () => {
    await store.stop();
    for (const kind of ["pdf", "csv", "json"]) {
      const { status, said } = verify(files[kind], "--key", key);
      assert.equal(status, 0, said);
      assert.match(said, /holds; statement \d+ of Halyard Pictures/);
      const bytes = execFileSync("cat", [files[kind]], { maxBuffer: 1 << 26 });
      for (const at of [20, bytes.length >> 1, bytes.length - 3]) {
        const flipped = Buffer.from(bytes);
        flipped[at] ^= 1;
        const path = join(folder, `flipped.${kind}`);
        writeFileSync(path, flipped);
        const refused = verify(path, "--key", key);
        assert.equal(refused.status, 1, `${kind}, byte ${at}: ${refused.said}`);
        assert.match(refused.said, /does not hold/);
      }
    }
    const own = verify(files.own, "--key", key);
    assert.equal(own.status, 0, own.said);
    assert.match(own.said, /account of Noor Haddad/);
    const year = verify(files.year, ...files.months, "--key", key);
    assert.equal(year.status, 0, year.said);
    assert.match(year.said, new RegExp(`made of ${files.months.length} of these files; it has ${files.months.length} months`));
    assert.equal(verify(files.year, "--key", "0".repeat(64)).status, 1, "another store's key");
  });
});
