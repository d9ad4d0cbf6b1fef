// Borrowing the keys of a film, from the page (first lease, beats) and from its worker (the next
// periods). Both use the same store, so either may go on where the other stopped.

import { Refusal, ask } from './ask.js';
import { fromBase64Url, leaseKeyPair, toBase64Url, unwrapLeaseKeys, uuidBytes } from './container.js';

const ENDED = [404, 410];
const REFUSED = [401, 403, 409];

/** Enters the store's answer into a lease and opens the keys in it. */
async function accept(store, lease, { value, skew }) {
  const keys = await unwrapLeaseKeys({
    pair: lease.pair,
    lease: uuidBytes(value.lease),
    container: uuidBytes(lease.container),
    serverPublicKey: fromBase64Url(value.server_public_key),
    keys: value.keys,
  });
  const renewed = {
    ...lease,
    id: value.lease,
    plainLength: value.plaintext_length,
    url: value.url,
    urlExpiresAt: value.url_expires_at + skew,
    expiresAt: value.expires_at + skew,
  };
  await store.keep(renewed, keys);
  return renewed;
}

async function take(store, { edition, container, position, periods }) {
  const pair = await leaseKeyPair();
  const body = { edition, container, periods, public_key: toBase64Url(pair.publicKey) };
  const answer = await ask('/leases', { method: 'POST', body });
  return accept(store, { edition, container, position, pair }, answer);
}

/** Tells the store that the film is being watched; brings fresh keys and a fresh ticket. */
export async function beat(store, lease, { position, periods = [], keepalive } = {}) {
  const body = { periods };
  if (position !== undefined) body.position_seconds = Math.floor(position);
  const url = `/leases/${lease.id}/beat`;
  const answer = await ask(url, { method: 'POST', body, keepalive });
  return accept(store, { ...lease, position: position ?? lease.position }, answer);
}

/** The periods whose keys this browser does not hold yet; the store counts what it lends. */
async function missing(store, { container, periods }) {
  const held = await Promise.all(periods.map((period) => store.key(container, period)));
  return periods.filter((_, index) => held[index] === undefined);
}

/**
 * The lease of a film: the one this browser holds, renewed, or a new one. A refusal means that the
 * viewer may not watch (now), and takes the keys away from this browser too.
 */
export async function borrow(store, asked) {
  const wish = { ...asked, periods: await missing(store, asked) };
  try {
    const held = await store.lease(wish.container);
    if (held === undefined) return await take(store, wish);
    try {
      return await beat(store, held, wish);
    } catch (fault) {
      if (!(fault instanceof Refusal) || !ENDED.includes(fault.status)) throw fault;
      return await take(store, { ...wish, position: wish.position ?? held.position });
    }
  } catch (fault) {
    if (REFUSED.includes(fault.status)) await store.forget(wish.container);
    throw fault;
  }
}

/** Gives a lease back before its time. */
export async function giveBack(store, lease) {
  await store.forget(lease.container);
  await ask(`/leases/${lease.id}`, { method: 'DELETE', keepalive: true });
}
