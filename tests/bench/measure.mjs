// What the operating system says about a process, and what wrk says about a server.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const TICKS_PER_SECOND = 100;

/** Processor time a process has used, user and system. */
export function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Direct children of a process. */
export function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text ? text.split(" ").map(Number) : [];
}

/** Memory of a process that no file backs, in MiB. */
export function memoryMiB(pid) {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** Watches the memory of a process; `stop()` says by how many MiB it rose at most. */
export function watchMemory(pid) {
  const before = memoryMiB(pid);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, memoryMiB(pid))), 50);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(most, memoryMiB(pid)) - before;
    },
  };
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Loads a URL with wrk. With `range` every request asks for that many bytes at a random place of
 * a file of `size` bytes. Answers requests a second, median time and bytes received.
 */
export async function wrk(url, { seconds = 6, connections = 8, threads = 1, headers = {}, range, size } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "wrk-"));
  const script = join(folder, "load.lua");
  const setHeaders = Object.entries(headers).map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`);
  const request = range
    ? `function request()
         local at = math.random(0, ${size - range - 1})
         wrk.headers["Range"] = "bytes=" .. at .. "-" .. (at + ${range - 1})
         return wrk.format()
       end`
    : "";
  writeFileSync(
    script,
    `${setHeaders.join("\n")}
     ${request}
     function done(summary, latency)
       local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
       io.write(string.format('\\nRESULT {"requests":%d,"bytes":%d,"microseconds":%d,"median":%d,"bad":%d}\\n',
         summary.requests, summary.bytes, summary.duration, latency:percentile(50), bad))
     end`,
  );
  const { stdout } = await run("wrk", ["-t", String(threads), "-c", String(connections), "-d", `${seconds}s`, "--timeout", "20s", "-s", script, url]);
  const result = JSON.parse(/RESULT (.*)/.exec(stdout)[1]);
  if (result.bad > 0) throw new Error(`${result.bad} of ${result.requests} requests to ${url} failed`);
  return {
    perSecond: result.requests / (result.microseconds / 1e6),
    medianMs: result.median / 1000,
    bytes: result.bytes,
    mibPerSecond: result.bytes / 2 ** 20 / (result.microseconds / 1e6),
  };
}

/** Prints one line of a benchmark and remembers whether its goal was met. */
export class Sheet {
  failed = 0;

  constructor(title) {
    console.log(`\n== ${title}`);
  }

  /** A figure without a goal. */
  note(what, value) {
    console.log(`${what.padEnd(58)} ${value}`);
  }

  /** A figure with a goal: `atLeast` or `atMost`. */
  goal(what, value, { atLeast, atMost }) {
    const met = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
    const goal = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    this.failed += met ? 0 : 1;
    console.log(`${what.padEnd(58)} ${value.toFixed(2).padStart(8)}  goal ${goal}  ${met ? "met" : "MISSED"}`);
  }
}
