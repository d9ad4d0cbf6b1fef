// The database of a sweep: a file in the store's folder, or with SWEEP_POSTGRES (the address of a
// server's own database) two databases there, the seed and the live one.
import { execFileSync } from "node:child_process";
import { filesBelow } from "../lib/plaintext.mjs";

const SERVER = process.env.SWEEP_POSTGRES;

/** The address of a database on the server; nothing where the store keeps a file. */
const on = (name) => SERVER && Object.assign(new URL(SERVER), { pathname: `/${name}` }).href;
const psql = (url, ...commands) =>
  execFileSync("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", url, ...commands.flatMap((sql) => ["-c", sql])], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

export const seedDatabase = on("sweep_seed");
export const liveDatabase = on("sweep_live");

/** An empty database for the seed. */
export function emptySeed() {
  if (SERVER) psql(SERVER, "DROP DATABASE IF EXISTS sweep_seed WITH (FORCE)", "CREATE DATABASE sweep_seed");
}

/** The live database as the seed is. */
export function copySeed() {
  if (SERVER) psql(SERVER, "DROP DATABASE IF EXISTS sweep_live WITH (FORCE)", "CREATE DATABASE sweep_live TEMPLATE sweep_seed");
}

/** One number out of the live database. */
export function count(folder, sql) {
  if (SERVER) return Number(psql(liveDatabase, sql));
  const file = filesBelow(folder).find((name) => name.endsWith(".db"));
  const script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])";
  return Number(execFileSync("python3", ["-c", script, file, sql], { encoding: "utf8" }));
}
