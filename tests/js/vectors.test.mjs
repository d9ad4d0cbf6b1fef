// The vectors of tests/vectors, sealed and opened by the browser's code.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { test } from 'node:test';
import {
  BLOCK_BYTES, Layout, commitment, fromHex, importSecret, openSegment, periodKey, toHex, uuidBytes,
} from '../../static/js/container.js';
import { Sealer } from '../../static/js/sealer.js';

const FOLDER = new URL('../vectors/', import.meta.url);
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
const file = (name) => new URL(name, FOLDER);
const vector = (name) => JSON.parse(readFileSync(file(`${name}.json`)));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function plaintext({ seed, length }) {
  const bytes = Buffer.alloc(length);
  const number = Buffer.alloc(8);
  for (let page = 0; page * 4_096 < length; page += 1) {
    number.writeBigUInt64BE(BigInt(page));
    const digest = createHash('sha256').update(seed).update(number).digest();
    bytes.fill(digest, page * 4_096, Math.min((page + 1) * 4_096, length));
  }
  return bytes;
}

async function sealerOf({ container, dek }, plain) {
  const pages = new Map();
  const journal = {
    load: async (page) => pages.get(page),
    store: async (page, tags) => pages.set(page, tags),
  };
  const key = await importSecret(fromHex(dek));
  return new Sealer({ file: new Blob([plain]), dek: key, container: uuidBytes(container), journal });
}

const made = new Map();
/** The sealed bytes of an accepted vector. */
async function sealed(name) {
  if (existsSync(file(`${name}.sealed`))) return readFileSync(file(`${name}.sealed`));
  if (!made.has(name)) {
    const wanted = vector(name);
    const sealer = await sealerOf(wanted, plaintext(wanted));
    made.set(name, Buffer.from(await sealer.seal(0, sealer.cipherLength)));
  }
  return made.get(name);
}

/** Opens segment after segment and returns how many were good, and what they held. */
async function open({ container, dek }, plainLength, bytes) {
  const layout = new Layout(plainLength);
  const secret = await importSecret(fromHex(dek));
  const id = uuidBytes(container);
  const parts = [];
  let key;
  let prefix;
  for (let index = 0; index < layout.blocks; index += 1) {
    const block = layout.block(index);
    const piece = bytes.subarray(block.cipherStart, block.cipherStart + block.cipherLength);
    if (piece.length < block.cipherLength) break;
    if (block.segment === 0) {
      if (piece[0] !== 0x28) break;
      prefix = piece.subarray(33, 40);
      key = await periodKey(secret, piece.subarray(1, 33), id, plainLength, block.period);
    }
    try {
      parts.push(await openSegment(key, prefix, block, piece.subarray(block.header)));
    } catch {
      break;
    }
  }
  return { good: parts.length, blocks: layout.blocks, plain: Buffer.concat(parts) };
}

for (const name of names.filter((each) => each.startsWith('accept_'))) {
  test(`${name} opens, and seals to the same bytes`, async () => {
    const wanted = vector(name);
    const plain = plaintext(wanted);
    assert.equal(sha256(plain), wanted.plaintext_sha256);
    const sealer = await sealerOf(wanted, plain);
    const ours = Buffer.from(await sealer.seal(0, sealer.cipherLength));
    const dek = await importSecret(fromHex(wanted.dek));
    assert.equal(toHex(await commitment(dek, uuidBytes(wanted.container))), wanted.commitment);
    if (wanted.sealed_by !== 'tink') {
      assert.equal(sha256(ours), wanted.ciphertext_sha256);
      assert.equal(await sealer.root(), wanted.root);
    }
    const opened = await open(wanted, wanted.length, await sealed(name));
    assert.equal(sha256(opened.plain), wanted.plaintext_sha256);
  });
}

/** Plaintext length that a container of this size claims. */
function claimedLength(cipherLength) {
  const blocks = Math.ceil(cipherLength / BLOCK_BYTES);
  const periods = Math.ceil(blocks / 1_024);
  return cipherLength - 40 * periods - 16 * blocks;
}

for (const name of names.filter((each) => each.startsWith('reject_'))) {
  test(`${name} yields nothing from the fault on`, async () => {
    const wanted = vector(name);
    let bytes;
    if (wanted.stored) {
      bytes = readFileSync(file(`${name}.sealed`));
    } else {
      const parts = await Promise.all(wanted.parts.map(async ([from, start, end]) => (
        (await sealed(from)).subarray(start, end)
      )));
      bytes = Buffer.concat(parts);
      for (const at of wanted.flips ?? []) bytes[at] ^= 1;
    }
    assert.equal(sha256(bytes), wanted.ciphertext_sha256);
    const length = claimedLength(bytes.length);
    if (length < 1) return; // the layout itself refuses it
    const opened = await open(wanted, length, bytes);
    assert.ok(opened.good < opened.blocks, 'every segment opened');
    assert.equal(opened.good, wanted.good_segments);
  });
}
