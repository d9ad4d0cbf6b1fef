#!/usr/bin/env node
// Proves a statement of account without a line of Matinee: docs/statements.md in a hundred lines.
//
//   statement.mjs KEY FILE...      exit 0 and a line for each file that holds; 1 at the first that does not
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const LABELS = { "matinee-statement-1": "matinee/statement/v1", "matinee-statement-year-1": "matinee/statement-year/v1" };
const FILE_LABEL = "matinee/statement-file/v1";
const SPKI = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410: an Ed25519 key follows

function signed(key, label, message, signature) {
  const spki = Buffer.concat([SPKI, Buffer.from(key, "hex")]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  return verify(null, Buffer.concat([Buffer.from(`${label}\n`), message]), publicKey, Buffer.from(signature, "hex"));
}

function hold(condition, what) {
  if (!condition) throw new Error(what);
}

/** The statement in a line of JSON, once its digest and signature are found true. */
function open(line, key) {
  const parts = /^\{"statement":(\{.*\}),"sha256":"([0-9a-f]{64})","key":"([0-9a-f]{64})","signature":"([0-9a-f]{128})"\}\n$/.exec(line);
  hold(parts, "not a signed statement");
  const [, text, sha256, signer, signature] = parts;
  const statement = JSON.parse(text);
  hold(signer === key, "signed by another key");
  hold(sha256 === createHash("sha256").update(text).digest("hex"), "its figures are not those of its SHA-256");
  hold(signed(key, LABELS[statement.format], Buffer.from(text), signature), "the signature over its figures does not hold");
  return statement;
}

/** Splits a file before its last line, which has to look like `pattern`. */
function lastLine(bytes, pattern) {
  const start = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
  const found = pattern.exec(bytes.subarray(start).toString("latin1"));
  hold(found, "it does not end with a signature");
  return [bytes.subarray(0, start), ...found.slice(1)];
}

function openPdf(bytes, key) {
  const [body, signer, signature] = lastLine(bytes, /^%matinee-signature ([0-9a-f]{64}) ([0-9a-f]{128})\n$/);
  hold(signer === key && signed(key, FILE_LABEL, body, signature), "the signature over the file does not hold");
  const start = body.indexOf('{"statement":{"format":"');
  hold(start >= 0, "no figures are attached");
  return open(body.subarray(start, body.indexOf("\n", start) + 1).toString(), key);
}

function openCsv(bytes, key) {
  const [body, signature] = lastLine(bytes, /^"signature","([0-9a-f]{128})"\r\n$/);
  hold(body.toString().endsWith(`"key","${key}"\r\n`) && signed(key, FILE_LABEL, body, signature), "the signature over the file does not hold");
  const [, json] = /\r\n"signed","(.*)"\r\n/.exec(body.toString()) ?? [];
  hold(json, "no figures are attached");
  return open(`${json.replaceAll('""', '"')}\n`, key);
}

const kindOf = (bytes) => ({ "%": openPdf, "{": (json, key) => open(json.toString(), key) })[String.fromCharCode(bytes[0])] ?? openCsv;

try {
  const [key, ...files] = process.argv.slice(2);
  for (const file of files) {
    const bytes = readFileSync(file);
    const statement = kindOf(bytes)(bytes, key);
    console.log(`${file}: ${statement.studio?.name ?? statement.studio}, ${statement.month ?? statement.year}, ${statement.currency}`);
  }
} catch (error) {
  console.error(`does not hold: ${error.message}`);
  process.exit(1);
}
