// How opened bytes reach the picture: all of them, in their order, the first ones little by little.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGINNING_BYTES, PIECE_BYTES, inPieces } from '../../static/js/pieces.js';

const BLOCK_BYTES = 65_520;
const blocks = Array.from({ length: 20 }, (_, index) => new Uint8Array(BLOCK_BYTES).fill(index));
// The first block of a jump is cut: it begins where the browser asked.
blocks[0] = blocks[0].subarray(40_000);

async function* source(seen = {}) {
  try {
    for (const block of blocks) yield block;
  } finally {
    seen.ended = true;
  }
}

test('every byte comes out in its place', async () => {
  const pieces = [];
  for await (const piece of inPieces(source())) pieces.push(piece);
  assert.equal(Buffer.compare(Buffer.concat(pieces), Buffer.concat(blocks)), 0);
});

test('the beginning comes in small pieces, what follows in whole blocks', async () => {
  let given = 0;
  const later = [];
  for await (const piece of inPieces(source())) {
    if (given < BEGINNING_BYTES) assert.ok(piece.length <= PIECE_BYTES, `${piece.length} at ${given}`);
    else later.push(piece.length);
    given += piece.length;
  }
  assert.deepEqual([...new Set(later.slice(1))], [BLOCK_BYTES]);
});

test('each piece of the beginning waits a moment, the first and what follows do not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const pieces = inPieces(source());
  const notYet = Symbol('not yet');
  let given = 0;
  for (;;) {
    const asked = pieces.next();
    const turn = new Promise((resolve) => { setImmediate(resolve, notYet); });
    const waits = await Promise.race([asked, turn]) === notYet;
    assert.equal(waits, given > 0 && given < BEGINNING_BYTES, `after ${given} bytes`);
    if (waits) context.mock.timers.tick(1);
    const { value, done } = await asked;
    if (done) break;
    given += value.length;
  }
  assert.equal(given, Buffer.concat(blocks).length);
});

test('who leaves early ends the source', async () => {
  const seen = {};
  const pieces = inPieces(source(seen));
  await pieces.next();
  await pieces.return();
  assert.equal(seen.ended, true);
});
