// What a tus client must say of a sealed film.
import { webcrypto } from "node:crypto";
import { Layout, commitment, fromBase64Url, importSecret, toBase64Url, toHex, uuidBytes, wrapForIngest } from "../../static/js/container.js";

/** Upload-Metadata for a film of that plaintext length, with a fresh key wrapped for this store. */
export async function metadataFor({ origin, slug, token, length }) {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const answer = await fetch(`${origin}/studio/uploads/ingest-key`, { headers });
  const { public_key: storeKey } = await answer.json();
  const id = webcrypto.randomUUID();
  const container = uuidBytes(id);
  const secret = webcrypto.getRandomValues(new Uint8Array(32));
  const dek = await importSecret(secret);
  return {
    title: slug,
    container: id,
    length: String(length),
    wrapped_dek: toBase64Url(await wrapForIngest(secret, container, fromBase64Url(storeKey))),
    commitment: toHex(await commitment(dek, container)),
    kind: "feature",
  };
}

/** A plaintext of that many MiB: its length and that of its container. */
export function filmOf(mebibytes) {
  const length = mebibytes * 2 ** 20;
  return { length, cipherLength: new Layout(length).cipherLength };
}
