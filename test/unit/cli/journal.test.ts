import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { showJournal } from '../../../src/cli/journal.ts';
import { entryLines, sentenceOf } from '../../../src/cli/sentence.ts';
import { painter } from '../../../src/cli/colour.ts';
import { parseSince } from '../../../src/cli/since.ts';
import { displayWidth } from '../../../src/cli/width.ts';
import { fakeController, sendEvent } from './fake-controller.ts';
import type { FakeController } from './fake-controller.ts';
import { makeEntry, makeOutcome, makeStatus, makeWorker, NOW, recordContext } from './samples.ts';

let fake: FakeController | null = null;
afterEach(async () => {
  await fake?.close();
  fake = null;
});

const ASK = { follow: false, since: null, limit: null, name: null };
const options = (json: boolean): { config: null; socket: string; json: boolean } => ({
  config: null,
  socket: fake?.socketPath ?? '',
  json,
});

describe('sentences', () => {
  test('reason and outcome are one sentence', () => {
    expect(sentenceOf(makeEntry())).toBe('Recycled shop:0 (pid 4711): 517 MiB passed 512 MiB.');
    expect(sentenceOf(makeEntry({ outcome: makeOutcome('exited in 0.31 s; replaced by pid 5533.') }))).toBe(
      'Recycled shop:0 (pid 4711): 517 MiB passed 512 MiB; exited in 0.31 s; replaced by pid 5533.',
    );
  });

  test('what others wrote cannot control the terminal', () => {
    const reason = { rule: 'command', text: 'why: \u001b]0;x\u0007\u001b[2Jevil', evidence: {}, policy: null };
    expect(sentenceOf(makeEntry({ reason }))).toBe('why: evil.');
  });

  test.each([90, 80, 40, 20])('entries wrap to %i columns', (columns) => {
    const look = { columns, paint: painter(false), dated: true, unicode: true };
    const lines = entryLines(makeEntry({ outcome: makeOutcome('exited in 0.31 s') }), look);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines.slice(1)) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toMatch(
      /recycle Recycled shop:0 \(pid 4711\): .* exited in 0\.31 s\.$/,
    );
  });
});

describe('--since', () => {
  test.each([
    ['10m', '2026-11-22T21:00:00.000Z'],
    ['2026-11-22T20:00:00Z', '2026-11-22T20:00:00.000Z'],
    ['2026-11-22T20:00:00+01:00', '2026-11-22T19:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(parseSince(text, NOW)).toBe(expected);
  });

  test.each(['yesterday', '10', '2026-13-45T00:00:00Z', ''])('%j is refused with what was expected', (text) => {
    expect(() => parseSince(text, NOW)).toThrow(/expected how long ago \(30s, 10m, 2h, 1d\) or a time/);
  });
});

describe('showJournal', () => {
  test('asks for the newest 50 without --since, for all with it', async () => {
    fake = await fakeController(() => ({ entries: [] }));
    await showJournal({ ...ASK, name: 'shop' }, options(false), recordContext());
    await showJournal({ ...ASK, since: '10m' }, options(false), recordContext());
    expect(fake.requests.map(({ query }) => query.toString())).toEqual([
      'name=shop&limit=50',
      'since=2026-11-22T21%3A00%3A00.000Z',
    ]);
  });

  test('--json: one compact object a line', async () => {
    const entries = [makeEntry(), makeEntry({ id: 'e2', outcome: makeOutcome('gone') })];
    fake = await fakeController(() => ({ entries }));
    const context = recordContext();
    expect(await showJournal(ASK, options(true), context)).toBe(0);
    expect(context.out()).toBe(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  });
});

describe('showJournal -f', () => {
  /** The fleet is shop:0; the past holds e1, open. */
  async function following(
    name: string | null,
  ): Promise<{ live: ServerResponse; end: () => Promise<string>; seen: ReturnType<typeof recordContext> }> {
    let opened: (response: ServerResponse) => void = () => undefined;
    const stream = new Promise<ServerResponse>((resolve) => {
      opened = resolve;
    });
    fake = await fakeController((request, response) => {
      if (request.path.endsWith('/status')) return makeStatus([makeWorker()]);
      if (request.path.endsWith('/journal')) return { entries: [makeEntry()] };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // An entry that the past holds too must not be shown twice.
      sendEvent(response, 'journal', makeEntry());
      opened(response);
      return undefined;
    });
    const seen = recordContext();
    const done = showJournal({ ...ASK, follow: true, name }, options(false), seen);
    const live = await stream;
    const end = async (): Promise<string> => {
      seen.interrupt();
      expect(await done).toBe(0);
      return seen.out();
    };
    return { live, end, seen };
  }

  test('shows the past, then what comes; an outcome that comes later as its own line; nothing twice', async () => {
    const { live, end, seen } = await following(null);
    await seen.outUntil((text) => text.includes('517 MiB'));
    sendEvent(live, 'journal', makeEntry({ outcome: makeOutcome('exited in 0.31 s') }));
    sendEvent(live, 'journal', makeEntry({ outcome: makeOutcome('exited in 0.31 s') }));
    sendEvent(
      live,
      'journal',
      makeEntry({ id: 'e9', action: 'start', reason: { ...makeEntry().reason, text: 'Started.' } }),
    );
    await seen.outUntil((text) => text.includes('Started.'));
    const out = await end();
    expect(out.match(/517 MiB/g)).toHaveLength(1);
    expect(out.match(/→ shop:0: exited in 0\.31 s\./g)).toHaveLength(1);
    expect(out.match(/Started/g)).toHaveLength(1);
  });

  test('NAME filters what comes', async () => {
    const { live, end, seen } = await following('shop');
    const other = { ...makeEntry().reason, text: 'Other.' };
    sendEvent(live, 'journal', makeEntry({ id: 'e8', worker: 'mail:0', program: 'mail', reason: other }));
    sendEvent(
      live,
      'journal',
      makeEntry({ id: 'e9', worker: null, program: 'shop', reason: { ...other, text: 'Mine.' } }),
    );
    await seen.outUntil((text) => text.includes('Mine.'));
    expect(await end()).not.toContain('Other.');
  });
});
