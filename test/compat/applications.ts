/** The applications under test: small code of ours (apps/) with the libraries that people use, laid into .apps/ (ignored by git). */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SOURCES = join(import.meta.dirname, 'apps');
const APPS = join(import.meta.dirname, '.apps');
const COMPOSER_MS = 300_000;
const BOOT_MS = 30_000;
const execute = promisify(execFile);

interface Application {
  /** Folder of the code in apps/. */
  code: string;
  /** Folder of the composer.json in apps/; null: Debian's packages. */
  composer: string | null;
  /** Ends well when it can be run at all. */
  probe: readonly string[];
  /** Whose version is shown: a Composer package, or a Debian one where `composer` is null. */
  shows: string;
}

/** Laid out and ready to run, or why not (`version` is then what was asked for). */
export type Installed = { version: string } & ({ directory: string } | { missing: string });

const laravel = (composer: string): Application => ({
  code: 'laravel',
  composer,
  probe: ['php', 'artisan', '--version'],
  shows: 'laravel/framework',
});

const APPLICATIONS: Readonly<Record<string, Application>> = {
  'laravel-11': laravel('laravel-11'),
  'laravel-12': laravel('laravel-12'),
  // The same without the driver, a stand-in of ours in its place: where Packagist has Laravel and not the driver.
  'laravel-11-own': laravel('laravel-11-own'),
  'laravel-12-own': laravel('laravel-12-own'),
  amqplib: { code: 'amqplib', composer: 'amqplib', probe: ['php', '--version'], shows: 'php-amqplib/php-amqplib' },
  'amqplib-debian': {
    code: 'amqplib',
    composer: null,
    probe: ['php', '-r', "require 'PhpAmqpLib/autoload.php';"],
    shows: 'php-amqplib',
  },
  symfony: { code: 'symfony', composer: 'symfony', probe: ['php', 'console', 'list'], shows: 'symfony/messenger' },
  'symfony-debian': {
    code: 'symfony',
    composer: null,
    probe: ['php', 'console', 'list'],
    shows: 'php-symfony-messenger',
  },
};

/** Lays out every application; those whose libraries are not to be had say why. */
export async function installAll(say: (text: string) => void): Promise<Record<string, Installed>> {
  // At once: Composer mostly waits for its registry.
  const installed = await Promise.all(
    Object.entries(APPLICATIONS).map(async ([name, application]) => {
      const outcome = await install(name, application).catch((error: unknown) => missing(application, error));
      say(`${name}: ${'missing' in outcome ? outcome.missing : `version ${outcome.version}`}`);
      return [name, outcome] as const;
    }),
  );
  return Object.fromEntries(installed);
}

async function install(name: string, { code, composer, probe, shows }: Application): Promise<Installed> {
  const directory = join(APPS, name);
  cpSync(join(SOURCES, code), directory, { recursive: true });
  // What an earlier run cached has the address of a broker that is gone. Laravel writes into these two and does not make them.
  rmSync(join(directory, 'bootstrap/cache'), { recursive: true, force: true });
  for (const folder of ['bootstrap/cache', 'storage']) mkdirSync(join(directory, folder), { recursive: true });
  if (composer !== null) await requireByComposer(directory, composerFile(composer));
  const [file = '', ...args] = probe;
  // Nobody is asked there, but without an address Symfony does not begin.
  const env = { ...process.env, MESSENGER_TRANSPORT_DSN: 'amqp://127.0.0.1:5672/%2f/nowhere' };
  await execute(file, args, { cwd: directory, timeout: BOOT_MS, env });
  return { directory, version: composer === null ? await debianVersion(shows) : composerVersion(directory, shows) };
}

/** Only when composer.json changed, or an earlier attempt did not end well. */
async function requireByComposer(directory: string, wantedFile: string): Promise<void> {
  const stamp = join(directory, '.installed');
  const wanted = readFileSync(wantedFile, 'utf8');
  writeFileSync(join(directory, 'composer.json'), wanted);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const args = ['update', '--no-interaction', '--no-progress', '--prefer-dist', '--no-plugins', '--no-scripts'];
  await execute('composer', args, {
    cwd: directory,
    timeout: COMPOSER_MS,
    maxBuffer: 16 * 1024 * 1024,
    env: { ...process.env, COMPOSER_ALLOW_SUPERUSER: '1', COMPOSER_NO_AUDIT: '1' },
  });
  writeFileSync(stamp, wanted);
}

function missing({ composer, shows }: Application, error: unknown): Installed {
  const reason = { missing: reasonOf(error) };
  if (composer === null) return { ...reason, version: 'unknown' };
  const { require } = JSON.parse(readFileSync(composerFile(composer), 'utf8')) as { require: Record<string, string> };
  return { ...reason, version: require[shows] ?? 'unknown' };
}

const composerFile = (folder: string): string => join(SOURCES, folder, 'composer.json');

function composerVersion(directory: string, name: string): string {
  const text = readFileSync(join(directory, 'vendor/composer/installed.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: { name: string; version: string }[] };
  const found = packages.find((one) => one.name === name);
  return found?.version.replace(/^v/, '') ?? 'unknown';
}

async function debianVersion(name: string): Promise<string> {
  const { stdout } = await execute('dpkg-query', ['-W', '-f', '${Version}', name]);
  return stdout;
}

/** The line of Composer's, or PHP's, answer that tells a person what is missing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, stdout, stderr } = error as Error & { code?: unknown; stdout?: string; stderr?: string };
  if (code === 'ENOENT') return `${(error as NodeJS.ErrnoException).path ?? 'a program'} is not installed`;
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').map((line) => line.trim());
  const unknown = /requires (\S+?),? it could not be found/.exec(lines.join('\n'));
  if (unknown !== null) return `Packagist, as this machine reaches it, has no ${unknown[1]}`;
  const telling =
    lines.find((line) => line.startsWith('- ')) ?? lines.find((line) => /fatal|error|could not/i.test(line));
  return (telling ?? error.message).replace(/^- /, '');
}
