import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Site, isAlive } from './site.ts';

const DEMO = fileURLToPath(new URL('../../../deploy/demo', import.meta.url));

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

/** `memory_get_usage` as the worker itself reports it: what every limit inside PHP sees. */
const reported = (log: string): number[] =>
  [...log.matchAll(/memory_get_usage (\d+)/g)].map((match) => Number(match[1]));

test('the incident: a native leak of 25 MB/s that PHP cannot see is contained and explained; neighbours and messages are untouched', async () => {
  const artisan = (queue: string, ...more: string[]): string[] => [
    'php',
    'artisan',
    'task:event',
    `--queue=${queue}`,
    '--report=1',
    ...more,
  ];
  site = new Site(
    {
      'user-coupon-expire': {
        command: artisan('userCouponExpire_GB', '--leak=25'),
        memory: { hard: '256MiB' },
      },
      healthy: { command: artisan('orderMail'), workers: 3, memory: { hard: '256MiB' } },
      publisher: {
        command: ['php', 'artisan', 'demo:publish', '--queue=userCouponExpire_GB', '--queue=orderMail'],
        recycle: { stopTimeout: '30s' },
      },
    },
    {
      broker: { embedded: true },
      defaults: {
        directory: DEMO,
        environment: { DEMO_STORAGE: '{program}' },
        recycle: { drain: 'signal', overlap: false },
        amqp: { gate: false },
      },
    },
  );
  const configuration = readFileSync(site.file, 'utf8');
  site.rewrite(configuration.replaceAll('{program}', site.path('storage')));
  const run = await site.run();
  await site.untilRunning();
  const neighbours = (await site.client.status(['healthy'])).workers.map(({ pid }) => pid);

  const recycles = async () =>
    (await (site as Site).client.journal({ name: 'user-coupon-expire' })).filter(({ action }) => action === 'recycle');
  await site.until(
    async () => (await recycles()).filter(({ outcome }) => outcome !== null).length >= 2,
    'two recycles',
    150_000,
  );

  const [first] = await recycles();
  expect(first?.reason.text).toMatch(
    /^Recycled user-coupon-expire:0 \(pid \d+\): resident memory \d+ MiB passed the hard ceiling of 256 MiB \(workers\.yaml:\d+\) after growing \d+\.\d MiB\/s for /,
  );
  expect(first?.outcome?.text).toMatch(/^SIGTERM at .*; replaced by pid \d+$/);
  expect(first?.reason.evidence['bytes']).toBeLessThan(320 * 1024 * 1024);
  // What PHP itself saw all the while.
  const seen = reported(site.log('user-coupon-expire-0.log'));
  expect(seen.length).toBeGreaterThan(3);
  expect(Math.max(...seen) - Math.min(...seen)).toBeLessThan(2 * 1024 * 1024);
  expect((await site.client.status(['healthy'])).workers.map(({ pid }) => pid)).toEqual(neighbours);
  const { controller, workers } = await site.client.status([]);

  run.process.kill('SIGINT');
  expect(await run.exited).toBe(0);
  const final = /^final: published ([\d,]+) +done ([\d,]+) +waiting ([\d,]+) +lost (\d+) +twice (\d+)/m.exec(
    site.log('publisher-0.log'),
  );
  expect(final, site.log('publisher-0.log').slice(-500)).not.toBeNull();
  const [published, done, waiting, lost, twice] = (final ?? [])
    .slice(1)
    .map((figure) => Number(figure.replaceAll(',', '')));
  expect({ lost, twice }).toEqual({ lost: 0, twice: 0 });
  expect(published).toBe((done ?? 0) + (waiting ?? 0));
  expect(done).toBeGreaterThan(20);
  expect([...workers.map(({ pid }) => pid ?? 0), controller.shimPid ?? 0].some(isAlive)).toBe(false);
});
