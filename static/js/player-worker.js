// The service worker that answers /media/<container>/<file> out of sealed bytes.
//
// Where it does not hold a lease, the request goes on to the server, which answers the same ranges
// of the same address. So the picture never depends on this worker being there.

import { Refusal } from './ask.js';
import { borrow } from './lease.js';
import { LeaseStore } from './lease-store.js';
import { OpenedFilm, Tampered } from './opened-film.js';
import { inPieces } from './pieces.js';
import { cap, readRange } from './ranges.js';

const MEDIA = /^\/media\/([0-9a-f-]{36})\/[^/]+\.(mp4|webm)$/;
const TYPES = { mp4: 'video/mp4', webm: 'video/webm' };

/** Films by container, as promises; lost when the browser stops the worker, and found again. */
const films = new Map();
let opened;

function store() {
  opened ??= LeaseStore.open();
  return opened;
}

async function filmOf(container) {
  if (!films.has(container)) films.set(container, loadFilm(container).catch(() => undefined));
  const film = await films.get(container);
  if (!film) films.delete(container);
  return film;
}

async function loadFilm(container) {
  const leases = await store();
  const lease = await leases.lease(container);
  if (!lease) return undefined;
  return new OpenedFilm({
    lease,
    renew: (periods) => borrow(leases, { container, edition: lease.edition, periods }),
    keyOf: (period) => leases.key(container, period),
  });
}

async function tell(clientId, message) {
  const client = clientId ? await self.clients.get(clientId) : undefined;
  const all = client ? [client] : await self.clients.matchAll({ includeUncontrolled: true });
  for (const each of all) each.postMessage(message);
}

/** Says to the page what `<video>` would keep for itself. */
function report(container, clientId, fault) {
  if (fault instanceof Tampered) return tell(clientId, { type: 'tampered', container });
  const { status, code, message, devices } = fault instanceof Refusal ? fault : new Refusal(0);
  return tell(clientId, { type: 'refused', container, status, code, message, devices });
}

function streamOf(film, range, onFault) {
  const end = new AbortController();
  const pieces = inPieces(film.plain(range.start, range.end, end.signal));
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (fault) {
        if (end.signal.aborted) return;
        onFault(fault);
        controller.error(fault);
      }
    },
    cancel() {
      end.abort();
      pieces.return().catch(() => {});
    },
  }, new CountQueuingStrategy({ highWaterMark: 2 }));
}

async function answer(event, container, type) {
  const film = await filmOf(container);
  const { length } = film ? { length: film.layout.plainLength } : { length: 0 };
  const asked = film && readRange(event.request.headers.get('Range'), length);
  if (asked === undefined) return fetch(event.request);
  const fixed = { 'Accept-Ranges': 'bytes', 'Cache-Control': 'no-store', 'Content-Type': type };
  if (asked === null) {
    const headers = { ...fixed, 'Content-Range': `bytes */${length}` };
    return new Response(null, { status: 416, headers });
  }
  const range = cap(asked, navigator.userAgent);
  const headers = { ...fixed, 'Content-Length': String(range.end - range.start + 1) };
  if (range.partial) headers['Content-Range'] = `bytes ${range.start}-${range.end}/${length}`;
  const body = streamOf(film, range, (fault) => report(container, event.clientId, fault));
  return new Response(body, { status: range.partial ? 206 : 200, headers });
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const found = url.origin === self.location.origin && MEDIA.exec(url.pathname);
  if (!found || event.request.method !== 'GET') return;
  event.respondWith(answer(event, found[1], TYPES[found[2]]));
});

const orders = {
  /** After a hard reload a page has no worker until it asks for one. */
  claim: () => self.clients.claim(),
  /** The page holds a new or renewed lease. */
  async leased({ container }) {
    const film = await films.get(container);
    if (film) film.lease = await (await store()).lease(container) ?? film.lease;
  },
  async warm({ container }) {
    (await filmOf(container))?.warmUp();
  },
  async forget({ container }) {
    films.delete(container);
  },
};

self.addEventListener('message', (event) => {
  event.waitUntil(Promise.resolve(orders[event.data.type]?.(event.data)));
});

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
