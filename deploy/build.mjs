// Bundles the two processes (docs/design.md, section 2) into dist/: main.js (command line and controller, in chunks that
// load only when a command needs them) and shim.cjs (one file, so that nothing is read from disk after its start).
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
// --out and --version: tests build the next version beside this one.
const { values } = parseArgs({ options: { out: { type: 'string' }, version: { type: 'string' } } });
const { version: own } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const version = values.version ?? own;
const out = resolve(root, values.out ?? 'dist');

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
};
/** @param {string} hash @returns what the code reads as its version */
const versioned = (hash) => ({
  'process.env.ACKWARDEN_VERSION': JSON.stringify(version),
  'process.env.ACKWARDEN_BUILD': JSON.stringify(hash),
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// The shim knows its own hash, by which a controller tells a shim that is older than its build: first bundled with a stand-in of the same
// length, then hashed, then that put in.
const STAND_IN = 'ackwarden-build.';
const bundled = await build({
  ...common,
  define: versioned(STAND_IN),
  entryPoints: ['src/shim/main.ts'],
  outfile: `${out}/shim.cjs`,
  format: 'cjs',
  write: false,
});
const shim = bundled.outputFiles.find(({ path }) => path.endsWith('.cjs'))?.text ?? '';
if (shim.split(STAND_IN).length !== 2) throw new Error(`expected ${STAND_IN} once in the bundled shim`);
const shimHash = createHash('sha256').update(shim).digest('hex').slice(0, STAND_IN.length);
for (const { path, text } of bundled.outputFiles) writeFileSync(path, text.replace(STAND_IN, shimHash));

await build({
  ...common,
  define: versioned(shimHash),
  entryPoints: ['src/main.ts'],
  outdir: out,
  format: 'esm',
  splitting: true,
  alias: { 'node:http2': './deploy/no-http2.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  // CommonJS packages inside an ES module bundle still call require() for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
  },
});
chmodSync(`${out}/main.js`, 0o755);
copyFileSync(`${root}/src/forensics/advisories.yaml`, `${out}/advisories.yaml`);
