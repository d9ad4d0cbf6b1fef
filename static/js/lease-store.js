// Leases and period keys as they are kept in IndexedDB, so that a service worker that was stopped
// goes on without asking. Keys stand here as CryptoKeys that nobody can export; no raw key and no
// plaintext is ever stored.

const DATABASE = 'matinee-player';
const LEASES = 'leases';
const KEYS = 'keys';

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class LeaseStore {
  static async open() {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(LEASES, { keyPath: 'container' });
      request.result.createObjectStore(KEYS);
    };
    return new LeaseStore(await done(request));
  }

  constructor(database) {
    this.database = database;
  }

  #read(store) {
    return this.database.transaction(store).objectStore(store);
  }

  #write(work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction([LEASES, KEYS], 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore(LEASES), transaction.objectStore(KEYS));
    });
  }

  lease(container) {
    return done(this.#read(LEASES).get(container));
  }

  /** The key and nonce prefix of one period. */
  key(container, period) {
    return done(this.#read(KEYS).get([container, period]));
  }

  /** Keeps a lease and the keys that came with it. */
  keep(lease, keys) {
    return this.#write((leases, store) => {
      leases.put(lease);
      for (const { period, prefix, key } of keys) {
        store.put({ prefix, key }, [lease.container, period]);
      }
    });
  }

  /** Forgets a film: its lease was refused, ended or given back. */
  forget(container) {
    return this.#write((leases, keys) => {
      leases.delete(container);
      keys.delete(IDBKeyRange.bound([container, 0], [container, Infinity]));
    });
  }
}
