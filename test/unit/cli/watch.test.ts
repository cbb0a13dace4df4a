import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Status } from '../../../src/api/types.ts';
import { createLiveBlock } from '../../../src/cli/live-block.ts';
import { renderFrame } from '../../../src/cli/watch-frame.ts';
import { stripAllButColours, stripControls } from '../../../src/cli/plain.ts';
import { createWatch } from '../../../src/cli/watch.ts';
import type { Watch } from '../../../src/cli/watch.ts';
import { displayWidth } from '../../../src/cli/width.ts';
import { makeEntry, makeOutcome, makeStatus, makeWorker, MiB } from './samples.ts';

const ESC = '\u001b';
const PLAIN = { colour: false, unicode: true };

function fleet(count: number): Status {
  return makeStatus(
    Array.from({ length: count }, (_, index) =>
      makeWorker({
        name: `shop:${index}`,
        pid: 100 + index,
        rssBytes: (100 + index) * MiB,
        growthBytesPerMinute: 2 * MiB,
      }),
    ),
  );
}

describe('renderFrame', () => {
  test('host, workers with a bar against the ceiling, outputs', () => {
    const outputs = new Map([['shop', '\u001b[32mProcessed\u001b[0m 7\u001b[2J']]);
    const frame = renderFrame({ ...PLAIN, status: fleet(2), outputs }, 100, 20);
    expect(frame).toEqual([
      'ackwarden 0.1.0: 2 of 2 running, memory 3 GiB of 8 GiB free, load 0.42',
      'shop:0 RUNNING  100 ████▊░░░░░░░░░░░░░░░░░░░ 100 / 512 MiB +2M/m 12% 3 rcy',
      'shop:1 RUNNING  101 ████▊░░░░░░░░░░░░░░░░░░░ 101 / 512 MiB +2M/m 12% 3 rcy',
      'shop │ Processed 7',
    ]);
  });

  test('never higher or wider than allowed, whatever comes', () => {
    const line = fc.constantFrom('ok', '処理済み '.repeat(30), '\u001b[2J\u001b]0;x', 'x'.repeat(300));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.array(line, { maxLength: 8 }),
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 0, max: 30 }),
        fc.boolean(),
        (workers, lines, columns, rows, colour) => {
          const outputs = new Map(lines.map((text, index) => [`program-${index}`, text]));
          const frame = renderFrame({ colour, unicode: true, status: fleet(workers), outputs }, columns, rows);
          expect(frame.length).toBeLessThanOrEqual(rows);
          for (const row of frame) expect(displayWidth(row)).toBeLessThanOrEqual(columns);
          for (const row of frame) expect(row).toBe(stripAllButColours(row));
        },
      ),
    );
  });

  test('too many workers: trouble and the fullest stay, the rest is counted', () => {
    const status = fleet(30);
    status.workers[3] = makeWorker({ name: 'shop:3', state: 'FATAL', pid: null });
    status.workers[7] = makeWorker({ name: 'shop:7', rssBytes: 500 * MiB });
    const frame = renderFrame({ ...PLAIN, status, outputs: new Map([['shop', 'x']]) }, 80, 5);
    expect(frame).toHaveLength(5);
    expect(frame[1]).toMatch(/^shop:3 FATAL/);
    expect(frame[2]).toMatch(/^shop:7 RUNNING/);
    expect(frame[3]).toBe('28 more: 28 RUNNING');
    expect(frame[4]).toBe('shop │ x');
  });

  test('no ceiling: no bar, still aligned; ASCII where blocks cannot be shown', () => {
    const status = makeStatus([makeWorker(), makeWorker({ name: 'mail:0', hardBytes: null })]);
    const frame = renderFrame({ colour: false, unicode: false, status, outputs: new Map() }, 80, 10);
    expect(frame[1]).toContain('####----');
    expect(frame[2]).not.toMatch(/[#█]/);
    expect(displayWidth(frame[1] ?? '')).toBe(displayWidth(frame[2] ?? ''));
  });
});

describe('createLiveBlock', () => {
  test('goes up over what it drew, also after the terminal has rewrapped it', () => {
    const block = createLiveBlock();
    expect(block.draw([], ['a'.repeat(70), 'b'], 80)).toBe(`\r${'a'.repeat(70)}${ESC}[K\nb${ESC}[K\n${ESC}[J`);
    expect(block.draw(['above'], ['c'], 80)).toBe(`\r${ESC}[2Aabove${ESC}[K\nc${ESC}[K\n${ESC}[J`);
    block.draw([], ['a'.repeat(70), 'b'], 80);
    expect(block.draw([], [], 40)).toContain(`${ESC}[3A`);
  });
});

describe('createWatch', () => {
  let written: string[] = [];
  let watch: Watch | null = null;

  beforeEach(() => {
    vi.useFakeTimers();
    written = [];
  });
  afterEach(() => {
    watch?.end('');
    watch = null;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const start = (tty: boolean): Watch => {
    watch = createWatch({ columns: 80, rows: 24, tty, ...PLAIN, write: (text) => written.push(text) });
    return watch;
  };

  test('draws at most four times a second, however much comes', () => {
    const view = start(true);
    for (let index = 0; index < 1000; index += 1) {
      view.status(fleet(2));
      view.output('shop', `line ${index}`);
      vi.advanceTimersByTime(1);
    }
    expect(written.length).toBeLessThanOrEqual(4);
    expect(written.length).toBeGreaterThanOrEqual(3);
  });

  test('forwarded lines scroll above the block; a flood is counted', () => {
    const view = start(true);
    view.printed('\u001b[31mred\n');
    view.printed('x\n'.repeat(600));
    vi.advanceTimersByTime(1000);
    const shown = written.join('');
    expect(shown).toContain('red');
    expect(shown).toContain('… 101 more lines of the workers');
  });

  test('sentences scroll above the block; an outcome that comes later is one more line', () => {
    const view = start(true);
    view.status(fleet(1));
    view.journal(makeEntry());
    vi.advanceTimersByTime(250);
    view.journal(makeEntry());
    view.journal(makeEntry({ outcome: makeOutcome('replaced by pid 5533.') }));
    vi.advanceTimersByTime(250);
    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/517 MiB passed[^]*shop:0 RUNNING/);
    expect(written[1]).toMatch(/→ shop:0: replaced by pid 5533\.[^]*shop:0 RUNNING/);
    expect(written[1]).not.toContain('517 MiB passed');
  });

  test('uses no alternate screen and never hides the cursor; end() leaves it below, once', () => {
    const view = start(true);
    view.status(fleet(3));
    view.output('shop', '\u001b[?25l\u001b[?1049h');
    vi.advanceTimersByTime(250);
    view.end('Everything is stopped.');
    view.end('twice');
    view.status(fleet(1));
    view.journal(makeEntry({ id: 'later' }));
    vi.advanceTimersByTime(10_000);
    expect(written.join('')).not.toContain(`${ESC}[?`);
    expect(written.at(-1)).toBe('Everything is stopped.\n');
  });

  test('what we say ourselves scrolls above the block', () => {
    const view = start(true);
    view.status(fleet(1));
    view.say('ackwarden: draining\u001b[2J everything');
    vi.advanceTimersByTime(250);
    expect(stripControls(written[0] ?? '')).toMatch(/^ackwarden: draining everything.*shop:0 RUNNING/);
  });

  test('a resize changes the next frame', () => {
    const view = start(true);
    view.status(fleet(1));
    view.resize(40, 24);
    vi.advanceTimersByTime(250);
    for (const line of (written[0] ?? '').split('\n')) expect(displayWidth(stripControls(line))).toBeLessThan(40);
  });

  test('not a terminal: entries as lines, a block every five seconds, no control sequence', () => {
    const view = start(false);
    view.status(fleet(2));
    view.output('shop', 'done \u001b[2J7');
    view.journal(makeEntry());
    view.journal(makeEntry({ outcome: makeOutcome('replaced by pid 5533.') }));
    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/^\d\d:\d\d:11 Recycled shop:0 \(pid 4711\): 517 MiB passed 512 MiB\.\n$/);
    expect(written[1]).toMatch(/^\d\d:\d\d:12 shop:0: replaced by pid 5533\.\n$/);
    vi.advanceTimersByTime(5000);
    expect(written).toHaveLength(3);
    expect(written[2]?.split('\n')).toHaveLength(4);
    expect(written[2]).toMatch(/^ {2}shop:0 RUNNING[^]*\n {2}shop │ done 7\n$/);
    vi.advanceTimersByTime(5000);
    expect(written).toHaveLength(4);
    expect(written.join('')).not.toContain(ESC);
  });
});
