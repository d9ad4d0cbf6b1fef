// The searches that other tests trust must find what they look for.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { filesWithPlaintext, searcherFor } from "./plaintext.mjs";
import { lay } from "./wire.mjs";

const film = Buffer.concat(
  Array.from({ length: 4096 }, (_, at) => createHash("sha256").update(`film ${at}`).digest()),
);
const search = searcherFor(film);

test("one aligned window of a film is found at any offset", () => {
  const noise = createHash("sha512").update("noise").digest();
  assert.equal(search(Buffer.concat([noise, film.subarray(640, 704), noise])), 64);
  assert.equal(search(Buffer.concat([Buffer.from("x"), film.subarray(100, 300)])), 1 + 28);
  assert.equal(search(Buffer.concat(Array(100).fill(noise))), -1);
});

test("a leak in any file below a folder is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "leak-"));
  mkdirSync(join(folder, "a/b"), { recursive: true });
  writeFileSync(join(folder, "clean"), "nothing");
  writeFileSync(join(folder, "a/b/leak"), film.subarray(5000, 5200));
  assert.deepEqual(filesWithPlaintext(folder, search), [join(folder, "a/b/leak")]);
});

test("a shaped line is as slow as it says, and breaks when told", async () => {
  const echo = net.createServer((socket) => socket.pipe(socket).on("error", () => {}));
  await new Promise((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const wire = await lay({ target: echo.address().port, delayMs: 20, bitsPerSecond: 20e6, record: true });
  const socket = net.connect(wire.port, "127.0.0.1");
  const began = performance.now();
  socket.write(Buffer.alloc(500_000));
  let first;
  let arrived = 0;
  await new Promise((resolve) =>
    socket.on("data", (bytes) => {
      first ??= performance.now() - began;
      if ((arrived += bytes.length) === 500_000) resolve();
    }),
  );
  const whole = performance.now() - began;
  assert.ok(first >= 40 && first < 150, `first byte after ${first} ms`);
  assert.ok(whole >= 235 && whole < 500, `500 kB after ${whole} ms; at 20 Mbit/s they take 240`);
  assert.equal(Buffer.concat(wire.sent).length, 500_000);
  const broken = new Promise((resolve) => socket.on("close", resolve));
  wire.cut();
  await broken;
  await wire.close();
  echo.close();
});
