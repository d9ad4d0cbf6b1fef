// Which part of a film a request asks for.

/**
 * Reads one `Range` header against a length: `{start, end, partial, open}` with `end` inclusive,
 * `null` if it lies outside, `undefined` if it is of a kind that we do not answer (several ranges).
 */
export function readRange(header, length) {
  if (!header) return { start: 0, end: length - 1, partial: false, open: true };
  const found = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!found || (found[1] === '' && found[2] === '')) return undefined;
  const last = length - 1;
  if (found[1] === '') {
    const count = Number(found[2]);
    if (count === 0) return null;
    return { start: Math.max(length - count, 0), end: last, partial: true, open: false };
  }
  const start = Number(found[1]);
  const open = found[2] === '';
  const end = open ? last : Math.min(Number(found[2]), last);
  if (start > last || end < start) return null;
  return { start, end, partial: true, open };
}

/**
 * Firefox reads a worker's stream as fast as it comes, however far ahead of the picture. There, an
 * open-ended question gets a short answer, and the browser asks again when it needs more. Others
 * hold back by themselves, and WebKit fails on short answers.
 */
export const FIREFOX_ANSWER_BYTES = 4 * 1024 * 1024;

export function cap(range, userAgent) {
  if (!range.open || !range.partial || !userAgent.includes('Firefox/')) return range;
  return { ...range, end: Math.min(range.end, range.start + FIREFOX_ANSWER_BYTES - 1) };
}
