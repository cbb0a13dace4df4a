/** Verify, on real PHP: recycling stops where it does not help, and goes on where it does. */
import { afterEach, expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const start = { seconds: '200ms' };
/** Longer to its ceiling than what is held to need so much at once (core/futile.ts): 12 MiB a second, for a hundred. */
const LEAK = "while (true) { $kept[] = str_repeat('x', 1 << 20); usleep(80000); }";
const MIB = 1024 * 1024;
const php = (body: string): string[] => [
  'php',
  '-d',
  'memory_limit=-1',
  '-r',
  `pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); }); $kept = []; ${body}`,
];

test('a worker that needs more than its ceiling is recycled once, and what to set is said; a leak is recycled again and again', async () => {
  site = new Site({
    needy: {
      command: php("$kept = str_repeat('x', 120 << 20); while (true) usleep(10000);"),
      start,
      memory: { soft: '128MiB' },
    },
    leaker: {
      command: php(LEAK),
      start,
      memory: { soft: '128MiB' },
    },
  });
  await site.run();
  const held = await site.untilEntry(({ action, worker }) => action === 'hold' && worker === 'needy:0', 'it is held');
  expect(held.reason.rule).toBe('memory.soft.tooLow');
  const { bytes, leastBytes } = held.reason.evidence;
  expect(Number(bytes)).toBeGreaterThan(120 * MIB);
  expect(Number(leastBytes)).toBeGreaterThan(150 * MIB);
  expect(held.reason.text).toMatch(
    /^The soft ceiling of needy is too low for its workers \(workers\.yaml:\d+\): a fresh one settles at 1[2-6]\d MiB/,
  );
  const { pid } = await site.worker('needy:0');
  const before = recyclesOf(await site.client.journal({}), 'leaker:0');
  await site.untilEntry(
    ({ action, worker, id, outcome }) =>
      action === 'recycle' && worker === 'leaker:0' && outcome !== null && !before.includes(id),
    'the leaker is recycled once more',
  );
  expect(recyclesOf(await site.client.journal({}), 'needy:0')).toHaveLength(1);
  expect((await site.worker('needy:0')).pid).toBe(pid);
});

const recyclesOf = (entries: readonly JournalEntry[], of: string): string[] =>
  entries.flatMap(({ action, worker, id }) => (action === 'recycle' && worker === of ? [id] : []));
