// One tarball that installs without a network: the bundles contain every library, so the package has no dependencies.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stage = mkdtempSync(join(tmpdir(), 'ackwarden-package-'));
try {
  execFileSync(process.execPath, [join(root, 'deploy/build.mjs')], { stdio: 'inherit' });
  const files = [
    'dist',
    'docs',
    'deploy/systemd',
    'deploy/container',
    'src/config/workers.schema.json',
    'workers.yaml',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
  ];
  for (const file of files) {
    mkdirSync(join(stage, file, '..'), { recursive: true });
    cpSync(join(root, file), join(stage, file), { recursive: true });
  }
  const { name, version, description, license, type, engines, bin } = source;
  writeFileSync(
    join(stage, 'package.json'),
    `${JSON.stringify({ name, version, description, license, type, engines, bin, files }, null, 2)}\n`,
  );
  const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', root], {
    cwd: stage,
    encoding: 'utf8',
  }).trim();
  process.stdout.write(`${tarball}: install it anywhere with  npm install -g --offline ./${tarball}\n`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
