// The journal rule: nothing leaves unrecorded, and no place is ever sealed twice with other bytes.

import assert from 'node:assert/strict';
import { createHash, hkdfSync, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { Layout, importSecret, uuidBytes } from '../../static/js/container.js';
import { PAGE_BYTES, SealFault, Sealer } from '../../static/js/sealer.js';
import { SealedSource } from '../../static/js/sealed-source.js';

const CONTAINER = uuidBytes('01890000-0000-7000-8000-0000000000ff');
const DEK = Uint8Array.from({ length: 32 }, (_, index) => index);
const LENGTH = 2 * PAGE_BYTES + 100_000;

function film(length = LENGTH) {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 16)) & 255;
  return bytes;
}

/** A journal in memory that remembers the order of what happened. */
function memoryJournal(events = []) {
  const pages = new Map();
  return {
    pages,
    load: async (page) => pages.get(page),
    store: async (page, tags) => {
      events.push(`store ${page}`);
      pages.set(page, tags);
    },
    count: async (before) => [...pages.keys()].filter((page) => page < before).length,
  };
}

async function sealerOf(bytes, journal = memoryJournal()) {
  const dek = await importSecret(DEK);
  return new Sealer({ file: new Blob([bytes]), dek, container: CONTAINER, journal });
}

const faulty = (fault) => (error) => error instanceof SealFault && error.fault === fault;

test('any cut of the ciphertext is a cut of the same bytes', async () => {
  const sealer = await sealerOf(film());
  const whole = await sealer.seal(0, sealer.cipherLength);
  assert.equal(whole.length, new Layout(LENGTH).cipherLength);
  const cuts = [[0, 1], [39, 41], [65_535, 65_537], [PAGE_BYTES - 1, PAGE_BYTES + 1], [5, whole.length]];
  for (const [start, end] of cuts) {
    const piece = await sealer.seal(start, end);
    assert.deepEqual(Buffer.compare(piece, whole.subarray(start, end)), 0, `${start}..${end}`);
  }
});

test('the sealed bytes open with nothing but the format', async () => {
  const plain = film(200_000);
  const sealer = await sealerOf(plain);
  const whole = Buffer.from(await sealer.seal(0, sealer.cipherLength));
  assert.equal(whole[0], 0x28);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(200_000n);
  const info = Buffer.concat([Buffer.from('matinee/v1'), CONTAINER, length, Buffer.alloc(4)]);
  const raw = hkdfSync('sha256', DEK, whole.subarray(1, 33), info, 32);
  const key = await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
  const iv = Buffer.concat([whole.subarray(33, 40), Buffer.from([0, 0, 0, 3, 1])]);
  const last = whole.subarray(3 * 65_536);
  const opened = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, last);
  const expected = plain.subarray(65_480 + 2 * 65_520);
  assert.equal(Buffer.compare(new Uint8Array(opened), expected), 0);
});

test('tags are in the journal before the bytes are handed out', async () => {
  const events = [];
  const sealer = await sealerOf(film(), memoryJournal(events));
  await sealer.seal(0, 100);
  events.push('bytes out');
  assert.deepEqual(events, ['store 0', 'bytes out']);
});

test('a journal that cannot be written lets nothing out', async () => {
  const journal = memoryJournal();
  journal.store = async () => { throw new Error('disk full'); };
  const sealer = await sealerOf(film(), journal);
  await assert.rejects(sealer.seal(0, 100), /disk full/);
});

test('a page asked for twice at once is sealed and recorded once', async () => {
  const events = [];
  const sealer = await sealerOf(film(), memoryJournal(events));
  await Promise.all([sealer.seal(0, 100), sealer.seal(50, 200)]);
  assert.deepEqual(events, ['store 0']);
});

test('the root is the hash over all tags in order', async () => {
  const sealer = await sealerOf(film());
  const whole = Buffer.from(await sealer.seal(0, sealer.cipherLength));
  const hash = createHash('sha256').update('matinee/v1/root').update(CONTAINER);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(LENGTH));
  hash.update(length);
  const { layout } = sealer;
  for (let index = 0; index < layout.blocks; index += 1) {
    const block = layout.block(index);
    const end = block.cipherStart + block.cipherLength;
    hash.update(whole.subarray(end - 16, end));
  }
  assert.equal(await sealer.root(), hash.digest('hex'));
});

test('the same file goes on where it stopped', async () => {
  const journal = memoryJournal();
  const first = await sealerOf(film(), journal);
  const before = await first.seal(0, PAGE_BYTES + 12_345);
  const second = await sealerOf(film(), journal);
  await second.checkBefore(before.length);
  const after = await second.seal(before.length, second.cipherLength);
  const whole = await (await sealerOf(film())).seal(0, second.cipherLength);
  assert.equal(Buffer.compare(Buffer.concat([before, after]), whole), 0);
});

test('a byte changed in what was sent stops the upload', async () => {
  const journal = memoryJournal();
  const first = await sealerOf(film(), journal);
  await first.seal(0, 2 * PAGE_BYTES);
  const changed = film();
  changed[PAGE_BYTES + 5] ^= 1;
  const second = await sealerOf(changed, journal);
  await assert.rejects(second.checkBefore(2 * PAGE_BYTES), faulty('changed'));
  await assert.rejects(second.seal(PAGE_BYTES, PAGE_BYTES + 10), faulty('changed'));
});

test('a byte changed in what was sealed but never acknowledged stops it too', async () => {
  const journal = memoryJournal();
  const first = await sealerOf(film(), journal);
  await first.seal(0, 2 * PAGE_BYTES);
  const changed = film();
  changed[PAGE_BYTES + 5] ^= 1;
  const second = await sealerOf(changed, journal);
  // The server has the first page only; the second left the sealer before the line dropped.
  await second.checkBefore(PAGE_BYTES);
  await assert.rejects(second.seal(PAGE_BYTES, 2 * PAGE_BYTES), faulty('changed'));
});

test('a file that shrank or cannot be read any more has changed', async () => {
  const shrunk = {
    size: LENGTH,
    slice: () => new Blob([new Uint8Array(10)]),
  };
  const dek = await importSecret(DEK);
  const of = (file) => new Sealer({ file, dek, container: CONTAINER, journal: memoryJournal() });
  await assert.rejects(of(shrunk).seal(0, 10), faulty('changed'));
  const gone = { size: LENGTH, slice: () => ({ arrayBuffer: () => Promise.reject(new Error()) }) };
  await assert.rejects(of(gone).seal(0, 10), faulty('changed'));
});

test('without the journal of what was sent nothing is added', async () => {
  const journal = memoryJournal();
  const first = await sealerOf(film(), journal);
  await first.seal(0, 2 * PAGE_BYTES);
  journal.pages.delete(0);
  const second = await sealerOf(film(), journal);
  await assert.rejects(second.checkBefore(2 * PAGE_BYTES), faulty('lost'));
  await assert.rejects(second.root(), faulty('lost'));
});

/** Lets a source talk to a sealer as it talks to the worker. */
function direct(sealer, calls) {
  return {
    call: (op, { offset, start, end } = {}) => {
      calls.push(op === 'seal' ? `seal ${start}..${end}` : `${op} ${offset}`);
      return op === 'seal' ? sealer.seal(start, end) : sealer.checkBefore(offset);
    },
  };
}

test('a source seals the next piece while one is sent, and checks after a break', async () => {
  const journal = memoryJournal();
  const calls = [];
  const sealer = await sealerOf(film(), journal);
  const source = new SealedSource(direct(sealer, calls), sealer.cipherLength);
  const first = await source.slice(0, PAGE_BYTES);
  assert.deepEqual([first.value.size, first.done], [PAGE_BYTES, false]);
  assert.deepEqual(calls, [`seal 0..${PAGE_BYTES}`, `seal ${PAGE_BYTES}..${2 * PAGE_BYTES}`]);
  calls.length = 0;
  // The line broke in the middle of the piece: the server kept a part of it.
  const again = await source.slice(1_000, 1_000 + PAGE_BYTES);
  assert.equal(calls[0], 'checkBefore 1000');
  assert.equal(calls[1], `seal 1000..${PAGE_BYTES}`);
  assert.equal(again.value.size, PAGE_BYTES - 1_000);
  await source.slice(PAGE_BYTES, 2 * PAGE_BYTES);
  const end = await source.slice(2 * PAGE_BYTES, sealer.cipherLength);
  assert.equal(end.done, true);
});
