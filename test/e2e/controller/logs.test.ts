/** Logs with everything in its place: the real controller, the real shim, the real logrotate. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FIXTURES } from '../shim/specs.ts';
import { MAIN, Site, signalQuietly } from './site.ts';

let site: Site;
const once = { start: { restart: 'never', seconds: 0 } };
const cli = (...words: string[]): string =>
  execFileSync(process.execPath, [MAIN, ...words, '-c', site.file], { encoding: 'utf8' });
const read = (name: string): string => {
  const path = site.path('log', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** All lines of a log and its rotated files, oldest first. */
const linesOf = (name: string): string[] => {
  const files = readdirSync(site.path('log')).filter((file) => file.startsWith(name) && !file.endsWith('.tmp'));
  const age = (file: string): number => Number(file.slice(name.length).split('.')[1] ?? 0);
  return files
    .toSorted((a, b) => age(b) - age(a))
    .map((file) => [file, readFileSync(site.path('log', file))] as const)
    .map(([file, bytes]) => (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString())
    .join('')
    .split('\n')
    .slice(0, -1);
};

beforeEach(() => {
  site = new Site({});
});
afterEach(() => site.dispose());

test('eight writers on one rotated and compressed file, the controller killed meanwhile: every line once', async () => {
  const lines = 15_000;
  const command = ['php', `${FIXTURES}prints-lines.php`, String(lines), '{index}'];
  const stdout = { path: 'all.log', maxSize: '16KiB', backups: 500, compress: true };
  site.configure({ w: { command, workers: 8, stdout, ...once } });
  const { pid } = await site.run();
  await site.until(() => existsSync(site.path('log', 'all.log.3.gz')), 'some rotations');
  signalQuietly(pid, 'SIGKILL');
  // Until then a file may be renamed while it is read, or be there twice, plain and packed.
  const names = (): string => readdirSync(site.path('log')).toSorted().join('\n');
  let found: string[] = [];
  const isAll = (): boolean => {
    const before = names();
    found = linesOf('all.log');
    return found.length >= 8 * lines && !/^all\.log\..*(\d|tmp)$/m.test(before) && before === names();
  };
  await site.until(isAll, 'all lines are there, and packed');
  expect(found).toHaveLength(8 * lines);
  for (let index = 0; index < 8; index += 1) {
    const own = found.filter((line) => line.startsWith(`${index} `));
    expect(own).toEqual(Array.from({ length: lines }, (_, at) => `${index} ${at + 1}`));
  }
  // For the shim to end: it still compresses.
  await site.run();
});

test('lines as JSON, with the names of those who wrote them, and no colours', async () => {
  const argv = ['sh', '-c', 'printf "\\033[31mred\\033[0m\\n\\377\\n"; echo oops >&2'];
  const style = { path: 'all.json', format: 'json', stripAnsi: true };
  site.configure({ w: { command: argv, stdout: style, stderr: style, ...once } });
  await site.run();
  await site.until(() => linesOf('all.json').length === 3, 'three lines');
  const found = linesOf('all.json').map((line) => JSON.parse(line) as Record<string, unknown>);
  const names = { time: expect.stringMatching(/^\d{4}-.*Z$/), worker: 'w:0', program: 'w', pid: expect.any(Number) };
  expect(found).toEqual(
    expect.arrayContaining([
      { ...names, stream: 'stdout', line: 'red' },
      { ...names, stream: 'stdout', line: '\ufffd' },
      { ...names, stream: 'stderr', line: 'oops' },
    ]),
  );
});

test('logs --clear empties what runs and what does not, and leaves rotated files', async () => {
  const command = ['sh', '-c', 'echo begin; exec sleep 1000'];
  site.configure({
    up: { command },
    down: { command, start: { auto: false } },
    quiet: { command, stdout: { path: 'none' } },
  });
  await site.run();
  writeFileSync(site.path('log', 'down-0.log'), 'old\n');
  writeFileSync(site.path('log', 'up-0.log.1'), 'rotated\n');
  await site.until(() => read('up-0.log') === 'begin\n', 'it prints');
  expect(cli('logs', '--clear', 'all').trim().split('\n')).toEqual([
    'up:0: log emptied',
    'down:0: log emptied',
    'quiet:0: keeps no log file',
  ]);
  expect([read('up-0.log'), read('down-0.log'), read('up-0.log.1')]).toEqual(['', '', 'rotated\n']);
  const told = (await site.client.journal({})).map(({ reason }) => reason.text);
  expect(told).toContain(`Emptied the log of up:0 as asked: ${site.path('log', 'up-0.log')}`);
  if (spawnSync('supervisorctl', ['--help']).error === undefined) {
    writeFileSync(site.path('log', 'down-0.log'), 'old\n');
    const argv = ['-s', `unix://${site.path('state', 'control.sock')}`, 'clear', 'all'];
    const cleared = await new Promise<string>((resolve) => {
      execFile('supervisorctl', argv, (_, stdout) => resolve(stdout));
    });
    expect(cleared.trim().split('\n').toSorted()).toEqual(['down:0: cleared', 'quiet:0: cleared', 'up:0: cleared']);
    expect(read('down-0.log')).toBe('');
  }
  const wrong = spawnSync(process.execPath, [MAIN, 'logs', '--clear', 'nobody', '-c', site.file], { encoding: 'utf8' });
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('nobody')]);
});

/** Lines of the workers among all that `run` printed: the journal begins with a time of day. */
const forwarded = (output: string): string[] => output.split('\n').filter((line) => /^\w \d+$/.test(line));
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at + 1}`);

test('without files, as in a container: everything comes out of run, also what the dying workers print', async () => {
  const lines = 20_000;
  const stdout = { path: 'none', forward: true };
  const last = ['sh', '-c', 'trap "echo z 2; exit 0" TERM; echo z 1; while :; do sleep 1 & wait $!; done'];
  site.configure({
    a: { command: ['php', `${FIXTURES}prints-lines.php`, String(lines), 'a'], stdout, ...once },
    b: { command: ['php', `${FIXTURES}prints-lines.php`, String(lines), 'b'], stdout, ...once },
    z: { command: last, stdout },
  });
  const run = await site.run();
  await site.until(() => forwarded(run.output()).length >= 2 * lines + 1, 'all lines are printed');
  run.process.kill('SIGTERM');
  await run.exited;
  const found = forwarded(run.output());
  for (const name of ['a', 'b']) expect(found.filter((line) => line.startsWith(name))).toEqual(numbered(name, lines));
  expect(found.filter((line) => line.startsWith('z'))).toEqual(numbered('z', 2));
  expect(readdirSync(site.path('log')).toSorted()).toEqual(['journal.jsonl', 'shim.log']);
});

test('the next controller prints what the killed one did not', async () => {
  const stdout = { path: 'none', forward: true };
  const counter = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo "c $i"; sleep 0.01; done'];
  site.configure({ c: { command: counter, stdout } });
  const first = await site.run();
  await site.until(() => forwarded(first.output()).length > 20, 'some lines');
  signalQuietly(first.pid, 'SIGKILL');
  await first.exited;
  const second = await site.run();
  await site.until(() => forwarded(second.output()).length > 20, 'more lines');
  // The last ones may come twice: nobody knows what a killed controller had printed.
  const found = [...new Set([...forwarded(first.output()), ...forwarded(second.output())])];
  expect(found).toEqual(numbered('c', found.length));
});

test('a reader of run that does not read blocks no worker and no controller; what was not printed is counted', async () => {
  const lines = 400_000;
  site.configure({
    a: {
      command: ['php', `${FIXTURES}prints-lines.php`, String(lines), 'a'],
      stdout: { path: 'none', forward: true },
      ...once,
    },
  });
  const run = await site.run();
  run.process.stdout?.pause();
  await site.until(async () => (await site.client.status([])).workers[0]?.state === 'EXITED', 'it has printed all');
  const counts = async (): Promise<number[]> => {
    const entries = (await site.client.journal({})).filter(({ reason }) => reason.rule === 'logTrouble');
    return entries.map(({ reason }) => Number(reason.evidence['droppedLines']));
  };
  await site.until(async () => (await counts()).length > 0, 'the loss is said');
  run.process.stdout?.resume();
  await site.until(async () => {
    const dropped = (await counts()).reduce((sum, count) => sum + count, 0);
    return forwarded(run.output()).length + dropped === lines;
  }, 'each line is printed or counted');
});

/** Prints `1`, `2`, … with its worker's name, and goes on for as long as it lives. */
const COUNTER = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo "$i"; sleep 0.01; done'];

const hooks: [string, () => string][] = [
  ['SIGUSR1', () => `kill -USR1 "$(cat '${site.path('pid')}')"`],
  ['logs --reopen', () => `'${process.execPath}' '${MAIN}' logs --reopen -c '${site.file}'`],
];

test.each(hooks)('an external rotation with %s loses no line', async (_, hook) => {
  site.configure({ w: { command: COUNTER } });
  const { pid } = await site.run();
  writeFileSync(site.path('pid'), String(pid));
  for (let round = 1; round <= 3; round += 1) {
    await site.until(() => read('w-0.log').length > 20, 'it prints');
    rotateOutside(hook(), round);
  }
  await site.until(() => read('w-0.log').length > 20, 'it goes on');
  await site.client.command({ verb: 'stop', names: ['all'] });
  const found = linesOf('w-0.log');
  expect(found).toEqual(Array.from({ length: found.length }, (__, index) => String(index + 1)));
});

/** With logrotate where it is installed, else by hand. */
const rotateOutside = (postrotate: string, round: number): void => {
  const log = site.path('log', 'w-0.log');
  if (spawnSync('logrotate', ['--version']).error !== undefined) {
    renameSync(log, `${log}.${9 - round}`);
    execFileSync('sh', ['-c', postrotate]);
    return;
  }
  const file = join(site.root, 'logrotate.conf');
  const body = `rotate 5\nnocreate\nsu root root\npostrotate\n${postrotate}\nendscript`;
  writeFileSync(file, `"${log}" {\n${process.getuid?.() === 0 ? body : body.replace('su root root\n', '')}\n}\n`);
  chmodSync(file, 0o600);
  execFileSync('logrotate', ['--force', '--state', join(site.root, 'logrotate.state'), file]);
};
