/** `php.disableExtensions` on the real PHP, with an extension that really leaks. */
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLeaky } from '../../fixtures/leaky-extension/build.ts';
import { Site } from '../controller/site.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/workers/calls-internals.php');
/** Each line that the worker writes follows so many internal calls, and stands for about 5 MiB that leaky keeps. */
const CALLS = 20_000;
const LINES = 8;
const leaky = buildLeaky();
if (leaky.skipped !== null) console.log(`skipped: ${leaky.skipped}`);

/** What no test may change: names, times and sizes of the ini files of the system. */
function systemFiles(): string[] {
  const asked = execFileSync('php', ['-r', 'echo php_ini_loaded_file(), PHP_EOL, PHP_CONFIG_FILE_SCAN_DIR;']);
  const [main = '', folder = ''] = asked.toString().split('\n');
  const files = [main, folder, ...readdirSync(folder).map((name) => join(folder, name))];
  return files.map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).size}`);
}

describe.skipIf(leaky.skipped !== null)('php.disableExtensions', () => {
  let site: Site;
  const before = systemFiles();
  const user = process.getuid?.() === 0 ? { user: 'nobody' } : {};
  const agent = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    command: ['php', '-d', 'precision=5', WORKER, String(CALLS), '20000'],
    directory: '/',
    environment: { PHP_INI_SCAN_DIR: `:${site.path('conf.d')}` },
    start: { seconds: '100ms' },
    ...user,
    ...more,
  });

  /** Anonymous memory that a worker tells of, line by line, from its next one on. */
  const grownBy = async (log: string): Promise<number> => {
    const from = site.log(log).split('\n').length;
    const figures = (): string[] => site.log(log).split('\n').slice(from, -1);
    await site.until(() => figures().length > LINES, `${log} has ${LINES} more lines`);
    const bytes = figures().map((line) => (JSON.parse(line) as { anonBytes: number }).anonBytes);
    return (bytes[LINES] ?? 0) - (bytes[0] ?? 0);
  };

  beforeAll(async () => {
    site = new Site({});
    chmodSync(site.root, 0o755);
    mkdirSync(site.path('conf.d'));
    // Two in one file, and settings: only the line of leaky is to go.
    writeFileSync(
      site.path('conf.d', '30-agents.ini'),
      `; agents\nextension="${leaky.so}"\nleaky.bytes_per_call = 256\n`,
    );
    site.configure({ agent: agent() });
    await site.run();
    await site.untilRunning();
  });
  afterAll(() => site.dispose());

  test('a reload that adds it rolls the workers: they leaked, and are flat from then on', async () => {
    const { pid } = await site.worker('agent:0');
    expect(await grownBy('agent-0.log')).toBeGreaterThan(LINES * CALLS * 256 * 0.9);
    site.configure({ agent: agent({ php: { disableExtensions: ['leaky'], ini: { memory_limit: '77M' } } }) });
    expect((await site.cli('reload')).code).toBe(0);
    await site.until(async () => (await site.worker('agent:0')).pid !== pid, 'the worker is another process');
    await site.untilEntry(({ action, outcome }) => action === 'recycle' && outcome !== null, 'the old one is gone');
    expect(await grownBy('agent-0.log')).toBeLessThan(CALLS * 256);
    const { pid: now } = await site.worker('agent:0');
    expect(readFileSync(`/proc/${now}/maps`, 'utf8')).not.toContain(dirname(leaky.so ?? ''));
    // All that php.ini of workers.yaml and the other files say still holds.
    const copy = readFileSync(site.path('data/php/agent/private/scan-1/30-agents.ini'), 'utf8');
    expect(copy).toBe(`; agents\n; php.disableExtensions: extension="${leaky.so}"\nleaky.bytes_per_call = 256\n`);
    expect(readdirSync(site.path('data/php/agent/private'))).toEqual(['scan-0', 'scan-1', 'scan-2']);
    expect((await site.client.journal({})).filter(({ action }) => action === 'warn')).toEqual([]);
  });

  test('an extension file that comes later is seen at the next start', async () => {
    const load = `extension="${buildLeaky({ name: 'innocent', bytesPerCall: 0 }).so}"\nextension="${leaky.so}"\n`;
    writeFileSync(site.path('conf.d', '40-more.ini'), load);
    expect((await site.cli('restart', 'agent')).code).toBe(0);
    const { pid } = await site.worker('agent:0');
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
    expect([maps.includes('/leaky.so'), maps.includes('/innocent.so')]).toEqual([false, true]);
  });

  test('what cannot be taken away is said in a sentence, and the worker runs', async () => {
    site.configure({
      agent: agent(),
      fine: agent({ php: { disableExtensions: ['leaky'] } }),
      odd: agent({ php: { disableExtensions: ['standard', 'nothing'] } }),
      named: agent({
        command: ['php', '-d', `extension=${leaky.so}`, WORKER, '1', '9999'],
        php: { disableExtensions: ['leaky'] },
      }),
      gone: agent({
        command: ['sh', '-c', 'sleep 100'],
        environment: { PATH: '/nowhere' },
        php: { disableExtensions: ['leaky'] },
      }),
    });
    await site.cli('reload');
    await site.untilRunning('odd:0', 'named:0');
    let said: string[] = [];
    await site.until(async () => {
      const entries = await site.client.journal({});
      said = entries.flatMap(({ action, reason }) => (action === 'warn' ? [reason.text] : []));
      return said.length >= 4;
    }, 'all four are said');
    const doctor = JSON.parse((await site.cli('doctor', '--json')).stdout) as {
      checks: { id: string; text: string }[];
    };
    const told = doctor.checks.filter(({ id }) => id === 'extensions').map(({ text }) => text);
    expect(told).toContain('programs.odd.php.disableExtensions: standard is compiled into this PHP');
    expect(told.at(-1)).toBe('the PHP of fine runs without leaky (it was asked)');
    const check = JSON.parse((await site.cli('check', '--json')).stdout) as { warnings: { path: string }[] };
    const warned = check.warnings.map(({ path }) => path.split('.')[1]);
    expect(warned).toEqual(['odd', 'odd', 'named', 'gone']);
    expect(said.toSorted()).toEqual([
      'PHP of odd does not load nothing in the first place: programs.odd.php.disableExtensions has nothing to take away (php -m lists the names)',
      expect.stringMatching(
        /^Workers of gone start with all extensions, although .* names some: php exited with status/,
      ),
      `Workers of named start with leaky all the same, although programs.named.php.disableExtensions names it: it is loaded by the command itself (-d extension=${leaky.so})`,
      'Workers of odd start with standard all the same, although programs.odd.php.disableExtensions names it: it is compiled into this PHP',
    ]);
  });

  test('the files of the system are as they were', () => expect(systemFiles()).toEqual(before));
});
