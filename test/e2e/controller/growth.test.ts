import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

/** Native memory that PHP's own figures do not show, as in the incident; the argument is MiB a second. */
const LEAK = `$f = FFI::cdef('void *malloc(size_t n); void *memset(void *p, int c, size_t n);');
  pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); });
  while (true) { $p = $f->malloc(1 << 20); $f->memset($p, 1, 1 << 20); usleep(intdiv(1000000, (int) $argv[1])); }`;
const leaker = (rate: number): string[] => ['php', '-r', LEAK, '--', String(rate)];
/** PHP code that keeps what it should let go of. */
const KEEPS = `ini_set('memory_limit', '-1'); $kept = [];
  pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); });
  while (true) { $kept[] = str_repeat('x', 1 << 20); usleep(200000); }`;
const start = { seconds: '200ms' };

const scoreAdjOf = (pid: number | null): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));

/** Once it is called leaking the kernel is told to take it first; its successor is a worker like any other. */
const marksTheSuspect = async (here: Site): Promise<void> => {
  const { id, pid, reason, outcome } = await here.untilEntry(
    ({ reason: { rule } }) => rule === 'oom.suspect',
    'the suspect is marked',
  );
  expect({ id, outcome: outcome?.ok ?? null, text: reason.text }).toEqual({
    id,
    outcome: null,
    text: `Set oom_score_adj of suspect:0 (pid ${pid}) from 100 to 250: it leaks, so the kernel shall take it before its siblings (workers.yaml:${reason.policy?.line})`,
  });
  await here.until(() => scoreAdjOf(pid) === 250, 'the kernel knows');
  const leaking = (await here.client.journal({})).find(
    ({ reason: { rule }, worker }) => rule === 'growth.leaking' && worker === 'suspect:0',
  );
  expect(leaking).toBeDefined();
  expect(await here.cli('recycle', 'suspect:0')).toMatchObject({ code: 0 });
  const successor = await here.worker('suspect:0');
  expect(successor.pid).not.toBe(pid);
  expect([scoreAdjOf(successor.pid), successor.oomScoreAdj]).toEqual([100, 100]);
};

describe('growth of real PHP workers', () => {
  test('a leak is recycled before its soft ceiling, and said with the numbers; a flat neighbour stays', async () => {
    const memory = { soft: '160MiB', growth: { window: '20s', horizon: '30s' } };
    site = new Site({
      flat: { command: ['php', '-r', '$kept = str_repeat("x", 50000000); while (true) usleep(10000);'], start, memory },
      leaker: { command: leaker(5), start, memory },
      keeper: { command: ['php', '-r', KEEPS], start, memory },
      suspect: {
        command: leaker(3),
        start,
        memory: { growth: { window: '20s', action: 'warn' } },
        oom: { scoreAdj: 100, policy: 'byState' },
      },
    });
    await site.run();
    await site.untilRunning('flat:0', 'leaker:0');
    const { pid } = await site.worker('flat:0');
    const entry = await site.untilEntry(
      ({ action, worker, outcome }) => action === 'recycle' && worker === 'leaker:0' && outcome !== null,
      'the leaker is recycled',
    );
    expect(entry.reason.rule).toBe('memory.growth');
    expect(entry.reason.text).toMatch(
      /^Recycled leaker:0 \(pid \d+\) before its ceiling: it has grown \d+ MiB a minute for .*, outside PHP's own heap, which grew .*: an extension or a library takes it, and .* would pass its ceiling of 160 MiB in .*\(workers\.yaml:\d+\)/,
    );
    expect(Number(entry.reason.evidence['bytes'])).toBeLessThan(160 * 1024 * 1024);
    const kept = await site.untilEntry(
      ({ action, worker }) => action === 'recycle' && worker === 'keeper:0',
      'the keeper is recycled',
    );
    expect(kept.reason.text).toContain(", in PHP's own heap: PHP code keeps it, and ");
    await marksTheSuspect(site);
    const past = await site.cli('simulate', '--worker', 'flat:0', '--json');
    expect(JSON.parse(past.stdout)).toMatchObject({ trace: 'flat:0', action: 'none', atSeconds: null });
    const flat = await site.worker('flat:0');
    expect({ pid: flat.pid, trend: flat.trend === 'leaking' }).toEqual({ pid, trend: false });
    expect(flat.zendHeapBytes).toBeGreaterThan(50_000_000);
    expect(flat.nativeBytes).toBeLessThan(flat.zendHeapRealBytes ?? 0);
  });
});
