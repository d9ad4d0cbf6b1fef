// The layout and keys of static/js/container.js, checked in Node's own WebCrypto.

import assert from 'node:assert/strict';
import { createHash, hkdfSync, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import * as sealed from '../../static/js/container.js';

const { subtle } = webcrypto;
const CONTAINER = sealed.uuidBytes('01890000-0000-7000-8000-0000000000ff');
const DEK = Uint8Array.from({ length: 32 }, (_, index) => index);

/** Seals a whole plaintext, segment by segment. */
async function seal(dekBytes, container, plain) {
  const dek = await sealed.importSecret(dekBytes);
  const layout = new sealed.Layout(plain.length);
  const parts = [];
  let header;
  let key;
  for (let index = 0; index < layout.blocks; index += 1) {
    const block = layout.block(index);
    if (block.segment === 0) {
      header = await sealed.periodHeader(dek, container, plain.length, block.period);
      key = await sealed.periodKey(dek, header.salt, container, plain.length, block.period);
      parts.push(sealed.headerBytes(header));
    }
    const piece = plain.subarray(block.plainStart, block.plainStart + block.plainLength);
    parts.push(await sealed.sealSegment(key, header.prefix, block, piece));
  }
  return sealed.concat(...parts);
}

/** Opens one block of sealed bytes with what a lease would hand out. */
async function openBlock(dekBytes, container, layout, bytes, index) {
  const dek = await sealed.importSecret(dekBytes);
  const block = layout.block(index);
  const start = (index - block.segment) * sealed.BLOCK_BYTES;
  const salt = bytes.subarray(start + 1, start + 33);
  const prefix = bytes.subarray(start + 33, start + 40);
  const key = await sealed.periodKey(dek, salt, container, layout.plainLength, block.period);
  const from = block.cipherStart + block.header;
  const to = block.cipherStart + block.cipherLength;
  return sealed.openSegment(key, prefix, block, bytes.subarray(from, to));
}

test('a full period is 1,024 segments and 64 MiB of ciphertext', () => {
  assert.equal(sealed.PERIOD_PLAIN_BYTES, 67_092_440);
  const layout = new sealed.Layout(sealed.PERIOD_PLAIN_BYTES);
  assert.equal(layout.blocks, 1_024);
  assert.equal(layout.periods, 1);
  assert.equal(layout.cipherLength, 67_108_864);
});

test('lengths at the edges of segment and period', () => {
  const edges = [
    // plaintext, blocks, periods, ciphertext
    [1, 1, 1, 57],
    [65_479, 1, 1, 65_535],
    [65_480, 1, 1, 65_536],
    [65_481, 2, 1, 65_536 + 17],
    [65_480 + 65_519, 2, 1, 131_071],
    [65_480 + 65_520, 2, 1, 131_072],
    [65_480 + 65_521, 3, 1, 131_072 + 17],
    [67_092_439, 1_024, 1, 67_108_863],
    [67_092_441, 1_025, 2, 67_108_864 + 57],
    [2 * 67_092_440 + 1, 2_049, 3, 2 * 67_108_864 + 57],
    [2 ** 40, 16_781_324, 16_389, 1_099_780_784_520],
  ];
  for (const [plain, blocks, periods, cipher] of edges) {
    const layout = new sealed.Layout(plain);
    const found = [layout.blocks, layout.periods, layout.cipherLength];
    assert.deepEqual(found, [blocks, periods, cipher], `${plain} bytes`);
  }
});

test('nothing is not a film', () => {
  for (const length of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => new sealed.Layout(length), RangeError);
  }
});

test('every block holds the plaintext that the arithmetic says, without gap or overlap', () => {
  const layout = new sealed.Layout(2 * sealed.PERIOD_PLAIN_BYTES + 70_000);
  let plain = 0;
  for (let index = 0; index < layout.blocks; index += 1) {
    const block = layout.block(index);
    assert.equal(block.plainStart, plain);
    assert.equal(sealed.blockOfPlain(block.plainStart), index);
    assert.equal(sealed.blockOfPlain(block.plainStart + block.plainLength - 1), index);
    assert.equal(block.last, [1_023, 2_047, layout.blocks - 1].includes(index));
    plain += block.plainLength;
  }
  assert.equal(plain, layout.plainLength);
});

test('what was sealed opens again, block by block', async () => {
  for (const length of [1, 65_480, 65_481, 131_000, 131_001, 300_000]) {
    const whole = Uint8Array.from({ length }, (_, index) => index % 251);
    const bytes = await seal(DEK, CONTAINER, whole);
    const layout = new sealed.Layout(length);
    assert.equal(bytes.length, layout.cipherLength);
    for (let index = 0; index < layout.blocks; index += 1) {
      const block = layout.block(index);
      const opened = await openBlock(DEK, CONTAINER, layout, bytes, index);
      const expected = whole.subarray(block.plainStart, block.plainStart + block.plainLength);
      assert.ok(sealed.equal(opened, expected), `${length} bytes, block ${index}`);
    }
  }
});

test('sealing again gives the same bytes, so a resumed upload can be compared', async () => {
  const plain = new Uint8Array(100_000).fill(7);
  const [one, two] = await Promise.all([seal(DEK, CONTAINER, plain), seal(DEK, CONTAINER, plain)]);
  assert.ok(sealed.equal(one, two));
});

test('a flipped bit, another place, or another container does not open', async () => {
  const plain = new Uint8Array(200_000).fill(9);
  const layout = new sealed.Layout(plain.length);
  const bytes = await seal(DEK, CONTAINER, plain);
  const flipped = bytes.slice();
  flipped[70_000] ^= 1;
  await assert.rejects(openBlock(DEK, CONTAINER, layout, flipped, 1));
  const swapped = bytes.slice();
  swapped.copyWithin(65_536, 131_072, 196_608);
  await assert.rejects(openBlock(DEK, CONTAINER, layout, swapped, 1));
  const other = CONTAINER.slice();
  other[0] ^= 1;
  await assert.rejects(openBlock(DEK, other, layout, bytes, 0));
  await assert.rejects(openBlock(DEK, CONTAINER, new sealed.Layout(200_001), bytes, 0));
});

test('header, key and commitment are plain HKDF, as another implementation computes them', async () => {
  const dek = await sealed.importSecret(DEK);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(1_000n);
  const period = Buffer.from([0, 0, 0, 3]);
  const info = Buffer.concat([Buffer.from('matinee/v1/header'), CONTAINER, length, period]);
  const expected = Buffer.from(hkdfSync('sha256', DEK, '', info, 39));
  const header = await sealed.periodHeader(dek, CONTAINER, 1_000, 3);
  assert.deepEqual(Buffer.concat([header.salt, header.prefix]), expected);
  const bound = Buffer.concat([Buffer.from('matinee/v1/commitment'), CONTAINER]);
  const promise = Buffer.from(hkdfSync('sha256', DEK, '', bound, 32));
  assert.deepEqual(Buffer.from(await sealed.commitment(dek, CONTAINER)), promise);
  const root = createHash('sha256').update(sealed.rootPrefix(CONTAINER, 1_000)).digest('hex');
  const text = Buffer.concat([Buffer.from('matinee/v1/root'), CONTAINER, length]);
  assert.equal(root, createHash('sha256').update(text).digest('hex'));
});

test('the store, and nobody else, unwraps an ingested DEK', async () => {
  const kind = { name: 'ECDH', namedCurve: 'P-256' };
  const store = await subtle.generateKey(kind, true, ['deriveBits']);
  const storePublic = new Uint8Array(await subtle.exportKey('raw', store.publicKey));
  const wrapped = await sealed.wrapForIngest(DEK, CONTAINER, storePublic);
  assert.equal(wrapped.length, 1 + 65 + 12 + 48);
  assert.equal(wrapped[0], 1);
  const browserPublic = wrapped.subarray(1, 66);
  const browser = await subtle.importKey('raw', browserPublic, kind, false, []);
  const how = { name: 'ECDH', public: browser };
  const shared = Buffer.from(await subtle.deriveBits(how, store.privateKey, 256));
  const info = Buffer.concat([Buffer.from('matinee/v1/ingest'), CONTAINER]);
  const salt = Buffer.concat([browserPublic, storePublic]);
  const raw = hkdfSync('sha256', shared, salt, info, 32);
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
  const open = (additionalData) => subtle.decrypt(
    { name: 'AES-GCM', iv: wrapped.subarray(66, 78), additionalData },
    key,
    wrapped.subarray(78),
  );
  assert.deepEqual(new Uint8Array(await open(info)), DEK);
  await assert.rejects(open(Buffer.concat([info, Buffer.from([0])])));
});

/** The server's half of a lease, written from the format's description. */
async function serverWraps(publicKey, lease, periods) {
  const kind = publicKey.length === 32 ? { name: 'X25519' } : { name: 'ECDH', namedCurve: 'P-256' };
  const own = await subtle.generateKey(kind, false, ['deriveBits']);
  const ownPublic = new Uint8Array(await subtle.exportKey('raw', own.publicKey));
  const other = await subtle.importKey('raw', publicKey, kind, false, []);
  const bits = await subtle.deriveBits({ name: kind.name, public: other }, own.privateKey, 256);
  const keys = [];
  for (const period of periods) {
    const info = Buffer.concat([
      Buffer.from('matinee/v1/lease'), lease, CONTAINER, Buffer.from([0, 0, 0, period]),
    ]);
    const salt = Buffer.concat([publicKey, ownPublic]);
    const raw = hkdfSync('sha256', Buffer.from(bits), salt, info, 32);
    const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
    const iv = webcrypto.getRandomValues(new Uint8Array(12));
    const wrapped = await subtle.encrypt({ name: 'AES-GCM', iv }, key, DEK);
    keys.push({
      period,
      prefix: sealed.toBase64Url(new Uint8Array(7).fill(period)),
      nonce: sealed.toBase64Url(iv),
      wrapped: sealed.toBase64Url(new Uint8Array(wrapped)),
    });
  }
  return { serverPublicKey: ownPublic, keys };
}

test('a leased key opens in the browser that asked and cannot be exported', async () => {
  const lease = sealed.uuidBytes('01890000-0000-7000-8000-000000000001');
  const pair = await sealed.leaseKeyPair();
  const answer = await serverWraps(pair.publicKey, lease, [0, 5]);
  const keys = await sealed.unwrapLeaseKeys({ pair, lease, container: CONTAINER, ...answer });
  assert.deepEqual(keys.map((key) => key.period), [0, 5]);
  assert.deepEqual(keys[1].prefix, new Uint8Array(7).fill(5));
  for (const { key } of keys) {
    assert.deepEqual([key.extractable, key.usages], [false, ['decrypt']]);
    await assert.rejects(subtle.exportKey('raw', key));
  }
  assert.equal(pair.privateKey.extractable, false);
});

test('a leased key of one period does not pass for another', async () => {
  const lease = sealed.uuidBytes('01890000-0000-7000-8000-000000000001');
  const pair = await sealed.leaseKeyPair();
  const answer = await serverWraps(pair.publicKey, lease, [4]);
  answer.keys[0].period = 5;
  const unwrapped = sealed.unwrapLeaseKeys({ pair, lease, container: CONTAINER, ...answer });
  await assert.rejects(unwrapped);
});

test('base64url and hex go there and back', () => {
  for (const length of [0, 1, 2, 3, 65, 126]) {
    const bytes = webcrypto.getRandomValues(new Uint8Array(length));
    assert.deepEqual(sealed.fromBase64Url(sealed.toBase64Url(bytes)), bytes);
    assert.equal(sealed.toBase64Url(bytes), Buffer.from(bytes).toString('base64url'));
    assert.deepEqual(sealed.fromHex(sealed.toHex(bytes)), bytes);
  }
});
