// A film as the service worker sees it: ciphertext by ranges, keys by periods, plaintext only on
// its way to the picture.

import { Refusal } from './ask.js';
import { BLOCKS_PER_PERIOD, Layout, blockOfPlain, openSegment } from './container.js';

const WARM_BLOCKS = 4;
/** The first question after a seek is short, later ones are long. */
const FIRST_WINDOW_BLOCKS = 8;
const LONGEST_WINDOW_BLOCKS = 64;
const RENEW_BEFORE_MS = 15_000;
const LINE_TRIES = 6;
const FIRST_WAIT_MS = 250;
const TOO_FAST = 429;
const LENDING_TRIES = 10;
const LENDING_WAIT_MS = 3_000;

/** A segment did not authenticate, also when it was fetched a second time. */
export class Tampered extends Error {}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class OpenedFilm {
  /**
   * `lease` as kept; `renew(periods)` brings a fresh lease; `keyOf(period)` looks a key up in the
   * store; `fetch` is the browser's.
   */
  constructor({ lease, renew, keyOf, fetch = (...args) => globalThis.fetch(...args) }) {
    this.lease = lease;
    this.layout = new Layout(lease.plainLength);
    this.keys = new Map();
    this.warm = new Map();
    Object.assign(this, { renew, keyOf, fetch });
  }

  // -- Keys and tickets --------------------------------------------------------------------------

  /** The key of one period; asked for once, however many streams want it. */
  key(period) {
    if (!this.keys.has(period)) {
      const key = this.#findKey(period);
      key.catch(() => this.keys.delete(period));
      this.keys.set(period, key);
    }
    return this.keys.get(period);
  }

  async #findKey(period) {
    const held = await this.keyOf(period);
    if (held) return held;
    await this.#renewWhenAllowed([period]);
    const fresh = await this.keyOf(period);
    if (!fresh) throw new Refusal(403, '', 'no_key');
    return fresh;
  }

  /** Whoever jumps through a film faster than keys are lent waits a little, and is not refused. */
  async #renewWhenAllowed(periods) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#renew(periods);
      } catch (fault) {
        if (fault.status !== TOO_FAST || tries > LENDING_TRIES) throw fault;
        await pause(LENDING_WAIT_MS);
      }
    }
  }

  async #renew(periods = []) {
    this.lease = await this.renew(periods);
  }

  // -- Ciphertext --------------------------------------------------------------------------------

  /** Asks for the ciphertext of whole blocks, with a ticket that is still good. */
  async #request(first, last, signal) {
    if (Date.now() > this.lease.urlExpiresAt - RENEW_BEFORE_MS) await this.#renew();
    const { cipherStart: start } = this.layout.block(first);
    const { cipherStart, cipherLength } = this.layout.block(last);
    const range = `bytes=${start}-${cipherStart + cipherLength - 1}`;
    const ask = () => this.fetch(this.lease.url, {
      headers: { Range: range },
      cache: 'no-store', // tickets differ, and a cache would make one range wait for another
      signal,
    });
    let answer = await ask();
    if ([401, 403, 410].includes(answer.status)) {
      await this.#renew();
      answer = await ask();
    }
    if (answer.status !== 206) throw new Refusal(answer.status);
    return answer.body.getReader();
  }

  /**
   * Yields the sealed bytes of block after block, asked for in windows. Browsers read the answer to
   * a worker's `fetch` as fast as it comes, wanted or not; a window is the most they can run ahead.
   * The next one is asked for when three quarters of this one are used, so the line never rests.
   */
  async* #sealed(first, last, signal) {
    let blocks = FIRST_WINDOW_BLOCKS;
    const open = (from) => {
      const to = Math.min(from + blocks - 1, last);
      blocks = Math.min(blocks * 2, LONGEST_WINDOW_BLOCKS);
      return { from, to, sealed: prefetched(this.#window(from, to, signal)) };
    };
    let current = open(first);
    let following;
    try {
      while (current) {
        const { from, to, sealed } = current;
        for (let index = from; index <= to; index += 1) {
          const late = index - from >= (to - from) * 0.75;
          if (late && !following && to < last) following = open(to + 1);
          yield (await sealed.next()).value;
        }
        current = following;
        following = undefined;
      }
    } finally {
      current?.sealed.return();
      following?.sealed.return();
    }
  }

  /** One window; goes on by itself when the line breaks. */
  async* #window(first, last, signal) {
    let next = first;
    let tries = 0;
    while (next <= last) {
      try {
        for await (const bytes of this.#blocks(next, last, signal)) {
          yield bytes;
          next += 1;
          tries = 0;
        }
      } catch (fault) {
        const lineBroke = !(fault instanceof Refusal) || fault.status === 0 || fault.status >= 500;
        tries += 1;
        if (signal.aborted || !lineBroke || tries > LINE_TRIES) throw fault;
        await pause(FIRST_WAIT_MS * 2 ** tries);
      }
    }
  }

  /** Cuts one answer into blocks. */
  async* #blocks(first, last, signal) {
    const reader = await this.#request(first, last, signal);
    try {
      let chunk = new Uint8Array(0);
      for (let index = first; index <= last; index += 1) {
        const bytes = new Uint8Array(this.layout.block(index).cipherLength);
        let filled = 0;
        while (filled < bytes.length) {
          if (chunk.length === 0) {
            const { value, done } = await reader.read();
            if (done) throw new Refusal(0);
            chunk = value;
          }
          const part = chunk.subarray(0, bytes.length - filled);
          bytes.set(part, filled);
          filled += part.length;
          chunk = chunk.subarray(part.length);
        }
        yield bytes;
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  // -- Plaintext ---------------------------------------------------------------------------------

  async #open(index, sealed, signal) {
    const block = this.layout.block(index);
    const { key, prefix } = await this.key(block.period);
    try {
      return await openSegment(key, prefix, block, sealed.subarray(block.header));
    } catch {
      // Once more from the store: the fault may be one of the way, not of the film.
      for await (const again of this.#blocks(index, index, signal)) {
        return openSegment(key, prefix, block, again.subarray(block.header)).catch(() => {
          throw new Tampered();
        });
      }
      throw new Tampered();
    }
  }

  /** Fetches and opens the first blocks before anybody asks for them. */
  warmUp() {
    const last = Math.min(WARM_BLOCKS, this.layout.blocks) - 1;
    if (this.warm.size > 0) return;
    const signal = new AbortController().signal;
    const sealed = this.#sealed(0, last, signal);
    let before = Promise.resolve();
    for (let index = 0; index <= last; index += 1) {
      const opened = before.then(async () => {
        const { value } = await sealed.next();
        return this.#open(index, value, signal);
      });
      opened.catch(() => this.warm.clear());
      this.warm.set(index, opened);
      before = opened;
    }
    this.key(0).catch(() => {});
  }

  /** Yields the opened blocks that hold the plaintext from `start` to `end`, cut to fit. */
  async* plain(start, end, signal) {
    const first = blockOfPlain(start);
    const last = blockOfPlain(end);
    // The key and the bytes are asked for at the same time.
    this.key(this.layout.block(first).period).catch(() => {});
    let cold = first;
    while (cold <= last && this.warm.has(cold)) cold += 1;
    const sealed = cold <= last ? prefetched(this.#sealed(cold, last, signal)) : undefined;
    try {
      for (let index = first; index <= last; index += 1) {
        const opened = index < cold
          ? await this.warm.get(index) ?? await this.#single(index, signal)
          : await this.#open(index, (await sealed.next()).value, signal);
        yield this.#cut(index, opened, start, end);
        this.#lookAhead(index);
      }
    } finally {
      sealed?.return();
    }
  }

  /** A warm block that failed meanwhile is fetched like any other. */
  async #single(index, signal) {
    for await (const bytes of this.#sealed(index, index, signal)) {
      return this.#open(index, bytes, signal);
    }
    throw new Refusal(0);
  }

  #cut(index, opened, start, end) {
    const { plainStart } = this.layout.block(index);
    return opened.subarray(Math.max(start - plainStart, 0), end + 1 - plainStart);
  }

  /** Half-way through a period the key of the next one is fetched. */
  #lookAhead(index) {
    const next = Math.floor(index / BLOCKS_PER_PERIOD) + 1;
    if (index % BLOCKS_PER_PERIOD === BLOCKS_PER_PERIOD / 2 && next < this.layout.periods) {
      this.key(next).catch(() => {});
    }
  }
}

/** Starts a generator at once, instead of at the first question. */
function prefetched(generator) {
  let first = generator.next();
  first.catch(() => {});
  return {
    next() {
      const answer = first ?? generator.next();
      first = undefined;
      return answer;
    },
    return: () => generator.return().catch(() => {}),
  };
}
