/** Shared memory, what does not grow now, and where to look next; ceilings that are recommended. */
import { describe, expect, test } from 'vitest';
import { conclude } from '../../../src/forensics/conclusion/conclude.ts';
import type { Conclusion, DiagnosisEvidence } from '../../../src/forensics/types.ts';
import { MIB, climb, madeUp, managed } from './made-up.ts';
import type { Story } from './made-up.ts';

const of = (story: Story): Conclusion => conclude(madeUp(story));
const leak = climb(25 * MIB);

describe('shared memory', () => {
  const grown = (what: string): Story => ({
    shared: climb(80 * MIB),
    mapped: 80 * MIB,
    change: ({ memory }) => void memory.grown.push({ kind: 'shared', what, fromBytes: 0, toBytes: 80 * MIB }),
  });

  test('is told where it is, and what a recycle does for it', () => {
    const { text, remedy, confidence } = of(grown('System V shared memory'));
    expect(text).toMatch(
      /^pid 5481 \(php8\.2\) leaks shared memory: it grew \d\d MiB in 60 s, \d\d MiB a minute, in System V shared memory\. memory_get_usage\(\) does not see it, and the kernel cannot drop it, only swap it\.$/,
    );
    expect(confidence).toBeGreaterThanOrEqual(0.8);
    expect(remedy[0]).toContain('shmop_delete()');
    expect(remedy[1]).toContain('a recycle gives back what nobody else has mapped');
    expect(remedy[2]).toMatch(/memory: \{ soft: /);
    expect(of(grown('/dev/shm/cache')).remedy[0]).toContain('remove its file');
  });

  test('that does not grow steadily is mentioned', () => {
    const { text } = of({ shared: (share) => 80 * MIB * (1 - Math.exp(-share * 6)), mapped: 80 * MIB });
    expect(text).toMatch(/its memory did not grow in 60 s \(\d\d MiB of shared memory came in, but not steadily\)\.$/);
  });

  test('is doubted where the mappings may not be read', () => {
    const story = grown('x');
    const change = (evidence: DiagnosisEvidence): void => {
      Object.assign(evidence.memory, { mappedShared: null, before: null, after: null, why: 'permission denied' });
    };
    expect(of({ ...story, change })).toMatchObject({ kind: 'shared' });
    expect(of({ ...story, change }).confidence).toBeLessThan(of(story).confidence);
  });
});

describe('what does not grow now', () => {
  const idle: Story = { cpu: { user: 0.1, system: 0.1 } };
  const large = (story: Story, zend: number): Story => ({
    ...story,
    change: ({ timeline, memory }) => {
      for (const tick of timeline) tick.anonBytes = 3400 * MIB;
      if (memory.after !== null) Object.assign(memory.after, { zend, brk: 3400 * MIB - zend, anonymous: 0 });
    },
  });

  test.each<[string, Story, boolean]>([
    ['it waits for messages', idle, true],
    ['it works', { cpu: { user: 4, system: 1 } }, false],
    ['no message was acknowledged', { cpu: { user: 4, system: 1 }, messages: 0 }, true],
    ['one long message', { cpu: { user: 90, system: 1 }, messages: 0 }, false],
    ['a few messages', { cpu: { user: 0, system: 0 }, messages: 5 }, false],
  ])('may have had nothing to do: %s', (_, story, isIdle) => {
    const { text, confidence, kind } = of(story);
    expect(kind).toBe('none');
    expect(text.startsWith(isIdle ? 'Nothing grows in pid' : 'Nothing leaks in pid')).toBe(true);
    expect(/hardly worked/.test(text)).toBe(isIdle);
    expect(confidence < 0.75).toBe(isIdle);
  });

  test.each([
    ["in PHP's own heap", 3000 * MIB, /But it holds 3400 MiB, 3000 MiB of it in PHP's own heap, since before/],
    ["outside PHP's own heap", 20 * MIB, /But it holds 3400 MiB, 3380 MiB of it outside PHP's own heap, since before/],
  ])('may be large all the same: %s', (_, zend, expected) => {
    const { text, remedy } = of(large({}, zend));
    expect(text).toMatch(expected);
    expect(remedy[0]).toMatch(/^start it again to get that back, .*ackwarden diagnose --pid PID --seconds 600$/);
  });

  test('is no news to a controller that has seen it flat for longer', () => {
    const story = large({}, 20 * MIB);
    const change = (evidence: DiagnosisEvidence): void => {
      story.change?.(evidence);
      evidence.managed = managed({ trend: 'flat' });
    };
    expect(of({ change })).toMatchObject({ kind: 'none', remedy: [] });
    expect(of({ change }).text).not.toContain('holds');
  });
});

describe('the ceilings that it recommends', () => {
  const last = (story: Story): string => of(story).remedy.at(-1) ?? '';

  test('are lines that can be pasted, with how the process was started', () => {
    expect(last({ native: leak })).toBe(
      'let ackwarden run it: then it is recycled in time, without losing a message; workers.yaml: programs: { PROGRAM: { command: ["php","artisan","task:event"], directory: "/srv/shop", user: "www-data", memory: { soft: 192MiB, hard: 384MiB } } }',
    );
  });

  test('are a lifetime where descriptors are what runs out', () => {
    const { remedy } = of({ descriptors: climb(90), more: [{ what: 'connection to 127.0.0.1:80', count: 90 }] });
    expect(remedy).toHaveLength(2);
    expect(remedy[1]).toMatch(
      /^workers\.yaml: programs: \{ PROGRAM: \{ command: \["php",.*"www-data", lifetime: \{ age: 5m \} \} \}$/,
    );
  });

  test('show no secret', () => {
    const change = ({ process }: DiagnosisEvidence): void => void (process.command = ['php', '--token=***']);
    expect(last({ native: leak, change })).toContain('{ PROGRAM: { command: AS_IT_IS_NOW, directory');
  });

  test('do not follow a leak as far as it has come', () => {
    const change = ({ timeline }: DiagnosisEvidence): void => {
      for (const tick of timeline) tick.rssBytes = 3400 * MIB;
    };
    expect(last({ native: leak, change })).toMatch(/soft: 512MiB, hard: 1024MiB .*, or twice what a fresh one holds/);
  });
});

describe('the process to look at next', () => {
  const child = { pid: 77, name: 'php', command: 'php artisan queue:work', fromBytes: 0, toBytes: 25 * MIB };

  test('is the PHP that a shell has started', () => {
    const change = (evidence: DiagnosisEvidence): void => {
      evidence.process.isPhp = false;
      evidence.helpers = [{ ...child, pid: 76, name: 'sh' }, child];
    };
    expect(of({ change }).remedy).toEqual([
      'look at the PHP that it has started (php artisan queue:work): ackwarden diagnose --pid 77',
    ]);
  });

  test('is the helper that leaks, where it is PHP', () => {
    const remedyOf = (name: string): string =>
      of({ helper: leak, change: ({ helpers }) => void helpers.push({ ...child, name }) }).remedy.join('\n');
    expect(remedyOf('php')).toContain('ackwarden diagnose --pid 77 tells what in it leaks');
    expect(remedyOf('chrome')).not.toContain('diagnose --pid');
  });
});
