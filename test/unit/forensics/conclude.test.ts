import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conclude } from '../../../src/forensics/conclusion/conclude.ts';
import type { Conclusion, DiagnosisEvidence } from '../../../src/forensics/types.ts';
import type { AdvisoryMatch } from '../../../src/forensics/types.ts';
import { MIB, advisory, climb, flat, madeUp, managed, saw, warmUp } from './made-up.ts';
import type { Story } from './made-up.ts';

const of = (story: Story): Conclusion => conclude(madeUp(story));
const leak = climb(25 * MIB);
const NEWRELIC = { faults: 5000, share: 0.9 };
const PHP = { object: 'php8.2', path: '/usr/bin/php8.2', extension: null, faults: 6000, share: 0.95 };
const known = { advisory: advisory(), version: '9.1.0' };
const helper = { pid: 77, name: 'datadog-ipc-hel', command: 'datadog-ipc-helper', fromBytes: 0, toBytes: 25 * MIB };
const having = (changes: Partial<DiagnosisEvidence>) => (evidence: DiagnosisEvidence) =>
  void Object.assign(evidence, changes);

describe('what it is', () => {
  test.each<[string, Story, Conclusion['kind'], string | null]>([
    ['nothing grows', {}, 'none', null],
    ['nothing grows, and it is busy', { cpu: { user: 60, system: 4 } }, 'none', null],
    ['PHP code keeps what it gets', { zend: leak }, 'zend', null],
    ['an extension leaks, perf saw it', { native: leak, faults: [NEWRELIC] }, 'native', 'newrelic'],
    ['an extension leaks, perf is not there', { native: leak }, 'native', null],
    [
      'a version that is known to leak is loaded',
      { native: leak, change: having({ advisories: [known] }) },
      'native',
      'newrelic',
    ],
    [
      'a library that an extension calls',
      {
        native: leak,
        faults: [{ object: 'libcurl.so.4', path: '/usr/lib/libcurl.so.4', extension: '/usr/lib/php/20220829/curl.so' }],
      },
      'native',
      'curl',
    ],
    [
      'a library that nobody of ours calls',
      { native: leak, faults: [{ object: 'libx.so.1', path: '/usr/lib/libx.so.1', extension: null }] },
      'native',
      'libx.so.1',
    ],
    [
      'PHP itself touches most pages, an extension enough of them',
      { native: leak, faults: [PHP, { faults: 4000, share: 0.4 }] },
      'native',
      'newrelic',
    ],
    [
      'an extension touches a few pages only',
      { native: leak, faults: [PHP, { faults: 40, share: 0.01 }] },
      'native',
      null,
    ],
    ['a helper leaks', { helper: leak, change: having({ helpers: [helper] }) }, 'helper', 'datadog-ipc-hel'],
    [
      'a helper leaks more than the worker',
      { helper: leak, native: climb(4 * MIB), change: having({ helpers: [helper] }) },
      'helper',
      'datadog-ipc-hel',
    ],
    ['reference cycles, collected again and again', { zend: saw(20 * MIB, 4.4) }, 'growth-normal', null],
    ['batches of native memory', { native: saw(30 * MIB, 3.2) }, 'growth-normal', null],
    ['a saw that ends on its way up', { zend: saw(20 * MIB, 4.9) }, 'growth-normal', null],
    ['a leak below a saw', { zend: (share) => saw(8 * MIB, 30)(share) + 60 * MIB * share }, 'zend', null],
    [
      'the worker leaks more than its helper',
      { helper: climb(4 * MIB), native: leak, change: having({ helpers: [helper] }) },
      'native',
      null,
    ],
    [
      'an advisory about a helper says nothing of the worker',
      { native: leak, change: having({ advisories: [{ ...known, advisory: advisory({ helper: 'x' }) }] }) },
      'native',
      null,
    ],
    ['it maps more and more shared memory', { shared: climb(80 * MIB), mapped: 80 * MIB }, 'shared', null],
    [
      'shared memory, more than it leaks for itself; perf saw it',
      { shared: climb(80 * MIB), mapped: 80 * MIB, native: climb(4 * MIB), faults: [NEWRELIC] },
      'shared',
      'newrelic',
    ],
    ['it leaks more than it shares', { shared: climb(8 * MIB), mapped: 8 * MIB, native: leak }, 'native', null],
    ['opcache fills what it has mapped', { shared: climb(20 * MIB) }, 'growth-normal', null],
    [
      'shared memory goes up and down, and ends on its way up',
      { shared: saw(30 * MIB, 4.9), mapped: 30 * MIB },
      'none',
      null,
    ],
    ['shared memory slower and slower', { shared: warmUp(80 * MIB), mapped: 80 * MIB }, 'none', null],
    ['shared memory comes and goes', { shared: saw(30 * MIB, 4.4), mapped: 30 * MIB }, 'none', null],
    ['caches fill', { zend: warmUp(30 * MIB) }, 'growth-normal', null],
    ['it grows, and its heap cannot be read', { zend: null, native: leak }, 'unknown', null],
    [
      'its heap cannot be read, and malloc takes it from the data segment',
      {
        zend: null,
        native: leak,
        change: ({ memory }) => void (memory.after !== null && (memory.after.brk += 25 * MIB)),
      },
      'native',
      null,
    ],
    ['it is no PHP', { native: leak, change: ({ process }) => void (process.isPhp = false) }, 'unknown', null],
    ['it ended at once', { change: having({ survived: false, seconds: 3 }) }, 'unknown', null],
    ['it ended before it was read', { change: having({ survived: false, timeline: [] }) }, 'unknown', null],
    [
      'it ended later, and was seen leaking',
      { native: leak, change: having({ survived: false, askedSeconds: 120 }) },
      'native',
      null,
    ],
    ['a handful of readings', { change: (evidence) => void (evidence.timeline.length = 5) }, 'unknown', null],
    [
      'it leaks too slowly for the window',
      { change: having({ managed: managed({ trend: 'leaking', growthBytesPerMinute: MIB }) }) },
      'unknown',
      null,
    ],
  ])('%s: %s', (_, story, kind, module) => {
    expect(of(story)).toMatchObject({ kind, module });
  });
});

describe('how sure', () => {
  const sure = (story: Story): number => of(story).confidence;
  const clear: Story = { native: leak, faults: [NEWRELIC] };

  test('a clear case is nearly certain, and more evidence for it makes it surer', () => {
    expect(sure(clear)).toBeGreaterThanOrEqual(0.9);
    expect(sure({ native: leak })).toBeLessThan(sure(clear));
    expect(sure({ native: leak, change: having({ managed: managed({ trend: 'leaking' }) }) })).toBeGreaterThan(
      sure({ native: leak }),
    );
  });

  test.each<[string, Story]>([
    ['PHP itself touches the pages', { native: leak, faults: [PHP] }],
    ['it is ten seconds old', { ...clear, change: ({ process }) => void (process.ageSeconds = 10) }],
    ['it has been larger before', { ...clear, change: ({ memory }) => void (memory.peakRssBytes = 500 * MIB) }],
    ['the controller calls it flat', { ...clear, change: having({ managed: managed({ trend: 'flat' }) }) }],
    ['the controller has seen a saw', { ...clear, change: having({ managed: managed({ trend: 'sawtooth' }) }) }],
    ['it grew in one jump', { ...clear, native: (share) => (share > 0.5 ? 25 * MIB : 0) }],
    ['it grew in PHP as well', { ...clear, zend: climb(20 * MIB) }],
    ['it grew hardly', { ...clear, native: climb(1.3 * MIB) }],
  ])('doubt: %s', (_, story) => {
    const found = of(story);
    expect(found.confidence).toBeLessThan(sure(clear));
    expect(found.because.some(({ weight }) => weight < 0)).toBe(true);
  });

  test('evidence that contradicts itself leaves it undecided', () => {
    const contradicted = of({
      zend: climb(3 * MIB),
      faults: [{ object: 'newrelic.so', share: 0.9 }],
      change: (evidence) => {
        evidence.managed = managed({ trend: 'sawtooth' });
        evidence.memory.peakRssBytes = 300 * MIB;
      },
    });
    expect(contradicted.kind).toBe('zend');
    expect(contradicted.confidence).toBeLessThan(0.5);
  });

  test('an extension that touches what PHP keeps makes objects there; where it grows in both places it speaks against PHP code', () => {
    const zlib = [{ object: 'libz.so.1', path: '/usr/lib/libz.so.1', extension: null, share: 0.9 }];
    const reasons = (story: Story): string =>
      of({ ...story, faults: zlib })
        .because.map(({ text, weight }) => `${weight > 0 ? '+' : '-'} ${text}`)
        .join('\n');
    expect(reasons({ zend: leak })).toContain(
      '+ perf: libz.so.1 touched 90 % of the new pages: what PHP keeps are objects',
    );
    expect(reasons({ zend: leak, native: climb(15 * MIB) })).toMatch(
      /^- perf: libz\.so\.1 .* speaks against PHP code$/m,
    );
  });

  test('a short window is less sure of PHP code than a long one: it may be the garbage collector', () => {
    expect(sure({ zend: leak, seconds: 10 })).toBeLessThan(sure({ zend: leak, seconds: 120 }));
  });

  test('the controller that has watched for longer settles that nothing leaks', () => {
    const settled = of({ change: having({ managed: managed({ trend: 'flat' }) }) });
    expect(settled).toMatchObject({ kind: 'none' });
    expect(settled.confidence).toBeGreaterThan(sure({}));
  });
});

describe('what is said and advised', () => {
  test('a native leak: the numbers, the ceiling that is near, the line of workers.yaml, the advisory', () => {
    const found = of({
      native: leak,
      messages: 500,
      faults: [NEWRELIC],
      change: having({ managed: managed(), advisories: [known] }),
    });
    expect(found.text).toMatch(
      /^shop:0 \(pid 5481\) leaks native memory: it grew 2\d MiB in 60 s, 2\d MiB a minute, 5\d\.\d KiB for each message \(at that rate it reaches its ceiling of 256 MiB in \d+ min\), outside PHP's own heap; the extension newrelic is the one that takes it\.$/,
    );
    expect(found.remedy[0]).toContain('programs: { shop: { php: { disableExtensions: [newrelic] } } }');
    expect(found.remedy[1]).toContain('newrelic 9.1.0: upgrade to 9.7 (newrelic-segments, https://example.org/1)');
    expect(found.because.map(({ text }) => text).join()).toContain('this version of newrelic is known to leak');
  });

  test('an advisory that its source does not confirm is told, counts for nothing, and comes last', () => {
    const unsure = { advisory: advisory({ id: 'newrelic-said', checked: 'no' }), version: '9.1.0' };
    const story = (advisories: AdvisoryMatch[]): ReturnType<typeof of> =>
      of({ native: leak, faults: [NEWRELIC], change: having({ advisories }) });
    const [none, said, both] = [story([]), story([unsure]), story([unsure, known])];
    expect(said.because).toContainEqual({
      weight: 0,
      text: 'this version of newrelic is said to leak: segments are kept',
    });
    expect(said.confidence).toBe(none.confidence);
    expect(said.remedy.join()).toContain('(newrelic-said, https://example.org/1, which does not confirm the versions)');
    expect(both.because).toContainEqual({
      weight: 0.1,
      text: 'this version of newrelic is known to leak: segments are kept',
    });
    expect(both.remedy.slice(1, 3).map((step) => /\((newrelic-\w+)/.exec(step)?.[1])).toEqual([
      'newrelic-segments',
      'newrelic-said',
    ]);
  });

  test('an advisory about another extension than the one that perf saw is not held against it', () => {
    const other = { advisory: advisory({ extension: 'ddtrace', id: 'ddtrace-x' }), version: '0.60' };
    const found = of({ native: leak, faults: [NEWRELIC], change: having({ advisories: [other] }) });
    expect(found.module).toBe('newrelic');
    expect(found.remedy.join()).not.toContain('ddtrace');
  });

  test('an advisory about what PHP sees says nothing about a native leak, and the other way round', () => {
    const zend = { advisory: advisory({ zend: 'yes' }), version: '9.1.0' };
    expect(of({ native: leak, change: having({ advisories: [zend] }) }).module).toBeNull();
    expect(of({ zend: leak, change: having({ advisories: [known] }) }).remedy.join()).not.toContain('newrelic');
  });

  test('a helper that is known to leak: the extension that starts it', () => {
    const about = { advisory: advisory({ extension: 'ddtrace', helper: 'datadog-ipc-helper' }), version: '1.20' };
    const found = of({ helper: leak, change: having({ helpers: [helper], advisories: [about] }) });
    expect(found.text).toContain('datadog-ipc-hel (pid 77)');
    expect(found.remedy.join('\n')).toContain('disableExtensions: [ddtrace]');
    expect(found.because.map(({ text }) => text)).toContain('the worker itself is flat');
  });

  test('a busy worker that is flat: high, but normal', () => {
    expect(of({ cpu: { user: 36, system: 2 } }).text).toMatch(
      /Nothing leaks.* It uses 38 % of a processor, 36 in its own code and 2 in the kernel: high, but normal/,
    );
  });

  test('one that is busy in the kernel is not called normal', () => {
    expect(of({ cpu: { user: 5, system: 60 } }).text).toMatch(/that much of the kernel is unusual/);
  });

  test('without perf the advice is to get it, or to bisect', () => {
    const { remedy } = of({ native: leak, change: having({ managed: managed() }) });
    expect(remedy.join('\n')).toMatch(/ackwarden bisect shop[\s\S]*perf is not installed/);
  });

  test('too slow for the window: how long it would take', () => {
    const { remedy } = of({
      change: having({ managed: managed({ trend: 'leaking', growthBytesPerMinute: 2 * MIB }) }),
    });
    expect(remedy).toEqual(['ackwarden diagnose shop:0 --seconds 120']);
  });

  test('a worker without a ceiling is given one', () => {
    const change = having({ managed: managed({ softBytes: null, hardBytes: null }) });
    expect(of({ native: leak, change }).remedy.join('\n')).toMatch(/memory: \{ soft: \d+MiB, hard: \d+MiB \}/);
  });
});

test('whatever the courses, there is one conclusion, with a confidence between 0 and 1 and a sentence', () => {
  const course = fc.oneof(
    fc.constant(flat),
    fc.integer({ min: 0, max: 200 }).map((mib) => climb(mib * MIB)),
    fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 }))
      .map(([mib, teeth]) => saw(mib * MIB, teeth)),
    fc.integer({ min: 1, max: 100 }).map((mib) => warmUp(mib * MIB)),
  );
  const story = fc.record({
    seconds: fc.integer({ min: 1, max: 600 }),
    zend: fc.option(course),
    native: course,
    helper: course,
    messages: fc.option(fc.integer({ min: 0, max: 10_000 })),
  });
  fc.assert(
    fc.property(story, (told) => {
      const { confidence, text, remedy } = of(told);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
      expect(text).toMatch(/^[A-Z\w].*\.$/);
      expect(`${text}${remedy.join()}`).not.toMatch(/NaN|Infinity|undefined|null/);
    }),
    { numRuns: 300 },
  );
});
