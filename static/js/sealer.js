// Seals a file piece by piece, in any order, and never the same place twice with other bytes.
//
// AES-GCM breaks if one nonce seals two different plaintexts. A nonce here belongs to a place in
// the file, so the danger is a file that changed between two attempts. Therefore the tags of a page
// are in the journal before its bytes leave, and a page that is sealed again must get the very same
// tags. Anything else stops the upload for good.

import { sha256 } from '@noble/hashes/sha2.js';
import {
  BLOCK_BYTES,
  Layout,
  TAG_BYTES,
  equal,
  headerBytes,
  periodHeader,
  periodKey,
  rootPrefix,
  sealSegment,
  toHex,
} from './container.js';

/** Segments sealed from one read of the file: 4 MiB. */
export const PAGE_BLOCKS = 64;
export const PAGE_BYTES = PAGE_BLOCKS * BLOCK_BYTES;
const PAGES_IN_FLIGHT = 2;

/** Why sealing must not go on: `changed` (the file), `lost` (the journal). */
export class SealFault extends Error {
  constructor(fault) {
    super(`sealing stopped: ${fault}`);
    this.fault = fault;
  }
}

export class Sealer {
  /**
   * `file` has `size` and `slice` like a Blob; `journal` has `load`, `store` and `count` of pages.
   */
  constructor({ file, dek, container, journal }) {
    this.file = file;
    this.dek = dek;
    this.container = container;
    this.journal = journal;
    this.layout = new Layout(file.size);
    this.pages = Math.ceil(this.layout.blocks / PAGE_BLOCKS);
    this.periods = new Map();
    this.sealing = new Map();
  }

  get cipherLength() {
    return this.layout.cipherLength;
  }

  /** Header and key of one period; a few are kept, since reading goes forward. */
  #period(period) {
    if (!this.periods.has(period)) {
      if (this.periods.size > 3) this.periods.clear();
      this.periods.set(period, this.#derive(period));
    }
    return this.periods.get(period);
  }

  async #derive(period) {
    const header = await periodHeader(this.dek, this.container, this.layout.plainLength, period);
    const { plainLength } = this.layout;
    const key = await periodKey(this.dek, header.salt, this.container, plainLength, period);
    return { ...header, key };
  }

  /** The ciphertext of `start..end`, fit to be sent. */
  async seal(start, end) {
    const out = new Uint8Array(end - start);
    const last = Math.floor((end - 1) / PAGE_BYTES);
    let next = Math.floor(start / PAGE_BYTES);
    const lane = async () => {
      while (next <= last) {
        const page = next;
        next += 1;
        const sealed = await this.#page(page);
        const at = page * PAGE_BYTES;
        const from = Math.max(start - at, 0);
        const to = Math.min(end - at, sealed.length);
        out.set(sealed.subarray(from, to), at + from - start);
      }
    };
    await Promise.all(Array.from({ length: PAGES_IN_FLIGHT }, lane));
    return out;
  }

  /** Seals what was acknowledged last once more, before anything is added behind `offset`. */
  async checkBefore(offset) {
    if (offset === 0) return;
    const page = Math.floor((offset - 1) / PAGE_BYTES);
    if (await this.journal.count(page + 1) !== page + 1) throw new SealFault('lost');
    await this.#page(page);
  }

  /** Seals a page; whoever asks while it is being sealed gets the same bytes. */
  #page(page) {
    if (!this.sealing.has(page)) {
      const sealed = this.#sealPage(page).finally(() => this.sealing.delete(page));
      this.sealing.set(page, sealed);
    }
    return this.sealing.get(page);
  }

  async #sealPage(page) {
    const first = page * PAGE_BLOCKS;
    const count = Math.min(PAGE_BLOCKS, this.layout.blocks - first);
    const blocks = Array.from({ length: count }, (_, index) => this.layout.block(first + index));
    const plain = await this.#read(blocks[0], blocks.at(-1));
    const end = blocks.at(-1);
    const sealed = new Uint8Array(end.cipherStart + end.cipherLength - blocks[0].cipherStart);
    const tags = new Uint8Array(count * TAG_BYTES);
    await Promise.all(blocks.map((block) => this.#sealBlock(block, blocks[0], plain, sealed, tags)));
    await this.#enter(page, tags);
    return sealed;
  }

  async #read(first, last) {
    const end = last.plainStart + last.plainLength;
    try {
      const plain = await this.file.slice(first.plainStart, end).arrayBuffer();
      if (plain.byteLength === end - first.plainStart) return new Uint8Array(plain);
    } catch {
      // Browsers refuse to read a file that was changed or moved since it was chosen.
    }
    throw new SealFault('changed');
  }

  async #sealBlock(block, first, plain, sealed, tags) {
    const period = await this.#period(block.period);
    const from = block.plainStart - first.plainStart;
    const piece = plain.subarray(from, from + block.plainLength);
    const bytes = await sealSegment(period.key, period.prefix, block, piece);
    const at = block.cipherStart - first.cipherStart;
    if (block.header > 0) sealed.set(headerBytes(period), at);
    sealed.set(bytes, at + block.header);
    tags.set(bytes.subarray(-TAG_BYTES), (block.index - first.index) * TAG_BYTES);
  }

  /** Journal first: after this the page may leave, and may never look different again. */
  async #enter(page, tags) {
    const known = await this.journal.load(page);
    if (known === undefined) return this.journal.store(page, tags);
    if (!equal(known, tags)) throw new SealFault('changed');
  }

  /** The root of the whole container, from the journal. */
  async root() {
    const hash = sha256.create();
    hash.update(rootPrefix(this.container, this.layout.plainLength));
    for (let page = 0; page < this.pages; page += 1) {
      const tags = await this.journal.load(page);
      if (tags === undefined) throw new SealFault('lost');
      hash.update(tags);
    }
    return toHex(hash.digest());
  }
}
