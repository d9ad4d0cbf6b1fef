// Turns static/ and the npm packages of package.json into what the binary embeds.
//
//   node static/bundle.mjs        run by build.rs in a copy of the tree, never in the sources
//
// Reads  static/css/*.css, static/js/*.js, static/img/*
// Writes dist/<name>-<hash>.<ext>, the same with .br and .gz where that is smaller, and assets.rs
//
// A style sheet or script that another one imports is a part, not an asset, and gets no file of
// its own. Names carry a hash of the content, so an answer may be cached for ever.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const DIST = 'dist';
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const COPIED = ['.svg', '.png', '.jpg', '.webp', '.avif', '.ico', '.webmanifest', '.woff2'];
/** Served at `/player-worker.js`, because the path of a service worker limits what it controls. */
const WORKERS = ['static/js/seal-worker.js', 'static/js/player-worker.js'];

/** Lists the files of one folder of static/, in a fixed order. */
function files(folder, extensions) {
  const path = join('static', folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => extensions.includes(extname(name)))
    .sort()
    .map((name) => `${path}/${name}`);
}

/** Runs esbuild and returns its metafile. */
async function bundle(entryPoints, define) {
  const result = await build({
    entryPoints,
    define,
    bundle: true,
    minify: true,
    metafile: true,
    legalComments: 'none', // licenses.txt carries them all
    format: 'iife',
    target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
    loader: Object.fromEntries(COPIED.map((extension) => [extension, 'copy'])),
    outdir: DIST,
    publicPath: '/static/',
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    logLevel: 'warning',
  });
  return result.metafile;
}

/** The name by which templates ask for a source file: `css/app.css`, `fonts/inter-….woff2`. */
function logicalName(source) {
  if (source.startsWith('static/')) return source.slice('static/'.length);
  return `${extname(source) === '.woff2' ? 'fonts' : 'vendor'}/${basename(source)}`;
}

/** Adds the outputs of one run to the list, leaving out what others import. */
function collect(metafile, assets) {
  const imported = new Set();
  for (const input of Object.values(metafile.inputs)) {
    for (const { path } of input.imports) imported.add(path);
  }
  for (const [path, output] of Object.entries(metafile.outputs)) {
    const source = output.entryPoint ?? Object.keys(output.inputs)[0];
    const copied = COPIED.includes(extname(source));
    if (!copied && (!output.entryPoint || imported.has(source))) continue;
    assets.set(logicalName(source), basename(path));
  }
}

/** Joins the licenses of every package that ends up in a visitor's browser or papers. */
function licenses(metafiles) {
  const roots = new Set(['node_modules/@expo-google-fonts/inter']); // embedded by platform/pdf
  for (const metafile of metafiles) {
    for (const path of Object.keys(metafile.inputs)) {
      const found = path.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/);
      if (found) roots.add(found[0]);
    }
  }
  return [...roots].sort().map((root) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json')));
    const files = readdirSync(root).filter((entry) => /^licen[cs]e/i.test(entry)).sort();
    const text = files.map((file) => readFileSync(join(root, file), 'utf8').trim()).join('\n\n');
    return `${name} ${version} (${license})\n\n${text}\n`;
  }).join('\n----\n\n');
}

/** Writes a file that esbuild does not make, under a hashed name. */
function writeHashed(name, content, assets) {
  const extension = extname(name);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
  const file = `${basename(name, extension)}-${hash}${extension}`;
  writeFileSync(join(DIST, file), content);
  assets.set(name, file);
}

/** Writes the compressed twins of one file and says which of them exist. */
function compress(file) {
  const content = readFileSync(join(DIST, file));
  const twins = { '.br': false, '.gz': false };
  if (['.woff2', '.png', '.jpg', '.webp', '.avif'].includes(extname(file))) return twins;
  const packed = {
    '.br': brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    '.gz': gzipSync(content, { level: 9 }),
  };
  for (const [extension, bytes] of Object.entries(packed)) {
    if (bytes.length >= content.length) continue;
    writeFileSync(join(DIST, file + extension), bytes);
    twins[extension] = true;
  }
  return twins;
}

/** One entry of the table that src/platform/web/assets.rs includes. */
function entry(name, file) {
  const twins = compress(file);
  const path = (extension) =>
    `include_bytes!(concat!(env!("OUT_DIR"), "/web/${DIST}/${file}${extension}"))`;
  const twin = (extension) => (twins[extension] ? `Some(${path(extension)})` : 'None');
  const digest = createHash('sha256').update(readFileSync(join(DIST, file))).digest('hex');
  return `    Asset {
        name: ${JSON.stringify(name)},
        path: ${JSON.stringify(`/static/${file}`)},
        content_type: ${JSON.stringify(TYPES[extname(file)])},
        digest: ${JSON.stringify(digest.slice(0, 20))},
        plain: ${path('')},
        brotli: ${twin('.br')},
        gzip: ${twin('.gz')},
    },\n`;
}

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
const scripts = files('js', ['.js']);
const workers = WORKERS.filter((path) => scripts.includes(path));
const assets = new Map();

// Workers first: the pages' scripts are told under which name each of them is served.
const workerMeta = await bundle(workers, {});
collect(workerMeta, assets);
const define = { SEAL_WORKER_URL: JSON.stringify(`/static/${assets.get('js/seal-worker.js')}`) };
const pages = scripts.filter((path) => !(path in workerMeta.inputs));
const pageMeta = await bundle(
  [...files('css', ['.css']), ...pages, ...files('img', COPIED)],
  define,
);
collect(pageMeta, assets);
writeHashed('licenses.txt', licenses([workerMeta, pageMeta]), assets);

const names = [...assets.keys()].sort();
const table = names.map((name) => entry(name, assets.get(name))).join('');
writeFileSync('assets.rs', `static ASSETS: &[Asset] = &[\n${table}];\n`);
