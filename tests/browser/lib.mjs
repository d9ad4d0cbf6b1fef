// Browsers, and what people do in them. One driver (puppeteer-core) for Chromium and Firefox.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { out, shotPath, until } from "../lib/store.mjs";

export const browserName = process.env.MATINEE_BROWSER ?? "chromium";

const PROGRAMS = { chromium: "/usr/bin/chromium", firefox: "/usr/bin/firefox-esr" };
const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
];
const FIREFOX_PREFS = { "media.autoplay.default": 0, "media.volume_scale": "0.0" };

/** Opens a browser; the same `profile` folder again is the same person's browser later. */
export async function openBrowser({ name = browserName, profile, serviceWorkers = true, dark = false } = {}) {
  const firefox = name === "firefox";
  const prefs = { ...FIREFOX_PREFS, "dom.serviceWorkers.enabled": serviceWorkers };
  if (dark) prefs["layout.css.prefers-color-scheme.content-override"] = 0;
  const browser = await puppeteer.launch({
    browser: firefox ? "firefox" : "chrome",
    executablePath: PROGRAMS[name],
    headless: true,
    userDataDir: profile,
    args: firefox ? [] : CHROMIUM_ARGS,
    extraPrefsFirefox: firefox ? prefs : undefined,
    defaultViewport: { width: 1280, height: 860 },
    protocolTimeout: 120_000,
  });
  browser.serviceWorkers = serviceWorkers;
  return browser;
}

/** A fresh place for a browser's profile. */
export const newProfile = () => mkdtempSync(join(tmpdir(), "matinee-profile."));

/** Ends a browser as a power switch would: its whole process, no good-byes. */
export async function crash(browser) {
  const child = browser.process();
  const gone = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Opens a page that remembers what went wrong in it. */
export async function openPage(browser) {
  const page = await browser.newPage();
  page.faults = [];
  page.setDefaultTimeout(90_000); // a busy machine is no fault of the store
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && page.faults.push(`console: ${message.text()}`));
  page.on("dialog", (dialog) => dialog.accept().catch(() => {}));
  if (browser.serviceWorkers === false && browserName === "chromium") await page.setBypassServiceWorker(true);
  return page;
}

/** Goes to a page of the store and checks its status. */
export async function visit(page, url, status = 200) {
  const answer = await page.goto(url, { waitUntil: "load" });
  if (answer && answer.status() !== status) {
    throw new Error(`${url} answered ${answer.status()}: ${(await textOf(page, "body")).slice(0, 400)}`);
  }
}

export const byTestId = (id) => `[data-testid="${id}"]`;

export async function textOf(page, selector) {
  return page.$eval(selector, (element) => element.innerText);
}

/** Takes a picture of the whole page for people to look at. */
export async function picture(page, name) {
  await page.screenshot({ path: shotPath(`${browserName}-${name}`), fullPage: true }).catch(() => page.screenshot({ path: shotPath(`${browserName}-${name}`) }));
}

/** Takes pictures for people to look at: desktop and phone, light and dark. One browser's are
 *  enough, and Firefox cannot be told a colour scheme (puppeteer's BiDi lacks it). */
export async function pictures(page, name) {
  if (browserName !== "chromium") return;
  for (const [size, viewport] of [["desktop", { width: 1280, height: 860 }], ["phone", { width: 390, height: 844 }]]) {
    await page.setViewport(viewport);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
      await page.screenshot({ path: shotPath(`${name}-${size}-${scheme}`), fullPage: true });
    }
  }
  await page.emulateMediaFeatures([]);
  await page.setViewport({ width: 1280, height: 860 });
}

/** Sets the control or controls called `name` of a form, whatever kind they are. */
async function setField(form, name, value) {
  const controls = await form.$$(`[name="${name}"]`);
  if (controls.length === 0) throw new Error(`this form has no field ${name}`);
  const kind = await controls[0].evaluate((control) => (control.tagName === "INPUT" ? control.type : control.tagName.toLowerCase()));
  if (kind === "checkbox" || kind === "radio") {
    for (const control of controls) {
      const wanted = await control.evaluate((c, values) => values === true || values.includes(c.value), value === true ? true : [value].flat());
      if (wanted !== (await control.evaluate((c) => c.checked))) await control.evaluate((c) => c.click());
    }
  } else if (kind === "select") {
    await controls[0].select(...[value].flat());
  } else if (kind === "file") {
    await controls[0].uploadFile(value);
  } else {
    await controls[0].evaluate((control) => (control.value = ""));
    await controls[0].type(String(value));
  }
}

/** Fills in the form that has the first of these fields, sends it and waits for the next page. */
export async function fillIn(page, fields) {
  const [first] = Object.keys(fields);
  const form = await page.waitForSelector(`main form:has([name="${first}"]), form:has([name="${first}"])`);
  for (const [name, value] of Object.entries(fields)) await setField(form, name, value);
  const button = await form.$('button[type="submit"], button:not([type]), input[type="submit"]');
  await clickAndGo(page, button);
}

/** Clicks something that leads to another page, and waits for that page. */
export async function clickAndGo(page, target) {
  const element = typeof target === "string" ? await page.waitForSelector(target, { visible: true }) : target;
  await Promise.all([page.waitForNavigation({ waitUntil: "load", timeout: 60_000 }), element.evaluate((e) => e.click())]);
}

/** What the page complains about, if a form came back. */
export async function complaints(page) {
  return page.$$eval('[aria-invalid="true"], [role="alert"], .field__error', (marks) => marks.map((mark) => mark.innerText || mark.name).join(" | "));
}

// -- People --------------------------------------------------------------------------------------

const PASSWORD = "correct horse battery 42";

/** A poster of our own making; made once. */
export function poster() {
  const file = join(out, "poster.jpg");
  if (!existsSync(file)) {
    const args = ["-v", "error", "-f", "lavfi", "-i", "gradients=s=800x1200:seed=7", "-frames:v", "1", "-y", file];
    execFileSync("ffmpeg", args);
  }
  return file;
}

/** The newest link to `path` in the mail to an address; the demo shows its mail. */
export async function linkInMail(page, store, address, path) {
  return until(`a mail to ${address} with a link to ${path}`, async () => {
    await visit(page, `${store.url}/dev/mail`);
    const to = (items, to) => items.filter((item) => item.innerText.includes(to)).map((item) => item.querySelector("a").href);
    for (const letter of await page.$$eval("main li", to, address)) {
      await visit(page, letter);
      const links = await page.$$eval("main a", (links) => links.map((a) => a.href));
      const found = links.find((href) => href.includes(path));
      if (found) return found;
    }
  });
}

/** Opens a studio, with its address confirmed so that it may sell. */
export async function openStudio(page, store, { email, name, studio }) {
  await visit(page, `${store.url}/studio/signup`);
  await fillIn(page, { email, password: PASSWORD, name, studio_name: studio });
  await confirmAddress(page, store, email);
}

async function confirmAddress(page, store, email) {
  const link = await linkInMail(page, store, email, "/account/verify");
  await visit(page, link);
  await clickAndGo(page, 'main form[method="post"] button');
}

/** Goes to Stripe's questions from the studio's page and answers them; ends on that page again. */
export async function connectStripe(page, store, { answer = "finish" } = {}) {
  await visit(page, `${store.url}/studio/payments`);
  await clickAndGo(page, byTestId("connect"));
  await clickAndGo(page, byTestId(`sandbox-${answer}`));
}

/** Signs a viewer up. */
export async function signUp(page, store, { email, name }) {
  await visit(page, `${store.url}/signup`);
  await fillIn(page, { email, password: PASSWORD, name });
}

/** Signs somebody in. */
export async function signIn(page, store, { email, password = PASSWORD }) {
  await visit(page, `${store.url}/login`);
  await fillIn(page, { email, password });
}

/** Makes a title with poster and offer; answers its slug. */
export async function makeTitle(page, store, { name, price }) {
  await visit(page, `${store.url}/studio/titles/new`);
  await fillIn(page, {
    name,
    synopsis: "A large rabbit has had enough of three small bullies.",
    year: 2008,
    runtime_minutes: 1,
    genres: ["animation"],
  });
  const slug = /\/studio\/titles\/([a-z0-9-]+)/.exec(page.url())?.[1];
  if (!slug || slug === "new") throw new Error(`the title was not made: ${await complaints(page)}`);
  await visit(page, `${store.url}/studio/titles/${slug}`);
  await fillIn(page, { poster: poster() });
  await visit(page, `${store.url}/studio/titles/${slug}/offers`);
  await fillIn(page, { price, currency: "EUR" });
  return slug;
}

/** Chooses a film on the upload page. */
export async function chooseFilm(page, store, slug, film) {
  await visit(page, `${store.url}/studio/titles/${slug}/upload`);
  const input = await page.waitForSelector(byTestId("upload-file"));
  await page.waitForSelector('[data-uploader][data-state="ready"]');
  await input.uploadFile(film);
}

/** Seals and sends a film in the page, to the end. */
export async function uploadFilm(page, store, slug, film) {
  await chooseFilm(page, store, slug, film);
  await uploadDone(page);
}

/** Waits until the page says that the film is here. */
export async function uploadDone(page, seconds = 120) {
  await page.waitForSelector(byTestId("upload-done"), { visible: true, timeout: seconds * 1000 }).catch(async (error) => {
    throw new Error(`${error.message}; the card says: ${await textOf(page, "[data-uploader]")}; ${page.faults.join("; ")}`);
  });
}

/** Publishes a title as soon as the film has been checked. */
export async function publish(page, store, slug) {
  await until("the film can be published", async () => {
    await visit(page, `${store.url}/studio/titles/${slug}`);
    return page.$(`${byTestId("publish")}:not([disabled])`);
  }, 60);
  const form = await page.$(`form:has(${byTestId("publish")})`);
  for (const box of await form.$$('input[type="checkbox"]')) {
    if (!(await box.evaluate((b) => b.checked))) await box.evaluate((b) => b.click());
  }
  for (const field of await form.$$('input[type="text"]')) {
    if (!(await field.evaluate((f) => f.value))) await field.type("Robin Producer");
  }
  await clickAndGo(page, await form.$(byTestId("publish")));
}

/** Buys a film with a card that pays; ends on the return page. */
export async function buy(page, store, slug, card = "4242 4242 4242 4242") {
  await visit(page, `${store.url}/films/${slug}`);
  await clickAndGo(page, byTestId("buy"));
  await fillIn(page, { number: card });
}

/** Waits until the return page says that the order is paid. */
export async function orderPaid(page) {
  await until("the order is paid", async () => {
    const text = await page.$eval(byTestId("order-status"), (e) => e.innerText).catch(() => "");
    if (/it is yours|you own/i.test(text)) return true;
    await page.reload({ waitUntil: "load" });
    return false;
  });
}

// -- Watching ------------------------------------------------------------------------------------

export const VIDEO = 'video[data-testid="player"], [data-testid="player"] video';

/** Opens the watch page and waits until the player knows its film. */
export async function openWatchPage(page, store, slug) {
  await visit(page, `${store.url}/watch/${slug}`);
  await page.waitForSelector(VIDEO);
  await videoUntil(page, "the player knows its film", (video) => video.duration > 0, 60);
}

/** What the video element says of itself. */
export function videoState(page) {
  return page.$eval(VIDEO, (video) => ({
    time: video.currentTime,
    duration: video.duration,
    width: video.videoWidth,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    paused: video.paused,
    ended: video.ended,
    muted: video.muted,
    error: video.error?.message ?? null,
    worker: Boolean(navigator.serviceWorker?.controller),
  }));
}

/** Waits until the video is in a state; the error tells the state it was in. */
export async function videoUntil(page, what, check, seconds = 30) {
  let state;
  try {
    return await until(what, async () => {
      state = await videoState(page);
      return check(state) && state;
    }, seconds);
  } catch (error) {
    const message = await page.$eval(byTestId("player-message"), (e) => e.innerText).catch(() => "");
    throw new Error(`${error.message}; the video: ${JSON.stringify(state)}; the page says: ${message}; ${page.faults.join("; ")}`);
  }
}

/** Starts the film. */
export async function play(page) {
  await page.$eval(VIDEO, async (video) => {
    video.muted = true;
    await video.play();
  });
}

/** Jumps to a second and waits until the picture is there. */
export async function seek(page, second) {
  await page.$eval(
    VIDEO,
    (video, to) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`seeking to ${to} s took more than 20 s`)), 20_000);
        video.addEventListener("seeked", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
        video.currentTime = to;
      }),
    second,
  );
}
