import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostReader } from '../../../src/controller/host.ts';

test('the first reading has no rates, a later one has those that this kernel tells', async () => {
  const reader = new HostReader();
  const first = reader.read();
  expect(first.memoryTotalBytes).toBeGreaterThan(first.memoryAvailableBytes ?? Infinity);
  expect([first.cpuPercent, first.swapInBytesPerSecond, first.stallPercent]).toEqual([null, null, null]);
  expect(first.load1).toBeGreaterThanOrEqual(0);
  let next = reader.read();
  // /proc/stat counts in hundredths of a second.
  while (next.cpuPercent === null) {
    await new Promise((resolve) => setImmediate(resolve));
    next = reader.read();
  }
  for (const percent of [next.cpuPercent, next.softirqPercent ?? 0, next.stallPercent ?? 0]) {
    expect(percent).toBeGreaterThanOrEqual(0);
    expect(percent).toBeLessThanOrEqual(100);
  }
  if (next.swapTotalBytes === 0) expect(next.swapInBytesPerSecond).toBe(0);
});

/** A copy of /proc as it stands at one moment. */
const write = (root: string, { swapIn, stallMicros }: { swapIn: number; stallMicros: number | null }): void => {
  mkdirSync(join(root, 'pressure'), { recursive: true });
  writeFileSync(
    join(root, 'meminfo'),
    'MemTotal: 16384 kB\nMemFree: 1024 kB\nMemAvailable: 2048 kB\nSwapTotal: 4096 kB\nSwapFree: 1024 kB\n',
  );
  writeFileSync(join(root, 'vmstat'), `nr_free_pages 5\npswpin ${swapIn}\npswpout 7\npgfault 1\n`);
  writeFileSync(join(root, 'stat'), 'cpu  1 2 3 4 5 6 7 8 9 10\n');
  writeFileSync(join(root, 'loadavg'), '0.50 1 1 1/2 3\n');
  const full = 'full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n';
  const path = join(root, 'pressure', 'memory');
  if (stallMicros === null) rmSync(path, { force: true });
  else writeFileSync(path, `some avg10=9.00 avg60=0.00 avg300=0.00 total=${stallMicros}\n${full}`);
};

test('swap traffic and stall are what the counters say, over the time in between; a kernel without PSI tells nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'ackwarden proc '));
  let now = 1_000;
  try {
    const reader = new HostReader(root, () => now);
    write(root, { swapIn: 1_000, stallMicros: 500_000 });
    expect(reader.read()).toMatchObject({ memoryAvailableBytes: 2 * 1024 * 1024, stallPercent: null });
    write(root, { swapIn: 3_000, stallMicros: 900_000 });
    now += 2_000;
    expect(reader.read()).toMatchObject({
      swapInBytesPerSecond: 4_096_000,
      swapOutBytesPerSecond: 0,
      stallPercent: 20,
    });
    write(root, { swapIn: 3_000, stallMicros: null });
    now += 1_000;
    expect(reader.read().stallPercent).toBeNull();
  } finally {
    rmSync(root, { recursive: true });
  }
});
