import { expect, test } from 'vitest';
import { interruptsOf } from '../../../src/linux/proc-interrupts.ts';
import { hostLine, parseHostCounters } from '../../../src/linux/vmstat.ts';
import type { HostTexts } from '../../../src/linux/vmstat.ts';

const texts = (factor: number): HostTexts => ({
  stat: `cpu  ${100 * factor} 0 ${20 * factor} ${60 * factor} ${10 * factor} 0 ${8 * factor} ${2 * factor} 0 0\ncpu0 1 1 1 1\nintr ${1000 * factor} 1 2\nctxt ${5000 * factor}\nprocs_running 3\nprocs_blocked 1\n`,
  vmstat: `nr_free 1\npswpin ${100 * factor}\npswpout ${50 * factor}\n`,
  meminfo: `MemTotal: 8000 kB\nMemFree:  ${1000 - 100 * factor} kB\nMemAvailable: 2000 kB\nCached: 500 kB\nSwapTotal: 4000 kB\nSwapFree: 1000 kB\n`,
  interrupts: `           CPU0       CPU1\n  1:          9          0   IO-APIC\nRES:     ${10 * factor}     ${30 * factor}   Rescheduling interrupts\nERR:          0\n`,
});

test('a line of vmstat is the difference of two readings', () => {
  const line = hostLine(parseHostCounters(texts(1), 0), parseHostCounters(texts(2), 2000));
  expect(line).toMatchObject({
    running: 3,
    blocked: 1,
    userPercent: 50,
    systemPercent: 14,
    idlePercent: 30,
    waitPercent: 5,
    stealPercent: 1,
    softirqPercent: 4,
    interruptsPerSecond: 500,
    switchesPerSecond: 2500,
    reschedulingPerSecond: 20,
    swapInBytesPerSecond: 50 * 4096,
    swapOutBytesPerSecond: 25 * 4096,
    swapUsedBytes: 3000 * 1024,
    freeBytesPerSecond: -50 * 1024,
  });
});

test('what a container does not show is unknown, not 0', () => {
  const nothing = parseHostCounters({ stat: '', vmstat: '', meminfo: '', interrupts: '' }, 0);
  expect(new Set(Object.values(hostLine(nothing, { ...nothing, at: 1000 })))).toEqual(new Set([null]));
});

test('interrupts are the sum over the processors; a line without figures is unknown', () => {
  const { interrupts } = texts(1);
  expect(['RES', 'ERR', '1', 'LOC'].map((name) => interruptsOf(interrupts, name))).toEqual([40, 0, 9, null]);
});
