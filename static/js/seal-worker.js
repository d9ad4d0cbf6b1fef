// Seals away from the page, so that reading and encrypting a film never makes the page stutter.
//
// Takes `{id, op, …}` and answers `{id, value}` or `{id, fault}`.

import { uuidBytes } from './container.js';
import { Sealer } from './sealer.js';
import { UploadJournal } from './upload-journal.js';

let sealer;

const operations = {
  async open({ container, file }) {
    const journal = await UploadJournal.open();
    const { dek } = await journal.record(container);
    sealer = new Sealer({
      file,
      dek,
      container: uuidBytes(container),
      journal: journal.tagsOf(container),
    });
    return sealer.cipherLength;
  },
  checkBefore: ({ offset }) => sealer.checkBefore(offset),
  seal: ({ start, end }) => sealer.seal(start, end),
  root: () => sealer.root(),
};

self.onmessage = async ({ data }) => {
  try {
    const value = await operations[data.op](data);
    const moved = value instanceof Uint8Array ? [value.buffer] : [];
    self.postMessage({ id: data.id, value }, moved);
  } catch (error) {
    self.postMessage({ id: data.id, fault: error.fault ?? 'failed', message: error.message });
  }
};
