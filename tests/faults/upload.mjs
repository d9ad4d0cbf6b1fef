// The upload under the kill sweep: upload.mjs prepare | drive | check
// Promise: what was acknowledged is on disk, the rest can be sent, and the film arrives whole.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTitle, openStudio } from "../lib/shop.mjs";
import { Tus, metadataOf, sealFilm } from "./lib.mjs";
import { LIVE, SEED, facts, main, origin, startLive, startSeed, untilKilled } from "./sweep-lib.mjs";

const PIECES = 12;

await main({
  async prepare() {
    const store = await startSeed();
    const { token, member } = await openStudio(store);
    const slug = await makeTitle({ member }, { name: "Swept" });
    const film = sealFilm(SEED, 1_500_000);
    const metadata = await metadataOf({ origin, token }, slug, film);
    await store.stop();
    writeFileSync(join(SEED, "facts.json"), JSON.stringify({ token, slug, film, metadata }));
  },

  /** Creates the upload and sends it piece by piece; "ack N" after each acknowledged byte count. */
  drive: () => untilKilled(async () => {
    const { token, film, metadata } = facts();
    const tus = new Tus({ origin, token });
    const bytes = readFileSync(film.sealed);
    const piece = Math.ceil(bytes.length / PIECES);
    const path = await tus.create(bytes.length, metadata);
    writeFileSync(`${LIVE}.path`, path);
    for (let offset = 0; offset < bytes.length; ) {
      offset = await tus.append(path, offset, bytes.subarray(offset, offset + piece));
      console.log(`ack ${offset}`);
    }
    await tus.finish(path, film.root);
    console.log(`ack ${bytes.length + 1}`); // one more than all bytes: finished
  }),

  async check() {
    const { token, film, metadata } = facts();
    const acknowledged = Number(process.env.ACK);
    const bytes = readFileSync(film.sealed);
    const store = await startLive();
    try {
      const tus = new Tus({ origin, token });
      let path = "";
      try {
        path = readFileSync(`${LIVE}.path`, "utf8");
      } catch {
        // The creation was never answered; nothing is promised yet.
      }
      if (path === "") return;
      let offset = await tus.offset(path);
      if (offset < Math.min(acknowledged, bytes.length)) throw new Error(`${acknowledged} bytes were acknowledged, ${offset} are there`);
      while (offset < bytes.length) offset = await tus.append(path, offset, bytes.subarray(offset, offset + 300_000));
      await tus.finish(path, film.root);
      store.command("verify");
    } finally {
      await store.stop();
      writeFileSync(`${LIVE}.path`, "");
    }
  },
});
