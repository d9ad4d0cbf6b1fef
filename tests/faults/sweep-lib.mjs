// The part that both sweeps share. A sweep has a seed, made once: a stopped store in $SEED/store.
// Every run of the sweep works on a fresh copy of it in $LIVE, always on the same port. With a
// server in $SWEEP_POSTGRES the tables are there.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Store, until } from "../lib/store.mjs";
import { copySeed, emptySeed, liveDatabase, seedDatabase } from "./database.mjs";

export const { SEED, LIVE, PORT } = process.env;
export const origin = `http://127.0.0.1:${PORT}`;
export const facts = () => JSON.parse(readFileSync(join(SEED, "facts.json"), "utf8"));

/** Puts a fresh copy of the seed in place. */
function freshCopy() {
  for (const past of [LIVE, `${LIVE}.pid`, `${LIVE}.fault`]) rmSync(past, { recursive: true, force: true });
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

/** Whether the store under strace still runs. */
const lives = () => existsSync(`/proc/${readFileSync(`${LIVE}.pid`, "utf8").trim()}/exe`);

/** Waits for the store under strace; false if it was killed before it answered. */
async function liveAnswers() {
  await until("the store began", () => existsSync(`${LIVE}.pid`) && readFileSync(`${LIVE}.pid`, "utf8").trim(), 10);
  while (lives()) {
    if ((await fetch(`${origin}/readyz`).catch(() => null))?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return false;
}

/** Does the work until the store is killed; what goes wrong before that is kept for the check. */
export async function untilKilled(work) {
  if (!(await liveAnswers())) return;
  try {
    await work();
  } catch (error) {
    await until("the store is dead", () => !lives(), 1).catch(() => null); // a line breaks before its process is gone
    if (lives()) writeFileSync(`${LIVE}.fault`, error.message);
  }
}

/** Fails if the work went wrong although the store lived. */
function reportFault() {
  if (!existsSync(`${LIVE}.fault`)) return;
  const fault = readFileSync(`${LIVE}.fault`, "utf8");
  rmSync(`${LIVE}.fault`);
  throw new Error(`before any kill: ${fault}`);
}

/** Runs the verb of the command line; a fault found is exit 1 with its words first. The next run
 *  has a fresh copy, whatever this one found. */
export async function main(verbs) {
  const verb = process.argv[2];
  try {
    if (verb === "check") reportFault();
    await verbs[verb]();
  } catch (error) {
    console.log(error.message);
    process.exitCode = 1;
  }
  if (verb !== "drive") freshCopy();
}
