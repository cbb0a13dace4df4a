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
