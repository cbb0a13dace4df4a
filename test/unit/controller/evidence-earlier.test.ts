/** What a controller that was killed had begun to look into is closed by the next one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { EarlierEvidence } from '../../../src/controller/evidence-earlier.ts';
import { EvidenceStore, MOST_BUNDLE_BYTES } from '../../../src/controller/evidence-store.ts';
import type { Outcome } from '../../../src/core/types.ts';
import { makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

const NOW = Date.parse('2026-11-26T07:00:00.000Z');
const FOUND = { conclusion: { kind: 'native', module: 'curl', confidence: 0.9, text: 'It leaks.' } };

let folder: Folder;
let concluded: Outcome[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  concluded = [];
  folder = makeRoot();
});
afterEach(() => {
  vi.useRealTimers();
  folder.remove();
});

const entry = (id: string, changes: Partial<JournalEntry> = {}): JournalEntry => ({
  id,
  time: new Date(NOW).toISOString(),
  action: 'diagnose',
  worker: 'shop:0',
  program: 'shop',
  pid: 5481,
  incarnation: 1,
  cause: null,
  reason: { rule: 'diagnose.begun', text: '', evidence: {}, policy: null },
  outcome: null,
  ...changes,
});

const look = (...entries: JournalEntry[]): EarlierEvidence =>
  new EarlierEvidence({ entries, dataDir: folder.root, conclude: (outcome) => void concluded.push(outcome) });

/** Begun at `wall`; `text`: what its `diagnose` has written by now. */
const bundle = (wall: number, text: string | null, pid = 5481): string => {
  const path = new EvidenceStore(folder.root).open('shop:0', { pid, wall, rows: [] });
  mkdirSync(path, { recursive: true });
  if (text !== null) writeFileSync(join(path, 'diagnosis.json'), text);
  return path;
};

test('a bundle that is there is the outcome, of each entry about that process', () => {
  const path = bundle(NOW - 4_000, JSON.stringify(FOUND));
  look(entry('a-1'), entry('a-2', { time: new Date(NOW + 3_000).toISOString() }));
  const evidence = { kind: 'native', module: 'curl', confidence: 0.9, text: 'It leaks.', path };
  expect(concluded).toEqual(['a-1', 'a-2'].map((of) => ({ of, ok: true, rule: 'diagnosed', evidence })));
});

test('a second look that is still under way does not hide it', () => {
  const path = bundle(NOW, JSON.stringify(FOUND));
  bundle(NOW + 5_000, null);
  look(entry('a-1'));
  expect(concluded).toMatchObject([{ of: 'a-1', ok: true, evidence: { path } }]);
});

test('one that is still being written is waited for', () => {
  const path = bundle(NOW, null);
  look(entry('a-1'));
  expect(concluded).toEqual([]);
  vi.advanceTimersByTime(20_000);
  writeFileSync(join(path, 'diagnosis.json'), JSON.stringify(FOUND));
  vi.advanceTimersByTime(3_000);
  expect(concluded).toMatchObject([{ of: 'a-1', ok: true }]);
  vi.advanceTimersByTime(90_000);
  expect(concluded).toHaveLength(1);
});

test.each<[string, () => void]>([
  ['there is none', () => undefined],
  ['it is of another process', () => void bundle(NOW, JSON.stringify(FOUND), 77)],
  ['it is of an earlier look', () => void bundle(NOW - 60_000, JSON.stringify(FOUND))],
  ['it is broken', () => void bundle(NOW, '{')],
  ['it is too large', () => void bundle(NOW, JSON.stringify({ ...FOUND, x: 'x'.repeat(MOST_BUNDLE_BYTES) }))],
])('not for ever: %s', (_, prepare) => {
  prepare();
  look(entry('a-1'));
  expect(concluded).toEqual([]);
  vi.advanceTimersByTime(90_000);
  const evidence = { text: 'the controller was killed meanwhile' };
  expect(concluded).toEqual([{ of: 'a-1', ok: false, rule: 'notDiagnosed', evidence }]);
});

test('nothing is done about what is closed, or about another kind of entry, or once the controller has ended', () => {
  bundle(NOW, JSON.stringify(FOUND));
  const outcome = { ok: true, text: '', time: '', tookMs: 0, evidence: {} };
  look(entry('a-1', { outcome }), entry('a-2', { reason: { rule: 'x', text: '', evidence: {}, policy: null } }));
  look(entry('a-3', { pid: 77 })).close();
  vi.advanceTimersByTime(90_000);
  expect(concluded).toEqual([]);
});
