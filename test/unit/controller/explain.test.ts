import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { explainEntry, explainWorker, sentence } from '../../../src/controller/explain.ts';

const entry = (id: string, worker: string | null, cause: string | null): JournalEntry => ({
  id,
  time: '2026-11-22T21:03:11.204Z',
  action: 'start',
  worker,
  program: null,
  pid: null,
  incarnation: null,
  cause,
  reason: { rule: 'start.auto', text: `did ${id}`, evidence: {}, policy: null },
  outcome:
    id === 'b' ? { ok: true, text: 'and it was good', time: '2026-11-22T21:03:12Z', tookMs: 1, evidence: {} } : null,
});
const ALL = [
  entry('a', 'shop:0', null),
  entry('x', 'mail:0', null),
  entry('b', 'shop:0', 'a'),
  entry('c', 'shop:0', 'b'),
];

test('an entry is explained by what led to it and what it caused', () => {
  expect(explainEntry(ALL, 'b')?.entries.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(explainEntry(ALL, 'nothing')).toBeNull();
});

test('a cause that names itself does not loop', () => {
  expect(explainEntry([entry('a', 'shop:0', 'a')], 'a')?.entries).toHaveLength(2);
});

test('a worker is explained by its own story', () => {
  const told = explainWorker(ALL, 'shop:0', 'shop:0 is RUNNING.');
  expect(told.text).toContain('shop:0 is RUNNING.');
  expect(told.text).toContain('did b; and it was good.');
  expect(told.text).not.toContain('did x');
});

test('what concerns every worker stands among its own entries, and never in place of them', () => {
  const shared = Array.from({ length: 50 }, (_, index) => entry(`s${index}`, null, null));
  const told = explainWorker([...shared.slice(0, 49), ...ALL, ...shared.slice(49)], 'shop:0', 'shop:0 is RUNNING.');
  expect(told.entries.map(({ id }) => id)).toEqual(['s44', 's45', 's46', 's47', 's48', 'a', 'b', 'c', 's49']);
  expect(explainWorker([...ALL, ...shared], 'shop:0', 'shop:0 is FATAL.').text).toContain('did a');
  expect(explainWorker(shared, 'shop:0', 'shop:0 is STOPPED.').text).toContain('nothing about it yet');
});

test('a sentence ends with a full stop, with or without its outcome', () => {
  expect(sentence(entry('a', null, null))).toBe('did a.');
});
