// Settling under the kill sweep: settle.mjs prepare | drive | check
// Promise: who paid has the film, once, with one transfer and one mail; who did not pay has not.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { order, pay, viewer } from "../lib/shop.mjs";
import { until } from "../lib/store.mjs";
import { Visitor } from "../lib/visitor.mjs";
import { count } from "./database.mjs";
import { LIVE, SEED, facts, main, origin, startLive, startSeed, untilKilled } from "./sweep-lib.mjs";

/** The viewer of the seed, with the cookie of then. */
function grace() {
  return new Visitor(origin, facts().cookie);
}

/** What there must be one of for each paid order, and none for an unpaid one. */
const ORDERS = "(SELECT id FROM orders WHERE email = 'grace@viewer.example')";
const QUESTIONS = {
  entitlements: `SELECT COUNT(*) FROM entitlement WHERE order_id IN ${ORDERS}`,
  transfers: `SELECT COUNT(*) FROM ledger_transfer WHERE kind = 'sale' AND order_id IN ${ORDERS}`,
  receipts: "SELECT COUNT(*) FROM mail WHERE cause LIKE 'receipt:%' AND recipient = 'grace@viewer.example'",
};

/** What Stripe, here the sandbox, knows of a payment. */
async function isPaid(paymentPage) {
  const { origin: stripe, pathname } = new URL(paymentPage);
  const headers = { authorization: "Bearer sk_test_sandbox" };
  const session = await fetch(`${stripe}/v1/checkout/sessions/${pathname.split("/").pop()}`, { headers });
  return (await session.json()).payment_status === "paid";
}

const owns = async (person) => /data-testid="library-film"/.test(await person.page("/library"));

await main({
  async prepare() {
    const store = await startSeed(true);
    const person = await viewer(store, "grace");
    const slug = /href="\/films\/([a-z0-9-]+)"/.exec(await person.page("/films"))[1];
    const paymentPage = await order(person, slug);
    await store.stop();
    writeFileSync(join(SEED, "facts.json"), JSON.stringify({ cookie: person.cookie, slug, paymentPage }));
  },

  /** Pays and comes back to the return page; "ack 1" when the store has said that it is paid. */
  drive: () => untilKilled(async () => {
    const back = new URL(await pay(facts().paymentPage));
    const person = grace();
    const paid = async () => /data-testid="order-status"[^>]*>[^<]*yours/i.test(await person.page(back.pathname + back.search));
    if (await paid()) console.log("ack 1");
    await until("the library shows the film", () => owns(person), 5);
  }),

  async check() {
    const store = await startLive();
    const counts = {};
    try {
      const person = grace();
      const paid = await isPaid(facts().paymentPage);
      // The sandbox delivers its events again, and the reconciliation asks it.
      if (paid) await until("who paid has the film", () => owns(person), 40);
      else if (process.env.ACK === "1") throw new Error("the store said paid, but Stripe knows nothing of it");
      else if (await owns(person)) throw new Error("somebody has a film that was never paid");
      store.command("verify");
      counts.expected = paid ? 1 : 0;
    } finally {
      await store.stop();
    }
    for (const [what, sql] of Object.entries(QUESTIONS)) {
      const found = count(LIVE, sql);
      if (found !== counts.expected) throw new Error(`${what}: ${found} instead of ${counts.expected}`);
    }
  },
});
