// Stripe's own library against stripe_signatures.json, which our signing and checking are held
// against too (src/platform/stripe/webhook.rs). A signature is a pure function of body, secret
// and second, so agreeing with one file means agreeing with each other, in both directions.
//
//   node --test tests/oracles/stripe_signature.test.mjs
//   node tests/oracles/stripe_signature.test.mjs --write     makes the file anew

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import Stripe from "stripe";

const file = new URL("stripe_signatures.json", import.meta.url);
const { webhooks } = new Stripe("sk_test_oracle");
const NOW = 1_700_000_000;

const sign = (payload, secret, timestamp) =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp });

function accepts({ body, header, secret, now }) {
  try {
    webhooks.constructEvent(body, header, secret, 300, undefined, now * 1000);
    return true;
  } catch (error) {
    assert.equal(error.type, "StripeSignatureVerificationError", error.message);
    return false;
  }
}

function event(number, text) {
  const object = { id: `cs_test_${number}`, object: "checkout.session", note: text };
  const data = { object };
  const kind = "checkout.session.completed";
  return JSON.stringify({ id: `evt_${number}`, object: "event", type: kind, livemode: false, created: NOW, data });
}

function cases() {
  const texts = ["", "plain", "quote \" and \\ backslash", "line\nbreak\ttab", "äöü ß 漢字 🎬", "x".repeat(5000)];
  const secrets = ["whsec_abc", "whsec_" + "k".repeat(200), "whsec_ä"];
  const fine = texts.flatMap((text, number) =>
    secrets.map((secret, at) => {
      const body = event(number * 10 + at, text);
      return { name: `signed ${number}/${at}`, body, secret, now: NOW, header: sign(body, secret, NOW) };
    }));
  const [{ body, secret, header }] = fine;
  const [time, v1] = header.split(",");
  const old = sign(body, secret, NOW - 300);
  const rotated = sign(body, "whsec_other", NOW).split(",")[1];
  const odd = [
    { name: "300 seconds old", header: old },
    { name: "301 seconds old", header: old, now: NOW + 1 },
    { name: "two signatures, ours second", header: `${time},${rotated},${v1}` },
    { name: "two signatures, ours first", header: `${time},${v1},${rotated}` },
    { name: "an unknown scheme beside", header: `${time},v0=${v1.slice(3)},${v1}` },
    { name: "only an unknown scheme", header: `${time},v0=${v1.slice(3)}` },
    { name: "another secret", secret: "whsec_abd" },
    { name: "a secret with its prefix cut off", secret: "abc" },
    { name: "another second", header: `t=${NOW - 1},${v1}` },
    { name: "a changed body", body: body.replace("evt_0", "evt_1") },
    { name: "a space after the body", body: `${body} ` },
    { name: "a signature cut short", header: header.slice(0, -2) },
    { name: "no signature", header: time },
    { name: "no time", header: v1 },
    { name: "an empty header", header: "" },
  ];
  return [...fine, ...odd.map((change) => ({ body, secret, header, now: NOW, ...change }))];
}

if (process.argv.includes("--write")) {
  const vectors = cases().map((given) => ({ ...given, accepted: accepts(given) }));
  writeFileSync(file, `${JSON.stringify(vectors, null, 1)}\n`);
} else {
  test("Stripe's library signs and judges as the vectors say", () => {
    const vectors = JSON.parse(readFileSync(file, "utf8"));
    assert.deepEqual(vectors, cases().map((given) => ({ ...given, accepted: accepts(given) })));
    assert.ok(vectors.filter(({ accepted }) => accepted).length > 20);
  });
}
