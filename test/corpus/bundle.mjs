// Node 20 runs no TypeScript: bundles an entry of the corpus or its bench into a temporary folder and runs it; returns its exit code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

export const runTypeScript = (entry, parameters) => {
  const folder = mkdtempSync(join(tmpdir(), 'ackwarden-corpus-'));
  try {
    const outfile = join(folder, 'entry.mjs');
    // Files lie where the source says, not where the bundle is.
    const define = { 'import.meta.url': JSON.stringify(entry.href) };
    const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', define };
    buildSync({ entryPoints: [fileURLToPath(entry)], outfile, ...options });
    return spawnSync(process.execPath, [outfile, ...parameters], { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
