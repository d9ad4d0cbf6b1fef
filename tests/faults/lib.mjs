// What the fault tests share: a sealed film with its key at hand, and raw tus requests.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitment, fromBase64Url, importSecret, toBase64Url, toHex, uuidBytes, wrapForIngest } from "../../static/js/container.js";
import { binary } from "../lib/store.mjs";

/** Seals `size` random bytes with `matinee seal`; answers where everything is. */
export function sealFilm(folder, size) {
  const film = join(folder, "film");
  const sealed = join(folder, "film.sealed");
  const keyFile = join(folder, "film.key");
  writeFileSync(film, randomBytes(size));
  const said = execFileSync(binary, ["seal", film, sealed, "--key-file", keyFile], { encoding: "utf8" });
  const container = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/.exec(said)[0];
  const root = /\b[0-9a-f]{64}\b/.exec(said)[0];
  return { film, sealed, keyFile, container, root, size };
}

/** Upload-Metadata of that film for a store, in the protocol's form. */
export async function metadataOf({ origin, token }, slug, { container, keyFile, size }) {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const { public_key: storeKey } = await (await fetch(`${origin}/studio/uploads/ingest-key`, { headers })).json();
  const secret = new Uint8Array(Buffer.from(readFileSync(keyFile, "utf8").trim(), "hex"));
  const id = uuidBytes(container);
  const fields = {
    title: slug,
    container,
    length: String(size),
    wrapped_dek: toBase64Url(await wrapForIngest(secret, id, fromBase64Url(storeKey))),
    commitment: toHex(await commitment(await importSecret(secret), id)),
    kind: "feature",
  };
  return Object.entries(fields).map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`).join(",");
}

/** The tus protocol, one request at a time; an answer that is no success is an error. */
export class Tus {
  constructor({ origin, token }) {
    this.origin = origin;
    this.headers = { authorization: `Bearer ${token}`, "tus-resumable": "1.0.0", accept: "application/json" };
  }

  async #ask(url, options, more = {}) {
    const answer = await fetch(url, { ...options, headers: { ...this.headers, ...more } });
    if (!answer.ok) throw new Error(`${options.method} ${url}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
    return answer;
  }

  async create(length, metadata) {
    const more = { "upload-length": String(length), "upload-metadata": metadata };
    const answer = await this.#ask(`${this.origin}/studio/uploads`, { method: "POST" }, more);
    return new URL(answer.headers.get("location"), this.origin).pathname;
  }

  async offset(path) {
    const answer = await this.#ask(this.origin + path, { method: "HEAD" });
    return Number(answer.headers.get("upload-offset"));
  }

  async append(path, offset, bytes) {
    const more = { "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
    const answer = await this.#ask(this.origin + path, { method: "PATCH", body: bytes }, more);
    return Number(answer.headers.get("upload-offset"));
  }

  async finish(path, root) {
    await this.#ask(`${this.origin}${path}/finish`, { method: "POST", body: JSON.stringify({ root }) }, { "content-type": "application/json" });
  }
}
