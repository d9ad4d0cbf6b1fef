// Clients that nobody here wrote: tus-js-client and tuspy stop half-way, come back, and the store
// holds exactly the bytes they sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Upload } from "tus-js-client";
import { filesBelow } from "../lib/plaintext.mjs";
import { Store, out } from "../lib/store.mjs";
import { makeTitle, openStudio } from "../lib/shop.mjs";
import { filmOf, metadataFor } from "./lib.mjs";

const MIB = 2 ** 20;
const python = join(process.env.MATINEE_TEST_CACHE ?? join(process.env.HOME, ".cache/matinee-tests"), "venv/bin/python");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

describe("other people's tus clients", () => {
  let store, studio;

  before(async () => {
    store = await Store.start({ name: "tus" });
    studio = await openStudio(store);
    studio.slug = await makeTitle(studio, { name: "Three Uploads" });
  });
  after(() => store?.remove());

  const headers = () => ({ authorization: `Bearer ${studio.token}` });

  async function offsetOf(url) {
    const answer = await fetch(url, { method: "HEAD", headers: { ...headers(), "tus-resumable": "1.0.0" } });
    assert.equal(answer.status, 200);
    return Number(answer.headers.get("upload-offset"));
  }

  /** The one file in the store's folder that has these bytes. */
  function storedCopies(bytes) {
    return filesBelow(store.folder).filter((file) => {
      const stored = readFileSync(file);
      return stored.length === bytes.length && sha256(stored) === sha256(bytes);
    });
  }

  test("tus-js-client stops at 8 of 20 MiB, comes back, and every byte is there", async () => {
    const { length, cipherLength } = filmOf(20);
    const bytes = randomBytes(cipherLength);
    const metadata = await metadataFor({ origin: store.origin, slug: studio.slug, token: studio.token, length });
    const options = { headers: headers(), metadata, chunkSize: 4 * MIB, uploadSize: bytes.length, retryDelays: null };
    const url = await new Promise((resolve, reject) => {
      const upload = new Upload(bytes, {
        ...options,
        endpoint: `${store.origin}/studio/uploads`,
        onError: reject,
        onChunkComplete: (_, sent) => sent >= 8 * MIB && upload.abort().then(() => resolve(upload.url)),
      });
      upload.start();
    });
    const stopped = await offsetOf(url);
    assert.ok(stopped >= 8 * MIB && stopped < bytes.length, `stopped at ${stopped}`);
    await new Promise((resolve, reject) => {
      new Upload(bytes, { ...options, uploadUrl: url, onError: reject, onSuccess: resolve }).start();
    });
    assert.equal(await offsetOf(url), bytes.length);
    assert.equal(storedCopies(bytes).length, 1);
  });

  test("tuspy does the same, with a checksum on every piece", async () => {
    const { length, cipherLength } = filmOf(20);
    const bytes = randomBytes(cipherLength);
    const file = join(out, "tuspy.bin");
    writeFileSync(file, bytes);
    const metadata = await metadataFor({ origin: store.origin, slug: studio.slug, token: studio.token, length });
    const order = { file, metadata, endpoint: `${store.origin}/studio/uploads`, headers: headers(), piece: 4 * MIB, stop: 8 * MIB };
    const script = new URL("tuspy_client.py", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(python, [script, JSON.stringify(order)]);
    const { stopped, url } = JSON.parse(stdout);
    assert.equal(stopped, 8 * MIB);
    assert.equal(await offsetOf(url), bytes.length);
    assert.equal(storedCopies(bytes).length, 1);
    rmSync(file);
  });

  test("a finished upload whose bytes nobody sealed is refused at the finish", async () => {
    const { length, cipherLength } = filmOf(1);
    const bytes = randomBytes(cipherLength);
    const metadata = await metadataFor({ origin: store.origin, slug: studio.slug, token: studio.token, length });
    const url = await new Promise((resolve, reject) => {
      const upload = new Upload(bytes, {
        endpoint: `${store.origin}/studio/uploads`, headers: headers(), metadata, uploadSize: bytes.length, retryDelays: null,
        onError: reject, onSuccess: () => resolve(upload.url),
      });
      upload.start();
    });
    const answer = await fetch(`${url}/finish`, {
      method: "POST",
      headers: { ...headers(), "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ root: "00".repeat(32) }),
    });
    assert.ok(answer.status >= 400 && answer.status < 500, `the finish answered ${answer.status}`);
  });
});
