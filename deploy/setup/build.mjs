import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { say } from './report.mjs';
import { mustRun } from './run.mjs';

/**
 * What dist was made from, as one short text: the number of inputs and the newest change among them. Folders count, since
 * removing a file changes only them.
 * @param {string} root
 */
function inputs(root) {
  const paths = [`${root}/package.json`, `${root}/package-lock.json`, `${root}/deploy/build.mjs`, `${root}/src`];
  for (const entry of readdirSync(`${root}/src`, { recursive: true })) paths.push(`${root}/src/${String(entry)}`);
  return `${paths.length} ${Math.max(...paths.map((path) => statSync(path).mtimeMs))}\n`;
}

/** Builds dist when it is missing or older than its sources. @param {string} root */
export async function ensureBuild(root) {
  const stamp = `${root}/dist/.inputs`;
  const before = inputs(root);
  const complete = ['main.js', 'shim.cjs'].every((name) => existsSync(`${root}/dist/${name}`));
  if (complete && existsSync(stamp) && readFileSync(stamp, 'utf8') === before) return;
  say('will build dist/ from src/');
  await mustRun([process.execPath, `${root}/deploy/build.mjs`], 'dist could not be built; see above.', { cwd: root });
  // The state before the build: a source changed meanwhile leads to another build, never to a stale dist.
  writeFileSync(stamp, before);
}
