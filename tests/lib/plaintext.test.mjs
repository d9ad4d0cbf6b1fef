// The searches that other tests trust must find what they look for.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
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
  const noise = randomBytes(500_000);
  socket.write(noise);
  let first;
  const arrived = [];
  await new Promise((resolve) =>
    socket.on("data", (bytes) => {
      first ??= performance.now() - began;
      arrived.push(bytes);
      if (Buffer.concat(arrived).length === noise.length) resolve();
    }),
  );
  const whole = performance.now() - began;
  assert.ok(first >= 40 && first < 150, `first byte after ${first} ms`);
  assert.ok(whole >= 235 && whole < 500, `500 kB after ${whole} ms; at 20 Mbit/s they take 240`);
  assert.ok(Buffer.concat(arrived).equals(noise), "every byte in its order");
  assert.ok(Buffer.concat(wire.sent).equals(noise));
  const broken = new Promise((resolve) => socket.on("close", resolve));
  wire.cut();
  await broken;
  await wire.close();
  echo.close();
});
