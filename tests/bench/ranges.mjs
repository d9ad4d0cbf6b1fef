// Ciphertext ranges of 1 and 4 MiB at random places: Matinee beside nginx with sendfile, which
// serves the very same file.
import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow } from "../lib/plaintext.mjs";
import { lease } from "../lib/shop.mjs";
import { Store } from "../lib/store.mjs";
import { tenMinutes } from "./film.mjs";
import { Sheet, cpuSecondsOf, median, wrk } from "./measure.mjs";
import { startNginx } from "./peers.mjs";
import { sellFilm } from "./published.mjs";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const ROUNDS = 3;

/** Rounds of both, in turns, so that a busy moment of the machine hits both. */
async function race(arms, options) {
  const results = Object.fromEntries(Object.keys(arms).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, { url, cpuSeconds }] of Object.entries(arms)) {
      const before = cpuSeconds();
      const load = await wrk(url, options);
      results[name].push({ rate: load.mibPerSecond, cost: (cpuSeconds() - before) / (load.bytes / GIB) });
    }
  }
  const middle = (name, what) => median(results[name].map((result) => result[what]));
  return (name) => ({ rate: middle(name, "rate"), cost: middle(name, "cost") });
}

const store = await Store.start({ name: "bench-ranges" });
const root = mkdtempSync(join(tmpdir(), "ranges-"));
let nginx;
const sheet = new Sheet(`Ciphertext ranges, 8 connections, median of ${ROUNDS} rounds`);
try {
  const { person, slug, container } = await sellFilm(store, tenMinutes());
  const blob = filesBelow(store.folder).reduce((a, b) => (statSync(a).size > statSync(b).size ? a : b));
  symlinkSync(blob, join(root, "blob"));
  nginx = await startNginx(root);
  const { url } = await lease(person, slug, container);
  const arms = {
    matinee: { url: new URL(url, store.origin).href, cpuSeconds: () => cpuSecondsOf(store.pid) },
    nginx: { url: `${nginx.url}/blob`, cpuSeconds: nginx.cpuSeconds },
  };
  for (const mib of [1, 4]) {
    const of = await race(arms, { range: mib * MIB, size: statSync(blob).size, seconds: 5 });
    const [ours, theirs] = [of("matinee"), of("nginx")];
    sheet.note(`${mib} MiB: matinee, MiB/s and CPU s per GiB`, `${ours.rate.toFixed(0)}  ${ours.cost.toFixed(3)}`);
    sheet.note(`${mib} MiB: nginx, MiB/s and CPU s per GiB`, `${theirs.rate.toFixed(0)}  ${theirs.cost.toFixed(3)}`);
    sheet.goal(`${mib} MiB: CPU per GiB, ratio`, ours.cost / theirs.cost, { atMost: 1.2 });
    sheet.goal(`${mib} MiB: throughput, ratio`, ours.rate / theirs.rate, { atLeast: 0.9 });
  }
} finally {
  await nginx?.stop();
  rmSync(root, { recursive: true, force: true });
  await store.remove();
}
process.exitCode = sheet.failed ? 1 : 0;
