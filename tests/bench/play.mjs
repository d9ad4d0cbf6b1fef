// Watching over a line of 40 ms (round trip) and 20 Mbit/s in Chromium: the sealed film through
// the service worker beside the same file served in plain by nginx over the same line.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as people from "../browser/lib.mjs";
import { PASSWORD } from "../lib/shop.mjs";
import { Store } from "../lib/store.mjs";
import { lay } from "../lib/wire.mjs";
import { tenMinutes } from "./film.mjs";
import { Sheet, median } from "./measure.mjs";
import { startNginx } from "./peers.mjs";
import { sellFilm } from "./published.mjs";

const LINE = { delayMs: 20, bitsPerSecond: 20e6 };
const ROUNDS = 4;
// The first picture takes a few frames of the screen: one sample says little.
const STARTS = 3;
// The same places for both; far apart, back and forth, so that nothing is buffered.
const SEEKS = [310, 75, 540, 190, 420, 20, 480, 130, 370, 250, 560, 45, 330, 100, 450, 220, 510, 160, 390, 280];

/** Milliseconds from the order to play until the first picture is on the screen. */
const firstFrame = (page) =>
  page.$eval(people.VIDEO, (video) =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      video.muted = true;
      video.requestVideoFrameCallback(() => resolve(performance.now() - began));
      video.play().catch(reject);
    }),
  );

/** Milliseconds from setting the position until its picture is on the screen. */
const seek = (page, second) =>
  page.$eval(people.VIDEO, (video, to) =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      setTimeout(() => reject(new Error(`no picture at ${to} s`)), 30_000);
      video.addEventListener("seeked", () => resolve(performance.now() - began), { once: true });
      video.currentTime = to;
    }),
  second);

/** Opens the page, waits until it is there and quiet, and plays. */
async function start(page, url) {
  await page.goto(url, { waitUntil: "networkidle2" });
  await page.waitForSelector(people.VIDEO);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // somebody reads the title and clicks
  const first = await firstFrame(page);
  await page.$eval(people.VIDEO, (video) => video.pause());
  return first;
}

/** One visit: a few starts, then the seeks. */
async function watch(url, wire, prepare) {
  const browser = await people.openBrowser({ name: "chromium" });
  try {
    const page = await people.openPage(browser);
    await prepare?.(page);
    const firsts = [];
    for (let count = 0; count < STARTS; count += 1) firsts.push(await start(page, url));
    const before = wire.received;
    const seeks = [];
    for (const second of SEEKS) seeks.push(await seek(page, second));
    return { firsts, seeks, bytes: wire.received - before };
  } finally {
    await browser.close();
  }
}

const film = tenMinutes();
const sealedWire = await lay({ ...LINE });
const store = await Store.start({ name: "bench-play", wire: sealedWire });
const root = mkdtempSync(join(tmpdir(), "plain-"));
let nginx, plainWire;
const sheet = new Sheet(`Watching at 40 ms and 20 Mbit/s in Chromium, median of ${ROUNDS} visits, ${STARTS} starts and ${SEEKS.length} seeks each`);
try {
  const { person, slug } = await sellFilm(store, film);
  const preload = /<video[^>]*\bpreload="?(\w+)/.exec(await person.page(`/watch/${slug}`))?.[1] ?? "auto";
  cpSync(film, join(root, "film.mp4"));
  writeFileSync(join(root, "index.html"), `<!doctype html><title>plain</title><video data-testid="player" src="film.mp4" preload="${preload}"></video>`);
  nginx = await startNginx(root);
  plainWire = await lay({ target: nginx.port, ...LINE });
  const signIn = (page) => people.signIn(page, store, { email: person.email, password: PASSWORD });
  const results = { plain: [], sealed: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    results.plain.push(await watch(`${plainWire.url}/index.html`, plainWire));
    results.sealed.push(await watch(`${store.url}/watch/${slug}`, sealedWire, signIn));
  }
  const of = (arm, what) => median(results[arm].flatMap((result) => result[what]));
  for (const arm of ["plain", "sealed"]) {
    const figures = [of(arm, "firsts").toFixed(0), of(arm, "seeks").toFixed(0), (of(arm, "bytes") / 1e6).toFixed(1)];
    sheet.note(`${arm}: first frame ms, seek ms, MB while seeking`, figures.join("  "));
  }
  sheet.goal("first frame, ratio", of("sealed", "firsts") / of("plain", "firsts"), { atMost: 1.1 });
  sheet.goal("median seek, ratio", of("sealed", "seeks") / of("plain", "seeks"), { atMost: 1.25 });
} finally {
  await nginx?.stop();
  await plainWire?.close();
  rmSync(root, { recursive: true, force: true });
  await store.remove();
  await sealedWire.close();
}
process.exitCode = sheet.failed ? 1 : 0;
