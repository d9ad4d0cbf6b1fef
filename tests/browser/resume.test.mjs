// An upload outlives its browser and its server, both killed in the middle, and refuses to go on
// with a file that is not the same any more.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { openSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Store, out, until } from "../lib/store.mjs";
import { lay } from "../lib/wire.mjs";
import * as people from "./lib.mjs";

const MIB = 2 ** 20;
const SIZE = 96 * MIB;
// Slow enough to be caught in the middle of a piece.
const LINE = { bitsPerSecond: 200e6 };

describe(`an interrupted upload in ${people.browserName}`, () => {
  const film = join(out, "film.mp4");
  const profile = people.newProfile();
  const robin = { email: "robin@studio.example", name: "Robin", studio: "Rabbit Hole" };
  let wire, store, browser;

  before(async () => {
    writeFileSync(film, randomBytes(SIZE));
    utimesSync(film, 1_700_000_000, 1_700_000_000); // a date that every clock can tell exactly
    wire = await lay({ ...LINE });
    store = await Store.start({ name: `resume-${people.browserName}`, wire });
    browser = await people.openBrowser({ profile });
  });
  after(async () => {
    await browser?.close();
    await store?.remove();
    await wire?.close();
  });

  /** Waits until that many bytes of the film are on their way. */
  async function sending(bytes) {
    const start = wire.up;
    await until(`${bytes} bytes were sent`, () => wire.up - start > bytes, 60);
  }

  /** The upload page, after signing in again if the crash took the cookie along. */
  async function backAtTheUpload(slug) {
    browser = await people.openBrowser({ profile });
    const page = await people.openPage(browser);
    await page.goto(`${store.url}/studio/titles/${slug}/upload`);
    if (page.url().includes("/login")) await people.signIn(page, store, robin);
    return page;
  }

  test("it goes on after kill -9 of the browser and of the server", async () => {
    const page = await people.openPage(browser);
    await people.openStudio(page, store, robin);
    const slug = await people.makeTitle(page, store, { name: "Interrupted", price: "4.99" });
    await people.chooseFilm(page, store, slug, film);
    await sending(45 * MIB);
    await people.crash(browser);
    await store.crash();
    await store.run();
    const again = await backAtTheUpload(slug);
    const before = wire.up;
    await people.chooseFilm(again, store, slug, film);
    await people.uploadDone(again);
    const resent = wire.up - before;
    assert.ok(resent < SIZE - 30 * MIB, `${resent} bytes were sent after the crash`);
    store.command("verify");
  });

  test("it refuses to go on with a file that changed, though name, size and date are the same", async () => {
    const page = await people.openPage(browser);
    const slug = await people.makeTitle(page, store, { name: "Changed", price: "4.99" });
    await people.chooseFilm(page, store, slug, film);
    await sending(45 * MIB);
    await people.crash(browser);
    const { atime, mtime } = statSync(film);
    // All of it: what was acknowledged last is compared, and where that is depends on the moment.
    writeSync(openSync(film, "r+"), randomBytes(SIZE));
    utimesSync(film, atime, mtime);
    const again = await backAtTheUpload(slug);
    await people.chooseFilm(again, store, slug, film);
    const status = () => people.textOf(again, "[data-uploader] [data-part=status]");
    await until("the page says how it goes on", async () => /changed|compares/i.test(await status()), 60);
    assert.match(await status(), /changed/i);
  });
});
