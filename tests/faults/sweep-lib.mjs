// The part that both sweeps share. A sweep has a seed, made once: a stopped store in $SEED/store.
// Every run of the sweep works on a fresh copy of it in $LIVE, always on the same port. With a
// server in $SWEEP_POSTGRES the tables are there.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Store, until } from "../lib/store.mjs";
import { copySeed, emptySeed, liveDatabase, seedDatabase } from "./database.mjs";

export const { SEED, LIVE, PORT } = process.env;
export const origin = `http://127.0.0.1:${PORT}`;
export const facts = () => JSON.parse(readFileSync(join(SEED, "facts.json"), "utf8"));

/** Puts a fresh copy of the seed in place. */
export function freshCopy() {
  rmSync(LIVE, { recursive: true, force: true });
  cpSync(join(SEED, "store"), LIVE, { recursive: true, preserveTimestamps: true });
  copySeed();
}

/** A store of ours on the live folder, on the sweep's port. */
export const startLive = () => Store.start({ name: "sweep", folder: LIVE, port: Number(PORT), database: liveDatabase, env: { RUST_LOG: "warn" } });

/** A store of ours on an empty seed. */
export function startSeed(films) {
  mkdirSync(join(SEED, "store"), { recursive: true });
  emptySeed();
  return Store.start({ name: "seed", folder: join(SEED, "store"), port: Number(PORT), database: seedDatabase, films });
}

/** Waits for the store under strace; false if it was killed before it answered. */
export async function liveAnswers() {
  const pid = await until("the store began", () => existsSync(`${LIVE}.pid`) && readFileSync(`${LIVE}.pid`, "utf8").trim(), 10);
  const alive = () => existsSync(`/proc/${pid}/exe`);
  while (alive()) {
    if ((await fetch(`${origin}/readyz`).catch(() => null))?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return false;
}

/** Runs the verb of the command line; a fault found is exit 1 with its words first. */
export async function main(verbs) {
  try {
    await verbs[process.argv[2]]();
  } catch (error) {
    console.log(error.message);
    process.exit(1);
  }
}
