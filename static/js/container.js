// The sealed container, version 1, as in src/sealed: where every byte stands, and the keys.
//
// Shared by sealing (uploader) and opening (player), in browsers and in Node's tests. Nothing here
// touches the network or a page.
//
// All segments but the last are 65,536 bytes of ciphertext, the first of a period including its
// header. So the ciphertext is one even grid, and block b starts at b * 65,536, whatever its period.

export const TAG_BYTES = 16;
export const HEADER_BYTES = 40;
export const BLOCK_BYTES = 65_536;
export const BLOCKS_PER_PERIOD = 1_024;
export const FIRST_PLAIN_BYTES = BLOCK_BYTES - HEADER_BYTES - TAG_BYTES;
export const NEXT_PLAIN_BYTES = BLOCK_BYTES - TAG_BYTES;
export const PERIOD_PLAIN_BYTES = BLOCKS_PER_PERIOD * NEXT_PLAIN_BYTES - HEADER_BYTES;
const HEADER_MARK = 0x28;
const SALT_BYTES = 32;
const PREFIX_BYTES = 7;

const subtle = globalThis.crypto.subtle;
const utf8 = new TextEncoder();
const EMPTY = new Uint8Array(0);

// -- Layout --------------------------------------------------------------------------------------

/** The block that holds the given byte of plaintext. */
export function blockOfPlain(offset) {
  const period = Math.floor(offset / PERIOD_PLAIN_BYTES);
  const within = offset - period * PERIOD_PLAIN_BYTES;
  const segment = within < FIRST_PLAIN_BYTES
    ? 0
    : 1 + Math.floor((within - FIRST_PLAIN_BYTES) / NEXT_PLAIN_BYTES);
  return period * BLOCKS_PER_PERIOD + segment;
}

/** Where everything stands in the container of a plaintext of this length. */
export class Layout {
  constructor(plainLength) {
    if (!Number.isSafeInteger(plainLength) || plainLength < 1) {
      throw new RangeError('a container holds at least one byte');
    }
    this.plainLength = plainLength;
    this.blocks = blockOfPlain(plainLength - 1) + 1;
    this.periods = Math.ceil(this.blocks / BLOCKS_PER_PERIOD);
    const last = this.block(this.blocks - 1);
    this.cipherLength = last.cipherStart + last.cipherLength;
  }

  /** One segment: which it is, and where its plaintext and its ciphertext stand. */
  block(index) {
    const period = Math.floor(index / BLOCKS_PER_PERIOD);
    const segment = index % BLOCKS_PER_PERIOD;
    const header = segment === 0 ? HEADER_BYTES : 0;
    const plainStart = period * PERIOD_PLAIN_BYTES
      + (segment === 0 ? 0 : FIRST_PLAIN_BYTES + (segment - 1) * NEXT_PLAIN_BYTES);
    const room = BLOCK_BYTES - header - TAG_BYTES;
    const plainLength = Math.min(room, this.plainLength - plainStart);
    return {
      index,
      period,
      segment,
      header,
      last: segment === BLOCKS_PER_PERIOD - 1 || index === this.blocks - 1,
      plainStart,
      plainLength,
      cipherStart: index * BLOCK_BYTES,
      cipherLength: header + plainLength + TAG_BYTES,
    };
  }
}

// -- Bytes and text ------------------------------------------------------------------------------

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(a, b) {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toBase64Url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function fromBase64Url(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', ''));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** The 16 bytes of a UUID in its usual text form. */
export function uuidBytes(text) {
  const bytes = fromHex(text.replaceAll('-', ''));
  if (bytes.length !== 16 || bytes.some(Number.isNaN)) throw new RangeError('not a UUID');
  return bytes;
}

function u32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function u64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

// -- Keys ----------------------------------------------------------------------------------------

function hkdf(salt, info) {
  return { name: 'HKDF', hash: 'SHA-256', salt, info };
}

/** Imports secret bytes as a key that can derive others but can never be read again. */
export function importSecret(bytes) {
  return subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
}

function deriveAesKey(secret, salt, info, usages) {
  const kind = { name: 'AES-GCM', length: 256 };
  return subtle.deriveKey(hkdf(salt, info), secret, kind, false, usages);
}

function associatedData(container, plainLength, period) {
  return concat(utf8.encode('matinee/v1'), container, u64(plainLength), u32(period));
}

/** Salt and nonce prefix of one period. They follow from the DEK, so sealing twice agrees. */
export async function periodHeader(dek, container, plainLength, period) {
  const info = concat(utf8.encode('matinee/v1/header'), container, u64(plainLength), u32(period));
  const bits = await subtle.deriveBits(hkdf(EMPTY, info), dek, (SALT_BYTES + PREFIX_BYTES) * 8);
  const bytes = new Uint8Array(bits);
  return { salt: bytes.subarray(0, SALT_BYTES), prefix: bytes.subarray(SALT_BYTES) };
}

/** The key that seals and opens one period. */
export function periodKey(dek, salt, container, plainLength, period, usages = ['encrypt', 'decrypt']) {
  return deriveAesKey(dek, salt, associatedData(container, plainLength, period), usages);
}

/** What binds a container to its one DEK. */
export async function commitment(dek, container) {
  const info = concat(utf8.encode('matinee/v1/commitment'), container);
  return new Uint8Array(await subtle.deriveBits(hkdf(EMPTY, info), dek, 256));
}

/** What stands before the tags when the root of a container is hashed. */
export function rootPrefix(container, plainLength) {
  return concat(utf8.encode('matinee/v1/root'), container, u64(plainLength));
}

// -- Segments ------------------------------------------------------------------------------------

function nonce(prefix, block) {
  return concat(prefix, u32(block.segment), Uint8Array.of(block.last ? 1 : 0));
}

/** The bytes before segment 0 of a period. */
export function headerBytes({ salt, prefix }) {
  return concat(Uint8Array.of(HEADER_MARK), salt, prefix);
}

/** Seals one segment; the answer is ciphertext and tag, without the period's header. */
export async function sealSegment(key, prefix, block, plain) {
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv: nonce(prefix, block) }, key, plain);
  return new Uint8Array(sealed);
}

/** Opens one segment (without the period's header), or throws without saying more. */
export async function openSegment(key, prefix, block, sealed) {
  const plain = await subtle.decrypt({ name: 'AES-GCM', iv: nonce(prefix, block) }, key, sealed);
  return new Uint8Array(plain);
}

// -- Envelopes -----------------------------------------------------------------------------------

const P256 = { name: 'ECDH', namedCurve: 'P-256' };
const X25519 = { name: 'X25519' };
const INGEST_VERSION = 0x01;

/** Wraps a fresh DEK so that only the store can read it: see `wrapped_dek` of the upload. */
export async function wrapForIngest(dekBytes, container, storePublicKey) {
  const own = await subtle.generateKey(P256, false, ['deriveBits']);
  const ownPublic = new Uint8Array(await subtle.exportKey('raw', own.publicKey));
  const store = await subtle.importKey('raw', storePublicKey, P256, false, []);
  const bits = await subtle.deriveBits({ name: 'ECDH', public: store }, own.privateKey, 256);
  const shared = await importSecret(bits);
  const info = concat(utf8.encode('matinee/v1/ingest'), container);
  const key = await deriveAesKey(shared, concat(ownPublic, storePublicKey), info, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: 'AES-GCM', iv, additionalData: info };
  const sealed = new Uint8Array(await subtle.encrypt(how, key, dekBytes));
  return concat(Uint8Array.of(INGEST_VERSION), ownPublic, iv, sealed);
}

async function generate(kind) {
  const pair = await subtle.generateKey(kind, false, ['deriveBits']);
  const bytes = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  return { privateKey: pair.privateKey, publicKey: bytes };
}

/**
 * A key pair for one lease, its private half beyond anyone's reach: X25519, or P-256 where the
 * browser cannot generate, use and keep an X25519 key.
 */
export async function leaseKeyPair() {
  try {
    const pair = await generate(X25519);
    await sharedSecret(pair.privateKey, pair.publicKey);
    structuredClone(pair.privateKey);
    return pair;
  } catch {
    return generate(P256);
  }
}

async function sharedSecret(privateKey, otherPublicKey) {
  const { name } = privateKey.algorithm;
  const kind = name === 'X25519' ? X25519 : P256;
  const other = await subtle.importKey('raw', otherPublicKey, kind, false, []);
  return importSecret(await subtle.deriveBits({ name, public: other }, privateKey, 256));
}

/** Opens the period keys of a lease into keys that can decrypt and can never be exported. */
export async function unwrapLeaseKeys({ pair, lease, container, serverPublicKey, keys }) {
  const shared = await sharedSecret(pair.privateKey, serverPublicKey);
  const salt = concat(pair.publicKey, serverPublicKey);
  return Promise.all(keys.map(async ({ period, prefix, nonce: iv, wrapped }) => {
    const info = concat(utf8.encode('matinee/v1/lease'), lease, container, u32(period));
    const wrapping = await deriveAesKey(shared, salt, info, ['unwrapKey']);
    const how = { name: 'AES-GCM', iv: fromBase64Url(iv) };
    const key = await subtle.unwrapKey(
      'raw', fromBase64Url(wrapped), wrapping, how, 'AES-GCM', false, ['decrypt'],
    );
    return { period, prefix: fromBase64Url(prefix), key };
  }));
}
