// Finds a film's plaintext where only ciphertext may be.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const WINDOW = 64;

/** A searcher for any 64-byte aligned piece of `film`, at any offset of what is searched. */
export function searcherFor(film) {
  const pieces = new Map();
  for (let at = 0; at + WINDOW <= film.length; at += WINDOW) {
    const piece = film.subarray(at, at + WINDOW);
    // Runs of padding occur everywhere and prove nothing.
    if (new Set(piece).size >= 24) pieces.set(piece.readUInt32LE(0), piece);
  }
  if (pieces.size < film.length / WINDOW / 2) throw new Error("too few telling pieces in this film");
  /** The offset of the first piece found in `bytes`, or -1. */
  return (bytes) => {
    for (let at = 0; at + WINDOW <= bytes.length; at += 1) {
      const piece = pieces.get(bytes.readUInt32LE(at));
      if (piece && piece.equals(bytes.subarray(at, at + WINDOW))) return at;
    }
    return -1;
  };
}

/** All files below a folder. */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** The files below a folder that hold a piece of the film. */
export function filesWithPlaintext(folder, search) {
  return filesBelow(folder).filter((file) => search(readFileSync(file)) >= 0);
}
