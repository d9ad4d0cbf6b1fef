// 1 GiB over loopback in pieces of 32 MiB, as the browser sends them: Matinee, which syncs every
// piece to disk before it acknowledges it, beside @tus/server, which does not.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { makeTitle, openStudio } from "../lib/shop.mjs";
import { Store } from "../lib/store.mjs";
import { filmOf, metadataFor } from "../tus/lib.mjs";
import { Sheet, median, watchMemory } from "./measure.mjs";
import { startTusServer } from "./peers.mjs";

const MIB = 2 ** 20;
const SIZE_MIB = Number(process.env.MATINEE_BENCH_MIB ?? 1024);
const PIECE = 32 * MIB;
const ROUNDS = 3;
const piece = randomBytes(PIECE);

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** One request with a body out of memory; the agent keeps its connection. */
function request(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, { method, agent, headers: { "tus-resumable": "1.0.0", ...headers } }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode < 300 ? resolve(answer) : reject(new Error(`${method} ${url}: ${answer.statusCode}`))));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Sends a whole upload; answers MiB a second. */
async function send(endpoint, size, headers) {
  const began = performance.now();
  const created = await request("POST", endpoint, { ...headers, "upload-length": size });
  const url = new URL(created.headers.location, endpoint);
  for (let offset = 0; offset < size; offset += PIECE) {
    const body = piece.subarray(0, Math.min(PIECE, size - offset));
    const more = { "content-type": "application/offset+octet-stream", "upload-offset": offset, "content-length": body.length };
    await request("PATCH", url, { ...headers, ...more }, body);
  }
  return { url, rate: size / MIB / ((performance.now() - began) / 1000) };
}

const encoded = (metadata) =>
  Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`).join(",");

const store = await Store.start({ name: "bench-upload" });
const peerFolder = mkdtempSync(join(store.folder, "peer."));
const peer = await startTusServer(peerFolder);
const sheet = new Sheet(`Upload of ${SIZE_MIB} MiB over loopback, median of ${ROUNDS}`);
try {
  const studio = await openStudio(store);
  const slug = await makeTitle(studio, { name: "Big Upload" });
  const { length, cipherLength } = filmOf(SIZE_MIB);
  const rates = { ours: [], theirs: [] };
  let growth = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const theirs = await send(peer.url, cipherLength, {});
    rates.theirs.push(theirs.rate);
    rmSync(peerFolder, { recursive: true });
    mkdirSync(peerFolder);
    const metadata = await metadataFor({ origin: store.origin, slug, token: studio.token, length });
    const headers = { authorization: `Bearer ${studio.token}`, "upload-metadata": encoded(metadata) };
    const memory = watchMemory(store.pid);
    const ours = await send(`${store.origin}/studio/uploads`, cipherLength, headers);
    growth = Math.max(growth, memory.stop());
    rates.ours.push(ours.rate);
    await request("DELETE", ours.url, headers);
  }
  sheet.note("matinee (fdatasync before each answer), MiB/s", median(rates.ours).toFixed(0));
  sheet.note("@tus/server (no sync), MiB/s", median(rates.theirs).toFixed(0));
  sheet.goal("throughput, ratio", median(rates.ours) / median(rates.theirs), { atLeast: 0.8 });
  sheet.goal("growth of the server's memory, MiB", growth, { atMost: 32 });
} finally {
  agent.destroy();
  await peer.stop();
  await store.remove();
}
process.exitCode = sheet.failed ? 1 : 0;
