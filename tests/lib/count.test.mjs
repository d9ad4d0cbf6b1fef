// tests/run must never call a broken section green: the counter's cases.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const counter = new URL("count.sh", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "count-"));
const counted = (log, code) => {
  const file = join(folder, "log");
  writeFileSync(file, log);
  return execFileSync("bash", [counter, file, String(code)], { encoding: "utf8" }).trim();
};

test("the summaries of all runners in one log add up", () => {
  const cargo = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
  const broken = "test result: FAILED. 3 passed; 2 failed; 0 ignored";
  assert.equal(counted(`${cargo}\n${broken}\n`, 101), "8 2");
  assert.equal(counted("ℹ pass 4\nℹ fail 1\n", 1), "4 1");
  assert.equal(counted("..F.\n1 failed, 3 passed in 0.42s\nℹ pass 2\nℹ fail 0\n", 1), "5 1");
  assert.equal(counted("========= 2 passed, 1 skipped in 3.00s =========\n", 0), "2 0");
});

test("a section that ends badly is never green", () => {
  assert.equal(counted("error: could not compile\n", 101), "0 1");
  assert.equal(counted("ℹ pass 4\nℹ fail 0\n", 124), "4 1");
});

test("a section without a summary is one test", () => {
  assert.equal(counted("formatted\n", 0), "1 0");
});
