/** A bundle of evidence is taken beside the recycle of a leaking worker, and `explain` cites it. */
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import type { Diagnosis } from '../../../src/forensics/types.ts';
import { Site, signalQuietly } from '../controller/site.ts';
import type { Run } from '../controller/site.ts';

/** 12 MiB a second outside of PHP's own heap. */
const LEAK = `$f = FFI::cdef('void *malloc(size_t n); void *memset(void *p, int c, size_t n);');
  pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); });
  while (true) { $p = $f->malloc(1 << 20); $f->memset($p, 1, 1 << 20); usleep(80000); }`;

/** A leak that the user knows of. */
const KNOWN = {
  id: 'own-ffi',
  extension: 'ffi',
  affected: '>=7.4',
  symptom: 'what the script allocates through it',
  zend: 'no',
  remedy: 'free it',
  link: 'https://tracker.example/1',
};

let site: Site;
let run: Run;

/** The ready check's file has to be newer than the process. */
const letGo = (name: string): Promise<void> =>
  site.until(async () => {
    writeFileSync(site.path('go'), '');
    return (await site.worker(name)).state === 'RUNNING';
  }, `${name} is ready`);

const residentBytes = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1] ?? 0) * 4096;

/** Whoever looks at a process holds its memory open. */
const isLookedAt = (pid: number): boolean =>
  readdirSync('/proc').some((name) => {
    try {
      if (!/^\d+$/.test(name) || !readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(`--pid\0${pid}\0`))
        return false;
      return readdirSync(`/proc/${name}/fd`).some(
        (fd) => readlinkSync(`/proc/${name}/fd/${fd}`) === `/proc/${pid}/mem`,
      );
    } catch {
      return false; // Gone meanwhile.
    }
  });

beforeAll(async () => {
  const programs = {
    // A replacement takes over when we say so: not before the old process is looked at, however long that takes to begin.
    leaker: {
      command: ['php', '-r', LEAK],
      start: { seconds: 0 },
      ready: { file: 'go', interval: '50ms', timeout: '150s' },
      memory: { soft: '110MiB', hard: '2GiB' },
    },
  };
  site = new Site(programs, { advisories: ['leaks.yaml'] });
  writeFileSync(site.path('leaks.yaml'), JSON.stringify({ advisories: [KNOWN] }));
  run = await site.run();
  await letGo('leaker:0');
});
afterAll(() => site.dispose());

test('the recycle is not delayed, its evidence concludes, and explain tells both', async () => {
  const begun = await site.untilEntry(({ action }) => action === 'recycle', 'it is to be recycled');
  await site.until(() => isLookedAt(begun.pid ?? 0), 'it is looked at');
  // For so long that something can be said, by what it takes meanwhile, and shorter than anybody looks.
  const bytes = async (): Promise<number> => (await site.worker('leaker:0')).treeBytes ?? 0;
  const enough = (await bytes()) + 48 * 1024 * 1024;
  await site.until(async () => (await bytes()) > enough, 'it has grown');
  writeFileSync(site.path('go'), '');
  const recycle = await site.untilEntry(
    ({ action, outcome }) => action === 'recycle' && outcome !== null,
    'it is recycled',
  );
  const entry = await site.untilEntry(
    ({ action, cause, outcome }) => action === 'diagnose' && cause === recycle.id && outcome !== null,
    'it is looked into',
  );
  expect(entry).toMatchObject({ worker: 'leaker:0', pid: recycle.pid, cause: recycle.id });
  expect(entry.reason.text).toBe(`Looked into leaker:0 (pid ${recycle.pid}) before it is replaced for its memory`);
  expect(entry.outcome).toMatchObject({ ok: true, evidence: { kind: 'native' } });
  const path = String(entry.outcome?.evidence['path']);
  expect(path).toContain(site.path('data', 'evidence'));
  expect([statSync(path), statSync(join(path, 'diagnosis.json'))].map(({ mode }) => mode & 0o777)).toEqual([
    0o700, 0o600,
  ]);
  expect(readdirSync(path).toSorted()).toEqual(['diagnosis.json', 'timeline.svg', 'trace.csv']);
  const found = JSON.parse(readFileSync(join(path, 'diagnosis.json'), 'utf8')) as Diagnosis;
  expect(found.process.pid).toBe(recycle.pid);
  expect(found.advisories.map(({ advisory }) => advisory.id)).toContain('own-ffi');
  expect(found.conclusion.module).toBe('ffi');
  // Its process ended when its replacement had taken over, whoever was looking.
  expect(found.survived).toBe(false);
  // It was looked into already, because it came near its ceiling, and that did for both.
  const near = (await site.client.journal({})).find(({ reason }) => reason.evidence['because'] === 'memory.near');
  expect(near?.outcome?.evidence).toEqual(entry.outcome?.evidence);
  const { stdout } = await site.cli('explain', recycle.id);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/passed the soft ceiling .* leaks native memory: .*evidence in /);
  // What was read of it, once more through the policy.
  const again = await site.cli('simulate', path, '--program', 'leaker', '--json');
  expect(again.stderr).toBe('');
  expect(JSON.parse(again.stdout)).toMatchObject({ trace: path });
});

test('a worker by its name: its figures, its program in the remedy', async () => {
  await letGo('leaker:0');
  const said = await site.cli('diagnose', 'leaker:0', '--seconds', '2', '--json', '--no-perf');
  const found = JSON.parse(said.stdout) as Diagnosis;
  expect(found.managed).toMatchObject({ worker: 'leaker:0', program: 'leaker', softBytes: 110 * 1024 * 1024 });
  expect(found.advisories.map(({ advisory }) => advisory.id)).toContain('own-ffi');
  const unknown = await site.cli('diagnose', 'nobody');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('nobody') as string });
});

test('a bundle outlives the controller that began it: the next one closes its entries, and explain cites it', async () => {
  const { pid } = await site.worker('leaker:0');
  const recycle = await site.untilEntry(
    (entry) => entry.action === 'recycle' && entry.pid === pid && entry.outcome === null,
    'the next one is to be recycled',
  );
  const lookedInto = async (): Promise<JournalEntry | undefined> =>
    (await site.client.journal({})).find(({ action, cause }) => action === 'diagnose' && cause === recycle.id);
  await site.until(() => isLookedAt(pid ?? 0), 'it is looked at');
  await site.until(async () => (await lookedInto())?.outcome === null, 'it is looked into');
  run.process.kill('SIGKILL');
  await run.exited;
  const written = (): string[] =>
    readdirSync(site.path('data', 'evidence'))
      .filter((name) => name.endsWith(`-${pid}`))
      .map((name) => site.path('data', 'evidence', name))
      .filter((path) => existsSync(join(path, 'diagnosis.json')));
  expect(written()).toEqual([]);
  const before = residentBytes(pid ?? 0);
  await site.until(() => residentBytes(pid ?? 0) > before + 24 * 1024 * 1024, 'it has grown');
  signalQuietly(pid ?? 0, 'SIGKILL');
  run = await site.run();
  await site.until(async () => (await lookedInto())?.outcome != null, 'its entry is closed');
  const entry = await lookedInto();
  expect(entry?.outcome).toMatchObject({ ok: true, evidence: { path: written()[0] } });
  const found = JSON.parse(readFileSync(join(written()[0] ?? '', 'diagnosis.json'), 'utf8')) as Diagnosis;
  // What can be said after so short a look is not the question here.
  expect(found).toMatchObject({
    process: { pid },
    survived: false,
    conclusion: { text: entry?.outcome?.evidence['text'] },
  });
  const { stdout } = await site.cli('explain', recycle.id);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/passed the soft ceiling .*evidence in /);
});
