// Bundles the two processes (docs/design.md, section 2) into dist/: main.js (command line and controller, in chunks that
// load only when a command needs them) and shim.cjs (one file, so that nothing is read from disk after its start).
import { build } from 'esbuild';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
  define: { 'process.env.ACKWARDEN_VERSION': JSON.stringify(version) },
};

rmSync(`${root}/dist`, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: ['src/main.ts'],
    outdir: 'dist',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    // CommonJS packages inside an ES module bundle still call require() for Node's own modules.
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
  }),
  build({ ...common, entryPoints: ['src/shim/main.ts'], outfile: 'dist/shim.cjs', format: 'cjs' }),
]);
chmodSync(`${root}/dist/main.js`, 0o755);
