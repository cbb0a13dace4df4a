import { afterEach, describe, expect, test } from 'vitest';
import { Site, isAlive } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const MIB = 1024 * 1024;
/** Leaks through FFI malloc, so that memory_get_usage() stays flat, as in the incident. */
const LEAK = `$f = FFI::cdef('void *malloc(size_t n); void *memset(void *p, int c, size_t n);');
  pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); });
  while (true) { $p = $f->malloc(1 << 20); $f->memset($p, 1, 1 << 20); usleep(intdiv(1000000, (int) $argv[1])); }`;
const leaker = (rate: number): string[] => ['php', '-r', LEAK, '--', String(rate)];
const make = (programs: Record<string, unknown>): Site => (site = new Site(programs));

describe('ceilings', () => {
  test('a native leak is recycled at its hard ceiling, explained with the numbers and the line, others untouched', async () => {
    const here = make({
      healthy: { command: 'sleep 1000', workers: 3, start: { seconds: '200ms' } },
      leaker: { command: leaker(12), start: { seconds: '200ms' }, memory: { hard: '96MiB' } },
    });
    await here.run();
    await here.untilRunning('healthy:0', 'healthy:1', 'healthy:2');
    const before = (await here.client.status(['healthy'])).workers.map(({ pid }) => pid);
    const entry = await here.untilEntry(
      ({ action, outcome }) => action === 'recycle' && outcome !== null,
      'the leaker is recycled',
    );
    expect(entry.reason.rule).toBe('memory.hard');
    expect(entry.reason.text).toMatch(
      /^Recycled leaker:0 \(pid \d+\): resident memory \d+ MiB passed the hard ceiling of 96 MiB \(workers\.yaml:\d+\) after growing \d+\.\d MiB\/s for /,
    );
    expect(entry.outcome?.text).toMatch(/^SIGTERM at \d\d:\d\d:\d\d\.\d{3}, exited in \d.*; replaced by pid \d+$/);
    expect(entry.reason.evidence['ceilingBytes']).toBe(96 * MIB);
    expect((await here.client.status(['healthy'])).workers.map(({ pid }) => pid)).toEqual(before);
    const told = await here.cli('explain', 'leaker:0');
    expect(told.stdout).toContain('passed the hard ceiling of 96 MiB');
  });

  test('the ceiling holds while the controller is stopped, and after it was killed', async () => {
    const here = make({ leaker: { command: leaker(60), start: { seconds: '200ms' }, memory: { hard: '80MiB' } } });
    const run = await here.run();
    await here.untilRunning();
    const { pid } = await here.worker('leaker:0');
    run.process.kill('SIGSTOP');
    await here.until(() => !isAlive(pid ?? 0), 'the shim alone has ended it');
    run.process.kill('SIGCONT');
    await here.untilEntry(({ reason }) => reason.rule === 'memory.hard', 'the controller learns of it');
    await here.untilStatus(({ workers }) => workers[0]?.pid !== null && workers[0]?.pid !== pid, 'it is replaced');
  });

  test('a worker that ignores SIGTERM is killed at memory.kill', async () => {
    const deaf = LEAK.replace('exit(0);', '');
    const here = make({
      leaker: {
        command: ['php', '-r', deaf, '--', '60'],
        start: { seconds: '200ms' },
        memory: { hard: '80MiB', kill: '192MiB' },
        recycle: { stopTimeout: '60s' },
      },
    });
    await here.run();
    const kill = await here.untilEntry(({ action }) => action === 'kill', 'it is killed');
    expect(kill.reason.text).toMatch(
      /^Killed leaker:0 \(pid \d+\): resident memory \d+ MiB passed the kill ceiling of 192 MiB/,
    );
    const recycle = (await here.client.journal({})).find(({ id }) => id === kill.cause);
    expect(recycle?.action).toBe('recycle');
  });

  test('a soft ceiling recycles with overlap: the replacement runs before the old process is told to stop', async () => {
    const here = make({
      leaker: { command: leaker(8), start: { seconds: '300ms' }, memory: { soft: '64MiB', hard: '512MiB' } },
    });
    await here.run();
    await here.untilRunning();
    const entry = await here.untilEntry(
      ({ reason, outcome }) => reason.rule === 'memory.soft' && outcome !== null,
      'it is recycled',
    );
    expect(entry.outcome?.ok).toBe(true);
    const start = (await here.client.journal({})).find(({ cause, action }) => cause === entry.id && action === 'start');
    expect(Date.parse(start?.outcome?.time ?? '')).toBeLessThanOrEqual(Date.parse(entry.outcome?.time ?? ''));
    await here.untilRunning();
  });

  test('a hard ceiling below what a fresh worker needs re-enters through a growing backoff, never given up', async () => {
    const big = ['php', '-r', '$x = str_repeat("x", 64 << 20); while (true) sleep(1);'];
    const here = make({
      big: { command: big, start: { seconds: '500ms', backoff: '200ms..1s', retries: 1 }, memory: { hard: '48MiB' } },
    });
    await here.run();
    await here.untilEntry(
      ({ reason }) => reason.rule === 'memory.hard.again' && reason.evidence['times'] === 4,
      'four times in a row',
    );
    expect((await here.client.journal({})).some(({ action }) => action === 'fatal')).toBe(false);
  });
});
