// `npm run bench [-- --only NAME]`: bundles bench.ts (TypeScript does not run on Node 20 as it is) and runs it next to dist/.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
execFileSync(process.execPath, [join(here, '../../deploy/build.mjs')], { stdio: 'inherit' });
// Below e2e/controller, where site.ts expects to find dist/.
const folder = mkdtempSync(join(here, '../e2e/.bench-'));
const outfile = join(folder, 'bench.mjs');
try {
  await build({
    entryPoints: [join(here, 'bench.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
