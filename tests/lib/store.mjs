// A store of our own for one test: the real binary, an empty folder, a free port.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root = new URL("../..", import.meta.url).pathname;
export const out = process.env.MATINEE_TEST_OUT ?? mkdtempSync(join(tmpdir(), "matinee-tests."));
export const fixtures = process.env.MATINEE_FIXTURES ?? join(process.env.HOME ?? "/tmp", ".cache/matinee-tests/fixtures");
export const binary = process.env.MATINEE_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/matinee");

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Waits until `check` answers something, at most `seconds`; the error says what was awaited. */
export async function until(what, check, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`after ${seconds} s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One running (or killed) store. */
export class Store {
  /**
   * Starts `matinee demo`, without its films unless `films`. With a `wire` people come to it over
   * that line. Studios sell by the operator's account, or with `connect` each by its own. Orders and
   * books are in `database`, or in a file.
   */
  static async start({ name = "store", wire, port, env = {}, folder, films = false, connect = false, database } = {}) {
    const store = new Store();
    store.folder = folder ?? mkdtempSync(join(tmpdir(), "matinee-data."));
    store.port = port ?? (await freePort());
    store.origin = `http://127.0.0.1:${store.port}`;
    store.url = wire?.url ?? store.origin;
    if (wire) wire.target = store.port;
    store.name = name;
    store.args = ["demo", "--bind", `127.0.0.1:${store.port}`, "--data", store.folder];
    if (wire) store.args.push("--public-url", wire.url);
    if (!films) store.args.push("--empty");
    if (!connect) store.args.push("--own-account");
    if (database) store.args.push("--database", database);
    store.env = { ...process.env, RUST_LOG: "info", MATINEE_DATA_DIR: store.folder, ...(database && { DATABASE_URL: database }), ...env };
    await store.run();
    return store;
  }

  /** Starts the process, in the folder as it is, and waits until it is ready. */
  async run() {
    mkdirSync(out, { recursive: true });
    const log = createWriteStream(join(out, `${this.name}.log`), { flags: "a" });
    this.child = spawn(binary, this.args, { cwd: this.folder, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.pipe(log);
    this.child.stderr.pipe(log);
    const { child } = this;
    this.ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
    // The demo serves before it is full, because it uploads its films through itself.
    let words = "";
    child.stdout.on("data", (bytes) => (words += bytes));
    await until("the store is ready", async () => {
      if (child.exitCode !== null) throw new Error(`the store ended with ${child.exitCode}; see ${out}/${this.name}.log`);
      return words.includes("The shop is open") && (await fetch(`${this.origin}/readyz`).catch(() => null))?.ok;
    }, 120);
  }

  get pid() {
    return this.child.pid;
  }

  /** kill -9, as a power switch would. */
  async crash() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Ends it in good order; answers its exit code and signal. */
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGTERM");
    return this.ended;
  }

  /** Ends it and removes its folder. */
  async remove() {
    await this.stop();
    this.keepStripeLog();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Adds what was said to the Stripe sandbox to the log that is held against Stripe's description. */
  keepStripeLog() {
    const said = join(this.folder, "stripe-sandbox.log");
    const log = process.env.MATINEE_STRIPE_LOG;
    if (log && existsSync(said)) appendFileSync(log, readFileSync(said));
  }

  /** Runs another command of the binary on the same data; throws with its words if it fails. */
  command(...args) {
    return execFileSync(binary, args, { cwd: this.folder, env: this.env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
}

/** Where screenshots go. */
export function shotPath(name) {
  const folder = join(out, "screenshots");
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}
