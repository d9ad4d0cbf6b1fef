// What studios and viewers do, without a browser: for tests that are about something else.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { binary, out, until } from "./store.mjs";
import { Visitor, attribute } from "./visitor.mjs";

export const PASSWORD = "correct horse battery 42";

/** A studio that may sell, and an API token of it. */
export async function openStudio(store, name = "Rabbit Hole") {
  const member = new Visitor(store.url);
  const email = `${name.toLowerCase().replace(/\W+/g, "-")}@studio.example`;
  await member.submit("/studio/signup", { email, password: PASSWORD, name: "Robin", studio_name: name });
  await confirmAddress(member, email);
  return { member, email, token: await makeToken(member) };
}

/** Follows the link in the mail that the demo shows, and presses its button. */
async function confirmAddress(person, email) {
  const letter = await until(`a mail to ${email}`, async () => {
    const item = (await person.page("/dev/mail")).split("<li>").find((text) => text.includes(`to ${email}`));
    return item && attribute(item, 'href="/dev/mail/', "href");
  });
  const { pathname, search } = new URL(attribute(await person.page(letter), "/account/verify", "href"));
  const page = await person.page(pathname + search);
  const body = new URLSearchParams({ token: attribute(page, 'name="token"', "value") });
  const answer = await person.fetch(pathname, { method: "POST", body });
  if (!answer.ok) throw new Error(`POST ${pathname}: ${answer.status}`);
}

/** A token for the command line; it is shown once, in the answer to the form. */
async function makeToken(member) {
  const answer = await member.fetch("/studio/tokens", { method: "POST", body: new URLSearchParams({ name: "tests" }) });
  const token = /data-testid="token-secret">([^<]+)</.exec(await answer.text());
  if (!token) throw new Error(`POST /studio/tokens: ${answer.status} and no token`);
  return token[1];
}

/** A draft with poster and price; answers its slug. */
export async function makeTitle(studio, { name, price = "4.99" } = {}) {
  const { member } = studio;
  const where = await member.submit("/studio/titles/new", {
    name,
    synopsis: "A large rabbit has had enough of three small bullies.",
    year: "2008",
    runtime_minutes: "10",
    genres: "animation",
    language: "en",
    rating: "0",
  });
  const slug = /\/studio\/titles\/([a-z0-9-]+)/.exec(where)[1];
  if (price) await member.submit(`/studio/titles/${slug}/offers`, { kind: "buy", price, currency: "EUR" });
  return slug;
}

/** Gives a title a poster, made by ffmpeg. */
export async function addPoster(studio, slug) {
  const file = join(out, "shop-poster.jpg");
  execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "gradients=s=800x1200:seed=7", "-frames:v", "1", "-y", file]);
  const poster = new Blob([readFileSync(file)], { type: "image/jpeg" });
  await studio.member.submit(`/studio/titles/${slug}/poster`, { poster });
}

/** Seals and sends a film with the command line. */
export function uploadFilm(store, studio, slug, film, options = {}) {
  execFileSync(binary, ["upload", film, "--store", store.origin, "--title", slug], {
    env: { ...process.env, MATINEE_TOKEN: studio.token },
    stdio: ["ignore", "ignore", "inherit"],
    ...options,
  });
}

/** Signs the rights and publishes, as soon as the film has been checked. */
export async function publish(studio, slug) {
  const path = `/studio/titles/${slug}`;
  const page = await until(`${slug} can be published`, async () => {
    const html = await studio.member.page(path);
    return /<button(?![^>]*disabled)[^>]*data-testid="publish"/.test(html) && html;
  }, 120);
  const root = attribute(page, 'name="root"', "value");
  await studio.member.submit(`${path}/publish`, { root, rights: "yes", signed_name: "Robin Producer" });
}

/** A new viewer. */
export async function viewer(store, name = "ada") {
  const person = new Visitor(store.url);
  person.email = `${name}@viewer.example`;
  await person.submit("/signup", { email: person.email, password: PASSWORD, name });
  return person;
}

/** Starts an order; answers the address of the payment page. */
export async function order(person, slug) {
  const page = await person.page(`/films/${slug}`);
  const offer = attribute(page, 'name="offer"', "value");
  if (!offer) throw new Error(`no offer on the page of ${slug}`);
  return person.submit("/checkout", { offer });
}

/** Pays on the sandbox's page; answers the path of the return page. */
export async function pay(paymentPage, card = "4242424242424242") {
  const stranger = new Visitor(new URL(paymentPage).origin);
  const page = await stranger.page(paymentPage);
  const action = attribute(page, "<form", "action") ?? attribute(page, 'method="post"', "action") ?? paymentPage;
  const back = await stranger.submit(new URL(action, paymentPage).href, { number: card });
  return back;
}

/** Orders, pays and waits until the order is paid. */
export async function buy(person, slug) {
  const back = new URL(await pay(await order(person, slug)));
  await until("the order is paid", async () => /data-testid="order-status"[^>]*>[^<]*yours/i.test(await person.page(back.pathname + back.search)));
  return back.pathname;
}

/** A lease of a container for a viewer; answers what the store says. */
export async function lease(person, slug, container, periods = [0]) {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const raw = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey));
  const answer = await person.fetch("/leases", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ edition: slug, public_key: raw.toString("base64url"), container, periods }),
  });
  if (answer.status !== 201) throw new Error(`POST /leases: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
