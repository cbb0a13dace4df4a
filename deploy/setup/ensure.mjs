// Makes this checkout ready to run: `node deploy/setup/ensure.mjs start|test|compat` (npm start, npm test and npm run test:compat call
// it first).
//
// Plain Node without dependencies, because it runs before `npm ci`. It prints what it will do before it does it, does nothing
// when nothing is missing, and leaves no system service running (see install-packages.mjs).
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './build.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { ensurePackages } from './packages.mjs';
import { SetupError, say } from './report.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const purpose = process.argv[2];

/** Node >= 20.19 is what package.json asks for; said here because a bare syntax error later would not say it. */
function checkPlatform() {
  if (process.platform !== 'linux') {
    throw new SetupError(`ackwarden runs on Linux only (it reads /proc); this is ${process.platform}.`, 2);
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: install Node 20.19 or newer, then run this again.`,
      2,
    );
  }
}

try {
  if (purpose !== 'start' && purpose !== 'test' && purpose !== 'compat') {
    throw new SetupError('usage: node deploy/setup/ensure.mjs start|test|compat', 2);
  }
  checkPlatform();
  await ensurePackages(purpose);
  await ensureNodeModules(root);
  await ensureBuild(root);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
