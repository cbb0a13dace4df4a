// `npm run bench [-- --quick --json --only NAME,NAME]`: builds dist/, bundles bench.ts (Node 20 runs no TypeScript) into a temporary
// folder and runs it from there. Ctrl-C reaches the bench too, which ends what it started; this process only waits and tidies up.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
execFileSync(process.execPath, [join(here, '../../deploy/build.mjs')], {
  stdio: ['ignore', process.stderr, 'inherit'],
});
const folder = mkdtempSync(join(tmpdir(), 'ackwarden-bench-'));
let child = null;
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child?.kill('SIGTERM'));
try {
  // A copy: what is measured must not change when somebody builds again meanwhile.
  cpSync(join(here, '../../dist'), join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const script of ['agent.php', 'consumer.php']) cpSync(join(here, 'gate', script), join(folder, script));
  await build({
    entryPoints: ['bench.ts', 'observer.ts', 'sampling/sampling.ts', 'gate/forwarder.ts'].map((file) =>
      join(here, file),
    ),
    entryNames: '[name]',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // amqplib, bundled, still calls require() for Node's own modules.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
    // Where site.ts looks for dist/ from: the copy.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(folder, 'test/e2e/controller/site.ts')).href) },
  });
  child = spawn(process.execPath, [join(folder, 'bench.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
