// What tus-js-client reads from: the ciphertext of a file, sealed when it is asked for.

import { PAGE_BYTES, SealFault } from './sealer.js';

/** Calls the sealing worker and waits for its answers. */
export class SealWorker {
  constructor(url) {
    this.worker = new Worker(url);
    this.waiting = new Map();
    this.next = 0;
    this.worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.fault) reject(Object.assign(new SealFault(data.fault), { detail: data.message }));
      else resolve(data.value);
    };
    this.worker.onerror = () => {
      for (const { reject } of this.waiting.values()) reject(new SealFault('failed'));
      this.waiting.clear();
    };
  }

  call(op, fields = {}) {
    this.next += 1;
    const id = this.next;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, op, ...fields });
    });
  }

  close() {
    this.worker.terminate();
  }
}

/**
 * A tus-js-client file source over a sealer. While one piece is on its way, the next is sealed.
 */
export class SealedSource {
  constructor(seal, size) {
    this.seal = seal;
    this.size = size;
    this.expected = 0;
    this.ahead = null;
  }

  async slice(start, end) {
    if (start !== this.expected) {
      this.ahead = null;
      await this.seal.call('checkBefore', { offset: start });
    }
    const piece = this.ahead?.start === start ? this.ahead : this.#begin(start, end - start);
    const value = new Blob([await piece.bytes]);
    this.expected = start + value.size;
    const done = this.expected >= this.size;
    this.ahead = done ? null : this.#begin(this.expected, end - start);
    return { value, done };
  }

  /** Asks for one piece; it ends at a page's edge where it can, so that no page is sealed twice. */
  #begin(start, length) {
    const wish = Math.min(start + length, this.size);
    const edge = Math.floor(wish / PAGE_BYTES) * PAGE_BYTES;
    const end = wish < this.size && edge > start ? edge : wish;
    const bytes = this.seal.call('seal', { start, end });
    bytes.catch(() => {}); // told to whoever awaits it, if anyone still does
    return { start, bytes };
  }

  close() {
    this.ahead = null;
  }
}
