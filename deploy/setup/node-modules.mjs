import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { say } from './report.mjs';
import { mustRun } from './run.mjs';

/** @param {string} root @param {string} wanted hash of package-lock.json */
function isCurrent(root, wanted) {
  // The bundler is the first thing needed: a production install (`npm ci --omit=dev`) is not enough here.
  if (!existsSync(`${root}/node_modules/esbuild/package.json`)) return false;
  const stamp = `${root}/node_modules/.ackwarden-stamp`;
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted;
  // Installed by hand: npm writes this file last, so it is newer than the lock file it installed from.
  const byNpm = statSync(`${root}/node_modules/.package-lock.json`, { throwIfNoEntry: false });
  return byNpm !== undefined && byNpm.mtimeMs >= statSync(`${root}/package-lock.json`).mtimeMs;
}

/** Runs `npm ci` when node_modules is missing or not what package-lock.json says. @param {string} root */
export async function ensureNodeModules(root) {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}/package-lock.json`))
    .digest('hex');
  if (isCurrent(root, wanted)) return;
  say('will install the Node packages of package-lock.json into node_modules (npm ci)');
  // Within `npm start`, npm_execpath is the npm that runs us; NODE_ENV=production would leave out the bundler.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  await mustRun(
    [...npm, 'ci', '--include=dev', '--no-audit', '--no-fund'],
    'The Node packages could not be installed; see above.',
    {
      cwd: root,
    },
  );
  writeFileSync(`${root}/node_modules/.ackwarden-stamp`, wanted);
}
