// Which Debian packages the demo and the tests need, and how a missing one gets installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SetupError, quoted, say } from './report.mjs';
import { isInstalled, mustRun, run } from './run.mjs';

// util-linux: setpriv, prlimit, flock of every worker's exec chain. php-mbstring and the Symfony and Illuminate parts come with
// php-laravel-framework's own dependencies; pcntl, sockets and FFI are built into php-cli.
const START = ['php-cli', 'php-mbstring', 'php-amqplib', 'php-laravel-framework', 'rabbitmq-server', 'util-linux'];
// composer unpacks with unzip; php-xml: what Laravel's own dependencies ask for; the rest are Symfony Messenger with ext-amqp, as Debian has it.
const COMPAT = ['composer', 'unzip', 'php-xml', 'php-amqp', 'php-symfony-amqp-messenger'];
const PACKAGES = {
  start: START,
  test: [...START, 'php-amqp', 'supervisor', 'procps', 'openssl', 'tini'],
  compat: [...START, ...COMPAT],
};
// Without these some tests are skipped, and say so. php-dev: headers of PHP and (by libtool) a C compiler, for the extension of ours that leaks;
// linux-perf: diagnose names it by its page faults; php-curl: it names handles that are kept.
const USEFUL = { start: [], test: ['php-dev', 'linux-perf', 'php-curl'], compat: [] };

/** Where there is no dpkg: what must be there, by a name or by any one of several paths. */
const START_PROGRAMS = [
  { name: 'php (8.1 or newer, with pcntl, sockets, mbstring and FFI)', any: ['php'] },
  { name: 'rabbitmq-server', any: ['rabbitmq-server', '/usr/lib/rabbitmq/bin/rabbitmq-server'] },
  { name: 'setpriv, prlimit and flock (util-linux)', any: ['setpriv'] },
];
const PROGRAMS = {
  start: START_PROGRAMS,
  test: [
    ...START_PROGRAMS,
    { name: 'supervisord', any: ['supervisord'] },
    { name: 'ps (procps)', any: ['ps'] },
    { name: 'openssl', any: ['openssl'] },
    { name: 'tini', any: ['tini'] },
  ],
  compat: [...START_PROGRAMS, { name: 'composer', any: ['composer'] }],
};

/** @param {string[]} wanted @returns {string[]} those that dpkg does not hold as installed and configured */
function missingPackages(wanted) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', '--', ...wanted], {
    encoding: 'utf8',
  });
  if (query.error) throw query.error;
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** @typedef {'start' | 'test' | 'compat'} Purpose */

/** @param {Purpose} purpose */
function checkPrograms(purpose) {
  const missing = PROGRAMS[purpose].filter(({ any }) => !any.some(isInstalled)).map(({ name }) => name);
  const framework = existsSync('/usr/share/php/Illuminate/Foundation/Application.php');
  if (!framework) missing.push('Laravel and php-amqplib below /usr/share/php, as Debian lays them out');
  if (missing.length === 0) return;
  throw new SetupError(
    `this is not a Debian system (no dpkg-query), so nothing can be installed for you. Missing: ${missing.join('; ')}. ` +
      'Install them, then run the same command again. (Without the demo, ackwarden itself needs only PHP of your application.)',
  );
}

/** Installs what is missing for this purpose, or says the exact line that does. @param {Purpose} purpose */
export async function ensurePackages(purpose) {
  if (!isInstalled('dpkg-query')) return checkPrograms(purpose);
  await installMissing(missingPackages(PACKAGES[purpose]));
  try {
    await installMissing(missingPackages(USEFUL[purpose]));
  } catch (error) {
    if (!(error instanceof SetupError) || error.exitCode === 130) throw error;
    say(`${error.message}\nGoing on without: the tests that need it are skipped.`);
  }
}

/** @param {string[]} missing */
async function installMissing(missing) {
  if (missing.length === 0) return;
  const script = fileURLToPath(new URL('install-packages.mjs', import.meta.url));
  const install = [process.execPath, script, ...missing];
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot && !(isInstalled('sudo') && (await run(['sudo', '-n', 'true'], { quiet: true })).code === 0)) {
    throw new SetupError(
      `Debian packages are missing: ${missing.join(' ')}. Installing them needs root. Run this line, which starts no ` +
        `service, then the same command again:\n  sudo ${install.map(quoted).join(' ')}`,
    );
  }
  say(`will install these Debian packages with what they depend on: ${missing.join(' ')}`);
  say('no service will be started by it, now or at the next boot');
  await mustRun(
    isRoot ? install : ['sudo', '-n', ...install],
    'The Debian packages could not be installed; see above.',
  );
  const still = missingPackages(missing);
  if (still.length > 0)
    throw new SetupError(`apt-get ended well, yet these packages are still missing: ${still.join(' ')}.`);
}
