// Money that goes back under the kill sweep: return.mjs prepare | drive | check
// Promise: order, right, books and letters are what Stripe says of the payment, each refund and each
// movement of a dispute once. A refund that was asked for here is made once, whenever the store died.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { order, pay, viewer } from "../lib/shop.mjs";
import { until } from "../lib/store.mjs";
import { Visitor } from "../lib/visitor.mjs";
import { count } from "./database.mjs";
import { LIVE, SEED, facts, main, startLive, startSeed, origin, untilKilled } from "./sweep-lib.mjs";

const grace = () => new Visitor(origin, facts().cookie);
const owns = async (person) => /data-testid="library-film"/.test(await person.page("/library"));
const stripe = () => new URL(facts().paymentPage);
const session = () => stripe().pathname.split("/").pop();

/** Does something in the sandbox's dashboard. */
async function knob(path, body = {}) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${stripe().origin}/_sandbox/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text === "" ? null : JSON.parse(text);
}

async function ask(path) {
  const headers = { authorization: "Bearer sk_test_sandbox" };
  return (await fetch(`${stripe().origin}/v1/${path}`, { headers })).json();
}

/** What Stripe, here the sandbox, says of the payment. */
async function truth() {
  const { payment_intent: payment, amount_total: price } = await ask(`checkout/sessions/${session()}`);
  const refunds = (await ask(`refunds?payment_intent=${payment}`)).data;
  const disputes = (await ask(`disputes?payment_intent=${payment}`)).data;
  const sum = (things) => things.reduce((all, { amount }) => all + amount, 0);
  const refunded = sum(refunds);
  const lost = sum(disputes.filter(({ status }) => status === "lost"));
  const withheld = sum(disputes.filter(({ status }) => status === "needs_response"));
  return {
    owns: refunded + lost + withheld < price,
    refunded,
    refunds: refunds.length,
    movements: disputes.flatMap(({ balance_transactions: lines }) => lines).length,
  };
}

/** What the store's database must hold of it; the shop has a year of others' orders behind it. */
const ORDERS = "(SELECT id FROM orders WHERE email = 'grace@viewer.example')";
const transfers = (kind) => `SELECT COUNT(*) FROM ledger_transfer WHERE kind = '${kind}' AND order_id IN ${ORDERS}`;
const QUESTIONS = {
  refunded: `SELECT SUM(refunded_minor) FROM orders WHERE id IN ${ORDERS}`,
  refunds: transfers("refund"),
  movements: transfers("dispute"),
  letters: "SELECT COUNT(*) FROM mail WHERE cause LIKE 'refund:%' AND recipient = 'grace@viewer.example'",
};

/** What a job held when it died is taken up after its lease of 60 s; with time to make it. */
const A_LEASE = 80;
const UNFINISHED = "SELECT COUNT(*) FROM refund WHERE state = 'requested'";

await main({
  async prepare() {
    const store = await startSeed(true);
    const person = await viewer(store, "grace");
    const slug = /href="\/films\/([a-z0-9-]+)"/.exec(await person.page("/films"))[1];
    const paymentPage = await order(person, slug);
    const orderPage = new URL(await pay(paymentPage)).pathname;
    await until("the library shows the film", () => owns(person), 20);
    await store.stop();
    writeFileSync(join(SEED, "facts.json"), JSON.stringify({ cookie: person.cookie, paymentPage, orderPage }));
  },

  /** A part goes back, a bank withholds the rest and gives it up, then the viewer gives the film back. */
  drive: () => untilKilled(async () => {
    const person = grace();
    await knob(`refund/${session()}`, { amount: 100 });
    const { dispute } = await knob(`dispute/${session()}`);
    await until("the film is suspended", async () => !(await owns(person)), 8);
    await knob(`disputes/${dispute}`, { status: "won" });
    await until("the film is back", () => owns(person), 8);
    await person.submit(`${facts().orderPage}/return`, {});
    console.log("ack 1");
    await until("the film is gone", async () => !(await owns(person)), 8);
  }),

  async check() {
    const store = await startLive();
    let expected;
    try {
      const person = grace();
      await until("what was asked for was made", () => count(LIVE, UNFINISHED) === 0, A_LEASE);
      expected = await truth();
      if (expected.refunds > 2) throw new Error(`${expected.refunds} refunds, and two were asked for`);
      if (process.env.ACK === "1" && expected.refunds < 2) throw new Error("the store took a refund and did not make it");
      // The sandbox delivers its events again, and the reconciliation asks it.
      await until("order and payment agree", async () => (await owns(person)) === expected.owns, 40);
      await until("the books agree", () => agrees(expected), 40);
      store.command("verify");
    } finally {
      await store.stop();
    }
    const { refunded, refunds, movements, letters } = answers();
    if (letters !== refunds) throw new Error(`${letters} letters for ${refunds} refunds`);
    if (!agrees(expected)) throw new Error(`${JSON.stringify({ refunded, refunds, movements })} instead of ${JSON.stringify(expected)}`);
  },
});

function answers() {
  return Object.fromEntries(Object.entries(QUESTIONS).map(([what, sql]) => [what, count(LIVE, sql)]));
}

function agrees(expected) {
  const found = answers();
  return ["refunded", "refunds", "movements"].every((what) => found[what] === expected[what]);
}
