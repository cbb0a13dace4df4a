import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPageBytes } from '../../../src/linux/auxv.ts';
import { readBootIdentity } from '../../../src/linux/boot.ts';
import { parseMeminfo, readMeminfo } from '../../../src/linux/meminfo.ts';
import { parseChildren } from '../../../src/linux/proc-children.ts';
import { environValue } from '../../../src/linux/proc-environ.ts';
import { ProcFile, openProcFile } from '../../../src/linux/proc-file.ts';
import { parseSmapsRollup } from '../../../src/linux/proc-smaps-rollup.ts';
import { SLEEPING, emptyStat, parseStat } from '../../../src/linux/proc-stat.ts';
import { parseStatm } from '../../../src/linux/proc-statm.ts';
import { emptyStatus, parseStatus } from '../../../src/linux/proc-status.ts';
import { isAlive, readStat, signalProcess } from '../../../src/linux/process-identity.ts';

const TAIL = 'S 11 22 33 0 -1 4194304 2267 0 7 0 62 21 5 6 20 0 3 0 102397 745996288 10373 18446744073709551615 1 1';

describe('stat', () => {
  test.each(['php', 'a b', 'a) S 1 1 (b', 'new\nline', '((', ')', '', 'ünï'])('with the command name %j', (name) => {
    const text = Buffer.from(`4711 (${name}) ${TAIL}\n`);
    const stat = emptyStat();
    expect(parseStat(text, text.length, stat)).toBe(true);
    expect(stat).toEqual({
      state: 'S'.charCodeAt(0),
      parent: 11,
      group: 22,
      session: 33,
      userTicks: 62,
      systemTicks: 21,
      childUserTicks: 5,
      childSystemTicks: 6,
      threads: 3,
      startTime: 102_397,
    });
  });

  test('does not read behind the given length, where an older text lies', () => {
    const text = Buffer.from(`1 (a) S 1 1 1\n) ${TAIL}`);
    expect(parseStat(text, 14, emptyStat())).toBe(false);
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        parseStat(buffer, buffer.length, emptyStat());
        parseStatus(buffer, buffer.length, emptyStatus());
        parseSmapsRollup(buffer);
        parseChildren(buffer, buffer.length, []);
        environValue(buffer, 'X');
      }),
    );
  });
});

describe('the other texts', () => {
  test('statm', () => {
    const into = { sizePages: 0, residentPages: 0, sharedPages: 0 };
    const text = Buffer.from('182128 10373 7890 17922 0 48 0\n');
    expect(parseStatm(text, text.length, into)).toBe(true);
    expect(into).toEqual({ sizePages: 182_128, residentPages: 10_373, sharedPages: 7890 });
    expect(parseStatm(text, 6, into)).toBe(false);
  });

  test('status, with a hostile name; what the kernel does not say is null', () => {
    const text = Buffer.from(
      'Name:\tphp\\nVmSwap:\\t9 kB\nState:\tS (sleeping)\nVmSize:\t  100 kB\nVmRSS:\t   50 kB\nRssAnon:\t   40 kB\n' +
        'VmSwap:\t    3 kB\nThreads:\t2\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t34\n',
    );
    const status = emptyStatus();
    parseStatus(text, text.length, status);
    expect(status).toEqual({
      state: SLEEPING,
      rssBytes: 50 * 1024,
      anonBytes: 40 * 1024,
      swapBytes: 3 * 1024,
      virtualBytes: 100 * 1024,
      threads: 2,
      voluntarySwitches: 12,
      involuntarySwitches: 34,
    });
    const kernelThread = Buffer.from('Name:\tkthreadd\nThreads:\t1\n');
    parseStatus(kernelThread, kernelThread.length, status);
    expect(status).toMatchObject({ state: null, rssBytes: null, swapBytes: null, threads: 1, voluntarySwitches: null });
  });

  test('children', () => {
    const into = [1];
    const text = Buffer.from('23 456 7 ');
    parseChildren(text, text.length, into);
    expect(into).toEqual([1, 23, 456, 7]);
  });

  test('smaps_rollup', () => {
    const text = Buffer.from(
      '5580-7ffc ---p 00000000 00:00 0  [rollup]\nRss:  9 kB\nPss:  5 kB\nPss_Anon:  4 kB\nSwapPss:  1 kB\n',
    );
    expect(parseSmapsRollup(text)).toEqual({ pssBytes: 5 * 1024, pssAnonBytes: 4 * 1024, swapPssBytes: 1024 });
    expect(parseSmapsRollup(Buffer.from('x\n'))).toEqual({ pssBytes: null, pssAnonBytes: null, swapPssBytes: null });
  });

  test.each([
    ['first', 'A=1\0B=2\0', 'A', '1'],
    ['last, without its zero', 'A=1\0B=2', 'B', '2'],
    ['not as the end of another name', 'XB=1\0B=2\0', 'B', '2'],
    ['not inside a value', 'A=B=1\0', 'B', null],
    ['empty', 'A=\0', 'A', ''],
    ['missing', 'A=1\0', 'C', null],
  ])('environ: %s', (_, block, name, expected) => {
    expect(environValue(Buffer.from(block), name)).toBe(expected);
  });

  test('meminfo; a field that is missing is null', () => {
    expect(parseMeminfo('MemTotal:       2048 kB\nMemFree:  1 kB\nSwapTotal: 0 kB\n')).toEqual({
      totalBytes: 2048 * 1024,
      freeBytes: 1024,
      availableBytes: null,
      swapTotalBytes: 0,
      swapFreeBytes: null,
    });
    expect(() => parseMeminfo('')).toThrow('/proc/meminfo has no MemTotal line');
    expect(readMeminfo().totalBytes).toBeGreaterThan(1e7);
  });
});

describe('this process', () => {
  test('page size, boot and pid namespace are known', () => {
    expect(readPageBytes()).toBeGreaterThanOrEqual(4096);
    expect(readBootIdentity()).toEqual({
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pidNamespace: expect.stringMatching(/^\d+$/),
    });
  });

  test('a kept file answers null once its process is gone, and only the same process is signalled', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const gone = new Promise((settle) => child.once('exit', settle));
    const stat = readStat(pid);
    const startTime = stat?.startTime ?? 0;
    const file = new ProcFile(`/proc/${pid}/stat`);
    const buffer = Buffer.alloc(4096);
    expect(file.read(buffer)).toBeGreaterThan(0);
    expect(isAlive({ pid, startTime })).toBe(true);
    expect(signalProcess({ pid, startTime: startTime + 1 }, 'SIGKILL')).toBe(false);
    expect(isAlive({ pid, startTime })).toBe(true);
    expect(signalProcess({ pid, startTime }, 'SIGKILL')).toBe(true);
    await gone;
    expect(file.read(buffer)).toBeNull();
    file.close();
    file.close();
    expect(readStat(pid)).toBeNull();
    expect(openProcFile(`/proc/${pid}/stat`)).toBeNull();
    expect(signalProcess({ pid, startTime }, 'SIGKILL')).toBe(false);
  });
});
