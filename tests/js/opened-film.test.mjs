// The worker's view of a film: any range out of sealed bytes, and nothing of a bad segment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../static/js/ask.js';
import { BLOCK_BYTES, importSecret, periodHeader, periodKey, uuidBytes } from '../../static/js/container.js';
import { OpenedFilm, Tampered } from '../../static/js/opened-film.js';
import { Sealer } from '../../static/js/sealer.js';
import { FIREFOX_ANSWER_BYTES, cap, readRange } from '../../static/js/ranges.js';

const CONTAINER = uuidBytes('01890000-0000-7000-8000-0000000000ff');
const DEK = Uint8Array.from({ length: 32 }, (_, index) => index);
const LENGTH = 3_000_000;
const plain = Uint8Array.from({ length: LENGTH }, (_, index) => (index * 7 + (index >> 8)) & 255);

async function sealedBytes() {
  const journal = { load: async () => undefined, store: async () => {} };
  const dek = await importSecret(DEK);
  const sealer = new Sealer({ file: new Blob([plain]), dek, container: CONTAINER, journal });
  return sealer.seal(0, sealer.cipherLength);
}
const sealed = await sealedBytes();

async function leasedKey(period) {
  const dek = await importSecret(DEK);
  const { salt, prefix } = await periodHeader(dek, CONTAINER, LENGTH, period);
  return { prefix, key: await periodKey(dek, salt, CONTAINER, LENGTH, period, ['decrypt']) };
}

/** A film over a store in memory; `answers` may replace what one request gets. */
function film({ bytes = sealed, answers = [], keys = new Map(), urlExpiresAt = Infinity } = {}) {
  const seen = { ranges: [], urls: [], renewals: [] };
  const lease = { plainLength: LENGTH, url: '/containers/x?ticket=0', urlExpiresAt };
  const made = new OpenedFilm({
    lease,
    renew: async (periods) => {
      seen.renewals.push(periods);
      for (const period of periods) keys.set(period, await leasedKey(period));
      return { ...lease, url: `/containers/x?ticket=${seen.renewals.length}`, urlExpiresAt: Infinity };
    },
    keyOf: async (period) => keys.get(period),
    fetch: async (url, { headers }) => {
      seen.urls.push(url);
      seen.ranges.push(headers.Range);
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers.Range);
      const piece = bytes.slice(Number(from), Number(to) + 1);
      const other = answers.shift();
      return other ? other(piece) : new Response(piece, { status: 206 });
    },
  });
  return { film: made, seen };
}

async function read(opened, start, end) {
  const parts = [];
  for await (const part of opened.plain(start, end, new AbortController().signal)) parts.push(part);
  return Buffer.concat(parts);
}

function same(found, start, end) {
  assert.equal(Buffer.compare(found, plain.subarray(start, end + 1)), 0, `${start}-${end}`);
}

test('any range of plaintext comes out of the ciphertext it needs, and no more', async () => {
  const { film: opened, seen } = film();
  const ranges = [[0, 0], [0, LENGTH - 1], [65_479, 65_480], [130_999, 131_001], [LENGTH - 1, LENGTH - 1]];
  for (const [start, end] of ranges) same(await read(opened, start, end), start, end);
  assert.equal(seen.ranges[0], `bytes=0-${BLOCK_BYTES - 1}`);
  assert.ok(seen.ranges.includes(`bytes=0-${2 * BLOCK_BYTES - 1}`));
});

test('bytes are asked for in windows, so that a film at rest costs nothing', async () => {
  const { film: opened, seen } = film();
  const blocks = opened.plain(0, LENGTH - 1, new AbortController().signal);
  await blocks.next();
  const window = (from, to) => `bytes=${from * BLOCK_BYTES}-${to * BLOCK_BYTES - 1}`;
  assert.deepEqual(seen.ranges, [window(0, 8)]);
  for (let index = 1; index < 8; index += 1) await blocks.next();
  assert.deepEqual(seen.ranges, [window(0, 8), window(8, 24)]);
  await blocks.return();
});

test('a key is asked for once, however many ranges want it', async () => {
  const { film: opened, seen } = film();
  await Promise.all([read(opened, 0, 10), read(opened, 100_000, 200_000)]);
  assert.deepEqual(seen.renewals, [[0]]);
});

test('a known key costs no question', async () => {
  const keys = new Map([[0, await leasedKey(0)]]);
  const { film: opened, seen } = film({ keys });
  await read(opened, 0, 10);
  assert.deepEqual(seen.renewals, []);
});

test('of a tampered segment nothing comes out', async () => {
  const bytes = sealed.slice();
  bytes[2 * BLOCK_BYTES + 100] ^= 1;
  const { film: opened } = film({ bytes });
  const got = [];
  const reading = (async () => {
    const { signal } = new AbortController();
    for await (const part of opened.plain(0, LENGTH - 1, signal)) got.push(part);
  })();
  await assert.rejects(reading, Tampered);
  same(Buffer.concat(got), 0, 65_480 + 65_520 - 1);
});

test('a fault of the way, not of the film, is mended by asking again', async () => {
  const broken = (piece) => {
    piece[70_000] ^= 1;
    return new Response(piece, { status: 206 });
  };
  const { film: opened } = film({ answers: [broken] });
  same(await read(opened, 0, LENGTH - 1), 0, LENGTH - 1);
});

test('an expired ticket is renewed, before the question or after a refusal', async () => {
  const old = film({ urlExpiresAt: Date.now() + 1_000 });
  await read(old.film, 0, 10);
  assert.notEqual(old.seen.urls[0], '/containers/x?ticket=0');
  const keys = new Map([[0, await leasedKey(0)]]);
  const refused = film({ keys, answers: [() => new Response('', { status: 403 })] });
  same(await read(refused.film, 0, 10), 0, 10);
  assert.deepEqual(refused.seen.urls, ['/containers/x?ticket=0', '/containers/x?ticket=1']);
});

test('a line that breaks in the middle goes on at the same segment', async () => {
  const cut = (piece) => new Response(piece.subarray(0, 3 * BLOCK_BYTES + 1_000), { status: 206 });
  const { film: opened, seen } = film({ answers: [cut] });
  same(await read(opened, 0, LENGTH - 1), 0, LENGTH - 1);
  assert.ok(seen.ranges.includes(`bytes=${3 * BLOCK_BYTES}-${8 * BLOCK_BYTES - 1}`));
});

test('a refusal of the store is not tried again', async () => {
  const { film: opened, seen } = film({ answers: [() => new Response('', { status: 404 })] });
  await assert.rejects(read(opened, 0, 10), (fault) => fault instanceof Refusal && fault.status === 404);
  assert.equal(seen.ranges.length, 1);
});

test('warm blocks are fetched once and the rest starts behind them', async () => {
  const { film: opened, seen } = film();
  opened.warmUp();
  opened.warmUp();
  same(await read(opened, 0, LENGTH - 1), 0, LENGTH - 1);
  const fromStart = seen.ranges.filter((range) => range.startsWith('bytes=0-'));
  assert.deepEqual(fromStart, [`bytes=0-${4 * BLOCK_BYTES - 1}`]);
  assert.ok(seen.ranges.includes(`bytes=${4 * BLOCK_BYTES}-${12 * BLOCK_BYTES - 1}`));
});

test('ranges as browsers write them', () => {
  assert.deepEqual(readRange(null, 100), { start: 0, end: 99, partial: false, open: true });
  assert.deepEqual(readRange('bytes=0-', 100), { start: 0, end: 99, partial: true, open: true });
  assert.deepEqual(readRange('bytes=10-19', 100), { start: 10, end: 19, partial: true, open: false });
  assert.deepEqual(readRange('bytes=90-500', 100), { start: 90, end: 99, partial: true, open: false });
  assert.deepEqual(readRange('bytes=-10', 100), { start: 90, end: 99, partial: true, open: false });
  assert.deepEqual(readRange('bytes=-500', 100), { start: 0, end: 99, partial: true, open: false });
  for (const outside of ['bytes=100-', 'bytes=-0', 'bytes=20-10']) {
    assert.equal(readRange(outside, 100), null, outside);
  }
  for (const other of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=-']) {
    assert.equal(readRange(other, 100), undefined, other);
  }
});

test('only Firefox gets short answers, and only to open questions', () => {
  const range = readRange('bytes=5-', 1e9);
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
  assert.equal(cap(range, firefox).end, 5 + FIREFOX_ANSWER_BYTES - 1);
  assert.equal(cap(range, chrome).end, 1e9 - 1);
  assert.equal(cap(readRange('bytes=5-99999999', 1e9), firefox).end, 99_999_999);
});
