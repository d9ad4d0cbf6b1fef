// What an unfinished upload leaves in IndexedDB, so that it can go on after a reload, a crash of
// the tab, or days later: its record with the DEK as a key nobody can read, and the tag of every
// segment that was ever sealed.

const DATABASE = 'matinee-uploads';
const UPLOADS = 'uploads';
const PAGES = 'pages';

/** Turns an IndexedDB request into a promise. */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    const uploads = request.result.createObjectStore(UPLOADS, { keyPath: 'container' });
    uploads.createIndex('title', 'title');
    request.result.createObjectStore(PAGES);
  };
  return done(request);
}

function pageRange(container, first = 0, last = Infinity) {
  return IDBKeyRange.bound([container, first], [container, last]);
}

export class UploadJournal {
  /** Opens the journal; fails where a browser refuses to keep anything. */
  static async open() {
    return new UploadJournal(await open());
  }

  constructor(database) {
    this.database = database;
  }

  #read(store) {
    return this.database.transaction(store).objectStore(store);
  }

  /** Runs writes and waits until they are on disk, not only accepted. */
  #write(stores, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(stores, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      work(transaction);
    });
  }

  record(container) {
    return done(this.#read(UPLOADS).get(container));
  }

  /** The unfinished upload of one title, if this browser holds one. */
  async unfinished(title) {
    const found = await done(this.#read(UPLOADS).index('title').getAll(title));
    return found.sort((a, b) => b.startedAt - a.startedAt)[0];
  }

  save(record) {
    return this.#write([UPLOADS], (transaction) => transaction.objectStore(UPLOADS).put(record));
  }

  /** Forgets an upload, its key and its tags. */
  forget(container) {
    return this.#write([UPLOADS, PAGES], (transaction) => {
      transaction.objectStore(UPLOADS).delete(container);
      transaction.objectStore(PAGES).delete(pageRange(container));
    });
  }

  /** The view of one upload that the sealer writes to. */
  tagsOf(container) {
    return {
      load: (page) => done(this.#read(PAGES).get([container, page])),
      store: (page, tags) => this.#write([PAGES], (transaction) => {
        transaction.objectStore(PAGES).add(tags, [container, page]);
      }),
      count: (before) => done(this.#read(PAGES).count(pageRange(container, 0, before - 1))),
    };
  }
}
