// The main job, from the studio's file to the viewer's last frame, in a real browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { openSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { filesBelow, filesWithPlaintext, searcherFor } from "../lib/plaintext.mjs";
import { Store, fixtures, out } from "../lib/store.mjs";
import { lay } from "../lib/wire.mjs";
import * as people from "./lib.mjs";

const clip = join(fixtures, "bigbuckbunny.mp4");
const search = searcherFor(readFileSync(clip));

/** The clip six times: 32 seconds, long enough for a position worth coming back to. */
function longerClip() {
  const file = join(out, "six-times.mp4");
  execFileSync("ffmpeg", ["-v", "error", "-stream_loop", "5", "-i", clip, "-c", "copy", "-movflags", "+faststart", "-y", file]);
  return file;
}

/** Flips one bit of the largest file below a folder, the longer film, `share` of its way in. */
function damageLargestBlob(folder, share) {
  const blob = filesBelow(folder).reduce((a, b) => (statSync(a).size > statSync(b).size ? a : b));
  const file = openSync(blob, "r+");
  const byte = Buffer.alloc(1);
  const at = Math.min(Math.floor(statSync(blob).size * share), statSync(blob).size - 1);
  readSync(file, byte, 0, 1, at);
  byte[0] ^= 1;
  writeSync(file, byte, 0, 1, at);
}

describe(`the main job in ${people.browserName}`, () => {
  let wire, store, studio, viewer, page, slug, longSlug;

  before(async () => {
    wire = await lay({ record: true });
    store = await Store.start({ name: `journey-${people.browserName}`, wire });
    studio = await people.openBrowser();
    viewer = await people.openBrowser();
  });
  after(async () => {
    await studio?.close();
    await viewer?.close();
    await store?.remove();
    await wire?.close();
  });

  test("a studio signs up, makes a title and uploads a film that never leaves it in plain", async () => {
    const desk = await people.openPage(studio);
    await people.openStudio(desk, store, { email: "robin@studio.example", name: "Robin Producer", studio: "Rabbit Hole" });
    slug = await people.makeTitle(desk, store, { name: "Big Buck Bunny", price: "4.99" });
    await people.uploadFilm(desk, store, slug, clip);
    await people.picture(desk, "uploaded");
    const sent = Buffer.concat(wire.sent);
    assert.ok(sent.length > readFileSync(clip).length, "the film went over the wire");
    assert.equal(search(sent), -1, "a piece of the film went over the wire in plain");
    await people.publish(desk, store, slug);
    longSlug = await people.makeTitle(desk, store, { name: "Six Rabbits", price: "7.50" });
    await people.uploadFilm(desk, store, longSlug, longerClip());
    await people.publish(desk, store, longSlug);
    assert.deepEqual(desk.faults, []);
  });

  test("a visitor finds the film without an account", async () => {
    page = await people.openPage(viewer);
    await people.visit(page, `${store.url}/films?q=bunny`);
    await page.waitForSelector(`${people.byTestId("film-card")}`);
    await people.visit(page, `${store.url}/films/${slug}`);
    assert.match(await people.textOf(page, people.byTestId("price")), /4[.,]99/);
    await people.picture(page, "film");
  });

  test("a viewer signs up, is refused the film unbought, and buys it with a card", async () => {
    await people.signUp(page, store, { email: "ada@viewer.example", name: "Ada" });
    const refused = await page.goto(`${store.url}/watch/${slug}`);
    assert.ok([200, 403].includes(refused.status()));
    assert.equal(await page.$(people.VIDEO), null, "there is no player for who has not bought");
    await people.buy(page, store, slug);
    await people.orderPaid(page);
    await people.picture(page, "order");
    await people.visit(page, `${store.url}/library`);
    await page.waitForSelector(people.byTestId("library-film"));
  });

  test("a declined card leads back to the payment page, and nothing is bought", async () => {
    const other = await people.openBrowser();
    try {
      const tab = await people.openPage(other);
      await people.signUp(tab, store, { email: "eve@viewer.example", name: "Eve" });
      await people.buy(tab, store, slug, "4000 0000 0000 0002");
      assert.match(await people.textOf(tab, "body"), /declined/i);
      await people.visit(tab, `${store.url}/library`);
      assert.equal(await tab.$(people.byTestId("library-film")), null);
    } finally {
      await other.close();
    }
  });

  test("the film plays to its end out of sealed bytes, opened in the browser", async () => {
    wire.requests.length = 0;
    await people.openWatchPage(page, store, slug);
    await people.play(page);
    const state = await people.videoUntil(page, "the film is over", (video) => video.ended, 60);
    assert.equal(state.width, 1280);
    assert.ok(state.frames > 100, `${state.frames} frames were shown`);
    assert.ok(state.worker, "a service worker stands between page and store");
    const asked = (path) => wire.requests.filter((request) => request.includes(path)).length;
    assert.ok(asked("/containers/") > 0, "sealed bytes were fetched");
    assert.equal(asked("GET /media/"), 0, "the server opened nothing");
    await people.picture(page, "watched");
  });

  test("seeking shows the picture at once, forth and back", async () => {
    for (const second of [4, 0.5, 2.5, 5, 1]) {
      await people.seek(page, second);
      assert.ok(Math.abs((await people.videoState(page)).time - second) < 0.5);
    }
  });

  test("a longer film, bought too, is controlled by the keyboard", async () => {
    await people.buy(page, store, longSlug);
    await people.orderPaid(page);
    await people.openWatchPage(page, store, longSlug);
    await people.videoUntil(page, "the film is there", (video) => video.duration > 30);
    await page.keyboard.press("k");
    await people.videoUntil(page, "k plays", (video) => !video.paused && video.time > 0.2);
    await page.keyboard.press("k");
    await people.videoUntil(page, "k pauses", (video) => video.paused);
    const { muted } = await people.videoState(page);
    await page.keyboard.press("m");
    await people.videoUntil(page, "m switches the sound", (video) => video.muted !== muted);
    await page.keyboard.press("5");
    await people.videoUntil(page, "5 goes to the middle", (video) => Math.abs(video.time - video.duration / 2) < 0.5);
    await page.keyboard.press("j");
    await people.videoUntil(page, "j goes back 10 s", (video) => Math.abs(video.time - (video.duration / 2 - 10)) < 0.5);
    await page.keyboard.press("ArrowRight");
    await people.videoUntil(page, "the arrow goes on 5 s", (video) => Math.abs(video.time - (video.duration / 2 - 5)) < 0.5);
  });

  test("after a reload, and in another browser, the film goes on where it stood", async () => {
    await people.seek(page, 12);
    await people.play(page);
    await people.videoUntil(page, "it plays past 13 s", (video) => video.time > 13);
    await page.$eval(people.VIDEO, (video) => video.pause());
    const { time } = await people.videoState(page);
    await page.reload({ waitUntil: "load" });
    await people.videoUntil(page, "the position is back", (video) => Math.abs(video.time - time) < 2);
    const other = await people.openBrowser();
    try {
      const tab = await people.openPage(other);
      await people.signIn(tab, store, { email: "ada@viewer.example" });
      await people.openWatchPage(tab, store, longSlug);
      await people.videoUntil(tab, "the position is there too", (video) => Math.abs(video.time - time) < 2);
    } finally {
      await other.close();
    }
  });

  test("without a service worker the store opens the film for the viewer", async () => {
    const plain = await people.openBrowser({ serviceWorkers: false });
    try {
      const tab = await people.openPage(plain);
      await people.signIn(tab, store, { email: "ada@viewer.example" });
      wire.requests.length = 0;
      await people.openWatchPage(tab, store, slug);
      await people.seek(tab, 0);
      await people.play(tab);
      await people.videoUntil(tab, "the film is over", (video) => video.ended, 60);
      assert.ok(wire.requests.some((request) => request.includes("/media/")), "the store opened the bytes");
    } finally {
      await plain.close();
    }
  });

  test("nothing on the store's disk holds a piece of the film in plain", () => {
    assert.deepEqual(filesWithPlaintext(store.folder, search), []);
  });

  test("the books balance and every blob matches its root", () => {
    store.command("verify");
  });

  test("of a damaged film nothing bad is shown, and the viewer reads why", async () => {
    damageLargestBlob(store.folder, 0.7);
    const fresh = await people.openBrowser(); // with nothing of the film in its memory
    try {
      const tab = await people.openPage(fresh);
      await people.signIn(tab, store, { email: "ada@viewer.example" });
      await people.visit(tab, `${store.url}/watch/${longSlug}`);
      // On a quick line the player meets the damage, and stops, before anybody presses play.
      await tab.waitForFunction(
        (video, message) => document.querySelector(video).duration > 30 || !document.querySelector(message).hidden,
        {}, people.VIDEO, people.byTestId("player-message"),
      );
      await people.play(tab).catch(() => {});
      await tab.$eval(people.VIDEO, (video) => {
        if (Number.isFinite(video.duration)) video.currentTime = video.duration * 0.68;
      });
      await tab.waitForSelector(people.byTestId("player-message"), { visible: true, timeout: 40_000 });
      assert.match(await people.textOf(tab, people.byTestId("player-message")), /changed|damaged|tampered|seal/i);
      assert.ok((await people.videoState(tab)).paused);
      await people.play(tab).catch(() => {}); // as the media keys of a keyboard do
      await people.videoUntil(tab, "the film stays where it is", (video) => video.paused);
      await people.picture(tab, "tampered");
    } finally {
      await fresh.close();
    }
  });

  test("verify names the film whose tags do not make its root", () => {
    damageLargestBlob(store.folder, 1);
    assert.throws(() => store.command("verify"), /Command failed/);
  });
});
