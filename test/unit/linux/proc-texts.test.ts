/** The readers of /proc texts, which make no strings, against the plain way: lines, patterns and splits. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChildren } from '../../../src/linux/proc-children.ts';
import { emptyStat, parseStat } from '../../../src/linux/proc-stat.ts';
import type { ProcStat } from '../../../src/linux/proc-stat.ts';
import { parseStatm } from '../../../src/linux/proc-statm.ts';
import { emptyStatus, parseStatus } from '../../../src/linux/proc-status.ts';
import type { ProcStatus } from '../../../src/linux/proc-status.ts';

const figure = fc.oneof(fc.nat({ max: 999 }), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat());
const name = fc.string({
  unit: fc.constantFrom('a', ')', ' ', '(', '\n', '\\', ':', '\t', '9', 'ü', '\nVmSwap:\t7'),
  maxLength: 15,
});
const share = fc.double({ min: 0, max: 1, noNaN: true });

interface Seen {
  bytes: Buffer;
  text: string;
}

/** Mostly the whole text, else its beginning. */
const seen = (text: fc.Arbitrary<string>): fc.Arbitrary<Seen> =>
  fc
    .record({
      text,
      kept: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: share }),
    })
    .map(({ text: whole, kept }) => {
      const all = Buffer.from(whole);
      const bytes = all.subarray(0, Math.round(kept * all.length));
      return { bytes, text: bytes.toString('latin1') };
    });

/** Some texts, read one after the other into the same buffer: what is left of an older one behind the newer is not part of it. */
const inTurn = (text: fc.Arbitrary<string>, check: (buffer: Buffer, length: number, text: string) => void): void => {
  const texts = fc.array(seen(text), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(texts, (all) => {
      const buffer = Buffer.alloc(4096);
      for (const one of all) check(buffer, one.bytes.copy(buffer), one.text);
    }),
    { numRuns: 300 },
  );
};

const numbersOf = (text: string): number[] => (text.match(/-?\d+/g) ?? []).map(Number);

const plainStat = (text: string): ProcStat | null => {
  const close = text.lastIndexOf(')');
  const [, state] = /^ ([^])/.exec(text.slice(close + 1)) ?? [];
  const numbers = numbersOf(text.slice(close + 3));
  if (close < 0 || state === undefined || numbers.length < 19) return null;
  const at = (field: number): number => numbers[field - 4] ?? Number.NaN;
  return {
    state: state.charCodeAt(0),
    parent: at(4),
    group: at(5),
    session: at(6),
    userTicks: at(14),
    systemTicks: at(15),
    childUserTicks: at(16),
    childSystemTicks: at(17),
    threads: at(20),
    startTime: at(22),
  };
};

const stat = fc
  .record({
    pid: figure,
    comm: name,
    state: fc.constantFrom('R', 'S', 'D', 'Z', 't'),
    fields: fc.array(fc.oneof(figure, fc.constant(-1)), { minLength: 17, maxLength: 49 }),
  })
  .map(({ pid, comm, state, fields }) => `${pid} (${comm}) ${state} ${fields.join(' ')}\n`);

test('stat, whatever the name of the command', () => {
  inTurn(stat, (buffer, length, text) => {
    const into = emptyStat();
    expect(parseStat(buffer, length, into) ? into : null).toEqual(plainStat(text));
  });
});

const plainStatus = (text: string): ProcStatus => {
  const value = (field: string): number | null => {
    const found = new RegExp(`\\n${field}:\\t *(\\d+)`).exec(text)?.[1];
    return found === undefined ? null : Number(found);
  };
  const bytes = (field: string): number | null => {
    const kibibytes = value(field);
    return kibibytes === null ? null : kibibytes * 1024;
  };
  return {
    state: /\nState:\t([^])/.exec(text)?.[1]?.charCodeAt(0) ?? null,
    rssBytes: bytes('VmRSS'),
    anonBytes: bytes('RssAnon'),
    swapBytes: bytes('VmSwap'),
    virtualBytes: bytes('VmSize'),
    threads: value('Threads'),
    voluntarySwitches: value('voluntary_ctxt_switches'),
    involuntarySwitches: value('nonvoluntary_ctxt_switches'),
  };
};

/** As the kernel orders them; a kernel thread has no memory, an old kernel not all of the fields, and what lies between differs. */
const status = fc
  .record({
    comm: name.map((text) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')),
    state: fc.constantFrom('S (sleeping)', 'R (running)', 'D (disk sleep)', 'Z (zombie)'),
    memory: fc.subarray(['VmPeak', 'VmSize', 'VmHWM', 'VmRSS', 'RssAnon', 'RssFile', 'VmData', 'VmSwap']),
    rest: fc.subarray([
      'Threads',
      'SigQ',
      'Seccomp',
      'Mems_allowed',
      'voluntary_ctxt_switches',
      'nonvoluntary_ctxt_switches',
    ]),
    figures: fc.array(figure, { minLength: 14, maxLength: 14 }),
  })
  .map(({ comm, state, memory, rest, figures }) => {
    const kibibytes = memory.map(
      (field, index) => `${field}:\t${String((figures[index] ?? 0) % 2 ** 43).padStart(8)} kB`,
    );
    const counts = rest.map((field, index) => `${field}:\t${figures[memory.length + index]}`);
    return [`Name:\t${comm}`, 'Umask:\t0022', `State:\t${state}`, ...kibibytes, ...counts, ''].join('\n');
  });

test('status, also where the text before had its fields in other places', () => {
  const into = emptyStatus();
  inTurn(status, (buffer, length, text) => {
    parseStatus(buffer, length, into);
    expect(into).toEqual(plainStatus(text));
  });
});

test('status that is shorter than the one before, of which a field still lies where it is expected', () => {
  const into = emptyStatus();
  const buffer = Buffer.alloc(4096);
  for (const text of ['\nState:\tS\nVmPeak:\t 7 kB\nVmSize:\t 5 kB\n', '\nState:\tS\nVmSize:\t 3 kB\n']) {
    parseStatus(buffer, buffer.write(text), into);
    expect(into).toEqual(plainStatus(text));
  }
});

test('statm and children', () => {
  inTurn(
    fc.array(figure).map((numbers) => `${numbers.join(' ')}\n`),
    (buffer, length, text) => {
      const numbers = numbersOf(text);
      const into = { sizePages: 0, residentPages: 0, sharedPages: 0 };
      const [sizePages, residentPages, sharedPages] = numbers;
      expect(parseStatm(buffer, length, into) ? into : null).toEqual(
        sharedPages === undefined ? null : { sizePages, residentPages, sharedPages },
      );
      const children: number[] = [];
      parseChildren(buffer, length, children);
      expect(children).toEqual(numbers);
    },
  );
});
