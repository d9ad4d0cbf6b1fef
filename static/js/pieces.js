// How opened bytes are handed to the picture.

/** Chromium keeps a film in blocks of this size. */
export const PIECE_BYTES = 32 * 1024;
/** After so much of an answer the browser has forgotten where it was before. */
export const BEGINNING_BYTES = 512 * 1024;

const moment = () => new Promise((resolve) => { setTimeout(resolve, 1); });

/**
 * Gives the beginning of an answer in small pieces, each a moment after the one before.
 *
 * After a jump Chromium knows two places of the film and loads on at the one with less in hand. Two
 * of its blocks at once, and that is the place it came from: it drops this answer and a moment later
 * asks for the rest of it anew, a round trip and the bytes under way lost, at every other jump.
 */
export async function* inPieces(blocks) {
  let given = 0;
  for await (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const isBeginning = given < BEGINNING_BYTES;
      if (isBeginning && given > 0) await moment();
      const piece = isBeginning ? block.subarray(at, at + PIECE_BYTES) : block.subarray(at);
      yield piece;
      at += piece.length;
      given += piece.length;
    }
  }
}
