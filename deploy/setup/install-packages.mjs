// Run as root by packages.mjs (or by a person): `node install-packages.mjs PACKAGE…`. Installs Debian packages and starts nothing.
//
// Debian starts a service as soon as its package is configured, and again at each boot. The demo wants the programs, not a
// RabbitMQ on port 5672. So while apt runs, policy-rc.d forbids starting (policy.mjs), and the units of what was newly
// installed are disabled afterwards. A service that was there before is left as it was.
import { existsSync, readdirSync } from 'node:fs';
import { withoutServiceStarts } from './policy.mjs';
import { SetupError, say } from './report.mjs';
import { isInstalled, mustRun, run } from './run.mjs';

/** Units that these packages, or their dependencies, enable at boot; `init`: the System V script of the same purpose. */
const UNITS = [
  { unit: 'rabbitmq-server.service', init: 'rabbitmq-server' },
  { unit: 'supervisor.service', init: 'supervisor' },
  { unit: 'epmd.service', init: null },
  { unit: 'epmd.socket', init: null },
];
const unitExists = (/** @type {string} */ unit) =>
  ['/lib', '/usr/lib'].some((lib) => existsSync(`${lib}/systemd/system/${unit}`));

const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };
// Another apt (unattended upgrades) may hold the lock: wait for it instead of failing.
const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Dpkg::Use-Pty=0', '-q'];
const update = () =>
  mustRun([...apt, 'update'], 'The lists of packages could not be fetched; is the network there?', { env });

/** @param {string[]} names */
async function install(names) {
  // An earlier run was ended in the middle; apt refuses to go on until this is done.
  if (existsSync('/var/lib/dpkg/updates') && readdirSync('/var/lib/dpkg/updates').length > 0) {
    await mustRun(['dpkg', '--configure', '-a'], 'An interrupted installation could not be finished.', { env });
  }
  const argv = [...apt, 'install', '-y', '--no-install-recommends', '--', ...names];
  const hasLists =
    existsSync('/var/lib/apt/lists') && readdirSync('/var/lib/apt/lists').some((f) => /_Packages/.test(f));
  if (!hasLists) await update();
  const first = await run(argv, { env });
  if (first.code === 0) return;
  if (first.interrupted) throw new SetupError('interrupted; run the same command again to continue.', 130);
  if (hasLists) {
    say('apt-get failed with the lists of packages it has; fetching new ones and trying once more');
    await update();
  }
  await mustRun(argv, 'The packages could not be installed; apt-get says why above.', { env });
}

/** @param {typeof UNITS} units */
async function disable(units) {
  const systemctl = isInstalled('systemctl'); // Works on the files alone where no systemd runs; absent: nothing would start them.
  for (const { unit, init } of units) {
    if (init !== null && existsSync(`/etc/init.d/${init}`)) {
      await mustRun(['update-rc.d', init, 'disable'], `${init} would start at the next boot.`);
    }
    if (systemctl) {
      await mustRun(['systemctl', '--quiet', 'disable', unit], `${unit} would start at the next boot.`);
    }
  }
  if (systemctl && units.length > 0) {
    say(`not enabled at boot: ${units.map(({ unit }) => unit).join(' ')} (to have one: systemctl enable --now UNIT)`);
  }
}

const names = process.argv.slice(2);
try {
  const odd = names.find((name) => !/^[a-z0-9][a-z0-9+.-]+$/.test(name));
  if (names.length === 0 || odd !== undefined) {
    throw new SetupError(`expected names of Debian packages, found ${JSON.stringify(odd ?? '')}.`, 2);
  }
  if (process.geteuid?.() !== 0) throw new SetupError('installing Debian packages needs root; put sudo in front.');
  const absentBefore = UNITS.filter(({ unit }) => !unitExists(unit));
  await withoutServiceStarts(() => install(names));
  await disable(absentBefore.filter(({ unit }) => unitExists(unit)));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
