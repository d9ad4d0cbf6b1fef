// A film of 3 GiB by `matinee upload`, with three kill -9 of the client and three of the server
// on the way. In the end: `matinee verify` is clean, and `matinee open` gives the same SHA-256.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { makeTitle, openStudio } from "../lib/shop.mjs";
import { filesBelow } from "../lib/plaintext.mjs";
import { Store, binary, until } from "../lib/store.mjs";

const GIB = 2 ** 30;
const SIZE = Math.round(Number(process.env.MATINEE_BIG_GIB ?? 3) * GIB);
const folder = mkdtempSync(join(tmpdir(), "matinee-big."));
const film = join(folder, "film.bin");

/** Noise that does not compress and costs little: AES-CTR over zeros. */
function makeFilm() {
  const key = "00112233445566778899aabbccddeeff";
  const noise = `head -c ${SIZE} /dev/zero | openssl enc -aes-128-ctr -K ${key} -iv ${key} -nosalt > "$1"`;
  execFileSync("bash", ["-o", "pipefail", "-c", noise, "bash", film]);
}

async function sha256(stream) {
  const hash = createHash("sha256");
  for await (const bytes of stream) hash.update(bytes);
  return hash.digest("hex");
}

const store = await Store.start({ name: "big", folder: mkdtempSync(join(folder, "store.")) });
try {
  console.log(`making ${SIZE} bytes`);
  makeFilm();
  const studio = await openStudio(store);
  const slug = await makeTitle(studio, { name: "Three Gigabytes" });
  const env = { ...process.env, MATINEE_TOKEN: studio.token, HOME: folder, XDG_STATE_HOME: folder, XDG_DATA_HOME: folder };

  /** What the store has, by the size of its files. */
  const stored = () => Number(execFileSync("du", ["-sb", store.folder], { encoding: "utf8" }).split("\t")[0]);
  const start = stored();
  const client = () => {
    const child = spawn(binary, ["upload", film, "--store", store.origin, "--title", slug], { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
    child.ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
    return child;
  };
  const began = Date.now();
  for (const share of [0.15, 0.3, 0.45, 0.6, 0.75, 0.9]) {
    const child = client();
    await until(`${share * 100} % are there`, () => {
      if (child.exitCode !== null) throw new Error(`the client ended with ${child.exitCode}`);
      return stored() - start > SIZE * share;
    }, 900);
    const victim = [0.15, 0.45, 0.75].includes(share) ? "client" : "server";
    if (victim === "server") {
      await store.crash();
      await store.run();
    }
    child.kill("SIGKILL");
    await child.ended;
    console.log(`killed the ${victim} at ${Math.round(share * 100)} %`);
  }
  const [state] = filesBelow(folder).filter((file) => file.includes("/matinee/uploads/") && file.endsWith(".json"));
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${JSON.parse(readFileSync(state, "utf8")).dek}\n`, { mode: 0o600 });
  const last = client();
  const code = await last.ended;
  if (code !== 0) throw new Error(`the last client ended with ${code}`);
  console.log(`uploaded in ${((Date.now() - began) / 1000).toFixed(0)} s with all interruptions`);
  store.command("verify");
  console.log("matinee verify: clean");
  const container = execFileSync("python3", ["-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(\"SELECT container FROM upload WHERE state = 'finished' ORDER BY finished_at DESC LIMIT 1\").fetchone()[0])", join(store.folder, "matinee.db")], { encoding: "utf8" }).trim();
  const blob = execFileSync("bash", ["-c", `find "$1" -type f -size +${Math.floor(SIZE / 2 / 1024)}k ! -name film.bin -path "*blobs*"`, "bash", store.folder], { encoding: "utf8" }).trim();
  const open = spawn(binary, ["open", blob, "-", "--key-file", keyFile, "--container-id", container], { stdio: ["ignore", "pipe", "inherit"] });
  const [opened, original] = await Promise.all([sha256(open.stdout), sha256(createReadStream(film))]);
  if (opened !== original) throw new Error(`opened ${opened}, original ${original}`);
  console.log(`matinee open: the same SHA-256, ${opened}`);
} finally {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
}
