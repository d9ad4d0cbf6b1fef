// The home page and a film page with 10,000 titles in SQLite: beside nginx, which serves the very
// same bytes from a file, and beside the store itself with 100 titles.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow } from "../lib/plaintext.mjs";
import { Store } from "../lib/store.mjs";
import { Visitor } from "../lib/visitor.mjs";
import { Sheet, median, wrk } from "./measure.mjs";
import { startNginx } from "./peers.mjs";

const ROUNDS = 3;
const LOAD = { connections: 16, seconds: 4, headers: { accept: "text/html" } };

/** Fills the database up to that many titles, with the store stopped. */
async function fill(store, count) {
  await store.stop();
  const file = filesBelow(store.folder).find((name) => name.endsWith(".db"));
  execFileSync("python3", [new URL("fill.py", import.meta.url).pathname, file, String(count)]);
  await store.run();
}

async function rounds(urls) {
  const results = urls.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, url] of urls.entries()) results[at].push(await wrk(url, LOAD));
  }
  return results.map((runs) => ({ perSecond: median(runs.map((r) => r.perSecond)), ms: median(runs.map((r) => r.medianMs)) }));
}

const store = await Store.start({ name: "bench-pages", films: true });
const root = mkdtempSync(join(tmpdir(), "pages-"));
let nginx;
const sheet = new Sheet(`Pages with 10,000 titles, 16 connections, median of ${ROUNDS} rounds`);
try {
  const visitor = new Visitor(store.origin);
  const film = /href="(\/films\/[a-z0-9-]+)"/.exec(await visitor.page("/"))[1];
  const paths = { home: "/", film };
  await fill(store, 100);
  const few = {};
  for (const [name, path] of Object.entries(paths)) [few[name]] = await rounds([store.origin + path]);
  await fill(store, 10_000);
  mkdirSync(root, { recursive: true });
  for (const [name, path] of Object.entries(paths)) writeFileSync(join(root, `${name}.html`), await visitor.page(path));
  nginx = await startNginx(root);
  for (const [name, path] of Object.entries(paths)) {
    const [ours, theirs] = await rounds([store.origin + path, `${nginx.url}/${name}.html`]);
    sheet.note(`${name}: matinee, requests/s and median ms`, `${ours.perSecond.toFixed(0)}  ${ours.ms.toFixed(2)}`);
    sheet.note(`${name}: nginx with the same bytes, requests/s`, theirs.perSecond.toFixed(0));
    sheet.note(`${name}: matinee with 100 titles, median ms`, few[name].ms.toFixed(2));
    sheet.goal(`${name}: requests a second, ratio to nginx`, ours.perSecond / theirs.perSecond, { atLeast: 0.05 });
    sheet.goal(`${name}: median time, ratio to 100 titles`, ours.ms / few[name].ms, { atMost: 1.5 });
  }
} finally {
  await nginx?.stop();
  rmSync(root, { recursive: true, force: true });
  await store.remove();
}
process.exitCode = sheet.failed ? 1 : 0;
