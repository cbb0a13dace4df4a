import { describe, expect, test } from 'vitest';
import { report } from '../../../src/cli/diagnose/report.ts';
import { displayWidth } from '../../../src/cli/width.ts';
import { conclude } from '../../../src/forensics/conclusion/conclude.ts';
import { growthOf } from '../../../src/forensics/figures.ts';
import { timelineSvg } from '../../../src/forensics/svg.ts';
import type { Diagnosis } from '../../../src/forensics/types.ts';
import { MIB, advisory, climb, madeUp, managed } from '../forensics/made-up.ts';
import type { Story } from '../forensics/made-up.ts';
import { PLAIN } from './samples.ts';

const diagnosisOf = (story: Story): Diagnosis => {
  const evidence = madeUp(story);
  return { ...evidence, growth: growthOf(evidence.timeline), conclusion: conclude(evidence) };
};
const LEAK: Story = {
  native: climb(25 * MIB),
  messages: 500,
  faults: [{}],
  change: (evidence) => {
    evidence.managed = managed({ trend: 'leaking', growthBytesPerMinute: 25 * MIB });
    evidence.advisories = [{ advisory: advisory(), version: '9.1.0' }];
    evidence.extensions = [
      { name: 'newrelic', file: '/e/newrelic.so', version: '9.1.0', why: null },
      { name: 'curl', file: '/e/curl.so', version: '8.2.30', why: null },
      { name: 'own', file: '/e/own.so', version: null, why: 'x' },
    ];
    evidence.descriptors.more = [
      { kind: 'socket', what: 'connection to 127.0.0.1:80', count: 2, halfClosed: 1 },
      { kind: 'pipe', what: 'pipe', count: 1, halfClosed: 0 },
    ];
    evidence.helpers = [{ pid: 9, name: 'sh', command: 'sh -c x', fromBytes: MIB, toBytes: MIB }];
    evidence.notes = ['something could not be read'];
    evidence.process.command = ['php', 'artisan', 'task:event\u001b]0;owned\u0007'];
  },
};
const linesOf = (story: Story, terminal = PLAIN): string[] => report(diagnosisOf(story), terminal);

describe('the report for people', () => {
  const text = linesOf(LEAK).join('\n');

  test.each([
    ['who it is', /^shop:0, pid 5481 {2}php artisan task:event\n/],
    ['what its controller knows', /controller {2}trend leaking, \+25M\/m lately, .*soft ceiling 256 MiB/],
    ['memory as a table', /\n +resident +60 MiB +85 MiB +\+25 MiB +\+25M\/m\n/],
    ['who touches new memory', /new pages {3}touched by 90% newrelic\.so/],
    [
      'extensions that have versions of their own',
      /extensions {2}newrelic 9\.1\.0, own \(version unknown\), 1 of PHP's own/,
    ],
    ['known leaks', /known: newrelic >=9\.0 <9\.7: segments are kept/],
    ['helpers', /helpers {5}pid 9: sh -c x, 1 MiB to 1 MiB/],
    [
      'descriptors, by kind, and what there is more of',
      /descriptors 12 open of at most 1024: 3 sockets, 6 files, 3 pipes\n +\+2 connections to 127\.0\.0\.1:80 \(1 closed by the other side\), \+1 pipe\n/,
    ],
    ['what could not be read', /notes {7}something could not be read\./],
    [
      'the conclusion, with what speaks for it',
      /\nA native leak: newrelic {2}9\d% sure\nshop:0 [\s\S]*\n {2}\+ it grew steadily/,
    ],
    ['what to do, at the very end', /\nto do\n {2}1 workers\.yaml: .*disableExtensions: \[newrelic\][\s\S]*$/],
  ])('has %s', (_, expected) => {
    expect(text).toMatch(expected);
  });

  test('says which known leak its source does not confirm', () => {
    const advisories = [{ advisory: advisory({ checked: 'no' }), version: '9.1.0' }];
    const told = linesOf({ ...LEAK, change: (evidence) => Object.assign(evidence, { advisories }) }).join(' ');
    expect(told.replaceAll(/\s+/g, ' ')).toContain(
      'reported: newrelic >=9.0 <9.7: segments are kept (https://example.org/1, which does not confirm the versions)',
    );
  });

  test('has no colours on a plain terminal, and no control characters of others on any', () => {
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(linesOf(LEAK, { ...PLAIN, colour: true }).join('')).not.toContain('\u001b]0;');
    expect(linesOf(LEAK, { ...PLAIN, colour: true }).join('')).toContain('\u001b[31m');
  });

  test.each([60, 80, 200])('fits %s columns', (columns) => {
    const tooWide = linesOf(LEAK, { ...PLAIN, columns })
      .slice(1)
      .filter((line) => displayWidth(line) > Math.max(columns, 76));
    expect(tooWide).toEqual([]);
  });

  test.each([
    ['works', 60, /\nNothing leaks {2}60% sure\n/],
    ['waits', 0, /\nNothing grows now {2}50% sure\n/],
  ])('a process that %s', (_, user, expected) => {
    expect(linesOf({ seconds: 10, cpu: { user, system: 0 } }).join('\n')).toMatch(expected);
  });

  test('versions that are not known at all are said to be so once', () => {
    const change: Story['change'] = (evidence) => {
      evidence.extensions = ['curl', 'intl'].map((name) => ({ name, file: `/e/${name}.so`, version: null, why: 'x' }));
      evidence.process.phpVersion = null;
    };
    expect(linesOf({ change }).join('\n')).toMatch(/extensions {2}curl, intl; their versions are not known\n/);
  });

  test("what is no PHP has no rows of PHP's own heap", () => {
    const lines = linesOf({ change: ({ process }) => void (process.isPhp = false) }).join('\n');
    expect(lines).toMatch(/\n +malloc/);
    expect(lines).not.toMatch(/own heap|in use by PHP/);
  });

  test('what is unknown is -, never 0', () => {
    const lines = linesOf({
      change: (evidence) => {
        evidence.memory.before = null;
        evidence.cpu.userPercent = null;
        evidence.oom = { score: null, scoreAdj: null, place: null, first: null };
      },
    });
    expect(lines.join('\n')).toMatch(/PHP's own heap +- .*-\n/);
    expect(lines.join('\n')).toMatch(/processor {3}- \(- user/);
    expect(lines.join('\n')).toMatch(/OOM killer {2}score -, oom_score_adj -\n/);
  });
});

describe('the picture', () => {
  test('has memory, processor and messages, each as a line over the window', () => {
    const picture = timelineSvg(diagnosisOf(LEAK));
    expect([...picture.matchAll(/<polyline /g)]).toHaveLength(6);
    for (const title of ['Memory', 'Processor', 'Messages']) expect(picture).toContain(`>${title}</text>`);
    expect(picture).toContain('native: newrelic, ');
    expect(picture).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('has descriptors where their number changes', () => {
    expect(timelineSvg(diagnosisOf({ descriptors: climb(9) }))).not.toContain('Descriptors');
    expect(timelineSvg(diagnosisOf({ descriptors: climb(90) }))).toContain('>Descriptors</text>');
  });

  test('leaves out what is not known, and does not believe names', () => {
    const found = diagnosisOf({ zend: null });
    found.managed = managed({ worker: '<script>alert("x")</script>' });
    const picture = timelineSvg(found);
    expect(picture).not.toContain('Messages');
    expect(picture).not.toContain("PHP's own heap");
    expect(picture).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(picture).not.toContain('<script');
  });

  test('is one, too, where nothing was read', () => {
    const found = diagnosisOf({ change: (evidence) => void (evidence.timeline = []) });
    expect(timelineSvg(found)).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  });
});
