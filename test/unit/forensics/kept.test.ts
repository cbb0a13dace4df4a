/** What a process opens and does not close, told from pools that fill and from work that opens and closes. */
import { describe, expect, test } from 'vitest';
import { conclude } from '../../../src/forensics/conclusion/conclude.ts';
import type { Conclusion, DiagnosisEvidence } from '../../../src/forensics/types.ts';
import { MIB, climb, madeUp, managed, saw, warmUp } from './made-up.ts';
import type { Story } from './made-up.ts';

const of = (story: Story): Conclusion => conclude(madeUp(story));
const SERVICE = 'connection to 127.0.0.1:8802';
const opened = climb(90);
const TCP = [{ what: SERVICE, count: 90 }];
/** What curl handles look like: with each connection a pair of sockets by which libcurl wakes itself up. */
const HANDLES = [
  { what: SERVICE, count: 30 },
  { what: 'unix socket', count: 60 },
];
const curlLoaded = ({ extensions }: DiagnosisEvidence): void =>
  void extensions.push({ name: 'curl', file: '/e/curl.so', version: '8.2.30', why: null });
const CURL = {
  object: 'libcrypto.so.3',
  path: '/usr/lib/libcrypto.so.3',
  extension: '/usr/lib/php/20220829/curl.so',
  share: 0.8,
};

describe('kept, and named', () => {
  test.each<[string, Story, Partial<Conclusion>, RegExp]>([
    [
      'curl handles, as perf saw them',
      { native: climb(9 * MIB), descriptors: opened, more: HANDLES, faults: [CURL] },
      { kind: 'native', module: 'curl' },
      /It opens curl handles and does not close them: 90 descriptors more in 60 s \(30 connections to 127\.0\.0\.1:8802, 60 unix sockets\), \d+\.\d KiB of memory with each handle; at that rate it has all 1024 that it may have in \d+ min\.$/,
    ],
    [
      'curl handles, by what they look like',
      { native: climb(9 * MIB), descriptors: opened, more: HANDLES, change: curlLoaded },
      { kind: 'native', module: 'curl' },
      /what it opens looks like that of the extension curl/,
    ],
    [
      'curl handles whose answers are the larger part',
      { zend: climb(6 * MIB), native: climb(4 * MIB), descriptors: opened, more: HANDLES, change: curlLoaded },
      { kind: 'native', module: 'curl' },
      /, \d\d % of it outside PHP's own heap/,
    ],
    [
      'the same, and curl is not loaded',
      { native: climb(9 * MIB), descriptors: opened, more: HANDLES },
      { kind: 'native', module: null },
      /It opens connections and does not close them/,
    ],
    [
      'streams, which lie in the heap of PHP',
      { zend: climb(3 * MIB), descriptors: opened, more: TCP, change: curlLoaded },
      { kind: 'zend', module: null },
      /leaks in PHP code: .* It opens connections and does not close them: 90 descriptors more in 60 s \(90 connections/,
    ],
    [
      'TLS streams',
      {
        native: climb(9 * MIB),
        descriptors: opened,
        more: TCP,
        faults: [{ object: 'libcrypto.so.3', path: '/usr/lib/libcrypto.so.3', extension: null }],
      },
      { kind: 'native', module: 'libcrypto.so.3' },
      /It opens TLS connections and does not close them/,
    ],
    [
      'files',
      { zend: climb(3 * MIB), descriptors: opened, more: [{ kind: 'file', what: 'files in /tmp', count: 90 }] },
      { kind: 'zend' },
      /It opens files and does not close them/,
    ],
    [
      'pipes of processes',
      { descriptors: opened, more: [{ kind: 'pipe', what: 'pipe', count: 90 }] },
      { kind: 'descriptors', module: null },
      /opens pipes and does not close them: 90 descriptors more in 60 s \(90 pipes\); at that rate/,
    ],
    [
      'curl handles over TLS before libcurl 7.87, each of which has read the CA file',
      { native: climb(34 * MIB), descriptors: opened, more: HANDLES, change: curlLoaded },
      { kind: 'native', module: 'curl' },
      /It opens curl handles and does not close them: .*, 1\.\d MiB of memory with each handle/,
    ],
    [
      'connections, while the memory hardly grows',
      { descriptors: opened, more: TCP },
      { kind: 'descriptors' },
      /^pid 5481 \(php8\.2\) opens connections and does not close them/,
    ],
    [
      'connections, below the teeth of the garbage collector',
      { zend: saw(20 * MIB, 4.4), descriptors: opened, more: TCP },
      { kind: 'descriptors' },
      /90 connections/,
    ],
    [
      'something, where it may only be counted',
      { zend: null, native: climb(9 * MIB), descriptors: opened },
      { kind: 'descriptors' },
      /opens descriptors and does not close them: \d\d descriptors more in 60 s, \d+\.\d KiB of memory with each/,
    ],
  ])('%s', (_, story, expected, text) => {
    const found = of(story);
    expect(found).toMatchObject(expected);
    expect(found.text).toMatch(text);
    expect(found.because.map((reason) => reason.text).join()).toContain('does not close them');
  });

  test('memory that they do not account for is a leak of its own, and both are told', () => {
    const found = of({ zend: climb(400 * MIB), descriptors: opened, more: TCP });
    expect(found).toMatchObject({ kind: 'zend', module: null });
    expect(found.text).toMatch(/in PHP's own heap.* Besides, it opens connections and does not close them/);
    expect(found.remedy.join()).toContain('static properties');
  });

  test('memory that grows where it may not be read is told apart from memory that does not matter', () => {
    const reasons = (story: Story): string =>
      of(story)
        .because.map(({ text }) => text)
        .join();
    const unseen = reasons({ zend: null, native: climb(9 * MIB), descriptors: opened });
    expect(unseen).toMatch(/its memory grew by 8\.\d MiB in 60 s; where cannot be told: it may not be read/);
    expect(reasons({ descriptors: opened, more: TCP })).toContain('which says nothing about them');
  });

  test('what PHP does not free of itself is told', () => {
    const ffi = {
      object: 'libffi.so.8',
      path: '/usr/lib/libffi.so.8',
      extension: '/usr/lib/php/20220829/ffi.so',
      share: 1,
    };
    const change = ({ extensions }: DiagnosisEvidence): void =>
      void extensions.push({ name: 'ffi', file: '/e/ffi.so', version: '8.2.30', why: null });
    expect(of({ native: climb(25 * MIB), faults: [ffi], change }).remedy[0]).toMatch(
      /^free what the code gets from malloc/,
    );
  });

  test('many are no pool', () => {
    const many = of({ descriptors: opened, more: TCP });
    expect(many.confidence).toBeGreaterThan(
      of({ descriptors: climb(30), more: [{ what: SERVICE, count: 30 }] }).confidence,
    );
    expect(many.confidence).toBeGreaterThanOrEqual(0.8);
  });

  test('what the other side has closed is more evidence', () => {
    const half = of({ descriptors: opened, more: [{ what: SERVICE, count: 90, halfClosed: 40 }] });
    expect(half.confidence).toBeGreaterThan(of({ descriptors: opened, more: TCP }).confidence);
    expect(half.because.map(({ text }) => text).join()).toContain('40 of them were closed by the other side');
  });
});

describe('not accused', () => {
  test.each<[string, Story]>([
    ['a number that stands still', {}],
    ['a few more', { descriptors: climb(8) }],
    ['a pool that fills', { descriptors: warmUp(60) }],
    ['a pool that is opened at once', { descriptors: (share) => (share < 0.5 ? 0 : 40) }],
    ['work that opens and closes', { descriptors: saw(80, 5.5) }],
    ['a tenth of what it has', { descriptors: (share) => 2000 + 100 * share }],
    ['they may not be counted', { descriptors: null }],
  ])('%s', (_, story) => {
    expect(of(story)).toMatchObject({ kind: 'none' });
    const leak = of({ ...story, native: climb(25 * MIB) });
    expect(leak).toMatchObject({ kind: 'native' });
    expect(`${leak.text}${leak.remedy.join()}`).not.toMatch(/descriptor|handle/);
  });
});

describe('what to do', () => {
  test('let go of the handle; not: do without curl', () => {
    const { remedy } = of({ native: climb(9 * MIB), descriptors: opened, more: HANDLES, faults: [CURL] });
    expect(remedy[0]).toMatch(/^unset\(\) each curl handle/);
    expect(remedy.join()).not.toMatch(/disableExtensions|bisect/);
  });

  test.each<[string, Story, string]>([
    ['half of the time that is left', {}, 'lifetime: { age: 5m }'],
    ['half of the messages', { messages: 600 }, 'lifetime: { messages: 3000 }'],
    ['hours', { seconds: 3600 }, 'lifetime: { age: 5h }'],
    [
      'no limit is known',
      { change: ({ descriptors }) => void (descriptors.limit = null) },
      'lifetime: { messages: 10000 }',
    ],
  ])('a lifetime that ends before the descriptors do: %s', (_, story, line) => {
    const change = (evidence: DiagnosisEvidence): void => {
      evidence.managed = managed();
      story.change?.(evidence);
    };
    const { remedy } = of({ ...story, descriptors: opened, more: TCP, change });
    expect(remedy).toContain(`workers.yaml: programs: { shop: { ${line} } }`);
  });

  test.each([
    ['dom', '8.2.30', /^look for what the code keeps of dom/],
    ['dom', null, /^look for what the code keeps of dom/],
    ['newrelic', null, /disableExtensions: \[newrelic\]/],
    ['dom', '11.3', /disableExtensions: \[dom\]/],
  ])('of what comes with PHP look at your own code first: %s, version %s', (name, version, first) => {
    const xml = { object: 'libxml2.so.2', path: '/l/libxml2.so.2', extension: `/usr/lib/php/20220829/${name}.so` };
    const change = ({ extensions }: DiagnosisEvidence): void =>
      void extensions.push({ name, file: `/e/${name}.so`, version, why: null });
    const { remedy } = of({ native: climb(25 * MIB), faults: [xml], change });
    expect(remedy[0]).toMatch(first);
    expect(remedy.join('\n')).toContain(`disableExtensions: [${name}]`);
  });
});
